"""Search without a gradient, against descent with one: evaluations until the same bowl in n dimensions is solved.

The bowl is f(x) = ½ Σ λᵢxᵢ² over the cube from −1 to 1, with λ spread evenly in the logarithm from 1 to 10. It counts
as solved where f is at most a `TOLERANCE` of its mean over the cube.
"""

from collections.abc import Callable, Mapping

import jax
import numpy as np
from jax import Array
from numpy.typing import NDArray

import landscapes  # noqa: F401  switches JAX to 64-bit floats before anything here is traced
from landscapes.shared import shared

Floats = NDArray[np.float64]

CONDITION = 10.0
TOLERANCE = 0.05
RUNS = 41
"""Starts for each number of dimensions."""
MOST = 400_000
"""Evaluations at most."""
BLOCK = 20_000


def curvatures(n: int) -> Floats:
    """The eigenvalues (n,) of the bowl's Hessian; 1 alone in one dimension."""
    return np.geomspace(1, CONDITION, n)


def bowl(x: Floats) -> Floats:
    """The bowl's values (...) at points (..., n)."""
    return x**2 @ curvatures(x.shape[-1]) / 2


@jax.jit
def _slopes(x: Array) -> Array:
    """Gradients (N, n) of the bowl at points (N, n)."""
    slopes: Array = jax.vmap(jax.grad(bowl))(x)
    return slopes


def target(n: int) -> float:
    """The value that counts as solved. The mean of x² over −1 … 1 is 1/3."""
    return float(TOLERANCE * curvatures(n).sum() / 6)


def _cube(random: np.random.Generator, count: int, n: int) -> Floats:
    return random.uniform(-1, 1, (count, n))


def uniform(n: int, seed: int) -> Floats:
    """Evaluations that points drawn from the whole cube need, for each of `RUNS` runs; infinite beyond `MOST`."""
    needed = np.full(RUNS, np.inf)
    for run in range(RUNS):
        random = np.random.default_rng((seed, n, run))
        for first in range(0, MOST, BLOCK):
            solved = np.flatnonzero(bowl(_cube(random, BLOCK, n)) <= target(n))
            if len(solved):
                needed[run] = first + solved[0] + 1
                break
    return needed


def stepwise(n: int, seed: int) -> Floats:
    """Evaluations that random steps need which are kept if they lead down, (RUNS,); infinite beyond `MOST`.

    A step that is kept makes the next ones longer, the others make them shorter, so that a fifth are kept.
    Source: Rechenberg, Evolutionsstrategie, 1973; Kern et al., Natural Computing 3, 2004, for the factors.
    """
    random = np.random.default_rng((seed, n))
    x = _cube(random, RUNS, n)
    height, size = bowl(x), np.full(RUNS, 1 / np.sqrt(n))
    needed = np.where(height <= target(n), 1.0, np.inf)
    for evaluation in range(2, MOST + 1):
        if np.isfinite(needed).all():
            break
        tried = x + size[:, None] * random.standard_normal((RUNS, n))
        new = bowl(tried)
        better = new < height
        x, height = np.where(better[:, None], tried, x), np.where(better, new, height)
        size *= np.where(better, np.exp(0.8 / np.sqrt(n + 1)), np.exp(-0.2 / np.sqrt(n + 1)))
        needed = np.where((height <= target(n)) & np.isinf(needed), evaluation, needed)
    return needed


def descent(n: int, seed: int) -> Floats:
    """Gradients that gradient descent needs, (RUNS,), at the best rate 2/(λ_min + λ_max) for such a bowl."""
    x = _cube(np.random.default_rng((seed, n)), RUNS, n)
    eigenvalues = curvatures(n)
    rate = 2 / (eigenvalues.min() + eigenvalues.max())
    needed = np.where(bowl(x) <= target(n), 0.0, np.inf)
    for step in range(1, MOST):
        if np.isfinite(needed).all():
            break
        x = x - rate * np.asarray(_slopes(x))
        needed = np.where((bowl(x) <= target(n)) & np.isinf(needed), step, needed)
    return needed


def differences(n: int, seed: int) -> Floats:
    """Evaluations that gradient descent needs where every gradient is made of n + 1 of them, (RUNS,)."""
    return (n + 1) * descent(n, seed)


SEARCHES: Mapping[str, Callable[[int, int], Floats]] = {
    "uniform": uniform,
    "stepwise": stepwise,
    "differences": differences,
    "descent": descent,
}


@shared(256)
def evaluations(search: str, n: int, seed: int = 0) -> Floats:
    """What one of `SEARCHES` needs in n dimensions, (RUNS,); ``KeyError`` for another name."""
    needed = SEARCHES[search](n, seed)
    needed.setflags(write=False)
    return needed
