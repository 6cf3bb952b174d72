"""Weight-space symmetry of a network with one hidden layer: its solutions come in families of equal loss.

A network here has one input, n hidden units of tanh and one linear output. Its weights are one vector of shape (3n+1,):
the n weights into the hidden units, their n biases, the n weights out of them, and the output's bias.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]

DATA: tuple[Floats, Floats] = (
    np.array([-3.0, -2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3.0]),
    np.array([0.2, 0.1, 0.5, 0.9, 1.1, 0.6, -0.7, -0.9]),
)
"""Inputs (8,) and targets (8,): a bump on a falling line, which two units can follow but not meet exactly."""


@dataclass(frozen=True, eq=False)
class Transform:
    """One symmetry: entry k of the new weights (3n+1,) is `signs[k]` times entry `order[k]` of the old ones."""

    order: NDArray[np.intp]
    signs: Floats

    def __call__(self, weights: Floats) -> Floats:
        """The transformed weights, shape (3n+1,); those of several networks, shape (N, 3n+1), are done at once."""
        return weights[..., self.order] * self.signs


@dataclass(frozen=True, eq=False)
class Family:
    """A trained network and its images under all T = n!·2ⁿ symmetries, the identity first.

    `weights` has shape (T, 3n+1), `losses` and `distances` from the trained weights have shape (T,);
    `gradient_norm` is that of the loss at the trained weights.
    """

    weights: Floats
    losses: Floats
    distances: Floats
    gradient_norm: float


def loss(weights: Float[ArrayLike, "3n+1"], data: tuple[ArrayLike, ArrayLike] = DATA) -> Float[Array, ""]:
    r"""Squared error of a network with one hidden layer.

    $$\frac1N\sum_{i=1}^N\left(\sum_{j=1}^n a_j\tanh(w_j u_i + b_j) + a_0 - t_i\right)^2$$

    `weights` are (w, b, a, a₀); `data` are inputs u (N,) and targets t (N,). The order of the hidden units does not
    matter, and because tanh is odd neither does a change of sign of wⱼ, bⱼ and aⱼ together.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.2.
    """
    inputs, targets = (jnp.asarray(part) for part in data)
    entries = jnp.asarray(weights)
    into, bias, out = entries[:-1].reshape(3, -1)
    return jnp.mean((jnp.tanh(jnp.outer(inputs, into) + bias) @ out + entries[-1] - targets) ** 2)


def count(hidden: int) -> int:
    """n!·2ⁿ, the number of symmetries of n = `hidden` tanh units: every order of the units, either sign of each.

    Source: Chen, Lu and Hecht-Nielsen, On the Geometry of Feedforward Neural Network Error Surfaces, Neural Computation
    5, 1993.
    """
    return math.factorial(hidden) * int(2**hidden)


def transforms(hidden: int) -> Iterator[Transform]:
    """All `count(hidden)` symmetries, each once, the identity first; ``ValueError`` if there is no hidden unit."""
    if hidden < 1:
        raise ValueError(f"a network needs at least one hidden unit, not {hidden}")
    for permuted in permutations(range(hidden)):
        order = np.concatenate([np.array(permuted) + block * hidden for block in range(3)] + [[3 * hidden]])
        for signs in product((1.0, -1.0), repeat=hidden):
            yield Transform(order.astype(np.intp), np.array([*signs, *signs, *signs, 1.0]))


def train(hidden: int = 2, data: tuple[Floats, Floats] = DATA, *, seed: int = 0) -> Family:
    """Train a network of `hidden` units on all of `data` and apply every symmetry to the weights found.

    The start is drawn from the standard normal distribution by `seed`; the method is BFGS with exact gradients, run
    until rounding stops it. From some starts the weights grow without end instead. ``ValueError`` if there is no
    hidden unit.

    Source: Nocedal and Wright, Numerical Optimization, 2006, section 6.1, for BFGS.
    """
    start = np.random.default_rng(seed).standard_normal(3 * hidden + 1)
    objective = jax.jit(jax.value_and_grad(lambda weights: loss(weights, data)))

    def evaluate(weights: Floats) -> tuple[float, Floats]:
        value, slope = objective(weights)
        return float(value), np.asarray(slope, dtype=np.float64)

    symmetries = list(transforms(hidden))
    trained = minimize(evaluate, start, jac=True, method="BFGS", options={"gtol": 1e-11, "maxiter": 5000}).x
    images = np.array([symmetry(trained) for symmetry in symmetries])
    return Family(
        weights=images,
        losses=np.asarray(jax.jit(jax.vmap(lambda weights: loss(weights, data)))(images)),
        distances=np.linalg.norm(images - trained, axis=1),
        gradient_norm=float(np.linalg.norm(evaluate(trained)[1])),
    )
