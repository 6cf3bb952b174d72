"""Eigenvalues of Hessians that are never written down: Lanczos' method with Hessian-vector products."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from landscapes.datasets import Data
from landscapes.mlp import MLP
from landscapes.programs import program

Floats = NDArray[np.float64]
LONGEST_STEP = 0.5
"""Of Newton, which goes anywhere where the curvature is small."""


def hessian_vector(value: Callable[[Array], Array], at: Array) -> Callable[[Array], Array]:
    """v (n,) ↦ Hv (n,) for the Hessian H of `value` at a point (n,), for about the price of two gradients.

    Source: Pearlmutter, Fast Exact Multiplication by the Hessian, Neural Computation 6, 1994.
    """
    return lambda v: jax.jvp(jax.grad(value), (at,), (v,))[1]


def lanczos(product: Callable[[Array], Array], start: Array, steps: int) -> tuple[Array, Array]:
    """The tridiagonal matrix T = QᵀHQ of `steps` ≤ n Lanczos steps from `start` (n,): diagonal (steps,), off-diagonal
    (steps−1,). Its extreme eigenvalues come close to those of H first.

    Every new vector is orthogonalised against all before, twice: else rounding would bring eigenvalues back as ghosts.

    Source: Golub and Van Loan, Matrix Computations, 2013, sections 10.1 and 10.3.
    """

    def step(carry: Any, k: Array) -> tuple[Any, tuple[Array, Array]]:
        basis, q, length = carry
        basis = basis.at[k].set(q)
        image = product(q)
        diagonal = q @ image
        rest = image
        for _ in range(2):
            rest = rest - basis.T @ (basis @ rest)
        next_length = jnp.linalg.norm(rest)
        # Nothing is left where the basis holds the whole space that `start` reaches: T ends there.
        scale = jnp.maximum(jnp.max(jnp.abs(image)), length)
        empty = next_length <= 1e-12 * scale
        q = jnp.where(empty, 0, rest / jnp.where(empty, 1, next_length))
        next_length = jnp.where(empty, 0, next_length)
        return (basis, q, next_length), (diagonal, next_length)

    first = start / jnp.linalg.norm(start)
    basis = jnp.zeros((steps, len(start)), start.dtype)
    _, (diagonal, off) = jax.lax.scan(step, (basis, first, jnp.zeros((), start.dtype)), jnp.arange(steps))
    return diagonal, off[:-1]


@program("net", "steps")
def _tridiagonals(net: MLP, steps: int, weights: Array, part: Any, probes: Array) -> tuple[Array, Array]:
    def at(pair: tuple[Array, Array]) -> tuple[Array, Array]:
        w, probe = pair
        return lanczos(hessian_vector(lambda v: net.value(v, *part), w), probe, steps)

    return jax.lax.map(at, (weights, probes))  # type: ignore[no-any-return]


def _ritz(net: MLP, weights: Floats, data: Data, steps: int, seed: int) -> list[tuple[Floats, Floats]]:
    """Eigenvalues of T and the squared first entries of its eigenvectors, for each row of `weights` (K, n)."""
    steps = min(steps, net.size)
    x, y = data.part
    probes = np.random.default_rng(seed).standard_normal(weights.shape)
    points = jnp.asarray(weights, jnp.float64)
    diagonals, offs = _tridiagonals(net, steps, points, (jnp.asarray(x, jnp.float64), y), probes)
    found = []
    for diagonal, off in zip(np.asarray(diagonals), np.asarray(offs), strict=True):
        values, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
        weights_of = vectors[0] ** 2
        # After an early end of T its remaining rows are zeros that belong to no eigenvalue of H.
        real = weights_of > 1e-30
        found.append((values[real], weights_of[real] / weights_of[real].sum()))
    return found


def extreme_eigenvalues(
    net: MLP, weights: NDArray[Any], data: Data, *, top: int = 3, steps: int = 40, seed: int = 0
) -> Floats:
    """The `top` largest eigenvalues of the Hessian, falling, and then the smallest one, (K, top+1), of the mean loss on
    the trained-on examples at each row of `weights` (K, n), in 64 bits. More `steps` make them more exact.
    """
    found = _ritz(net, np.asarray(weights, np.float64), data, steps, seed)
    # A spectrum of few different eigenvalues has no more: the last is repeated.
    return np.array(
        [[*np.pad(values[::-1][:top], (0, max(0, top - len(values))), "edge"), values[0]] for values, _ in found]
    )


def spectral_density(
    net: MLP, weights: NDArray[Any], data: Data, *, probes: int = 8, steps: int = 60, seed: int = 0
) -> tuple[Floats, Floats]:
    """Estimated eigenvalues (M,), rising, of the Hessian at `weights` (n,), and the share of all n that each stands for
    (M,), summing to 1: stochastic Lanczos quadrature, the mean over random starts.

    Source: Ghorbani, Krishnan and Xiao, An Investigation into Neural Net Optimization via Hessian Eigenvalue Density,
    ICML 2019.
    """
    found = _ritz(net, np.repeat(np.asarray(weights, np.float64)[None], probes, axis=0), data, steps, seed)
    values = np.concatenate([each for each, _ in found])
    shares = np.concatenate([share for _, share in found]) / probes
    order = np.argsort(values)
    return values[order], shares[order]


@program("net")
def _slope_and_hessian(net: MLP, weights: Array, part: Any) -> tuple[Array, Array]:
    def value(w: Array) -> Array:
        return net.value(w, *part)

    return jax.grad(value)(weights), jax.hessian(value)(weights)


@dataclass(frozen=True, eq=False)
class Critical:
    """A point `weights` (n,) where the gradient has the length `gradient_norm`, about zero, with the eigenvalues (n,),
    rising, and eigenvectors (n, n), by column, of the Hessian there.
    """

    weights: Floats
    gradient_norm: float
    eigenvalues: Floats
    vectors: Floats


def critical_point_near(net: MLP, weights: NDArray[Any], data: Data, *, steps: int = 60) -> Critical | None:
    """The critical point that Newton's method finds from `weights` (n,), which may be a minimum, a maximum or a saddle;
    None where the gradient is not below 1e-9 after so many `steps`.

    Directions of (almost) no curvature are left alone: networks have them by the dozen, and along them there is no
    nearest point. For up to a few hundred weights: the Hessian is written down.

    Source: Dauphin et al., Identifying and Attacking the Saddle Point Problem, NIPS 2014, section 4.
    """
    x, y = data.part
    part = (jnp.asarray(x, jnp.float64), y)
    point = np.asarray(weights, np.float64)
    for _ in range(steps):
        slope, matrix = (np.asarray(each) for each in _slope_and_hessian(net, point, part))
        eigenvalues, vectors = np.linalg.eigh(matrix)
        norm = float(np.linalg.norm(slope))
        if norm < 1e-9:
            return Critical(point, norm, eigenvalues, vectors)
        curved = np.abs(eigenvalues) > 1e-4 * np.abs(eigenvalues).max()
        step = vectors[:, curved] @ (vectors[:, curved].T @ slope / eigenvalues[curved])
        point = point - step / max(1.0, float(np.linalg.norm(step)) / LONGEST_STEP)
    return None
