"""What the lesson on inexact gradients says is what is computed. Statistics have fixed seeds and stated confidence."""

import numpy as np
import pytest
from scipy.stats import binom

from landscapes import SURFACES, find_surface, gradient, hessian
from optim import descend
from optim.estimates import ensemble
from pages.noisy_gradients import LESSON
from pages.parts import noisy_gradients as noisy
from pages.parts import noisy_measured as measured
from tests.pages.opened import opened
from tests.pages.states import State, linked, state

PLACES = {key: (key, SURFACES[key].start) for key in noisy.with_examples()}


def away(shown: State, racer: int) -> float:
    (minimum,) = shown.reading.setup.found.minima
    return noisy.wandering(shown.run(racer), list(minimum))


def test_link_full_and_minibatch() -> None:
    shown = linked(LESSON, "Full and minibatch")
    assert [racer.key for racer in shown.reading.setup.racers] == ["gd", "gd:batch"]
    assert "Gradient descent, asks 100 examples a step" in shown.text
    assert "Gradient descent, minibatch, asks 10 examples a step" in shown.text
    assert away(shown, 0) < 1e-3 < 0.05 < away(shown, 1) < 0.3
    # Half way there the two are together: noise hardly matters far from the minimum.
    full, batch = shown.run(0).points, shown.run(1).points
    (minimum,) = shown.reading.setup.found.minima
    assert np.hypot(*(full[10] - batch[10])) < 0.2 * np.hypot(*(full[0] - minimum))


def test_link_one_example_a_step() -> None:
    one, ten = linked(LESSON, "One example a step"), linked(LESSON, "Full and minibatch")
    assert "asks 1 example a step" in one.text
    assert away(one, 1) > 2 * away(ten, 1)


def test_link_a_smaller_rate() -> None:
    slow, fast = linked(LESSON, "A smaller rate"), linked(LESSON, "One example a step")
    assert away(slow, 1) < away(fast, 1) / 1.8
    distances = [np.hypot(*(shown.run(0).points[10] - shown.reading.setup.found.minima[0])) for shown in (slow, fast)]
    assert distances[0] > distances[1]


def test_link_too_large_a_rate() -> None:
    shown = linked(LESSON, "Too large a rate")
    ((edge, label),) = noisy.marks(shown.reading.setup, "learning_rate")
    assert label == "2/λ₁" and 1.1 < edge < 1.5
    for racer in (0, 1):
        assert shown.run(racer).values[-1] > shown.run(racer).values[0]
    for factor, grows in ((0.99, False), (1.01, True)):
        run = descend("generated_regression", "gd", steps=500, learning_rate=factor * edge)
        assert (run.values[-1] > run.values[-2]) == grows


def test_link_other_rules() -> None:
    shown = linked(LESSON, "Other rules")
    for racer in range(3):
        assert shown.reading.setup.racers[racer].wrapper == "batch"
        assert 0.01 < away(shown, racer) < 0.5


@pytest.mark.parametrize("label", ["Diabetes", "Logistic regression", "Irises"])
def test_links_to_other_data(label: str) -> None:
    shown = linked(LESSON, label)
    start, minimum = shown.reading.setup.start, shown.reading.setup.found.minima[0]
    full, batch = shown.run(0), shown.run(1)
    assert full.diverged_at is batch.diverged_at is None
    assert max(full.values[-1], batch.values[-1]) < full.values[0] / 2
    assert away(shown, 0) < away(shown, 1) < np.hypot(*(np.array(start) - minimum))


def test_a_sentence_for_every_position() -> None:
    for said in ({}, {"surface": "himmelblau"}, {"optimizers": "adam:batch"}, {"surface": "iris_logistic"}):
        shown = state(LESSON, **said)
        texts = [LESSON.narrate(shown.reading.setup, shown.bank, v) for v in range(len(shown.bank.positions))]
        assert all(text.endswith(".") and "nan" not in text.lower() for text in texts)


def test_the_batch_size_is_whole_and_moves_the_minibatch_alone() -> None:
    shown = state(LESSON)
    assert shown.reading.lives[0].name == "batch_size"
    positions = shown.bank.positions
    assert (positions == positions.round()).all() and positions[0] == 1 and positions[-1] == 100
    assert len(shown.bank.runs[0].points) == 1 and len(shown.bank.runs[1].points) == len(positions)


def test_without_examples_the_minibatch_is_exact() -> None:
    shown = state(LESSON, surface="himmelblau")
    np.testing.assert_array_equal(shown.run(0).points, shown.run(1).points)
    assert "batch_size" not in {live.name for live in shown.reading.lives}
    assert shown.text.startswith("This surface is no mean over examples: every gradient is exact.")
    app = opened("noisy_gradients", surface="himmelblau")
    assert not app.exception
    assert "Diabetes, linear regression" in app.info[0].value


