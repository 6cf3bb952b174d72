"""Two hyperparameters at once: what a run ends with, and how fast it closes in on a minimum, over a plane of both."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree
from numpy.typing import ArrayLike, NDArray

from landscapes import calculus
from landscapes.knobs import Knobs
from landscapes.programs import BRIEF, program
from landscapes.surface import Surface, find_surface
from optim.basins import run_all
from optim.checks import check_numbers
from optim.engine import FAR
from optim.optimizer import Optimizer, find_optimizer
from optim.oracle import exact

CLIPPED = ("clip_norm", "clip_value")
NUDGE = 1e-6
"""How far from the minimum, in lengths of the box's diagonal, a linearisation is tried."""
SMOOTH = 1e-2
"""Share of a nudge by which a step of a differentiable rule may depart from its linearisation there."""

Floats = NDArray[np.float64]


def _spread(
    optimizer: Optimizer, over: tuple[str, str], values: tuple[ArrayLike, ArrayLike], given: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[int, int]]:
    """`given` and all hyperparameters, with the pairs of values (R·C,) under their names; and the shape (R, C)."""
    across, up = (np.asarray(part, np.float64).reshape(-1) for part in values)
    clips = {name: given.get(name) for name in CLIPPED}
    numbers = optimizer.fill({name: value for name, value in given.items() if name not in CLIPPED})
    if unknown := [name for name in over if name not in numbers and clips.get(name) is None]:
        raise TypeError(f"{optimizer.key} has no {', '.join(unknown)}; it has {', '.join(numbers) or 'no knobs'}")
    if over[0] == over[1] or not len(across) or not len(up):
        raise ValueError(f"a plane has two different numbers with some values each, not {over[0]} and {over[1]}")
    pairs = dict(zip(over, (part.ravel() for part in np.meshgrid(across, up)), strict=True))
    hyper = numbers | {name: pair for name, pair in pairs.items() if name in numbers}
    clips |= {name: pair for name, pair in pairs.items() if name in clips}
    check_numbers(hyper, {name: tau for name, tau in clips.items() if tau is not None})
    return {"hyper": hyper, **clips}, (len(up), len(across))


def final_losses(
    surface: str | Surface,
    optimizer: str | Optimizer,
    start: ArrayLike | None = None,
    *,
    over: tuple[str, str],
    values: tuple[ArrayLike, ArrayLike],
    steps: int = 200,
    knobs: Knobs | None = None,
    **given: float | None,
) -> Floats:
    """The loss after `steps` from one start, for every pair of values of two numbers; inf where the run diverged.

    `over` names two hyperparameters, or one of them and a threshold among `given` (``clip_norm``, ``clip_value``).
    The answer has a row for each value (R,) of the second and a column for each value (C,) of the first. The runs are
    computed in 32 bits, their losses in 64. ``TypeError`` names an unknown number, ``ValueError`` one that cannot be
    used.
    """
    surface, optimizer = find_surface(surface), find_optimizer(optimizer)
    filled = surface.fill(knobs or {})
    origin = np.asarray(surface.start if start is None else start, np.float64)
    check_numbers(filled, {"start": origin})
    if steps < 0:
        raise ValueError(f"steps must be 0 or more, not {steps}")
    spread, shape = _spread(optimizer, over, values, given)
    settings = jax.tree.map(np.float32, {"knobs": filled, **spread})
    starts = np.broadcast_to(np.float32(origin), (shape[0] * shape[1], 2))
    ends = run_all(surface, optimizer, starts, settings, steps, 0.0)[0].astype(np.float64)
    x_low, x_high, y_low, y_high = surface.box
    middle, size = np.array([x_low + x_high, y_low + y_high]) / 2, max(x_high - x_low, y_high - y_low)
    with np.errstate(invalid="ignore", over="ignore"):
        lost = ~(np.abs(ends - middle).max(axis=1) <= FAR * size)
    losses = calculus.values(surface, np.where(lost[:, None], middle, ends)[None], **filled)[0]
    return np.where(lost | ~np.isfinite(losses), np.inf, losses).reshape(shape)


def _step_at_rest(
    surface: Surface, optimizer: Optimizer, point: Array, knobs: Any, hyper: Any
) -> tuple[Callable[[Array], Array], Array]:
    """One step as a map of (x, state), which is a vector (n,), and that vector at rest in a point (2,)."""
    oracle = exact(lambda p: surface.f(p, **knobs))
    rest, restore = ravel_pytree((point, optimizer.init(point, hyper)))

    def step(z: Array) -> Array:
        x, state = restore(z)
        moved: Array = ravel_pytree(optimizer.step(oracle, x, state, hyper))[0]
        return moved

    return step, rest


