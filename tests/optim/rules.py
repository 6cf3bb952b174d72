"""All optimizers as a parameter, each of them in one worker: what one test has compiled the next one uses."""

import pytest

from optim import OPTIMIZERS

every_optimizer = pytest.mark.parametrize(
    "key", [pytest.param(key, marks=pytest.mark.xdist_group(key)) for key in OPTIMIZERS]
)
