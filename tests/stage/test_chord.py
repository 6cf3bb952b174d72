"""Samples of a curve are the function, holes and kinks included, and the search finds what breaks the inequality."""

import jax
import numpy as np
import pytest

from landscapes import Curve, parse_curve
from stage import chord
from stage.bank import unpack
from stage.chord import CELLS, STRIDE, Samples, evaluate, find_broken, hermite, positions, sample

LOW, HIGH = -3.0, 3.0
CONVEX = (
    "x^2",
    "x^4",
    "abs(x)",
    "exp(x)",
    "max(0, 1-x)",
    "ln(1+exp(-x))",
    "max(abs(x)-1, 0)^2",
    "2x+1",
    "5",
    "x^2+1e9",
)
BROKEN = ("(x^2-1)^2+0.6x", "sin(x)", "x^3", "sqrt(abs(x))", "-x^2", "min(x, 1)", "1/x", "ln(x)", "exp(-500x^2)")
KINKED = ("abs(x - 1/3)", "max(0, 0.7 - 3x)", "sqrt(abs(x - 0.1234))", "min(abs(x-1), abs(x+1.7))", "sqrt(x)")


def sampled(text: str, low: float = LOW, high: float = HIGH) -> tuple[Curve, Samples]:
    curve = parse_curve(text)
    samples = sample(curve, low, high)
    assert samples is not None
    return curve, samples


def spread(samples: Samples) -> float:
    return samples.view[1] - samples.view[0]


def above(curve: Curve, a: float, b: float, alpha: float) -> float:
    """How far the curve is above the chord, one scalar after another."""
    f = curve.f
    return float(f(alpha * a + (1 - alpha) * b) - alpha * f(a) - (1 - alpha) * f(b))


@pytest.mark.parametrize("text", [*CONVEX, "(x^2-1)^2+0.6x", "sin(x)"])
def test_nodes_have_the_values_and_slopes_of_the_function(text: str) -> None:
    curve, samples = sampled(text)
    for index in (0, 137, 611, CELLS):
        x = samples.grid[index]
        node = int(np.searchsorted(samples.x, x))
        assert samples.x[node] == x
        assert samples.f[node] == samples.heights[index] == pytest.approx(float(curve.f(x)), rel=1e-14, abs=1e-14)
        assert samples.slope[node] == pytest.approx(float(jax.grad(curve.f)(x)), rel=1e-14, abs=1e-14)


@pytest.mark.parametrize("text", [*CONVEX, *KINKED, "(x^2-1)^2+0.6x", "sin(x)", "sin(20x)", "exp(-500x^2)"])
def test_between_nodes_the_cubic_is_the_function(text: str) -> None:
    curve, samples = sampled(text)
    at = np.random.default_rng(0).uniform(LOW, HIGH, 5000)
    truth, _ = evaluate(curve, at)
    found = hermite(samples.x, samples.f, samples.slope, at)
    assert (np.isnan(found) == np.isnan(truth)).all()
    assert np.nanmax(np.abs(found - truth)) <= samples.tolerance / 5 + 1e-13 * np.nanmax(np.abs(truth))


def test_cubics_are_exact_and_need_no_more_nodes_than_the_grid() -> None:
    curve, samples = sampled("2x^3 - x^2 + 0.3x - 7")
    assert len(samples.x) == CELLS + 1
    at = np.linspace(LOW, HIGH, 4321)
    assert hermite(samples.x, samples.f, samples.slope, at) == pytest.approx(
        evaluate(curve, at)[0], rel=1e-13, abs=1e-13
    )


def test_nodes_crowd_where_the_curve_bends_at_once() -> None:
    _, samples = sampled("abs(x - 1/3)")
    added = np.setdiff1d(samples.x, samples.grid)
    assert 10 < len(added) < 100
    assert np.abs(added - 1 / 3).max() < (HIGH - LOW) / CELLS
    assert np.isfinite(samples.f).all() and (np.diff(samples.x) > 0).all()


@pytest.mark.parametrize(
    ("text", "low", "high", "inner"),
    [("ln(x)", 0, 3, False), ("1/x", -3, 3, True), ("sqrt(x^2-1)", -3, 3, True), ("asin(x)", -1, 1, False)],
)
def test_where_there_is_no_value_there_is_a_gap(text: str, low: float, high: float, inner: bool) -> None:
    curve, samples = sampled(text)
    assert samples.extent == pytest.approx((low, high), abs=0.0051)
    assert samples.holes == inner
    at = np.linspace(LOW, HIGH, 999)
    truth, _ = evaluate(curve, at)
    found = hermite(samples.x, samples.f, samples.slope, at)
    assert np.isnan(truth).any() and (np.isnan(found) == np.isnan(truth)).all()


