"""The standings: what a run costs, when it has arrived, how it ended, and who is first by what."""

from dataclasses import replace

import numpy as np
import pytest

from optim import STOPS
from pages.parts import race
from pages.parts.lesson import RATE, STOPPING, best_rate, final_losses
from pages.playground import LESSON
from stage.scene import make_bank
from stage.setup import Racer
from tests.pages.states import state

BOWL = {"surface": "ill_conditioned", "x": "2", "y": "1"}


def test_a_racer_has_arrived_at_the_first_step_within_the_tolerance() -> None:
    setup = state(LESSON, optimizers="gd(0.015) bfgs", **BOWL).reading.setup
    gd, bfgs = race.standings(setup, 1e-2)
    values = make_bank(setup, "x", (setup.start[0],)).trajectory(0, 0).values
    steps = int(gd["steps"])
    assert values[steps] <= 1e-2 * values[0] < values[steps - 1]
    assert gd["evaluations"] == steps
    # A line search pays for what it tries.
    assert bfgs["evaluations"] > bfgs["steps"]
    stricter, _ = race.standings(setup, 1e-4)
    assert stricter["steps"] > steps
    assert 0 < gd["milliseconds"] < stricter["milliseconds"]


def test_who_never_arrives_has_no_cost_of_arriving() -> None:
    (row,) = race.standings(state(LESSON, optimizers="gd(0.0001)", steps="10", **BOWL).reading.setup, 1e-6)
    assert row["steps"] is row["evaluations"] is row["milliseconds"] is None
    assert row["evaluations in all"] == 10 and row["status"] == "ran to the end"


@pytest.mark.parametrize(
    ("name", "tolerance", "words"),
    [
        ("gradient", 0.5, "gradient below 0.5"),
        ("loss", 1e-3, "change of the loss below 0.001"),
        ("step", 1e-2, "step shorter than 0.01"),
        ("evaluations", 7, "7 evaluations spent"),
    ],
)
def test_a_run_that_stops_says_so_everywhere(name: str, tolerance: float, words: str) -> None:
    at = state(LESSON, optimizers="gd", learning_rate="0.015", **BOWL, **{f"stop_{name}": str(tolerance)})
    run, whole = at.run(), state(LESSON, optimizers="gd", learning_rate="0.015", **BOWL).run()
    assert run.stopped_by == name and run.stopped_at == len(run.values) - 1 < 200
    assert run.points == pytest.approx(whole.points[: len(run.points)], rel=1e-12)
    (row,) = race.standings(at.reading.setup, 1e-3)
    assert row["status"] == f"stopped at step {run.stopped_at}: {words}"
    assert row["evaluations in all"] == run.stopped_at
    assert f"after {run.stopped_at} steps" in at.text or f"{row['steps']} steps took" in at.text
    assert STOPS[list(STOPPING).index(name)] == name


def test_a_twin_is_told_apart_and_billed_by_its_own_numbers() -> None:
    setup = state(LESSON, optimizers="gd(0.01) gd(0.015) gd(0.015)@-2,1", **BOWL).reading.setup
    assert setup.titles == (
        "Gradient descent, η 0.01, from (2, 1)",
        "Gradient descent, η 0.015, from (2, 1)",
        "Gradient descent, η 0.015, from (−2, 1)",
    )
    rows = race.standings(setup, 1e-3)
    assert rows[0]["steps"] > rows[1]["steps"] == rows[2]["steps"]
    assert race.winners(rows).count(setup.titles[1]) >= 1
    # The bowl is the same from the other side.
    assert rows[1]["final loss"] == pytest.approx(rows[2]["final loss"], rel=1e-9)


def test_tuned_rates_are_the_best_of_a_sweep_with_equal_budgets() -> None:
    at = state(LESSON, optimizers="gd momentum jacobi", rates="tuned", **BOWL)
    setup = at.reading.setup
    for racer in setup.racers:
        own = dict(racer.hyper)[RATE]
        knob = next(live.knob for live in at.reading.lives if live.name == RATE)
        # A step of the preconditioned rule costs a gradient and a Hessian.
        short = replace(setup, steps=setup.steps // (3 if racer.optimizer == "jacobi" else 1))
        tried = final_losses(short, racer, np.geomspace(knob.low, knob.high, 40))
        assert final_losses(short, racer, [own])[0] <= tried.min() * (1 + 1e-9) + 1e-300
        assert own == best_rate(setup, replace(racer, hyper=()), knob)
    assert "budget of 200 gradient evaluations" in race.terms(at.reading, 1e-3)


def test_rates_of_the_rules_are_their_defaults_whatever_was_set() -> None:
    at = state(LESSON, optimizers="gd(0.5) adam(0.7,beta1=0.1) newton", rates="defaults", **BOWL)
    assert [dict(racer.hyper).get(RATE) for racer in at.reading.setup.racers] == [0.01, 0.1, None]
    assert at.reading.setup.racers[1].hyper == ((RATE, 0.1),)
    assert at.reading.entries[1].written() == "adam(0.7,beta1=0.1)"


def test_a_surface_without_a_minimum_has_no_limit_marked() -> None:
    assert race.sharpest("monkey_saddle", ()) is None
    assert race.sharpest("ackley", ()) is None
    assert race.threshold([1.0] * len(race.RATES)) is None
    assert race.threshold([np.inf] * len(race.RATES)) == race.RATES[0]


def test_no_more_is_said_than_one_racer_allows() -> None:
    rows = race.standings(state(LESSON, optimizers="newton", **BOWL).reading.setup, 1e-3)
    assert race.winners(rows) == "Add optimizers to race them."
    assert Racer("newton").title == rows[0]["optimizer"]
