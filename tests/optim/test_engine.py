"""Runs, sweeps, and what is cut from them."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscapes import SURFACES, gradient, hessian, value
from landscapes.caption import Caption
from landscapes.surface import Surface
from optim import SCHEDULES, descend, find_optimizer, sweep
from optim.blocks import BLOCK, draw, run_block
from optim.engine import FAR
from tests.compilations import Compilations, variants

FIELDS = ("points", "values", "gradients", "hessians")


def made_surface(f: Callable[..., Any]) -> Surface:
    """A surface for one test, outside the registry."""
    return Surface("made", Caption("", "", "", ""), f, (-1, 1, -1, 1), (0.5, 0.5), np.empty((0, 2)), {})


def test_the_seed_numbers() -> None:
    run = descend("ill_conditioned", "gd", (0.5, 1.0), steps=1, knobs={"condition_number": 100}, learning_rate=0.05)
    # A step that makes things worse: the gradient is (50, 1), and the loss goes from 13 to 200.45.
    np.testing.assert_allclose(run.gradients[0], [50, 1])
    np.testing.assert_allclose(run.points[1], [-2, 0.95])
    np.testing.assert_allclose(run.values, [13, (100 * 4 + 0.95**2) / 2], rtol=1e-12)
    np.testing.assert_allclose(run.values[1], 200.45, atol=0.005)


@given(st.floats(0, 3), st.floats(-90, 90), st.floats(-3, 3), st.floats(-2, 2), st.floats(-4, -1.5))
def test_two_taylor_terms_are_the_whole_change_on_a_quadratic(
    power: float, angle: float, x: float, y: float, rate: float
) -> None:
    knobs = {"condition_number": 10**power, "angle": angle}
    run = descend("ill_conditioned", "gd", (x, y), steps=10, knobs=knobs, learning_rate=10**rate)
    scale = np.abs(run.linear) + np.abs(run.quadratic) + np.abs(run.values[1:]) + np.abs(run.values[:-1])
    assert (np.abs(run.linear + run.quadratic - np.diff(run.values)) <= 1e-12 * scale).all()
    np.testing.assert_allclose(run.quadratic, run.curvatures[:-1] * 10 ** (2 * rate) / 2, rtol=1e-6, atol=1e-12)


@given(st.floats(0, 3), st.floats(-90, 90), st.floats(0.05, 1.95))
def test_gradient_descent_descends_exactly_below_two_over_the_largest_curvature(
    power: float, angle: float, share: float
) -> None:
    knobs = {"condition_number": 10**power, "angle": angle}
    steep = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))])
    below = descend("ill_conditioned", "gd", (0.5, 1.0), steps=5, knobs=knobs, learning_rate=share / 10**power)
    above = descend("ill_conditioned", "gd", steep, steps=5, knobs=knobs, learning_rate=(2 + share / 10) / 10**power)
    assert (np.diff(below.values) < 0).all()
    assert (np.diff(above.values) > 0).all()


def test_what_is_recorded_is_what_the_surface_says() -> None:
    run = descend("himmelblau", "momentum", steps=BLOCK + 5)
    assert [getattr(run, name).shape for name in FIELDS] == [(106, 2), (106,), (106, 2), (106, 2, 2)]
    for k in (0, 1, BLOCK - 1, BLOCK, BLOCK + 5):
        np.testing.assert_allclose(run.values[k], value("himmelblau", run.points[k]), rtol=1e-12)
        np.testing.assert_allclose(run.gradients[k], gradient("himmelblau", run.points[k]), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(run.hessians[k], hessian("himmelblau", run.points[k]), rtol=1e-12)


@pytest.mark.parametrize("key", ["gd", "adam", "bfgs"])
@pytest.mark.parametrize("steps", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 150])
def test_a_shorter_run_is_the_beginning_of_a_longer_one(key: str, steps: int) -> None:
    long = descend("himmelblau", key, steps=3 * BLOCK, noise=1.0, seed=3)
    short = descend("himmelblau", key, steps=steps, noise=1.0, seed=3)
    assert short.points.shape == (steps + 1, 2)
    assert short.moves.shape == (steps, 2)
    assert short.linear.shape == short.quadratic.shape == (steps,)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(short, name), getattr(long, name)[: steps + 1])


def test_divergence_is_cut_and_dated() -> None:
    # x doubles its distance with every step: 2^k · 1 is beyond the bound from the first k with 2^k > FAR · 10.24.
    run = descend("sphere", "gd", (1.0, 0.0), steps=100, learning_rate=1.5)
    bound = FAR * (SURFACES["sphere"].box[1] - SURFACES["sphere"].box[0])
    assert run.diverged_at == int(np.floor(np.log2(bound))) + 1
    assert len(run.points) == len(run.values) == run.diverged_at
    np.testing.assert_allclose(run.points[:, 0], (-2.0) ** np.arange(run.diverged_at))
    assert np.isfinite(run.linear).all()
    assert len(run.linear) == run.diverged_at - 1


def test_a_value_that_is_no_number_ends_the_run() -> None:
    surface = made_surface(lambda p: jnp.log(p[0]) + p[1] ** 2)
    # x ← x − ½ / x: 0.8, 0.175, and then a negative number, of which there is no logarithm.
    run = descend(surface, "gd", (0.8, 0.0), steps=10, learning_rate=0.5)
    assert run.diverged_at == 2
    np.testing.assert_allclose(run.points[:, 0], [0.8, 0.175])


def test_a_start_without_a_value_leaves_nothing() -> None:
    run = descend(made_surface(lambda p: jnp.log(p[0]) + p[1] ** 2), "gd", (-1.0, 0.0), steps=10)
    assert run.diverged_at == 0
    assert run.points.shape == (0, 2)
    assert len(run.values) == len(run.linear) == len(run.quadratic) == 0


@pytest.mark.parametrize(
    ("surface", "rates", "how"),
    [
        (
            "himmelblau",
            np.geomspace(1e-4, 1e-2, 11),
            {"clip_norm": 50.0, "noise": 0.5, "seed": 4, "schedule": "cosine"},
        ),
        ("ill_conditioned", np.geomspace(1e-3, 10, 9), {}),
    ],
)
def test_a_sweep_s_rows_are_runs(surface: str, rates: np.ndarray, how: dict[str, Any]) -> None:
    swept = sweep(surface, "gd", values=rates, steps=150, **how)
    assert swept.points.shape == (len(rates), 151, 2)
    for row, rate in enumerate(rates):
        run, taken = descend(surface, "gd", steps=150, learning_rate=rate, **how), swept.run(row)
        assert taken.diverged_at == run.diverged_at
        for name in FIELDS:
            np.testing.assert_allclose(getattr(taken, name), getattr(run, name), rtol=1e-9, atol=1e-9)


def test_a_sweep_is_blank_from_where_a_run_was_cut() -> None:
    swept = sweep("sphere", "gd", (1.0, 0.0), values=[0.1, 1.5], steps=100)
    assert swept.diverged_at[0] == -1
    cut = swept.diverged_at[1]
    assert cut > 0
    for name in FIELDS:
        assert np.isfinite(getattr(swept, name)[0]).all()
        assert np.isfinite(getattr(swept, name)[1, :cut]).all()
        assert np.isnan(getattr(swept, name)[1, cut:]).all()
    assert np.isfinite(swept.linear[1, : cut - 1]).all()
    assert np.isnan(swept.linear[1, cut - 1 :]).all()


@pytest.mark.parametrize(
    ("over", "values", "alone"),
    [
        ("momentum", [0.5, 0.9], {}),
        ("condition_number", [2.0, 50.0], None),
        ("clip_norm", [0.1, np.inf], {}),
        ("clip_value", [0.1, 2.0], {}),
        ("noise", [0.0, 1.0], {}),
        ("x", [-1.0, 2.0], None),
        ("y", [-1.0, 2.0], None),
    ],
)
def test_any_number_can_be_swept(over: str, values: list[float], alone: dict[str, float] | None) -> None:
    swept = sweep("ill_conditioned", "momentum", (0.5, 1.0), over=over, values=values, steps=20, learning_rate=1e-3)
    for row, number in enumerate(values):
        how: dict[str, Any] = {over: number} if alone is not None else {}
        start = {"x": (number, 1.0), "y": (0.5, number)}.get(over, (0.5, 1.0))
        knobs = {over: number} if over == "condition_number" else {}
        run = descend("ill_conditioned", "momentum", start, steps=20, learning_rate=1e-3, knobs=knobs, **how)
        np.testing.assert_allclose(swept.run(row).points, run.points, rtol=1e-12)
    assert swept.over == over


def test_noise_cools_at_the_rate_it_says() -> None:
    how = {"steps": 2 * BLOCK, "noise": 2.0, "learning_rate": 0.1, "seed": 7}
    steady, cooled = (descend("sphere", "gd", (0.0, 0.0), cooling=c, **how) for c in (0.0, 0.03))
    drawn, shrunk = (-(run.moves / 0.1 + run.gradients[:-1]) for run in (steady, cooled))
    factors = np.exp(-0.03 * np.arange(2 * BLOCK))
    np.testing.assert_allclose(shrunk, drawn * factors[:, None], rtol=1e-6, atol=1e-12)


def test_noise_has_the_standard_deviation_it_says() -> None:
    run = descend("sphere", "gd", (0.0, 0.0), steps=2000, noise=2.0, learning_rate=0.1, seed=7)
    drawn = -(run.moves / 0.1 + run.gradients[:-1])
    np.testing.assert_allclose(drawn.std(axis=0), 2.0, rtol=0.1)
    np.testing.assert_allclose(drawn.mean(axis=0), 0.0, atol=0.2)
    # No draw comes twice: every block of steps has its own.
    assert len(np.unique(drawn.round(9), axis=0)) == 2000


@pytest.mark.parametrize(
    ("how", "named"),
    [
        ({"start": (np.nan, 1.0)}, "start must be two finite numbers"),
        ({"start": (np.inf, 1.0)}, "start must be two finite numbers"),
        ({"start": (1.0, 2.0, 3.0)}, "start must be two finite numbers"),
        ({"start": 1.0}, "start must be two finite numbers"),
        ({"steps": -1}, "steps and seed must be 0 or more, not -1"),
        ({"seed": -1}, "steps and seed must be 0 or more"),
        ({"clip_norm": np.nan}, "clip_norm must be finite"),
        ({"clip_norm": -1.0}, "clip_norm must be greater than 0, not -1.0"),
        ({"clip_norm": 0.0}, "clip_norm must be greater than 0"),
        ({"clip_value": np.nan}, "clip_value must be finite"),
        ({"clip_value": -2.0}, "clip_value must be greater than 0"),
        ({"noise": -1.0}, "noise must be 0 or more"),
        ({"noise": np.nan}, "noise must be finite"),
        ({"cooling": -0.1}, "cooling must be 0 or more"),
        ({"batch_size": 10}, "ill_conditioned is no mean over examples"),
        ({"learning_rate": np.nan}, "learning_rate must be finite"),
        ({"learning_rate": np.inf}, "learning_rate must be finite"),
        ({"knobs": {"angle": np.nan}}, "angle must be finite"),
    ],
)
def test_numbers_that_cannot_be_used_are_named(how: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        descend("ill_conditioned", "gd", **how)


@pytest.mark.parametrize(
    ("over", "values", "named"),
    [
        ("learning_rate", [], "values of learning_rate must not be empty"),
        ("learning_rate", [0.1, np.nan], "learning_rate must be finite"),
        ("clip_norm", [1.0, -1.0], "clip_norm must be greater than 0"),
        ("x", [np.inf], "x must be finite"),
    ],
)
def test_values_that_cannot_be_swept_are_named(over: str, values: list[float], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        sweep("ill_conditioned", "gd", over=over, values=values)


def test_unknown_names_are_named() -> None:
    with pytest.raises(TypeError, match=r"gd has no momentum; it has learning_rate"):
        descend("sphere", "gd", momentum=0.9)
    with pytest.raises(TypeError, match="cannot sweep over 'speed'; there are learning_rate"):
        sweep("sphere", "gd", over="speed", values=[1.0])
    with pytest.raises(KeyError, match="unknown surface"):
        descend("sphere of influence", "gd")
    with pytest.raises(KeyError, match="unknown optimizer"):
        descend("sphere", "sgd of old")


@pytest.mark.parametrize("key", ["gd", "adam", "bfgs", "damped_newton", "radam"])
def test_no_slider_recompiles(key: str, compilations: Compilations) -> None:
    rated = "learning_rate" in find_optimizer(key).knobs
    over = "learning_rate" if rated else "noise"
    descend("ill_conditioned", key, steps=250)
    sweep("ill_conditioned", key, over=over, values=np.linspace(0.01, 0.1, 7))
    of = SURFACES["ill_conditioned"], find_optimizer(key)
    kept = variants(run_block, *of)
    rate: dict[str, float] = {"learning_rate": 0.02} if rated else {}
    with compilations() as found:
        descend("ill_conditioned", key, (1, -1), **rate)
        descend("ill_conditioned", key, np.array([0.25, 0.5], np.float32), steps=0)
        descend("ill_conditioned", key, knobs={"condition_number": 3, "angle": 20.0}, steps=333)
        descend("ill_conditioned", key, clip_norm=1, clip_value=0.5, noise=1, seed=5)
        descend("ill_conditioned", key, seed=np.int64(2**40))  # type: ignore[arg-type]
        for schedule in SCHEDULES:
            descend("ill_conditioned", key, schedule=schedule, steps=np.int32(120))  # type: ignore[arg-type]
        for name in find_optimizer(key).knobs:
            descend("ill_conditioned", key, **{name: 0.3})
        # From five to eight positions share a shape.
        sweep("ill_conditioned", key, over="angle", values=[0, 1, 2, 3, 4])
        sweep("ill_conditioned", key, over="x", values=np.arange(8))
        sweep("ill_conditioned", key, over="clip_norm", values=np.arange(1, 7), noise=0.5)
    assert found[0] == 0
    assert variants(run_block, *of) == kept > 0


def test_no_batch_size_recompiles(compilations: Compilations) -> None:
    key = "generated_regression"
    descend(key, "gd", steps=250)
    sweep(key, "gd", over="batch_size", values=np.arange(1, 8))
    of = SURFACES[key], find_optimizer("gd")
    kept = variants(run_block, *of)
    with compilations() as found:
        for size in (1, 7, 50.0, 100, None):
            descend(key, "gd", batch_size=size, learning_rate=0.3, seed=2)
        descend(key, "gd", batch_size=3, schedule="cosine", noise=0.1, clip_norm=2)
        sweep(key, "gd", over="batch_size", values=[1, 2, 4, 8, 16, 32], learning_rate=0.01)
        sweep(key, "gd", over="learning_rate", values=np.linspace(0.1, 0.2, 8), batch_size=9)
    assert found[0] == 0
    assert variants(run_block, *of) == kept > 0


@pytest.mark.parametrize("key", ["generated_regression", "iris_logistic"])
def test_a_minibatch_step_is_the_mean_gradient_of_the_drawn_examples(key: str) -> None:
    surface = SURFACES[key]
    run = descend(key, "gd", steps=120, batch_size=7, learning_rate=0.2, seed=4)
    assert surface.examples
    for step in (0, 1, 99, 100, 119):
        rows = draw(4, step // BLOCK, surface.examples.count)["rows"][step % BLOCK][:7]
        slopes = jax.jacobian(surface.examples.losses)(jnp.asarray(run.points[step]))[rows]
        np.testing.assert_allclose(run.moves[step], -0.2 * np.asarray(slopes).mean(axis=0), rtol=1e-9, atol=1e-12)
    # What is recorded is the surface's own gradient, not the estimate.
    np.testing.assert_allclose(run.gradients[5], gradient(key, run.points[5]), rtol=1e-9)


def test_minibatch_runs_repeat_for_a_seed_and_a_whole_batch_is_the_exact_run() -> None:
    how = {"steps": 150, "learning_rate": 0.2}
    runs = [descend("diabetes_regression", "gd", batch_size=5, seed=seed, **how).points for seed in (0, 0, 1)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.allclose(runs[0], runs[2])
    swept = sweep("diabetes_regression", "gd", over="batch_size", values=[1, 5, np.inf], **how)
    np.testing.assert_allclose(swept.points[1], runs[0], rtol=1e-10)
    np.testing.assert_allclose(swept.points[2], descend("diabetes_regression", "gd", **how).points, rtol=1e-10)


@pytest.mark.parametrize("size", [0, -1, 2.5, 101, np.nan])
def test_a_batch_of_no_size_is_named(size: float) -> None:
    with pytest.raises(ValueError, match="batch_size must be"):
        descend("iris_logistic", "gd", batch_size=size)


def test_the_count_of_compilations_counts(compilations: Compilations) -> None:
    surface = made_surface(lambda p: p @ p)
    with compilations() as found:
        descend(surface, "gd")
    assert found[0] > 0