@program("surface", "optimizer", **BRIEF)
def _linearised(surface: Surface, optimizer: Optimizer, point: Array, knobs: Any, hyper: Any) -> tuple[Array, ...]:
    """At rest in a point (2,): the Jacobian (n, n) of one step in (x, state), how far that step goes, and the largest
    share by which a step from `NUDGE` box diagonals away departs from what the Jacobian says."""
    step, rest = _step_at_rest(surface, optimizer, point, knobs, hyper)
    x_low, x_high, y_low, y_high = surface.box
    reach = NUDGE * np.hypot(x_high - x_low, y_high - y_low)
    # Along the axes and between them, both ways: a kink shows in one of these at least.
    axes = jnp.eye(len(rest))
    ways = jnp.concatenate([axes, jnp.ones((1, len(rest)))])
    nudges = reach * jnp.concatenate([ways, -ways])
    # In one batch, for which the rule is compiled once: derivatives at rest, and the steps from around it.
    shifts, towards = jnp.concatenate([0 * axes, nudges]), jnp.concatenate([axes, nudges])
    moved, tangents = jax.vmap(lambda shift, way: jax.jvp(step, (rest + shift,), (way,)))(shifts, towards)
    jacobian = tangents[: len(rest)].T
    departed = moved[len(rest) :] - moved[0] - nudges @ jacobian.T
    return jacobian, jnp.abs(moved[0] - rest).max() / reach, jnp.abs(departed).max() / reach


def contracts(
    surface: str | Surface, optimizer: str | Optimizer, point: ArrayLike, knobs: Knobs | None = None, **hyper: float
) -> bool:
    """True where `contraction` has a meaning: the rule rests in the point (2,), and is differentiable there."""
    surface, optimizer = find_surface(surface), find_optimizer(optimizer)
    at = jnp.asarray(point, jnp.float64)
    jacobian, moved, departed = _linearised(
        surface, optimizer, at, surface.fill(knobs or {}), _as_floats(optimizer.fill(hyper))
    )
    return bool(jnp.isfinite(jacobian).all() & (moved < SMOOTH) & (departed < SMOOTH))


def _as_floats(numbers: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    return {name: np.asarray(value, np.float64) for name, value in numbers.items()}


@program("surface", "optimizer")
def _jacobians(surface: Surface, optimizer: Optimizer, point: Array, knobs: Any, hyper: Any) -> Array:
    """Jacobians (N, n, n) of one step in (x, state) at rest in a point, for hyperparameters of which some are (N,)."""

    def one(hyper: Any) -> Array:
        step, rest = _step_at_rest(surface, optimizer, point, knobs, hyper)
        jacobian: Array = jax.jacfwd(step)(rest)
        return jacobian

    own = jax.tree.map(lambda leaf: 0 if leaf.ndim else None, hyper)
    found: Array = jax.vmap(one, in_axes=(own,))(hyper)
    return found


def contraction(
    surface: str | Surface,
    optimizer: str | Optimizer,
    point: ArrayLike,
    *,
    over: tuple[str, str],
    values: tuple[ArrayLike, ArrayLike],
    knobs: Knobs | None = None,
    **hyper: float,
) -> Floats:
    """How much of the distance to a minimum (2,) one step leaves in the long run, for every pair of two numbers.

    It is the spectral radius of the step's own Jacobian in (x, state) at rest: on a quadratic surface it holds
    everywhere, elsewhere close to the minimum. From 1 on there is no convergence. Rows and columns, and the errors, are
    those of `final_losses`; ``ValueError`` where the rule is not differentiable at rest, see `contracts`.

    Source: B. T. Polyak, USSR Computational Mathematics and Mathematical Physics 4(5), 1964.
    """
    surface, optimizer = find_surface(surface), find_optimizer(optimizer)
    if not contracts(surface, optimizer, point, knobs):
        raise ValueError(f"{optimizer.key} does not come to rest there like a linear map")
    spread, shape = _spread(optimizer, over, values, hyper)
    at, filled = jnp.asarray(point, jnp.float64), surface.fill(knobs or {})
    found = np.asarray(_jacobians(surface, optimizer, at, filled, _as_floats(spread["hyper"])))
    return np.asarray(np.abs(np.linalg.eigvals(found)).max(axis=-1).reshape(shape))
