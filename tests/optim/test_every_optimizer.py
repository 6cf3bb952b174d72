"""What holds for every optimizer, alone and with clipping, noise and schedules around it."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array

from landscapes import SURFACES
from optim import OPTIMIZERS, SCHEDULES, Trajectory, descend
from optim.oracle import exact

SIGN_ONLY = {"sign_gd", "rprop"}
"""Rules that no positive scaling of a gradient's components can change."""
DECAYING = {"adamw"}
"""Rules that pull towards the origin by default."""
WANDERING = {"yogi"}
"""Rules whose running mean does not start from 0: optax's Yogi starts it from 1e-6."""

every_optimizer = pytest.mark.parametrize("key", OPTIMIZERS)


def bowl(x: Array) -> Array:
    return jnp.sum(x**2 * jnp.arange(1, x.size + 1, dtype=x.dtype)) + jnp.sum(x**4) / 8


def run(key: str, **how: float | int | str | None) -> Trajectory:
    """From where the Hessian is positive definite, so that every rule moves at once."""
    return descend("himmelblau", key, (4.5, 2.5), steps=100, **how)  # type: ignore[arg-type]


def same(one: Trajectory, other: Trajectory) -> bool:
    return one.points.shape == other.points.shape and bool(np.allclose(one.points, other.points, rtol=0, atol=1e-12))


def sound(run: Trajectory) -> bool:
    return run.diverged_at is None and bool(np.isfinite(run.points).all() and np.isfinite(run.gradients).all())


@every_optimizer
def test_defaults_run_and_descend(key: str) -> None:
    plain = run(key)
    assert sound(plain)
    assert plain.values[-1] < plain.values[0]


@every_optimizer
def test_caption_and_code_are_there_to_show(key: str) -> None:
    rule = OPTIMIZERS[key]
    assert rule.key == key
    assert all((rule.caption.title, rule.caption.formula, rule.caption.notice, rule.caption.source))
    assert f"def {key}(" in rule.source
    assert rule.order in (1, 2)
    assert all(knob.contains(knob.default) for knob in rule.knobs.values())


@every_optimizer
def test_order_is_the_highest_derivative_asked_for(key: str) -> None:
    asked: set[int] = set()
    true = exact(bowl)

    def spy(order: int, answer: Array) -> Array:
        asked.add(order)
        return answer

    watched = type(true)(
        value=true.value,
        gradient=lambda x: spy(1, true.gradient(x)),
        hessian=lambda x: spy(2, true.hessian(x)),
    )
    rule, x = OPTIMIZERS[key], jnp.array([1.0, -2.0])
    hyper = rule.fill({})
    jax.eval_shape(lambda x: rule.step(watched, x, rule.init(x, hyper), hyper), x)
    assert max(asked) == rule.order


def sixty_steps(key: str, dtype: str, f: Callable[[Array], Array] = bowl) -> Callable[[Array], Array]:
    """From starts (V, n) to ends (V, n), batched and scanned: a scan refuses a state whose shape or dtype changes."""
    rule = OPTIMIZERS[key]
    hyper = {name: jnp.asarray(value, dtype) for name, value in rule.fill({}).items()}

    def one(x: Array) -> Array:
        carry = (x, rule.init(x, hyper))
        return jax.lax.scan(lambda c, _: (rule.step(exact(f), *c, hyper), None), carry, length=60)[0][0]

    return jax.vmap(one)


@every_optimizer
@pytest.mark.parametrize("dimension", [1, 2, 7])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shape_and_dtype_are_kept(key: str, dimension: int, dtype: str) -> None:
    start = jax.ShapeDtypeStruct((3, dimension), dtype)
    end = jax.eval_shape(sixty_steps(key, dtype), start)
    assert (end.shape, end.dtype) == (start.shape, start.dtype)


@every_optimizer
def test_five_dimensions_in_32_bits_descend(key: str) -> None:
    starts = jnp.linspace(-2, 2, 15, dtype="float32").reshape(3, 5)
    ends = jax.jit(sixty_steps(key, "float32"))(starts)
    assert np.isfinite(ends).all()
    assert (jax.vmap(bowl)(ends) < jax.vmap(bowl)(starts)).all()


@every_optimizer
def test_a_minimum_is_left_by_none_but_weight_decay(key: str) -> None:
    resting = descend("himmelblau", key, (3.0, 2.0), steps=50)
    assert sound(resting)
    if key not in DECAYING:
        leeway = 0.1 if key in WANDERING else 0
        np.testing.assert_allclose(resting.points, np.broadcast_to([3.0, 2.0], (51, 2)), rtol=0, atol=leeway)


@every_optimizer
def test_nothing_is_divided_by_zero(key: str) -> None:
    # The monkey saddle at 0 has neither gradient nor curvature, and 0 has no length.
    ends = jax.jit(sixty_steps(key, "float32", SURFACES["monkey_saddle"].f))(jnp.zeros((1, 2), "float32"))
    np.testing.assert_allclose(ends, 0, rtol=0, atol=0.1 if key in WANDERING else 0)


@pytest.mark.parametrize("surface", ["ackley", "easom"])
@pytest.mark.parametrize("key", ["adamax", "bfgs", "nonlinear_cg", "damped_newton", "saddle_free_newton", "lamb"])
def test_kinks_and_vanishing_gradients_make_no_nan(key: str, surface: str) -> None:
    starts = jnp.array([SURFACES[surface].minima[0], (60.0, 40.0), SURFACES[surface].start])
    assert np.isfinite(jax.jit(sixty_steps(key, "float64", SURFACES[surface].f))(starts)).all()


@every_optimizer
def test_clipping_by_norm_keeps_the_first_direction_and_changes_the_path(key: str) -> None:
    plain, clipped = run(key), run(key, clip_norm=1.0)
    assert sound(clipped)
    first, shortened = plain.moves[0], clipped.moves[0]
    cosine = first @ shortened / (np.linalg.norm(first) * np.linalg.norm(shortened))
    # Within one step the flow asks again and again, and a shortened answer leads to another place.
    assert cosine == pytest.approx(1, abs=0.2 if key == "gradient_flow" else 1e-4)
    assert same(plain, clipped) == (key in SIGN_ONLY)


@every_optimizer
def test_clipping_by_value_changes_the_path_of_all_but_sign_rules(key: str) -> None:
    clipped = run(key, clip_value=1.0)
    assert sound(clipped)
    assert same(run(key), clipped) == (key in SIGN_ONLY)


@every_optimizer
def test_thresholds_that_are_never_reached_change_nothing(key: str) -> None:
    assert same(run(key), run(key, clip_norm=1e9, clip_value=np.inf))


@every_optimizer
def test_noise_changes_the_path_and_a_seed_repeats_it(key: str) -> None:
    noisy = run(key, noise=5.0, seed=1)
    assert sound(noisy)
    assert not same(run(key), noisy)
    assert not same(run(key, noise=5.0, seed=2), noisy)
    np.testing.assert_array_equal(run(key, noise=5.0, seed=1).points, noisy.points)


@every_optimizer
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules_change_the_path_of_every_rule_with_a_rate(key: str, schedule: str) -> None:
    scheduled = run(key, schedule=schedule)
    assert sound(scheduled)
    assert same(run(key), scheduled) == (schedule == "constant" or "learning_rate" not in OPTIMIZERS[key].knobs)
