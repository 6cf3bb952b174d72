"""Newton's method and its repairs."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jax import Array

from landscapes import critical_points, hessian
from optim import OPTIMIZERS, descend
from optim.oracle import exact
from optim.second_order import inverted, principal

entries = st.floats(-1e3, 1e3)


def one_step(key: str, f: Callable[[Array], Array], x: list[float], **hyper: float) -> np.ndarray:
    rule, start = OPTIMIZERS[key], jnp.array(x)
    filled = rule.fill(hyper)
    return np.asarray(jax.jit(lambda x: rule.step(exact(f), x, rule.init(x, filled), filled)[0])(start))


@given(entries, entries, entries)
def test_principal_axes_rebuild_the_hessian(a: float, b: float, d: float) -> None:
    h = np.array([[a, b], [b, d]])
    curvatures, axes = (np.asarray(part) for part in principal(jnp.asarray(h)))
    scale = np.abs(h).max() + 1e-300
    np.testing.assert_allclose(axes @ np.diag(curvatures) @ axes.T, h, atol=1e-14 * scale)
    np.testing.assert_allclose(axes.T @ axes, np.eye(2), atol=1e-15)
    np.testing.assert_allclose(np.sort(curvatures), np.linalg.eigvalsh(h), atol=1e-14 * scale)


def test_inverse_of_no_curvature_is_no_step() -> None:
    np.testing.assert_array_equal(inverted(jnp.array([2.0, -4.0, 0.0, 1e-20])), [0.5, -0.25, 0.0, 0.0])
    np.testing.assert_array_equal(inverted(jnp.zeros(2)), 0.0)


@given(st.floats(0, 3), st.floats(-90, 90), st.floats(-3, 3), st.floats(-2, 2))
def test_newton_solves_a_quadratic_in_one_step(power: float, angle: float, x: float, y: float) -> None:
    knobs = {"condition_number": 10**power, "angle": angle}
    run = descend("ill_conditioned", "newton", (x, y), steps=1, knobs=knobs)
    np.testing.assert_allclose(run.points[1], 0, atol=1e-10)


def test_newton_goes_to_the_saddle_that_saddle_free_newton_leaves() -> None:
    start = (0.5, 0.01)
    np.testing.assert_allclose(descend("saddle", "newton", start, steps=1).points[1], 0, atol=1e-15)
    escaping = descend("saddle", "saddle_free_newton", start, steps=20)
    # Newton's lengths, descent's directions: x is solved at once, y doubles with every step.
    np.testing.assert_allclose(escaping.points[1:, 0], 0, atol=1e-15)
    np.testing.assert_allclose(escaping.points[:, 1], 0.01 * 2.0 ** np.arange(21))


def test_newton_converges_to_every_kind_of_critical_point() -> None:
    for critical in critical_points("himmelblau"):
        run = descend("himmelblau", "newton", critical.point + 0.01, steps=10)
        np.testing.assert_allclose(run.points[-1], critical.point, atol=1e-9)


@pytest.mark.parametrize("key", ["saddle_free_newton", "damped_newton"])
def test_the_repairs_find_minima_near_every_critical_point(key: str) -> None:
    for critical in critical_points("himmelblau"):
        end = descend("himmelblau", key, critical.point + np.array([0.03, 0.02]), steps=100).points[-1]
        assert np.linalg.eigvalsh(hessian("himmelblau", end))[0] > 0
        assert np.abs(np.linalg.norm(end - [c.point for c in critical_points("himmelblau")], axis=1)).min() < 1e-8


def test_newton_with_a_singular_hessian_takes_the_shortest_step() -> None:
    np.testing.assert_allclose(one_step("newton", lambda p: (p[0] + p[1]) ** 2, [3.0, 1.0]), [1.0, -1.0], atol=1e-12)
    np.testing.assert_array_equal(one_step("newton", lambda p: p[0] - 2 * p[1], [3.0, 1.0]), [3.0, 1.0])
    np.testing.assert_array_equal(one_step("saddle_free_newton", lambda p: p[0] - 2 * p[1], [3.0, 1.0]), [3.0, 1.0])


def test_saddle_free_newton_is_damped_as_set() -> None:
    moved = one_step("saddle_free_newton", lambda p: p[0] ** 2 - p[1] ** 2, [1.0, 1.0], damping=2.0)
    np.testing.assert_allclose(moved, [0.5, 1.5])


def test_damped_newton_pauses_until_its_hessian_is_positive_definite() -> None:
    run = descend("saddle", "damped_newton", (1.0, 0.5), steps=4, damping=1e-2)
    np.testing.assert_array_equal(run.points[1:4], np.broadcast_to(run.points[0], (3, 2)))
    # λ = 10 is the first of .01, .1, 1, 10 above the negative curvature: the curvatures are 2 + 10 and −2 + 10.
    np.testing.assert_allclose(run.points[4], [1 - 2 / 12, 0.5 + 1 / 8])


def test_damped_newton_never_raises_the_loss_and_ends_as_newton() -> None:
    run = descend("rosenbrock", "damped_newton", steps=60)
    assert (np.diff(run.values) <= 0).all()
    np.testing.assert_allclose(run.points[-1], 1, atol=1e-12)


def test_more_than_two_dimensions() -> None:
    scales = jnp.array([1.0, 10.0, -3.0, 0.5])
    moved = one_step("newton", lambda p: scales @ p**2, [1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(moved, 0, atol=1e-12)
    moved = one_step("saddle_free_newton", lambda p: scales @ p**2, [1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(moved, [0, 0, 6, 0], atol=1e-12)


@given(st.floats(0, 3), st.floats(-3, 3), st.floats(-2, 2))
def test_jacobi_undoes_bad_conditioning_along_the_axes(power: float, x: float, y: float) -> None:
    run = descend(
        "ill_conditioned", "jacobi", (x, y), steps=5, knobs={"condition_number": 10**power}, learning_rate=0.5
    )
    np.testing.assert_allclose(run.points, np.outer(0.5 ** np.arange(6), [x, y]), atol=1e-12)


def test_jacobi_does_not_undo_a_turned_valley() -> None:
    # At 45° the diagonal is (κ + 1) / 2 twice: no better than gradient descent at that rate.
    turned = {"condition_number": 100.0, "angle": 45.0}
    preconditioned = descend("ill_conditioned", "jacobi", steps=50, knobs=turned, learning_rate=0.9)
    plain = descend("ill_conditioned", "gd", steps=50, knobs=turned, learning_rate=0.9 / 50.5)
    np.testing.assert_allclose(preconditioned.points, plain.points, atol=1e-12)


def test_jacobi_descends_along_negative_curvature_and_rests_without_any() -> None:
    moved = one_step("jacobi", lambda p: p[0] ** 2 - p[1] ** 2 + p[2], [1.0, 1.0, 1.0], learning_rate=1.0)
    np.testing.assert_allclose(moved, [0, 2, 1])
