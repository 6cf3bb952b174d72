"""What the lesson on saddles says is what is computed: its links' claims, its escape times, its maps."""

import numpy as np
import pytest

from landscapes import critical_points, gradient, hessian
from optim import OPTIMIZERS, descend
from pages.parts.saddles import CAUGHT, ESCAPES, MAPPED, OFFSETS, caught, escape_steps, escaped_at, price, share_caught
from pages.saddles import LESSON
from stage.scene import PAST, make_scene
from tests.pages.states import State, linked, state


def level(shown: State) -> float:
    found = make_scene(shown.reading.setup.surface, shown.reading.setup.knobs)[1]["past_saddles"]
    assert found is not None
    return float(found)


def past(shown: State, racer: int = 0) -> int | None:
    return escaped_at(shown.run(racer), level(shown))


def test_the_seeds_saddle() -> None:
    assert gradient("saddle", (0.7, -0.4)) == pytest.approx((1.4, 0.8))
    assert hessian("saddle", (0, 0)) == pytest.approx(np.diag([2.0, -2.0]))
    (point,) = critical_points("saddle")
    assert (point.kind, point.point) == ("saddle", pytest.approx((0, 0), abs=1e-12))
    assert level(state(LESSON)) == pytest.approx(-8 * PAST, rel=1e-3)


def test_link_on_the_ridge() -> None:
    shown = linked(LESSON, "On the ridge")
    run = shown.run()
    assert (run.points[:, 1] == 0).all()
    assert np.hypot(*run.gradients[-1]) < 1e-15
    assert shown.text.startswith("On the ridge ∂f/∂y is exactly 0")
    assert "is not past the saddle after 200 steps" in shown.text


def test_link_off_by_a_trillionth() -> None:
    shown = linked(LESSON, "Off by 10⁻¹²")
    assert past(shown) == pytest.approx(147, abs=1)
    assert "multiplies x by 0.8 and y by 1.2" in shown.text
    assert shown.run().points[1] == pytest.approx([0.8 * 1.5, 1.2e-12])


def test_link_who_gets_away_first() -> None:
    shown = linked(LESSON, "Who gets away first")
    steps = {racer.optimizer: past(shown, i) for i, racer in enumerate(shown.reading.setup.racers)}
    assert all(steps.values())
    assert steps["adam"] == min(steps.values(), key=lambda step: step or 0)
    nearer = state(LESSON, optimizers="adam", y="1e-12")
    assert (past(nearer) or 0) - (steps["adam"] or 0) <= 2


def test_link_a_little_noise() -> None:
    shown = linked(LESSON, "A little noise")
    assert past(shown, 0) is None
    assert past(shown, 1) is not None


def test_link_newton_walks_in() -> None:
    shown = linked(LESSON, "Newton walks in")
    newton, free = shown.run(0), shown.run(1)
    assert newton.points[1] == pytest.approx((0, 0), abs=1e-15)
    assert free.points[1] == pytest.approx((0, 0.2))
    assert free.values[1] < newton.values[1] < newton.values[0]


def test_link_the_flow() -> None:
    shown = linked(LESSON, "The flow")
    flow = shown.run(0)
    time = 0.3 * np.arange(len(flow.points))
    assert flow.points[:, 1] == pytest.approx(1e-3 * np.exp(2 * time), rel=1e-4)
    assert past(shown, 0) is not None


def test_link_whom_saddles_catch() -> None:
    shown = linked(LESSON, "Whom saddles catch")
    assert "basins" in shown.reading.view.show
    assert shown.reading.setup.racers[0].optimizer == "newton"


def test_link_monkey_saddle() -> None:
    shown = linked(LESSON, "Monkey saddle")
    run = shown.run()
    norms = np.hypot(*run.gradients.T)
    assert not np.any(hessian("monkey_saddle", (0, 0)))
    # The factor from step to step comes ever closer to one.
    factors = norms[1:] / norms[:-1]
    assert np.all(np.diff(factors) > 0) and factors[-1] > 0.98


def test_link_plateau() -> None:
    shown = linked(LESSON, "Plateau")
    norms = np.hypot(*shown.run().gradients.T)
    assert 0 < norms[0] < 0.05
    assert shown.run().values[0] > 0.95


def test_escape_takes_the_logarithm_of_the_distance() -> None:
    steps = escape_steps()
    slope = np.polyfit(np.log10(OFFSETS), steps["gd"], 1)[0]
    assert slope == pytest.approx(-np.log(10) / np.log(1.2), rel=0.02)
    assert max(steps["adam"]) - min(steps["adam"]) <= 3
    # Far below the noise the distance has no say.
    assert len(set(steps["gd:noise"][:10])) == 1
    assert price(steps).startswith("Ten times nearer to the ridge costs, in steps: Gradient descent 13,")
    for i in (0, 17, 33):
        run = descend("saddle", "gd", (1.5, OFFSETS[i]), steps=400, learning_rate=0.1)
        assert steps["gd"][i] == escaped_at(run, level(state(LESSON)))
    assert set(steps) == set(ESCAPES)


def test_the_maps_tell_where_runs_end() -> None:
    maps = caught()
    assert set(maps) == set(CAUGHT) <= set(OPTIMIZERS)
    saddles = [p.point for p in critical_points("himmelblau") if p.kind == "saddle"]
    grid = np.linspace(-5, 5, MAPPED)
    rows, columns = np.nonzero(maps["newton"] == 1)
    for i in range(0, len(rows), len(rows) // 7):
        end = descend("himmelblau", "newton", (grid[columns[i]], grid[rows[i]]), steps=200).points[-1]
        assert min(np.hypot(*(end - saddle)) for saddle in saddles) < 0.15
    assert (maps["newton"] == 1).mean() > 0.3
    assert (maps["gd"] == 0).mean() > 0.99 and (maps["saddle_free_newton"] == 0).mean() > 0.99
    assert "Newton's method 36 %" in share_caught(maps)


def test_a_sentence_for_every_position() -> None:
    for said in (
        {},
        {"surface": "himmelblau"},
        {"surface": "plateau", "optimizers": "gd adam"},
        {"optimizers": "adam"},
    ):
        shown = state(LESSON, **said)
        texts = [LESSON.narrate(shown.reading.setup, shown.bank, v) for v in range(len(shown.bank.positions))]
        assert all(text.endswith(".") and "nan" not in text.lower() for text in texts)
