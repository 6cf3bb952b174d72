"""What the lesson on local minima says is what is computed: its links' claims, its chances, its families."""

import numpy as np
import pytest

from landscapes import critical_points, value
from optim import descend
from pages.local_minima import LESSON
from pages.parts import minima
from stage.component import live_bank
from tests.pages.states import State, linked, state

LOWER, UPPER = (p for p in critical_points("tilted_double_well") if p.kind == "minimum")


def end(shown: State) -> np.ndarray:
    return shown.run().points[-1]


def test_link_the_wrong_side() -> None:
    shown = linked(LESSON, "The wrong side")
    assert shown.run().points[0] == pytest.approx((1.8, 1))
    assert end(shown) == pytest.approx(UPPER.point, abs=1e-6)
    assert UPPER.value - LOWER.value == pytest.approx(1.196, abs=1e-3)
    assert shown.text == (
        "Gradient descent ends in the local minimum (0.914, 0), loss 0.5755: 1.2 above the global one, behind a saddle "
        "0.47 higher."
    )


def test_link_the_right_side() -> None:
    shown = linked(LESSON, "The right side")
    assert end(shown) == pytest.approx(LOWER.point, abs=1e-6)
    assert "ends in the global minimum (−1.07, 0)" in shown.text


def test_link_a_longer_step() -> None:
    shown = linked(LESSON, "A longer step")
    run = shown.run()
    assert run.points[0][0] > 0.16 > run.points[1][0]
    assert end(shown) == pytest.approx(LOWER.point, abs=1e-6)


def test_link_noise_cooled() -> None:
    shown = linked(LESSON, "Noise, cooled")
    assert end(shown) == pytest.approx(LOWER.point, abs=0.1)
    assert (shown.run().points[:, 0] > 0.2).any()


def test_link_two_equals() -> None:
    shown = linked(LESSON, "Two equals")
    heights = [p.value for p in critical_points("tilted_double_well", tilt=0.0) if p.kind == "minimum"]
    assert heights == pytest.approx([0, 0], abs=1e-12)
    assert "ends in a global minimum" in shown.text


def test_link_one_well_left() -> None:
    shown = linked(LESSON, "One well left")
    assert [p.kind for p in critical_points("tilted_double_well", tilt=1.7)] == ["minimum"]
    assert end(shown)[0] < -1
    for tilt, wells in ((minima.LAST_TILT - 0.01, 2), (minima.LAST_TILT + 0.01, 1)):
        assert sum(p.kind == "minimum" for p in critical_points("tilted_double_well", tilt=tilt)) == wells
    assert f"{minima.LAST_TILT:.2f}" == "1.54"


def test_link_stopped_and_no_minimum() -> None:
    shown = linked(LESSON, "No minimum")
    run = shown.run()
    assert run.values[-10:] == pytest.approx(run.values[-1], rel=5e-3)
    assert np.hypot(*run.gradients[-1]) > 49
    said = minima.verdict(shown.reading.setup, run)
    assert "not small" in said and "this is no minimum" in said


def test_link_a_curve_of_minima() -> None:
    shown = linked(LESSON, "A curve of minima")
    assert np.prod(end(shown)) == pytest.approx(1)
    assert shown.run().values[-1] < 1e-20
    for a in (0.5, 1.0, -2.0):
        assert value("two_layer_linear", (a, 1 / a)) < 1e-30


def test_link_weight_decay_picks_two() -> None:
    shown = linked(LESSON, "Weight decay")
    assert np.abs(end(shown)) == pytest.approx([np.sqrt(0.7)] * 2, abs=5e-3)
    assert sum(p.kind == "minimum" for p in critical_points("two_layer_linear", weight_decay=0.3)) == 2


def test_link_half_of_it_dead() -> None:
    shown = linked(LESSON, "Half of it dead")
    run = shown.run()
    assert not run.gradients.any()
    assert (run.points == run.points[0]).all()
    assert run.values[-1] == 0.5