@pytest.mark.parametrize("key", PLACES)
def test_the_region_holds_the_full_gradient(key: str) -> None:
    """300 clouds: the count that hold it lies between the 0.1 % and 99.9 % points of the binomial with 95 %."""
    clouds = [noisy.cloud(PLACES[key], 10, seed) for seed in range(300)]
    low, high = binom.ppf([0.001, 0.999], 300, 0.95)
    assert low <= sum(cloud.holds for cloud in clouds) <= high
    for cloud in clouds[:3]:
        np.testing.assert_array_equal(cloud.full, gradient(*PLACES[key]))
        inside = cloud.region.distance(cloud.full) <= cloud.region.bound
        assert ("**inside**" if inside else "**outside**") in noisy.cloud_text(cloud)
        assert cloud.along > 0.9


def test_the_coverage_that_the_page_states() -> None:
    low, high = binom.ppf([0.001, 0.999], 1000, 0.95) / 1000
    assert low <= noisy.coverage() <= high


def test_a_region_that_is_too_small_would_be_found_out() -> None:
    clouds = [noisy.cloud(PLACES["iris_logistic"], 10, seed) for seed in range(300)]
    held = sum(cloud.region.distance(cloud.full) <= cloud.region.bound / 2 for cloud in clouds)
    assert held < binom.ppf(0.001, 300, 0.95)


@pytest.mark.parametrize("key", PLACES)
def test_the_spread_falls_like_one_over_the_root(key: str) -> None:
    """The measured slope is within its own 99.9 % bound of −1/2, and within 0.03."""
    found = noisy.spread(PLACES[key], 0)
    assert abs(found.slope + 0.5) < min(0.03, 2.1 * found.within)
    np.testing.assert_allclose(found.errors, found.single / np.sqrt(noisy.SIZES), rtol=0.12)
    assert "theory says −½" in noisy.spread_text(found)


def test_the_noise_ball_against_decaying_rates() -> None:
    """All at 95 % bounds over 64 seeds that do not overlap."""
    ball = measured.ball()
    for key in ("step", "cosine", "inverse_time", measured.AVERAGE):
        assert ball.high[key][-1] < ball.low["constant"][-1] / 2
    assert ball.high[measured.AVERAGE][-1] < min(ball.low[key][-1] for key in measured.DECAYS)
    # At the constant rate nothing improves after the arrival: the two halves of the rest are equal within 10 %.
    rest = ball.distance["constant"][200:] ** 2
    assert np.sqrt(rest[:400].mean() / rest[400:].mean()) == pytest.approx(1, abs=0.1)
    assert len(measured.ball_table(ball)["rate"]) == 5


def test_the_radius_of_the_ball_is_predicted_for_small_rates() -> None:
    """√(η tr(H⁻¹Σ)/2m) within 10 % over 64 seeds, and exactly like 1/√m."""
    runs = ensemble("generated_regression", "gd", steps=1200, batch_size=10, seeds=64, learning_rate=0.05)[0]
    (minimum,) = find_surface("generated_regression").minima
    found = np.sqrt(((runs[:, 600:] - minimum) ** 2).sum(axis=-1).mean())
    assert found == pytest.approx(measured.radius(0.05, 10), rel=0.1)
    assert measured.radius(0.2, 10) == pytest.approx(2 * measured.radius(0.2, 40))


def test_the_average_is_as_good_as_theory_allows() -> None:
    """Polyak and Juditsky: tr(H⁻¹ΣH⁻¹)/(m n) for an average of n; measured within 25 % at 64 seeds."""
    (minimum,) = find_surface("generated_regression").minima
    inverse = np.linalg.inv(hessian("generated_regression", minimum))
    slopes = noisy.example_gradients("generated_regression", minimum)
    counted = measured.STEPS - measured.AVERAGED
    law = np.sqrt(np.trace(inverse @ (slopes.T @ slopes / len(slopes)) @ inverse) / (measured.BATCH * counted))
    assert measured.ball().distance[measured.AVERAGE][-1] == pytest.approx(law, rel=0.25)


def test_numerical_gradients_have_a_best_width() -> None:
    found = measured.errors()
    (h1, e1), (h2, e2) = found.best("forward"), found.best("central")
    # About the square and the cube root of the rounding error 2.2e-16.
    assert 1e-9 < h1 < 1e-6 and 1e-10 < e1 < 1e-7
    assert 1e-7 < h2 < 1e-4 and 1e-13 < e2 < 1e-10
    narrow = (measured.WIDTHS > 1e-14) & (measured.WIDTHS < 1e-10)
    wide = (measured.WIDTHS > 1e-4) & (measured.WIDTHS < 1e-2)
    for kind, order in (("forward", 1), ("central", 2)):
        logs = np.log(measured.WIDTHS), np.log(found.by_kind[kind])
        assert np.polyfit(logs[0][narrow], logs[1][narrow], 1)[0] == pytest.approx(-1, abs=0.2)
        assert np.polyfit(logs[0][wide], logs[1][wide], 1)[0] == pytest.approx(order, abs=0.01)


def test_another_draw_is_in_the_address() -> None:
    app = opened("noisy_gradients", draw="7")
    assert not app.exception and not app.warning
    assert app.slider(key="setting_draw").value == 7
