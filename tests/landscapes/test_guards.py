"""Guarded roots: right everywhere, and differentiable where the plain ones are not."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.guards import cos_sqrt, safe_sqrt


def test_safe_sqrt_is_the_root_with_a_derivative_of_zero_at_zero() -> None:
    assert float(safe_sqrt(jnp.float64(2.25))) == 1.5
    assert float(jax.grad(safe_sqrt)(jnp.float64(2.25))) == pytest.approx(1 / 3)
    assert float(safe_sqrt(jnp.float64(0))) == 0
    assert float(jax.grad(safe_sqrt)(jnp.float64(0))) == 0
    assert float(jax.grad(jax.grad(safe_sqrt))(jnp.float64(0))) == 0


@pytest.mark.parametrize("s", [0.0, 1e-9, 0.00999999, 0.01, 0.0100001, 3.0, 140.0])
def test_cos_sqrt_and_its_derivatives(s: float) -> None:
    assert float(cos_sqrt(jnp.float64(s))) == pytest.approx(np.cos(np.sqrt(s)), abs=1e-15)
    slope, bend = jax.grad(cos_sqrt), jax.grad(jax.grad(cos_sqrt))
    root = np.sqrt(s)
    # sin(r)/r and its like cancel below here; the limits are the series' own coefficients.
    expected_slope = -np.sin(root) / (2 * root) if s > 1e-6 else -1 / 2
    expected_bend = (np.sin(root) / root - np.cos(root)) / (4 * s) if s > 1e-6 else 1 / 12
    assert float(slope(jnp.float64(s))) == pytest.approx(expected_slope, rel=1e-8)
    assert float(bend(jnp.float64(s))) == pytest.approx(expected_bend, rel=1e-8)


@pytest.mark.parametrize("guard", [safe_sqrt, cos_sqrt])
def test_dtype_is_kept(guard) -> None:
    assert guard(jnp.float32(0.5)).dtype == jnp.float32
    assert guard(jnp.float64(0.5)).dtype == jnp.float64
