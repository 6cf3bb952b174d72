"""Oracles: all that an optimizer may know about the surface. Imperfect information is a wrapped oracle."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce
from typing import TypeAlias

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Float

Vector: TypeAlias = Float[Array, "n"]
Matrix: TypeAlias = Float[Array, "n n"]
Scalar: TypeAlias = Float[Array, ""]

LARGEST_BATCH = 100
"""Examples in a minibatch, at most: so many are drawn for every step, and a smaller batch is the first of them."""


@dataclass(frozen=True)
class Oracle:
    """Answers questions at a point x of shape (n,): value (), gradient (n,), hessian (n, n).

    The wrappers below change the gradient alone: values and Hessians stay those of the surface.
    """

    value: Callable[[Vector], Scalar]
    gradient: Callable[[Vector], Vector]
    hessian: Callable[[Vector], Matrix]


def exact(f: Callable[[Vector], Scalar]) -> Oracle:
    """The oracle that tells the truth about `f`, by automatic differentiation."""
    return Oracle(value=f, gradient=jax.grad(f), hessian=jax.hessian(f))


def _with_gradient(oracle: Oracle, change: Callable[[Vector], Vector]) -> Oracle:
    return replace(oracle, gradient=lambda x: change(oracle.gradient(x)))


def noisy(oracle: Oracle, noise: Vector) -> Oracle:
    """Adds the vector `noise` to every gradient asked for within one step; the engine draws a new one each step.

    One draw a step is one minibatch a step: a line search sees the same error at every point that it tries.
    """
    return _with_gradient(oracle, lambda g: g + noise)


def minibatch(oracle: Oracle, losses: Callable[..., Array], rows: Array, size: Array) -> Oracle:
    """The gradient of the mean loss of a batch: of the examples numbered by the first `size` of `rows` (R,).

    `losses(x, rows)` gives the loss (R,) of each of these examples at x. Where `size` is larger than R the gradient
    stays that of the oracle. With rows drawn independently and evenly from all examples the estimate is unbiased, and
    its covariance is that of one example's gradient divided by `size`.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, equation 8.9.
    """
    within = jnp.arange(len(rows)) < size

    def estimate(x: Vector) -> Scalar:
        return jnp.where(within, losses(x, rows), 0).sum() / jnp.minimum(size, len(rows)).astype(x.dtype)

    def gradient(x: Vector) -> Vector:
        return jnp.where(size <= len(rows), jax.grad(estimate)(x), oracle.gradient(x))

    return replace(oracle, gradient=gradient)


def clipped_by_norm(oracle: Oracle, threshold: ArrayLike) -> Oracle:
    """g · τ / ‖g‖ where ‖g‖ > τ > 0, else g: bounds the length and keeps the direction.

    Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, ICML 2013.
    """

    def clip(g: Vector) -> Vector:
        # ‖g‖² overflows long before ‖g‖ does, and a huge gradient is what clipping is for. Over a grid of runs, two
        # components taken one by one also fuse with the rest of the step, which a reduction does not.
        norm = reduce(jnp.hypot, jnp.abs(g))
        too_long = norm > threshold
        return jnp.where(too_long, g * (threshold / jnp.where(too_long, norm, 1)).astype(g.dtype), g)

    return _with_gradient(oracle, clip)


def clipped_by_value(oracle: Oracle, threshold: ArrayLike) -> Oracle:
    """Every component clipped to [−τ, τ], τ > 0: bends the direction towards the diagonals.

    Source: T. Mikolov, Statistical Language Models Based on Neural Networks, PhD thesis, Brno University of
    Technology, 2012.
    """

    def clip(g: Vector) -> Vector:
        bound = jnp.asarray(threshold, g.dtype)
        return jnp.clip(g, -bound, bound)

    return _with_gradient(oracle, clip)
