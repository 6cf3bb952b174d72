"""What the engine compiles: a block of steps, and what chance decides in it."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from landscapes.calculus import derivatives
from landscapes.programs import program
from landscapes.surface import Surface
from optim.metering import counted, metered
from optim.optimizer import Optimizer, State
from optim.oracle import LARGEST_BATCH, Oracle, clipped_by_norm, clipped_by_value, exact, minibatch, noisy

BLOCK = 100
"""Steps in one compiled block."""


def make_oracle(surface: Surface, settings: Mapping[str, Any], sample: Mapping[str, Array], t: Array) -> Oracle:
    """What step number t asks about the surface: with its minibatch and its noise, then clipped."""
    oracle = exact(lambda p: surface.f(p, **settings["knobs"]))
    if surface.examples:
        oracle = minibatch(oracle, surface.examples.losses, sample["rows"], settings["batch_size"])
    oracle = noisy(oracle, settings["noise"] * jnp.exp(-settings["cooling"] * t) * sample["noise"])
    return clipped_by_value(clipped_by_norm(oracle, settings["clip_norm"]), settings["clip_value"])


def scheduled(settings: Mapping[str, Any], factor: Array) -> dict[str, Any]:
    """The hyperparameters of a step, whose learning rate its schedule multiplies by `factor`."""
    hyper = dict(settings["hyper"])
    return hyper | {"learning_rate": hyper["learning_rate"] * factor} if "learning_rate" in hyper else hyper


def _block(
    surface: Surface,
    take: Callable[..., tuple[tuple[Array, State], Array]],
    x: Array,
    state: State,
    settings: Any,
    times: Array,
    factors: Array,
    samples: Mapping[str, Array],
) -> tuple[Array, State, Array]:
    """`BLOCK` steps of V runs: from points x (V, 2) and their states to the next, and what `take` notes at each step.

    `take(oracle, x, state, hyper)` returns the next (x, state) of one run, and its note.
    """

    def one(x: Array, state: State, settings: Any) -> tuple[Array, State, Array]:
        def step(carry: tuple[Array, State], now: tuple[Array, Array, Any]) -> tuple[tuple[Array, State], Array]:
            t, factor, sample = now
            return take(make_oracle(surface, settings, sample, t), *carry, scheduled(settings, factor))

        (end, state), noted = jax.lax.scan(step, (x, state), (times, factors, samples))
        return end, state, noted

    return jax.vmap(one)(x, state, settings)


@program("surface", "optimizer")
def run_block(
    surface: Surface, optimizer: Optimizer, x: Array, state: State, settings: Any, *told: Any
) -> tuple[Array, State, Array]:
    """`BLOCK` steps of V runs: from points x (V, 2) and their states to the next, and the points (V, BLOCK + 1, 2).

    `settings` are as `optim.engine.make_settings` makes them, with V of each; `told` is what `Plan.blocks` yields.
    """

    def take(oracle: Oracle, x: Array, state: State, hyper: Any) -> tuple[tuple[Array, State], Array]:
        return optimizer.step(oracle, x, state, hyper), x

    end, state, path = _block(surface, take, x, state, settings, *told)
    return end, state, jnp.concatenate([path, end[:, None]], axis=1)


@program("surface", "optimizer")
def count_block(
    surface: Surface, optimizer: Optimizer, x: Array, state: State, settings: Any, *told: Any
) -> tuple[Array, State, dict[str, Array]]:
    """The same steps as `run_block`, with nothing recorded but the ``cost`` (V, BLOCK) of each in gradients.

    A minibatch is one question to the oracle, and costs as much as a gradient.
    """

    def take(oracle: Oracle, *known: Any) -> tuple[tuple[Array, State], Array]:
        asked = metered(oracle)
        return counted(lambda *known: optimizer.step(asked, *known), *known)

    end, state, cost = _block(surface, take, x, state, settings, *told)
    return end, state, {"cost": cost}


def record_block(
    surface: Surface, optimizer: Optimizer, x: Array, state: State, settings: Any, *told: Any
) -> tuple[Array, State, dict[str, Array]]:
    """The same steps as `run_block`, with all that is measured at their ``points``.

    Measuring is a program of its own: it is compiled once for a surface, and not once for each of its optimizers.
    """
    x, state, points = run_block(surface, optimizer, x, state, settings, *told)
    return x, state, {"points": points} | derivatives(surface, points, settings["knobs"])


@program("optimizer")
def initial_state(optimizer: Optimizer, x: Array, hyper: Any) -> State:
    """The states of V runs before their first step from points x (V, 2)."""
    return jax.vmap(optimizer.init)(x, hyper)


@jax.jit
def draw(seed: int | Array, block: int | Array, count: int | Array) -> dict[str, Array]:
    """What chance decides in a block: ``noise`` (BLOCK, 2), and ``rows`` (BLOCK, LARGEST_BATCH) of `count` examples.

    Examples are drawn with replacement: every draw is independent of all others, which is what makes the estimate
    unbiased at every step and its variance fall exactly like one over the size of the batch.
    """
    key = jax.random.fold_in(jax.random.key(seed), block)
    rows = jax.random.randint(jax.random.fold_in(key, 1), (BLOCK, LARGEST_BATCH), 0, count, np.int32)
    return {"noise": jax.random.normal(key, (BLOCK, 2)), "rows": rows}
