"""Deep linear networks: layers without nonlinearities, whose loss has saddles and plateaus but no bad minima.

Sources: Baldi and Hornik, Neural Networks and Principal Component Analysis, Neural Networks 2, 1989; Saxe, McClelland
and Ganguli, Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural Networks, ICLR 2014.
"""

from functools import partial, reduce
from itertools import pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STRENGTHS = (4.0, 2.0, 1.0, 0.5)
"""Singular values of the map to learn, from the strongest to the weakest."""
SIZE = len(STRENGTHS)
RATE = 0.02
STEPS = 20_000
STRIDE = 10
"""Steps from one record to the next."""


class Runs(NamedTuple):
    """Several trainings: `steps` (T,), `losses` and `slopes` ‖∇‖ (R, T), `weights` (R, T, P)."""

    steps: NDArray[np.int64]
    losses: Floats
    slopes: Floats
    weights: Floats


def shapes(layers: int, width: int) -> list[tuple[int, int]]:
    """Rows and columns of each weight matrix, the first layer's first; ``ValueError`` for no layers or no units."""
    if layers < 1 or width < 1:
        raise ValueError(f"{layers} layers of {width} units are no network")
    sizes = [SIZE, *[width] * (layers - 1), SIZE]
    return [(out, into) for into, out in pairwise(sizes)]


def loss(weights: Float[Array, " P"], layers: int, width: int) -> Float[Array, ""]:
    """½‖W_L ⋯ W₁ − M‖² with M = diag(`STRENGTHS`): the squared error for uncorrelated inputs of variance 1.

    `weights` holds all matrices, row by row, one after the other.
    """
    sizes = shapes(layers, width)
    ends = np.cumsum([rows * columns for rows, columns in sizes])
    parts = jnp.split(weights, ends[:-1].tolist())
    matrices = [part.reshape(size) for part, size in zip(parts, sizes, strict=True)]
    product = reduce(lambda before, matrix: matrix @ before, matrices)
    return ((product - jnp.diag(jnp.array(STRENGTHS))) ** 2).sum() / 2


def count(layers: int, width: int) -> int:
    """The number of weights."""
    return sum(rows * columns for rows, columns in shapes(layers, width))


def levels(width: int) -> Floats:
    """The loss with the k strongest parts learnt, for k from 0 to the most that `width` units can pass on.

    Every critical point has such a loss, or that of another choice of parts; the last one is the global minimum.
    Source: Eckart and Young, Psychometrika 1, 1936, and Baldi and Hornik, 1989, for the critical points.
    """
    squares = np.square(STRENGTHS)
    return np.array([squares[k:].sum() / 2 for k in range(min(width, SIZE) + 1)])


@partial(jax.jit, static_argnames=("layers", "width"))
def _train(starts: Array, *, layers: int, width: int) -> tuple[Array, Array, Array]:
    gradient = jax.value_and_grad(loss)

    def advance(weights: Array, _: None) -> tuple[Array, tuple[Array, Array, Array]]:
        value, slope = gradient(weights, layers, width)
        record = value, jnp.linalg.norm(slope), weights
        return jax.lax.fori_loop(0, STRIDE, lambda _, w: w - RATE * gradient(w, layers, width)[1], weights), record

    def run(start: Array) -> tuple[Array, Array, Array]:
        return jax.lax.scan(advance, start, length=STEPS // STRIDE + 1)[1]

    return jax.vmap(run)(starts)


def train(layers: int, width: int, scale: float, runs: int = 1, seed: int = 0) -> Runs:
    """Gradient descent at rate `RATE` from `runs` random starts; `scale` times the usual standard deviation.

    A start entry has variance `scale`² over the larger of its matrix's sides. ``ValueError`` for no layers or units.
    """
    random = np.random.default_rng(seed)
    # Drawn by NumPy: JAX takes ten times as long to compile the draws as to compile the training.
    drawn = [
        random.standard_normal((runs, rows * columns)) / np.sqrt(max(rows, columns))
        for rows, columns in shapes(layers, width)
    ]
    starts = scale * np.concatenate(drawn, axis=1)
    losses, slopes, weights = _train(starts, layers=layers, width=width)
    return Runs(np.arange(0, STEPS + 1, STRIDE), np.asarray(losses), np.asarray(slopes), np.asarray(weights))


@partial(jax.jit, static_argnames=("layers", "width"))
def _hessian(weights: Array, *, layers: int, width: int) -> Array:
    hessian: Array = jax.hessian(loss)(weights, layers, width)
    return hessian


def eigenvalues(weights: Floats, layers: int, width: int) -> Floats:
    """Eigenvalues (P,) of the loss's Hessian at `weights` (P,), ascending."""
    return np.asarray(np.linalg.eigvalsh(_hessian(jnp.asarray(weights), layers=layers, width=width)))


def plateaus(losses: Floats, slopes: Floats, width: int) -> list[int | None]:
    """For each number of parts learnt, the record of one run where the slope is least; None where it never stayed.

    `losses` and `slopes` (T,) as in `Runs`. A record belongs to the level nearest to its loss, and a level was stayed
    at where the slope has a minimum along the run within it, the run's two ends included.
    """
    nearest = np.abs(losses[:, None] - levels(width)).argmin(axis=1)
    before = np.concatenate([[np.inf], slopes[:-1]])
    after = np.concatenate([slopes[1:], [np.inf]])
    stayed = (slopes <= before) & (slopes <= after)
    found: list[int | None] = []
    for k in range(len(levels(width))):
        records = np.flatnonzero((nearest == k) & stayed)
        found.append(int(records[slopes[records].argmin()]) if len(records) else None)
    return found
