"""Line searches and the rules that rest on them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscapes import SURFACES, hessian
from optim import OPTIMIZERS, descend
from optim.line_search import LONGEST, SUFFICIENT, armijo, wolfe
from optim.oracle import exact

coordinates = st.floats(-4, 4).map(lambda value: round(value, 3))
conditions = st.floats(0, 3).map(lambda power: 10**power)


@jax.jit
def search_himmelblau(x: jax.Array, curvature: jax.Array) -> tuple[jax.Array, ...]:
    oracle = exact(SURFACES["himmelblau"].f)
    g = oracle.gradient(x)
    long, short = wolfe(oracle, x, -g, 1.0, curvature), armijo(oracle, x, -g, -g @ g, 1.0, 0.5, SUFFICIENT)

    def along(t: jax.Array) -> tuple[jax.Array, jax.Array]:
        return oracle.value(x - t * g), -oracle.gradient(x - t * g) @ g

    return long, short, *along(jnp.zeros(())), *along(long), *along(short), *along(2 * short)


@given(coordinates, coordinates, st.sampled_from([0.9, 0.1, 1e-3]))
def test_steps_meet_the_conditions_they_are_named_for(x: float, y: float, curvature: float) -> None:
    long, short, f, slope, f_long, slope_long, f_short, _, f_double, _ = search_himmelblau(jnp.array([x, y]), curvature)
    assert long > 0
    assert f_long <= f + SUFFICIENT * long * slope
    assert abs(slope_long) <= curvature * abs(slope)
    assert f_short <= f + SUFFICIENT * short * slope
    # Backtracking takes the first step that will do: the one before it would not have done.
    assert short == 1 or not f_double <= f + SUFFICIENT * 2 * short * slope


def test_a_search_uphill_takes_no_step() -> None:
    oracle = exact(SURFACES["sphere"].f)

    @jax.jit
    def uphill(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        g = oracle.gradient(x)
        return armijo(oracle, x, g, g @ g, 1.0, 0.5, 1e-4), wolfe(oracle, x, g, 1.0, 0.1)

    assert uphill(jnp.array([1.0, 2.0])) == (0, 0)


def test_a_search_into_infinite_heights_comes_back() -> None:
    oracle = exact(lambda p: -jnp.log(p[0]) - jnp.log(3 - p[0]))

    @jax.jit
    def ends(x: jax.Array) -> tuple[jax.Array, ...]:
        g = oracle.gradient(x)
        steps = wolfe(oracle, x, -g, 1.0, 0.1), armijo(oracle, x, -g, -g @ g, 1.0, 0.5, 1e-4)
        return tuple((x - t * g)[0] for t in steps)

    for end in ends(jnp.array([0.01])):
        assert 0.01 < end < 2.99


@pytest.mark.parametrize("key", ["gd_line_search", "nonlinear_cg", "bfgs"])
@pytest.mark.parametrize("surface", ["himmelblau", "rosenbrock"])
def test_the_loss_never_rises(key: str, surface: str) -> None:
    run = descend(surface, key, steps=100)
    assert run.diverged_at is None
    assert (np.diff(run.values) <= 0).all()
    assert run.values[-1] < run.values[0]


@given(conditions, st.floats(-90, 90), coordinates, coordinates)
def test_conjugate_gradients_take_two_exact_steps_on_a_quadratic(
    kappa: float, angle: float, x: float, y: float
) -> None:
    run = descend(
        "ill_conditioned",
        "nonlinear_cg",
        (x, y),
        steps=2,
        knobs={"condition_number": kappa, "angle": angle},
        curvature=1e-9,
    )
    assert np.linalg.norm(run.points[2]) <= 1e-6 * (1 + np.linalg.norm(run.points[0]))


def test_conjugate_gradients_first_step_is_steepest_descent() -> None:
    run = descend("rosenbrock", "nonlinear_cg", steps=1)
    move, g = run.moves[0], run.gradients[0]
    assert move @ -g == pytest.approx(np.linalg.norm(move) * np.linalg.norm(g))


def test_bfgs_converges_superlinearly() -> None:
    run = descend("rosenbrock", "bfgs", steps=100)
    error = np.linalg.norm(run.points - 1, axis=1)
    shrinks = (error[1:] / np.where(error[:-1] > 0, error[:-1], 1))[error[:-1] > 1e-9]
    converging = shrinks[np.flatnonzero(error[:-1][: len(shrinks)] < 0.1)[0] :]
    assert error[-1] < 1e-9
    assert converging[-1] < 0.05
    assert converging[-1] < converging[0]


def test_bfgs_learns_the_inverse_hessian() -> None:
    rule, f = OPTIMIZERS["bfgs"], SURFACES["himmelblau"].f
    x = jnp.asarray(SURFACES["himmelblau"].start, jnp.float64)
    hyper, state = rule.fill({}), rule.init(x, {})
    step = jax.jit(lambda x, state: rule.step(exact(f), x, state, hyper))
    for _ in range(15):
        x, state = step(x, state)
    np.testing.assert_allclose(state[0] @ hessian("himmelblau", x), np.eye(2), atol=0.05)


def test_bfgs_ignores_a_step_without_upward_curvature() -> None:
    rule = OPTIMIZERS["bfgs"]
    downward = exact(lambda p: -p @ p)
    x = jnp.array([2.0, 1.0])
    moved, state = rule.step(downward, x, rule.init(x, {}), rule.fill({}))
    # There is no floor to reach, so that the search gives up at its longest step.
    np.testing.assert_allclose(moved, x * (1 + 2 * LONGEST))
    np.testing.assert_array_equal(state[0], np.eye(2))
