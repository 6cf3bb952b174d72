"""A small recurrent network: its states, how gradients come back through time, and how its weights begin.

Source: Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks, ICML 2013, section 2.
"""

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.stats import ortho_group

Weights = Float[Array, "n n"]
States = Float[Array, "T n"]
Matrix = NDArray[np.float64]


def states(weights: Weights, start: Float[Array, " n"], inputs: States) -> States:
    """h₁ … h_T of hₜ = tanh(W hₜ₋₁ + xₜ), from h₀ = `start`; without units."""

    def advance(state: Array, pushed: Array) -> tuple[Array, Array]:
        after = jnp.tanh(weights @ state + pushed)
        return after, after

    return lax.scan(advance, start, inputs)[1]


def jacobians(weights: Weights, start: Float[Array, " n"], inputs: States) -> Float[Array, "T n n"]:
    """∂hₜ/∂h₀ for t from 1 to T: what a gradient that arrives at step t is multiplied by on its way back to step 0."""
    jacobian: Float[Array, "T n n"] = jax.jacfwd(states, 1)(weights, start, inputs)
    return jacobian


def gaussian(random: np.random.Generator, n: int) -> Matrix:
    """Independent normal entries of variance 1/n: about norm 1 for a vector that is multiplied once."""
    return np.asarray(random.standard_normal((n, n)) / np.sqrt(n))


def orthogonal(random: np.random.Generator, n: int) -> Matrix:
    """A random rotation or reflection, uniformly distributed: every vector keeps its length.

    Source: Saxe, McClelland and Ganguli, Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural
    Networks, ICLR 2014.
    """
    return np.asarray(ortho_group.rvs(n, random_state=random))


# Drawn by NumPy: JAX compiles its random numbers anew for every shape, and takes longer for it than for the network.
INITIALISATIONS: Mapping[str, Callable[[np.random.Generator, int], Matrix]] = {
    "gaussian": gaussian,
    "orthogonal": orthogonal,
}


def with_radius(weights: Matrix, radius: float) -> Matrix:
    """The weights, scaled until the largest |λ| is `radius`."""
    return np.asarray(weights * (radius / np.abs(np.linalg.eigvals(weights)).max()))
