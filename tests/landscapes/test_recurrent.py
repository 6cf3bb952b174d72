"""The small recurrent network: its gradients through time, and its initial weights."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.recurrent import INITIALISATIONS, jacobians, orthogonal, states, with_radius

N, T = 6, 12


@pytest.fixture
def network() -> tuple[jax.Array, jax.Array, jax.Array]:
    """Weights, start and inputs of a network with everything different from zero."""
    random = np.random.default_rng(0)
    return (
        jnp.asarray(random.standard_normal((N, N)) / 2),
        jnp.asarray(random.standard_normal(N)),
        jnp.asarray(random.standard_normal((T, N))),
    )


def test_states_follow_the_recurrence(network: tuple[jax.Array, jax.Array, jax.Array]) -> None:
    weights, state, inputs = (np.asarray(one) for one in network)
    found = np.asarray(states(*network))
    assert found.shape == (T, N)
    for t in range(T):
        state = np.tanh(weights @ state + inputs[t])
        assert found[t] == pytest.approx(state, rel=1e-12)


def test_a_gradient_through_time_is_the_product_of_the_steps(network: tuple[jax.Array, jax.Array, jax.Array]) -> None:
    weights, start, inputs = network
    found = np.asarray(jacobians(weights, start, inputs))
    assert found.shape == (T, N, N)
    along = np.asarray(states(weights, start, inputs))
    product = np.eye(N)
    for t in range(T):
        # The slope of tanh is 1 − tanh².
        product = np.diag(1 - along[t] ** 2) @ np.asarray(weights) @ product
        assert found[t] == pytest.approx(product, rel=1e-9, abs=1e-14)
    error = jnp.arange(1.0, N + 1)
    backward = jax.grad(lambda start: error @ states(weights, start, inputs)[-1])(start)
    assert np.asarray(backward) == pytest.approx(np.asarray(error) @ found[-1], rel=1e-9)


def test_without_inputs_the_gradient_is_the_power_of_the_matrix(
    network: tuple[jax.Array, jax.Array, jax.Array],
) -> None:
    weights, start, inputs = network
    found = jacobians(weights, 0 * start, 0 * inputs)
    for t in range(T):
        power = np.linalg.matrix_power(np.asarray(weights), t + 1)
        assert np.asarray(found[t]) == pytest.approx(power, rel=1e-9, abs=1e-15)


def test_initial_weights() -> None:
    assert set(INITIALISATIONS) == {"gaussian", "orthogonal"}
    rotation = orthogonal(np.random.default_rng(1), N)
    assert rotation @ rotation.T == pytest.approx(np.eye(N), abs=1e-12)
    random = np.random.default_rng(2)
    drawn = INITIALISATIONS["gaussian"](random, 200)
    # 40 000 entries: the mean of their squares is within five standard errors of 1/n.
    assert (drawn**2).mean() * 200 == pytest.approx(1, abs=5 * np.sqrt(2 / 40_000))
    assert not (drawn == INITIALISATIONS["gaussian"](random, 200)).any()


@pytest.mark.parametrize("radius", [0.5, 1.0, 2.0])
def test_the_spectral_radius_is_the_one_that_is_asked_for(radius: float) -> None:
    weights = with_radius(INITIALISATIONS["gaussian"](np.random.default_rng(4), N), radius)
    assert np.abs(np.linalg.eigvals(weights)).max() == pytest.approx(radius)
