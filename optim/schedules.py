"""Learning-rate schedules: factors that multiply the rate, one a step, for every rule that has a `learning_rate`.

A rule that has none, such as a line search or Newton's method, runs the same under every schedule.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Factors: TypeAlias = NDArray[np.float64]
Schedule: TypeAlias = Callable[[Factors, int], Factors]


def constant(t: Factors, horizon: int) -> Factors:
    """The rate as set. `t` holds step numbers from 0, shape (T,); `horizon` is the planned number of steps."""
    return np.ones_like(t)


def step(t: Factors, horizon: int, *, drops: int = 3, factor: float = 0.1) -> Factors:
    """Multiplied by `factor` `drops` times, at equal distances over the horizon.

    Source: He, Zhang, Ren and Sun, Deep Residual Learning, CVPR 2016, for the tenfold drops; they place them by hand.
    """
    return np.asarray(factor ** np.floor(t * (drops + 1) / max(horizon, 1)).clip(0, drops))


def cosine(t: Factors, horizon: int) -> Factors:
    """½ (1 + cos(π t / horizon)): half a cosine from 1 to 0, then 0.

    Source: Loshchilov and Hutter, SGDR, ICLR 2017, one period without a restart, down to a rate of 0.
    """
    return np.asarray(0.5 * (1 + np.cos(np.pi * np.minimum(t / max(horizon, 1), 1))))


def inverse_time(t: Factors, horizon: int, *, decay: float = 10.0) -> Factors:
    """1 / (1 + decay · t / horizon): for an endless run the sum diverges and the sum of squares converges.

    Source: Robbins and Monro, Annals of Mathematical Statistics 22(3), 1951, for these two conditions.
    """
    return 1 / (1 + decay * t / max(horizon, 1))


def warm_up(t: Factors, horizon: int, *, share: float = 0.1) -> Factors:
    """A straight rise over the first `share` of the horizon, then constant.

    Source: Goyal et al., Accurate, Large Minibatch SGD, 2017, gradual warm-up, here from nearly 0.
    """
    return np.minimum((t + 1) / max(share * horizon, 1), 1)


SCHEDULES: Mapping[str, Schedule] = MappingProxyType(
    {f.__name__: f for f in (constant, step, cosine, inverse_time, warm_up)}
)


def find_schedule(schedule: str | Schedule) -> Schedule:
    """The schedule itself, or the one under that key; ``KeyError`` names the keys there are."""
    if callable(schedule):
        return schedule
    if schedule not in SCHEDULES:
        raise KeyError(f"unknown schedule {schedule!r}; there are {', '.join(SCHEDULES)}")
    return SCHEDULES[schedule]