def test_a_jump_and_a_pole_between_grid_points_are_gaps_too() -> None:
    for text in ("abs(x-1/3)/(x-1/3)", "1/(x-1/3)"):
        _, samples = sampled(text)
        assert np.isfinite(samples.heights).all()
        gaps = samples.x[np.isnan(samples.f)]
        assert len(gaps) and np.abs(gaps - 1 / 3).max() < 1e-8


def test_a_function_without_a_value_has_no_samples() -> None:
    assert sample(parse_curve("sqrt(-1-x^2)"), LOW, HIGH) is None
    assert sample(parse_curve("10^(200+x^2)"), LOW, HIGH) is None


def test_a_pole_does_not_flatten_the_rest_and_a_spike_is_shown() -> None:
    for text in ("1/x", "1/(x-1.0013)^2", "tan(x)"):
        _, samples = sampled(text)
        assert spread(samples) < 0.2 * np.ptp(samples.heights[np.isfinite(samples.heights)])
    for text in ("exp(-500x^2)", "x^4", "exp(4x)"):
        _, samples = sampled(text)
        assert samples.view[0] < samples.heights.min() and samples.view[1] > samples.heights.max()
    _, level = sampled("5")
    assert level.view[0] < 5 < level.view[1]


@pytest.mark.parametrize("text", CONVEX)
def test_no_chord_of_a_convex_function_is_broken(text: str) -> None:
    curve, _ = sampled(text)
    found = find_broken(curve, LOW, HIGH)
    pairs = (CELLS // STRIDE + 1) * (CELLS // STRIDE) // 2
    assert found.worst is None and found.above == 0
    assert found.chords == pairs + CELLS - 1
    assert found.points == pairs * (STRIDE - 1) + CELLS - 1


@pytest.mark.parametrize("text", BROKEN)
def test_the_chord_that_is_found_is_broken(text: str) -> None:
    curve, samples = sampled(text)
    found = find_broken(curve, LOW, HIGH)
    assert found.worst is not None
    a, b, alpha = found.worst
    assert LOW <= a < b <= HIGH and 0 < alpha < 1
    assert above(curve, *found.worst) == pytest.approx(found.above)
    assert found.above > samples.tolerance
    # No chord drawn at random is broken much more, as far as it is in the picture.
    random = np.random.default_rng(1).uniform(size=(3, 3000))
    ends = LOW + (HIGH - LOW) * random[:2]
    middle = random[2] * ends[0] + (1 - random[2]) * ends[1]
    heights, _ = evaluate(curve, np.stack([*ends, middle]))
    seen = ((heights >= samples.view[0]) & (heights <= samples.view[1])).all(axis=0)
    others = heights[2] - random[2] * heights[0] - (1 - random[2]) * heights[1]
    assert others[seen].max() <= 1.02 * found.above


def test_the_most_broken_chords_of_known_functions() -> None:
    assert find_broken(parse_curve("-x^2"), LOW, HIGH).worst == (-3, 3, 0.5)
    assert find_broken(parse_curve("-x^2"), LOW, HIGH).above == pytest.approx(9)
    assert find_broken(parse_curve("sin(x)"), -6, 6).above == pytest.approx(2, rel=1e-4)
    # From -3 the tangent point 1.5: 27/2 where the slope of the chord is the curve's.
    assert find_broken(parse_curve("x^3"), LOW, HIGH).above == pytest.approx(13.5, rel=1e-4)


def test_a_dent_narrower_than_the_pairs_are_apart_is_found() -> None:
    curve = parse_curve("x^2 + exp(-90000(x-1.0123)^2)/10000")
    found = find_broken(curve, LOW, HIGH)
    assert found.worst is not None
    a, b, _ = found.worst
    assert abs(a - 1.0123) < 0.05 and abs(b - 1.0123) < 0.05 and above(curve, *found.worst) > 0


def test_positions_include_the_value_that_is_set() -> None:
    assert len(positions(0.5)) == 201 and {0.0, 0.3, 0.5, 1.0} <= set(positions(0.5))
    assert len(positions(1 / 3)) == 202 and 1 / 3 in positions(1 / 3)
    assert (np.diff(positions(1 / 3)) > 0).all()


def test_the_message_has_the_curve_in_64_bits() -> None:
    _, samples = sampled("x^2")
    data = chord.chord_message(samples, -2, 2, 0.5, request={"seq": 7}, marks=((0.5, "the middle"),))
    header, groups = unpack(data)
    assert (header["seq"], header["a"], header["b"], header["alpha"]) == (7, -2, 2, 0.5)
    assert header["domain"] == [LOW, HIGH] and header["marks"] == [[0.5, "the middle"]]
    curve = groups["curve"]
    assert curve is not None
    for name, array in (("nodes", samples.x), ("heights", samples.f), ("slopes", samples.slope)):
        assert curve[name].dtype == np.float64
        assert (curve[name] == array).all()
