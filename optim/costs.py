"""What a run costs: in gradients, as its steps ask for them, and in seconds, as a clock sees it."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from landscapes.surface import Surface
from optim.blocks import count_block
from optim.engine import plan
from optim.metering import counted, metered
from optim.optimizer import Optimizer, State, find_optimizer
from optim.oracle import Vector, exact

REPEATS = 5
"""Runs that are timed; the fastest is the one that was disturbed least."""


@dataclass(frozen=True)
class Bill:
    """`spent` (T+1,): gradients that all steps up to each point cost. `seconds`: what the clock said of T steps."""

    spent: NDArray[np.float64]
    seconds: float


def bill(
    surface: str | Surface,
    optimizer: str | Optimizer,
    start: ArrayLike | None = None,
    *,
    noise: float = 0.0,
    **rest: Any,
) -> Bill:
    """What the run of `optim.descend` with the same arguments costs, on this machine at this moment.

    The time is that of compiled steps alone: nothing is recorded on the way but their cost, and none is left out by a
    `stop`. `rest` and the errors are those of `optim.engine.plan`.
    """
    run = plan(surface, optimizer, start, over="noise", values=(noise,), **rest)
    spent, clock = run.spent()[0], []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        run.walk(count_block)
        clock.append(time.perf_counter() - begin)
    return Bill(spent, min(clock))


@lru_cache(maxsize=256)
def step_price(optimizer: str | Optimizer) -> float:
    """Gradients that a step costs. A rule that searches pays for what it tries: its price is that of a first step."""
    rule = find_optimizer(optimizer)
    oracle, x = metered(exact(lambda p: p @ p)), jnp.ones(2)
    hyper = rule.fill({})

    def first(x: Vector, state: State) -> Array:
        return counted(lambda x, state: rule.step(oracle, x, state, hyper), x, state)[1]

    return float(jax.jit(first)(x, rule.init(x, hyper)))
