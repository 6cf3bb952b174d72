"""What can be said of a number before it is used: one place for all who run optimizers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from optim.oracle import LARGEST_BATCH

POSITIVE = ("clip_norm", "clip_value", "batch_size")
NOT_NEGATIVE = ("noise", "cooling")


def check_numbers(*parts: Mapping[str, Any]) -> None:
    """``ValueError`` names the first number, or array of numbers, that cannot be used under its name."""
    for name, value in (pair for part in parts for pair in part.items()):
        numbers = np.asarray(value, np.float64)
        # An infinite threshold is one that is never reached, and an infinite batch asks everyone.
        if np.isnan(numbers).any() or (name not in POSITIVE and np.isinf(numbers).any()):
            raise ValueError(f"{name} must be finite, not {value}")
        if name in POSITIVE and (numbers <= 0).any():
            raise ValueError(f"{name} must be greater than 0, not {value}")
        if name in NOT_NEGATIVE and (numbers < 0).any():
            raise ValueError(f"{name} must be 0 or more, not {value}")
        if name == "batch_size" and np.isfinite(numbers).any():
            drawn = numbers[np.isfinite(numbers)]
            if (drawn != np.round(drawn)).any() or (drawn > LARGEST_BATCH).any():
                raise ValueError(f"batch_size must be a whole number up to {LARGEST_BATCH}, not {value}")
