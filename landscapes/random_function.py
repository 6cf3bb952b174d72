"""A smooth random function of n variables, its critical points, and what theory says about their kinds.

The function is near a Gaussian random field with covariance e^(−‖x−y‖²/2): mean 0, variance 1, correlated over about 1.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.stats import norm

from landscapes.random_matrices import gaussian_matrices
from landscapes.shared import shared

Floats = NDArray[np.float64]

WAVES = 128
STARTS = 800
"""Starts of Newton's method for each variable."""
STEPS = 20
PIECE = 200
"""Runs that go side by side."""
LONGEST = 0.5
"""Newton steps are cut to this length: far ones would land anywhere."""
EXPECTED = 250.0
"""Critical points that a box should hold on average."""
MATRICES = 20_000
"""Random Hessians behind each expectation."""


class Waves(NamedTuple):
    """A random function: K waves with wave vectors (K, n) and phases (K,)."""

    vectors: Float[Array, "K n"] | Floats
    phases: Float[Array, " K"] | Floats


class Critical(NamedTuple):
    """Critical points (M, n) in a box from 0 to `side` in every variable, the lowest first.

    `values` (M,), `eigenvalues` of the Hessians (M, n), ascending, and `hits` (M,): how many starts ended in each.
    """

    side: float
    points: Floats
    values: Floats
    eigenvalues: Floats
    hits: NDArray[np.int64]

    @property
    def negative(self) -> NDArray[np.int64]:
        """The index of each point, (M,): its number of negative eigenvalues."""
        return np.asarray((self.eigenvalues < 0).sum(axis=1), np.int64)

    @property
    def missed(self) -> float:
        """Share of starts that would end in a point not found yet. Source: Good, Biometrika 40, 1953, after Turing."""
        return float((self.hits == 1).sum() / max(self.hits.sum(), 1))


def random_function(n: int, seed: int) -> Waves:
    """A random function of n variables; the same seed gives the same one.

    Source: Rahimi and Recht, Random Features for Large-Scale Kernel Machines, NIPS 2007.
    """
    random = np.random.default_rng((n, seed))
    return Waves(random.standard_normal((WAVES, n)), random.uniform(0, 2 * np.pi, WAVES))


def height(waves: Waves, x: Float[Array, " n"]) -> Float[Array, ""]:
    """The function's value at a point: the sum of all waves, with variance 1 over the choice of phases."""
    return jnp.sqrt(2 / waves.phases.size) * jnp.cos(waves.vectors @ x + waves.phases).sum()


@shared(64)
def density(n: int) -> float:
    """Critical points to expect in a unit of volume: E|det H| / (2π)^(n/2), H as in `expected_index`.

    Source: Kac, Bull. Amer. Math. Soc. 49, 1943; Adler and Taylor, Random Fields and Geometry, 2007, chapter 11.
    """
    return float(_rates(n).sum() / (2 * np.pi) ** (n / 2))


def box_side(n: int) -> float:
    """Side of a box that holds `EXPECTED` critical points on average."""
    return float((EXPECTED / density(n)) ** (1 / n))


@shared(64)
def critical_points(n: int, seed: int) -> Critical:
    """The critical points of a random function in a box, by Newton's method from `STARTS` · n starts all over it.

    Those with a small surrounding are met by few starts and may be missed: `Critical.missed` says how many starts that
    would concern.
    """
    waves, side = random_function(n, seed), box_side(n)
    # Points near the border are also met from outside it.
    starts = np.random.default_rng((2, n, seed)).uniform(-0.25, side + 0.25, (STARTS * n, n))
    points, gradients, hessians, values = map(np.asarray, _newton(waves, starts))
    arrived = (np.linalg.norm(gradients, axis=1) < 1e-10) & ((points >= 0) & (points <= side)).all(axis=1)
    points, hessians, values = points[arrived], hessians[arrived], values[arrived]
    _, first, hits = np.unique(np.round(points, 6), axis=0, return_index=True, return_counts=True)
    first, hits = first[order := np.argsort(values[first])], hits[order]
    return Critical(side, points[first], values[first], np.linalg.eigvalsh(hessians[first]), hits)


@jax.jit
def _newton(waves: Waves, starts: Float[Array, "N n"]) -> tuple[Array, Array, Array, Array]:
    """Where Newton's method ends from each start: points, gradients, Hessians, values."""
    f = partial(height, waves)

    def slope(x: Array) -> tuple[Array, Array]:
        gradient = jax.grad(f)(x)
        return gradient, gradient

    def advance(x: Array) -> Array:
        hessian, gradient = jax.jacfwd(slope, has_aux=True)(x)
        step: Array = jnp.linalg.solve(hessian, gradient)
        return x - step * jnp.minimum(1, LONGEST / jnp.linalg.norm(step))

    def run(x: Array) -> tuple[Array, Array, Array, Array]:
        x = jax.lax.fori_loop(0, STEPS, lambda _, x: advance(x), x)
        return x, jax.grad(f)(x), jax.hessian(f)(x), f(x)

    # In pieces that stay in the cache: all at once takes several times as long.
    ends: tuple[Array, Array, Array, Array] = jax.lax.map(run, starts, batch_size=PIECE)
    return ends


@shared(64)
def expected_index(n: int, heights: tuple[float, ...]) -> tuple[float, ...]:
    """The mean share of negative eigenvalues at critical points of each height, for the Gaussian field itself.

    Given the height u, the Hessian is a Gaussian matrix less u times the identity, and a critical point there is as
    likely as |det H| is large. Source: Bray and Dean, Statistics of Critical Points of Gaussian Fields on
    Large-Dimensional Spaces, Phys. Rev. Lett. 98, 2007.
    """
    eigenvalues = np.linalg.eigvalsh(np.sqrt(n) * gaussian_matrices(n, MATRICES, 0))
    found = []
    for u in heights:
        weight = np.abs(np.prod(eigenvalues - u, axis=1))
        found.append(float(np.average((eigenvalues < u).mean(axis=1), weights=weight)))
    return tuple(found)


@shared(64)
def expected_kinds(n: int) -> tuple[float, ...]:
    """The share of critical points of each index from 0, a minimum, to n, a maximum, for the Gaussian field itself."""
    rates = _rates(n)
    return tuple((rates / rates.sum()).tolist())


@shared(64)
def _rates(n: int) -> Floats:
    """E|det H| over each index from 0 to n, (n + 1,), to some 3 %: matrices at random, heights by quadrature."""
    eigenvalues = np.linalg.eigvalsh(np.sqrt(n) * gaussian_matrices(n, MATRICES, 0))
    # |det H| grows like the n-th power of the height: drawn at random, a few high ones would decide.
    heights = np.linspace(-8, 8, 81)
    rates = np.zeros(n + 1)
    for u, weight in zip(heights, norm.pdf(heights) * (heights[1] - heights[0]), strict=True):
        determinants = np.abs(np.prod(eigenvalues - u, axis=1))
        rates += weight * np.bincount((eigenvalues < u).sum(axis=1), determinants, n + 1) / MATRICES
    # The negative of such a function is as likely.
    return (rates + rates[::-1]) / 2
