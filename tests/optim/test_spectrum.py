"""Lanczos and its kin against eigenvalues of Hessians that are written down."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes.datasets import two_moons
from landscapes.mlp import MLP
from optim.spectrum import critical_point_near, extreme_eigenvalues, hessian_vector, lanczos, spectral_density

DATA = two_moons()
X, Y = DATA.part[0].astype(float), DATA.part[1]


def full(net: MLP, weights: np.ndarray) -> np.ndarray:
    return np.asarray(jax.jit(jax.hessian(net.value))(weights.astype(float), X, Y))


def test_hessian_vector_products() -> None:
    net = MLP(2, 2, 4, 2)
    w, v = (np.random.default_rng(k).standard_normal(net.size) for k in range(2))
    found = jax.jit(hessian_vector(lambda at: net.value(at, X, Y), jnp.asarray(w)))(jnp.asarray(v))
    assert np.asarray(found) == pytest.approx(full(net, w) @ v, abs=1e-10)


def test_lanczos_with_all_steps_has_all_eigenvalues() -> None:
    random = np.random.default_rng(0)
    rotation, _ = np.linalg.qr(random.standard_normal((30, 30)))
    values = np.sort(random.standard_normal(30) * np.geomspace(1e-3, 1e3, 30))
    matrix = jnp.asarray(rotation * values @ rotation.T)
    diagonal, off = map(np.asarray, lanczos(lambda v: matrix @ v, jnp.asarray(random.standard_normal(30)), 30))
    found = np.linalg.eigvalsh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
    assert found == pytest.approx(values, abs=1e-8)


def test_lanczos_ends_where_there_is_nothing_left() -> None:
    matrix = jnp.diag(jnp.array([1.0, 1, 1, 5, 5, -2]))
    diagonal, off = map(np.asarray, lanczos(lambda v: matrix @ v, jnp.ones(6), 6))
    assert np.isfinite(diagonal).all() and off[2:] == pytest.approx(0, abs=1e-12)
    found = np.linalg.eigvalsh(np.diag(diagonal[:3]) + np.diag(off[:2], 1) + np.diag(off[:2], -1))
    assert found == pytest.approx([-2, 1, 5])


@pytest.mark.parametrize("net", [MLP(2, 2, 8, 2), MLP(2, 2, 12, 3, "relu", True), MLP(2, 2, 2, 1, loss="squared")])
def test_extreme_eigenvalues_against_the_whole_hessian(net: MLP) -> None:
    weights = np.array([net.start(seed) for seed in range(3)])
    found = extreme_eigenvalues(net, weights, DATA, top=3)
    assert found.shape == (3, 4)
    for w, own in zip(weights, found, strict=True):
        exact = np.linalg.eigvalsh(full(net, w))
        assert own == pytest.approx([*exact[:-4:-1], exact[0]], rel=1e-3, abs=1e-6)


def test_the_density_is_that_of_the_eigenvalues() -> None:
    net = MLP(2, 2, 8, 2)
    weights = net.start(0)
    exact = np.linalg.eigvalsh(full(net, weights))
    values, shares = spectral_density(net, weights, DATA, probes=32)
    assert (np.diff(values) >= 0).all() and shares.sum() == pytest.approx(1)
    assert values.min() == pytest.approx(exact[0], rel=1e-3) and values.max() == pytest.approx(exact[-1], rel=1e-3)
    # Hutchinson: a mean of squares over 32·n normal entries, within 4 standard errors.
    error = 4 * np.sqrt(2 * (exact**2).sum() / 32) / len(exact)
    assert values @ shares == pytest.approx(exact.mean(), abs=error)
    flat = np.abs(exact) < 0.01 * exact.max()
    assert shares[np.abs(values) < 0.01 * exact.max()].sum() == pytest.approx(flat.mean(), abs=0.1)


def test_newton_finds_the_saddle_at_zero() -> None:
    net = MLP(2, 2, 4, 1, loss="squared")
    found = critical_point_near(net, net.start(0, 0.01), DATA)
    assert found is not None
    slope = np.asarray(jax.jit(jax.grad(net.value))(found.weights, X, Y))
    assert np.linalg.norm(slope) == pytest.approx(found.gradient_norm, abs=1e-12) and found.gradient_norm < 1e-9
    assert found.eigenvalues == pytest.approx(np.linalg.eigvalsh(full(net, found.weights)), abs=1e-9)
    assert found.eigenvalues[0] < -0.1 and found.eigenvalues[-1] > 0.1
    # All it says is the frequency of each class: no weight from the input is needed for that.
    constant = np.asarray(net.outputs_at(found.weights, X))
    assert constant.std(axis=0).max() < 0.1
    assert constant.mean(axis=0) == pytest.approx(np.bincount(Y) / len(Y), abs=0.05)


def test_where_newton_does_not_arrive_there_is_nothing() -> None:
    net = MLP(2, 2, 4, 1)
    assert critical_point_near(net, net.start(0, 3.0), DATA, steps=1) is None