def test_link_a_bad_one_without_hidden_units() -> None:
    shown = linked(LESSON, "A bad one")
    best, worst = (p for p in critical_points("spurious_minimum") if p.kind == "minimum")
    assert end(shown) == pytest.approx(worst.point, abs=0.03)
    assert worst.value / best.value == pytest.approx(1.9, abs=0.02)
    assert worst.eigenvalues[0] > 0


def test_link_right_and_then_wrong() -> None:
    shown = linked(LESSON, "Right, and then wrong")
    run = shown.run()

    def separates(weight: float, threshold: float) -> bool:
        inputs = np.array([-1, 0, 1, 2, 6, 10])
        return bool((np.sign(weight * inputs + threshold) == np.where(inputs < 0, -1, 1)).all())

    assert separates(*run.points[0]) and not separates(*run.points[-1])
    assert run.values[-1] < run.values[0]


def test_the_verdict_knows_a_critical_point_and_a_run_that_still_moves() -> None:
    arrived, moving = state(LESSON), state(LESSON, steps="10", learning_rate="0.005")
    assert "at, or very near, a critical point" in minima.verdict(arrived.reading.setup, arrived.run())
    assert "still changing" in minima.verdict(moving.reading.setup, moving.run())
    thrown = state(LESSON, learning_rate="0.3")
    assert "diverged at step" in minima.verdict(thrown.reading.setup, thrown.run())


def test_restarts_are_runs_and_their_chance_is_a_share() -> None:
    setup = state(LESSON).reading.setup
    losses, lowest = minima.reached(minima.essence(setup))
    assert lowest == pytest.approx(LOWER.value)
    drawn, share = minima.restarts(setup, 200)
    assert len(drawn) == 200
    assert (drawn == minima.restarts(setup, 200)[0]).all()
    # Runs from starts of our own, in the engine: the share agrees within four standard errors.
    rng = np.random.default_rng(5)
    ends = [
        descend("tilted_double_well", "gd", rng.uniform((-2, -1.5), (2, 1.5)), steps=200, learning_rate=0.05).values[-1]
        for _ in range(300)
    ]
    assert np.mean(np.array(ends) < 0) == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 300))
    assert set(np.round(losses, 2)) == {-0.62, 0.58}


def test_the_best_of_many() -> None:
    assert minima.best_of(0.25, 1) == 0.25
    assert minima.best_of(0.5, 3) == pytest.approx(7 / 8)
    rng = np.random.default_rng(0)
    hits = (rng.random((20_000, 6)) < 0.2).any(axis=1).mean()
    # Four standard errors of the sampled share.
    assert minima.best_of(0.2, 6) == pytest.approx(hits, abs=4 * np.sqrt(0.25 / 20_000))
    assert minima.starts_needed(0.5) == "7 starts make it 99 % sure"
    assert minima.starts_needed(0.0) == "no number of starts helps"
    assert minima.starts_needed(1.0) == "one start is enough"


def test_cooled_noise_gets_further_than_steady_noise() -> None:
    shares = minima.crossings()
    assert max(shares["cooled"]) > 3 * max(shares["constant"])
    # Too little never climbs, too much does not settle.
    assert all(values[0] == 0 and values[-1] < 0.1 for values in shares.values())


def test_a_family_is_equal_in_loss_and_apart_in_place() -> None:
    rows = minima.images(minima.family())
    assert len(rows) == 8
    assert len({row["loss"] for row in rows}) == 1
    assert len({row["w₁"] + row["w₂"] + row["b₁"] + row["a₁"] for row in rows}) == 8


def test_a_sentence_for_every_position() -> None:
    for said in ({}, {"optimizers": "gd momentum"}, {"surface": "himmelblau"}, {"surface": "soft_margin_svm"}):
        shown = state(LESSON, **said)
        for live in shown.reading.lives:
            bank = live_bank(shown.reading.setup, shown.reading.lives, live.name)
            texts = [LESSON.narrate(shown.reading.setup, bank, v) for v in range(len(bank.positions))]
            assert all(text.endswith(".") and "nan" not in text.lower() for text in texts)
