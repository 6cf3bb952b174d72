"""Racers told apart, each with its own numbers and start."""

from dataclasses import replace

import numpy as np

from optim import descend
from stage.scene import make_bank
from stage.setup import Racer, Setup, describe

STEPS = 12
RACE = Setup(
    "ill_conditioned",
    (Racer("gd", (("learning_rate", 0.015),)),),
    (2.0, 1.0),
    STEPS,
    (("condition_number", 100.0), ("angle", 0.0)),
)


def test_a_racer_with_a_start_of_its_own_runs_from_there() -> None:
    apart = replace(RACE, racers=(RACE.racers[0], replace(RACE.racers[0], start=(-1.0, 0.5))))
    bank = make_bank(apart, "x", (0.5, 1.0))
    assert [len(run.positions) for run in bank.runs] == [2, 1]
    own = descend(RACE.surface, "gd", (-1.0, 0.5), steps=STEPS, knobs=dict(RACE.knobs), learning_rate=0.015)
    np.testing.assert_allclose(bank.trajectory(1, 1).points, own.points, rtol=1e-12, atol=1e-12)
    assert apart.titles == ("Gradient descent, from (2, 1)", "Gradient descent, from (−1, 0.5)")


def test_twins_that_differ_in_nothing_are_numbered() -> None:
    same = replace(RACE, racers=(Racer("newton"), Racer("newton")))
    assert same.titles == ("Newton's method, no. 1", "Newton's method, no. 2")
    assert [racer["key"] for racer in describe(same)] == ["newton", "newton~2"]
