"""The lesson on local against global structure: what every link claims, and what the text says of the surface."""

import numpy as np
import pytest

from landscapes import critical_points, find_surface, value
from pages.local_global import LESSON
from pages.parts import local_global
from pages.parts.course import Preset
from tests.pages.states import State, linked, state


def least_norm(at: State, racer: int = 0) -> float:
    return float(np.hypot(*at.run(racer).gradients.T).min())


@pytest.mark.parametrize("preset", LESSON.presets, ids=lambda preset: preset.label)
def test_every_link_is_told_from_its_numbers(preset: Preset) -> None:
    at = linked(LESSON, preset.label)
    for index, racer in enumerate(at.reading.setup.racers):
        run = at.run(index)
        assert run.diverged_at is None and racer.title in at.text
        assert ("arrives" in at.text.split(racer.title)[1][:9]) == local_global.arrived(at.reading.setup, run)


def test_the_wrong_side_goes_downhill_for_ever_without_a_critical_point() -> None:
    at = linked(LESSON, "The wrong side")
    run = at.run()
    assert (np.diff(run.values) < 0).all() and local_global.uphill(run) == 0
    assert not local_global.arrived(at.reading.setup, run)
    assert least_norm(at) > 5e-3 and run.values[-1] > 0
    points = [point.point for point in critical_points("mountain")]
    gaps = [np.hypot(*(run.points - point).T).min() for point in points]
    assert min(gaps) > 0.5
    # It ends farther from the minimum than it began.
    low = find_surface("mountain").minima[0]
    assert np.hypot(*(run.points[-1] - low)) > np.hypot(*(run.points[0] - low)) + 5


def test_the_right_side_arrives_from_less_than_one_away() -> None:
    one, other = linked(LESSON, "The wrong side"), linked(LESSON, "The right side")
    assert local_global.arrived(other.reading.setup, other.run())
    assert np.hypot(*(other.run().points[0] - one.run().points[0])) < 1
    assert local_global.uphill(other.run()) == 0


def test_the_long_way_round_is_three_times_the_straight_line() -> None:
    at = linked(LESSON, "The long way round")
    assert local_global.arrived(at.reading.setup, at.run())
    path, straight = local_global.way(at.run())
    assert path > 3 * straight
    # Around the mountain and not over it.
    assert np.hypot(*at.run().points.T).min() > 0.6


def test_a_better_optimizer_goes_the_wrong_way_faster() -> None:
    at = linked(LESSON, "Nobody turns round")
    gaps = [float(np.hypot(*at.run(racer).points[-1])) for racer in range(3)]
    assert not any(local_global.arrived(at.reading.setup, at.run(racer)) for racer in range(3))
    assert min(gaps[1:]) > gaps[0] + 2


def test_the_bent_valley_is_a_long_way_without_a_mountain() -> None:
    at = linked(LESSON, "A valley with a bend")
    adam = at.run(1)
    assert local_global.arrived(at.reading.setup, adam)
    path, straight = local_global.way(adam)
    assert path > 2 * straight


def test_the_mark_is_where_the_outcome_changes() -> None:
    at = state(LESSON)
    ((edge, _),) = at.reading.lives[0].marks
    positions = at.bank.positions
    ends = [local_global.arrived(at.reading.setup, at.bank.trajectory(0, i)) for i in range(len(positions))]
    assert all(end == (x >= edge - 0.1) for x, end in zip(positions, ends, strict=True) if abs(x - edge) > 0.1)
    assert local_global.marks(at.reading.setup, "learning_rate") == ()


@pytest.mark.parametrize("reach", [1.0, 1.3, 2.0, 3.0])
def test_far_away_the_ground_falls_off_as_the_text_says(reach: float) -> None:
    for angle in np.linspace(0, 2 * np.pi, 7):
        far = 1e4 * np.array([np.cos(angle), np.sin(angle)])
        assert value("mountain", far, reach=reach) * 1e8 == pytest.approx(2 - reach**2, abs=2e-2)


def test_more_steps_help_where_the_hollow_is_wide_only() -> None:
    found = local_global.shares()
    narrow, wide = (found["gd", reach] for reach in local_global.REACHES)
    at = local_global.BUDGETS.index(500)
    assert narrow[-1] < 0.5 and narrow[-1] - narrow[at] < 0.05
    assert wide[-1] > 0.85 and wide[-1] - wide[at] > 0.2
    assert found["adam", local_global.REACHES[1]][-1] == 1
    told = local_global.told(found)
    assert f"{100 * narrow[-1]:.2g} %" in told and f"{100 * wide[-1]:.2g} %" in told


def test_the_table_has_a_row_for_each_racer() -> None:
    setup = linked(LESSON, "Nobody turns round").reading.setup
    rows = local_global.costs(setup)
    assert [row["optimizer"] for row in rows] == [racer.title for racer in setup.racers]
    assert {row["outcome"] for row in rows} == {"not at a minimum"}
    (diverged,) = local_global.costs(state(LESSON, surface="rosenbrock", learning_rate="2").reading.setup)
    assert diverged["outcome"].startswith("diverged at step")
