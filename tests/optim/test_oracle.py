"""Clipped and noisy gradients."""

import jax.numpy as jnp
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optim.oracle import Oracle, clipped_by_norm, clipped_by_value, exact, minibatch, noisy

vectors = st.lists(st.floats(-1e300, 1e300, allow_subnormal=False), min_size=1, max_size=5).map(np.array)
thresholds = st.floats(-6, 6).map(lambda power: 10**power)


def answering(g: np.ndarray) -> Oracle:
    """An oracle whose every gradient is g."""
    return Oracle(value=lambda x: jnp.zeros(()), gradient=lambda x: jnp.asarray(g), hessian=lambda x: jnp.eye(len(g)))


def norm(g: np.ndarray) -> float:
    scale = max(np.abs(g).max(), 1e-300)
    return float(scale * np.linalg.norm(g / scale))


@given(vectors, thresholds)
def test_clipping_by_norm_bounds_the_length_and_keeps_the_direction(g: np.ndarray, threshold: float) -> None:
    clipped = np.asarray(clipped_by_norm(answering(g), threshold).gradient(jnp.zeros(len(g))))
    if norm(g) <= threshold * (1 - 1e-12):
        np.testing.assert_array_equal(clipped, g)
    else:
        np.testing.assert_allclose(norm(clipped), min(threshold, norm(g)), rtol=1e-12)
        np.testing.assert_allclose(clipped / norm(clipped), g / norm(g), atol=1e-12)


@given(vectors, thresholds)
def test_clipping_by_value_bounds_every_component(g: np.ndarray, threshold: float) -> None:
    clipped = np.asarray(clipped_by_value(answering(g), threshold).gradient(jnp.zeros(len(g))))
    assert (np.abs(clipped) <= threshold).all()
    np.testing.assert_array_equal(clipped[np.abs(g) <= threshold], g[np.abs(g) <= threshold])
    np.testing.assert_array_equal(np.sign(clipped), np.sign(g))


def test_a_zero_gradient_is_not_clipped_to_nan() -> None:
    np.testing.assert_array_equal(clipped_by_norm(answering(np.zeros(2)), 1.0).gradient(jnp.zeros(2)), 0)


def test_an_infinite_gradient_is_not_made_up_for() -> None:
    clipped = clipped_by_norm(answering(np.array([np.inf, 1.0])), 1.0).gradient(jnp.zeros(2))
    assert not np.isfinite(clipped).all()


def test_wrappers_keep_32_bits() -> None:
    oracle = exact(lambda x: 100 * jnp.sum(x**2))
    x = jnp.ones(2, jnp.float32)
    wrapped = clipped_by_value(clipped_by_norm(oracle, jnp.float64(1.0)), jnp.float64(0.5))
    assert wrapped.gradient(x).dtype == jnp.float32


def test_noise_is_added_to_the_gradient_alone() -> None:
    oracle = exact(lambda x: jnp.sum(x**2))
    x, noise = jnp.array([1.0, 2.0]), jnp.array([0.5, -0.5])
    wrapped = noisy(oracle, noise)
    np.testing.assert_array_equal(wrapped.gradient(x), oracle.gradient(x) + noise)
    assert wrapped.value(x) == oracle.value(x)
    np.testing.assert_array_equal(wrapped.hessian(x), oracle.hessian(x))


def test_a_minibatch_asks_its_rows_and_changes_the_gradient_alone() -> None:
    pulls = jnp.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 1.0]])
    oracle = exact(lambda x: jnp.mean(pulls @ x))
    x, rows = jnp.array([0.5, -0.5]), jnp.array([2, 0, 2, 1])
    for size, expected in ((1, pulls[2]), (2, (pulls[2] + pulls[0]) / 2), (4, pulls[rows].mean(axis=0))):
        wrapped = minibatch(oracle, lambda x, rows: pulls[rows] @ x, rows, jnp.float64(size))
        np.testing.assert_allclose(wrapped.gradient(x), expected, rtol=1e-12)
        assert wrapped.value(x) == oracle.value(x)
    everyone = minibatch(oracle, lambda x, rows: pulls[rows] @ x, rows, jnp.float64(np.inf))
    np.testing.assert_array_equal(everyone.gradient(x), oracle.gradient(x))
    narrow = minibatch(oracle, lambda x, rows: (pulls[rows] @ x).astype(x.dtype), rows, jnp.float64(2))
    assert narrow.gradient(x.astype(jnp.float32)).dtype == jnp.float32
