"""Levenberg and Marquardt's method for ∇f = 0, from many starts at once."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from landscapes.calculus import derivatives
from landscapes.surface import Surface

Floats: TypeAlias = NDArray[np.float64]

ITERATIONS = 60
"""Iterations of one batch at most."""
CHECKED = 10
"""Iterations after which it is asked whether any run goes on."""
SETTLED = 1e-9
"""A run has settled when its Newton step is shorter than this share of the box's diagonal."""
UNDAMPED = 1e-16
"""Damping that leaves a Newton step as it is, unless the Hessian is singular."""


class _Runs(NamedTuple):
    """Runs from N starts: what they have found `now`, where they look next (1, N, 2), the lengths (N,) of the steps
    there before they were cut, the `damping` (N,) of those, and which runs (N,) go on."""

    now: dict[str, Array]
    proposed: Array
    length: Array
    damping: Array
    active: Array


def settle(
    surface: Surface, starts: Floats, box: Floats, knobs: Mapping[str, float]
) -> tuple[dict[str, Array], dict[str, Array]]:
    """What is found at the `starts` (N, 2) and where the runs from them end: points, values, gradients, Hessians.

    Each run is Levenberg and Marquardt's method on ∇f = 0, which lowers ‖∇f‖ and turns into Newton's near a solution.
    Source: Nocedal and Wright, Numerical Optimization, 2006, sections 10.3 and 11.2.
    """
    # Of a search only the looks are compiled for every surface; the method, which takes longer, is compiled once.
    own = {name: np.full(1, value) for name, value in knobs.items()}
    runs = _begin(starts[None], derivatives(surface, starts[None], own), box)
    first = runs.now
    for count in range(1, ITERATIONS + 1):
        runs, unfinished = _improve(runs, derivatives(surface, runs.proposed, own), box)
        # To ask waits for what is under way; a run that has ended stays where it is.
        if count % CHECKED == 0 and not unfinished:
            break
    return first, runs.now


def _looked(points: Array, found: dict[str, Array]) -> dict[str, Array]:
    return {name: array[0] for name, array in {"points": points, **found}.items()}


def _propose(now: dict[str, Array], damping: Array, active: Array, box: Array) -> _Runs:
    step, _ = damped_steps(now["gradients"], now["hessians"], damping)
    length = jnp.linalg.norm(step, axis=1)
    cut = jnp.minimum(1, _diagonal(box) / 8 / jnp.where(length > 0, length, 1))
    return _Runs(now, (now["points"] + step * cut[:, None])[None], length, damping, active)


@jax.jit
def _begin(starts: Array, found: dict[str, Array], box: Array) -> _Runs:
    shape = starts.shape[1:2]
    return _propose(_looked(starts, found), jnp.full(shape, 1e-2), jnp.ones(shape, bool), box)


@jax.jit
def _improve(runs: _Runs, found: dict[str, Array], box: Array) -> tuple[_Runs, Array]:
    """The runs with what they have `found` where they looked, if that is better; and whether any goes on."""
    now, then = runs.now, _looked(runs.proposed, found)
    low, high, diagonal = box[0::2], box[1::2], _diagonal(box)
    slope, new_slope = (jnp.linalg.norm(at["gradients"], axis=1) for at in (now, then))
    better = runs.active & (new_slope < slope)
    now = {name: jnp.where(better.reshape(-1, *[1] * (a.ndim - 1)), then[name], a) for name, a in now.items()}
    # Lowering the damping with the slope keeps Newton's quadratic convergence.
    fall = jnp.clip((new_slope / jnp.where(slope > 0, slope, 1)) ** 2, 1e-8, 0.1)
    damping = jnp.where(better, jnp.maximum(runs.damping * fall, UNDAMPED), runs.damping * 10)
    margin = (high - low) / 4
    astray = jnp.any((now["points"] < low - margin) | (now["points"] > high + margin), axis=1)
    worth = (runs.length > 1e-15 * diagonal) & (better | (runs.length > 1e-2 * SETTLED * diagonal))
    active = runs.active & worth & (damping < 1e8) & ~astray
    return _propose(now, damping, active, box), jnp.any(active)


def _diagonal(box: Array) -> Array:
    return jnp.hypot(box[1] - box[0], box[3] - box[2])


@jax.jit
def damped_steps(gradient: Array, hessian: Array, damping: Array) -> tuple[Array, Array]:
    """Damped Newton steps (N, 2) and the eigenvalues (N, 2) of symmetric Hessians (N, 2, 2).

    Along an eigenvector of eigenvalue λ the step is −λ/(λ² + μ) of the gradient, with λ and the damping μ measured
    against the largest entry of the Hessian.
    """
    largest = jnp.max(jnp.abs(hessian), axis=(1, 2))
    size = jnp.where(largest > 0, largest, 1)
    a, b, c = (hessian[:, i, j] / size for i, j in ((0, 0), (0, 1), (1, 1)))
    mean, half = (a + c) / 2, (a - c) / 2
    radius = jnp.sqrt(half**2 + b**2)
    below = mean < 0
    big = mean + jnp.where(below, -radius, radius)
    # The product of the eigenvalues is the determinant: subtracting instead would cancel the small one's digits.
    small = (a * c - b * b) / jnp.where(big == 0, 1, big)
    # Eigenvectors of the upper eigenvalue are (half + radius, b) and (b, radius − half): the one where nothing cancels.
    upper = jnp.where(half < 0, jnp.stack([b, radius - half]), jnp.stack([half + radius, b]))
    length = jnp.sqrt(jnp.sum(upper**2, axis=0))
    x, y = jnp.where(length > 0, upper / jnp.where(length > 0, length, 1), jnp.array([[1.0], [0.0]]))
    along = jnp.where(below, jnp.stack([-y, x]), jnp.stack([x, y])).T
    across = jnp.stack([-along[:, 1], along[:, 0]], axis=1)

    def part(direction: Array, eigenvalue: Array) -> Array:
        slope = jnp.sum(direction * gradient, axis=1) / size
        return -direction * (eigenvalue / (eigenvalue**2 + damping) * slope)[:, None]

    eigenvalues = jnp.stack([jnp.minimum(big, small), jnp.maximum(big, small)], axis=1) * largest[:, None]
    return part(along, big) + part(across, small), eigenvalues
