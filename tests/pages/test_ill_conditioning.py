"""What the lesson on ill-conditioning says is what is computed: the seeds' numbers, its marks, its links' claims."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import hessian
from pages.ill_conditioning import LESSON
from pages.parts.code import notebook_lines
from pages.parts.conditioning import KAPPAS, growth, rate_limit, rate_marks, steps_needed
from pages.parts.lesson import RATE, Reading, address
from pages.parts.settings import Settings
from stage.component import live_bank
from stage.scene import Bank


def read(**said: str) -> tuple[Reading, Bank]:
    """A state of the page and the bank of its first slider."""
    settings = Settings(said)
    reading = LESSON.read(settings)
    assert not settings.messages
    return reading, live_bank(reading.setup, reading.lives, reading.lives[0].name)


def narrated(reading: Reading, bank: Bank) -> str:
    return LESSON.narrate(reading.setup, bank, reading.lives[0].index())


def preset(label: str) -> tuple[Reading, Bank]:
    return read(**next(preset.query for preset in LESSON.presets if preset.label == label))


def test_it_opens_on_the_seeds_example() -> None:
    reading, bank = read()
    run = bank.trajectory(0, reading.lives[0].index())
    assert run.points[0] == pytest.approx((0.5, 1))
    assert run.gradients[0] == pytest.approx((50, 1))
    assert run.points[1] == pytest.approx((-2, 0.95))
    assert run.values[:2] == pytest.approx((13, 200.45125))
    assert run.linear[0] == pytest.approx(-0.05 * (50**2 + 1))
    assert run.linear + run.quadratic == pytest.approx(np.diff(run.values), rel=1e-12)
    assert narrated(reading, bank) == (
        "η = 0.05 is 2.5 times the limit 2/λmax = 0.02: x is multiplied by −4 and y is multiplied by 0.95 at every "
        "step. The first step raises the loss from 13 to 200.45, and the run diverged at step 12."
    )


@pytest.mark.parametrize("angle", ["0", "33"])
def test_marks_are_what_the_hessian_says(angle: str) -> None:
    reading, _ = read(angle=angle, condition_number="40")
    smallest, largest = np.linalg.eigvalsh(hessian("ill_conditioned", (0, 0), condition_number=40, angle=float(angle)))
    (limit, _), (best, text) = rate_marks(reading.setup, RATE)
    assert limit == pytest.approx(2 / largest, rel=1e-3)
    assert best == pytest.approx(2 / (smallest + largest), rel=1e-3)
    assert f"factor {(40 - 1) / (40 + 1):.4g}" in text
    assert rate_marks(reading.setup, "condition_number") == ()


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_the_limit_of_momentum_is_where_it_stops_converging(beta: float) -> None:
    reading, _ = read(optimizers="momentum", momentum=str(beta), steps="500")
    limit = rate_limit("momentum", {"momentum": beta}, 100.0)
    assert limit is not None
    for share, holds in ((0.98, True), (1.02, False)):
        racer = replace(reading.setup.racers[0], hyper=((RATE, share * limit), ("momentum", beta)))
        knob = replace(reading.lives[0].knob, high=1.0)
        live = replace(reading.lives[0], knob=knob, value=share * limit, marks=())
        bank = live_bank(replace(reading.setup, racers=(racer,)), [live], RATE, single=True)
        run = bank.trajectory(0, 0)
        assert (run.diverged_at is None and run.values[-1] < run.values[0]) == holds


def test_link_the_step_that_makes_it_worse() -> None:
    reading, bank = preset("The step that makes it worse")
    run = bank.trajectory(0, reading.lives[0].index())
    assert run.values[1] > run.values[0]
    assert -run.linear[0] < run.quadratic[0]
    assert reading.view.step == 1


def test_link_at_the_edge() -> None:
    reading, bank = preset("At the edge, 2/λmax")
    run = bank.trajectory(0, reading.lives[0].index())
    assert np.abs(run.points[:, 0]) == pytest.approx(0.5)
    assert np.all(np.diff(np.sign(run.points[:, 0])) != 0)
    assert "is exactly the limit" in narrated(reading, bank)


def test_link_the_best_fixed_rate() -> None:
    reading, bank = preset("The best fixed rate")
    position = reading.lives[0].index()
    run = bank.trajectory(0, position)
    shrink = np.abs(run.points[1:51] / run.points[:50])
    assert shrink == pytest.approx(99 / 101, abs=2e-4)
    # Among the slider's rates none has a smaller worst factor of the two directions.
    worst = np.abs(1 - np.outer(bank.positions, (1.0, 100.0))).max(axis=1)
    assert worst.argmin() == position


def test_link_newton_takes_one_step() -> None:
    reading, bank = preset("Newton: one step")
    run = bank.trajectory(0, 0)
    assert run.values[1] < 1e-25
    assert "1 step took the loss to a thousandth" in narrated(reading, bank)


def test_link_what_helps() -> None:
    reading, bank = preset("What helps, raced")
    position = reading.lives[0].index()
    final = {racer.optimizer: bank.trajectory(i, position).values[-1] for i, racer in enumerate(reading.setup.racers)}
    assert list(final) == ["gd", "momentum", "adam", "jacobi", "newton"]
    assert all(final[other] < 1e-2 * final["gd"] for other in ("momentum", "adam", "jacobi", "newton"))
    assert "Lowest after 50 steps: Newton's method" in narrated(reading, bank)


def test_link_the_preconditioners_limit() -> None:
    reading, bank = preset("The preconditioner's limit")
    final = [np.nanmin(bank.runs[i].values[:, -1]) for i in range(len(reading.setup.racers))]
    straight, turned = (
        np.nanmin(live_bank(r.setup, r.lives, RATE).runs[0].values[:, -1])
        for r, _ in (read(optimizers="jacobi"), read(optimizers="jacobi", angle="45"))
    )
    assert straight < 1e-12 < turned
    assert final[0] > 1e-2 * final[1]


def test_steps_grow_as_kappa_as_its_root_and_not_at_all() -> None:
    counts = steps_needed()
    steep = [i for i, kappa in enumerate(KAPPAS) if kappa >= 30]

    def slope(key: str) -> float:
        return float(np.polyfit(np.log([KAPPAS[i] for i in steep]), np.log([counts[key][i] for i in steep]), 1)[0])

    assert slope("gd") == pytest.approx(1, abs=0.05)
    assert slope("momentum") == pytest.approx(0.5, abs=0.08)
    assert set(counts["newton"]) == {1.0}
    assert "Newton the same 1" in growth(counts)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"optimizers": "adam", "surface": "himmelblau"},
        {"angle": "20"},
        {"optimizers": "gd:noise", "noise": "0.5", "seed": "3"},
        {"optimizers": "gd:norm", "threshold": "2"},
    ],
)
def test_the_notebook_lines_repeat_the_run(said: dict[str, str]) -> None:
    reading, bank = read(**said, steps="25")
    names: dict[str, object] = {}
    exec(notebook_lines(reading.setup).rpartition("\n")[0], names)
    run = bank.trajectory(0, reading.lives[0].index())
    assert names["run"].points == pytest.approx(run.points, rel=1e-9, abs=1e-12)


def test_a_narrator_for_every_position_and_kind_of_run() -> None:
    for said in ({"optimizers": "adam"}, {"optimizers": "newton gd"}, {"surface": "saddle"}, {"surface": "bukin_6"}):
        reading, _ = read(**said, steps="10")
        for live in reading.lives:
            bank = live_bank(reading.setup, reading.lives, live.name)
            texts = [LESSON.narrate(reading.setup, bank, v) for v in range(len(bank.positions))]
            assert all(text.endswith(".") and "nan" not in text.lower() for text in texts)


def test_the_address_leaves_out_what_the_page_opens_on() -> None:
    reading, _ = read()
    assert set(address(LESSON, reading).values()) == {None}
