"""What the lesson on cliffs says is what is computed: its links' claims, its table, its walls."""

import numpy as np
import pytest

from landscapes import critical_points, find_surface, gradient
from pages.cliffs import LESSON
from pages.parts.cliffs import TIMES, WEIGHT, clipped, growth, steepest_point, steepest_slopes, turned
from tests.pages.states import linked, state

MINIMUM = find_surface("cliff").minima[0]


def longest(points: np.ndarray) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).max())


def test_link_one_step_off_the_cliff() -> None:
    shown = linked(LESSON, "One step off the cliff")
    step = shown.reading.view.step
    assert step is not None
    run = shown.run()
    norm = np.hypot(*run.gradients[step])
    assert norm == pytest.approx(88, abs=0.5)
    assert np.hypot(*run.moves[step]) == pytest.approx(44, abs=0.5) == pytest.approx(0.5 * norm, abs=0.5)
    assert run.values[step + 1] > 100 * run.values[step]
    assert "number 34" in shown.text and "it leaves the map" in shown.text


def test_link_clipped_and_not() -> None:
    shown = linked(LESSON, "Clipped and not")
    thrown, held = shown.run(0), shown.run(1)
    assert shown.reading.setup.threshold == 1
    assert longest(thrown.points) > 40
    assert longest(held.points) == pytest.approx(0.5)
    assert held.values[-1] < 0.1 < 10 < thrown.values[-1]
    # Up to the first gradient longer than the threshold the two are one.
    first = int(np.flatnonzero(np.hypot(*thrown.gradients.T) > 1)[0])
    assert 0 < first < 33
    assert held.points[: first + 1] == pytest.approx(thrown.points[: first + 1], rel=1e-12)
    assert not np.allclose(held.points[first + 1], thrown.points[first + 1])


def test_link_by_norm_and_by_value() -> None:
    shown = linked(LESSON, "By norm and by value")
    norm, value = shown.run(0), shown.run(1)
    raw = gradient("cliff", shown.reading.setup.start)
    assert turned(-raw, norm.moves[0]) < 1e-6
    assert turned(-raw, value.moves[0]) > 5
    # Along the diagonal: both components are as long as the threshold allows.
    assert np.abs(value.moves[0]) == pytest.approx([0.05, 0.05])


def test_link_too_tight_a_clip() -> None:
    shown = linked(LESSON, "Too tight a clip")
    free, tight = shown.run(0), shown.run(1)
    assert np.hypot(*tight.moves.T) == pytest.approx(0.1 * 0.05)
    assert tight.values[-1] > 5 * free.values[-1]


def test_link_a_unit_that_remembers() -> None:
    shown = linked(LESSON, "A unit that remembers")
    thrown, held = shown.run(0), shown.run(1)
    x_low, x_high, y_low, y_high = shown.reading.setup.found.box
    assert longest(thrown.points) > 10
    assert ((held.points >= (x_low, y_low)) & (held.points <= (x_high, y_high))).all()
    assert held.values[-1] < 0.1 * thrown.values[-1]


def test_small_thresholds_protect_and_large_ones_do_not() -> None:
    shown = state(LESSON)
    final = shown.bank.runs[1].values[:, -1]
    small, large = shown.bank.positions <= 2, shown.bank.positions >= 50
    assert np.median(final[small]) < 0.1 < np.median(final[large])


def test_the_table_is_of_the_steepest_point() -> None:
    shown = state(LESSON)
    setup, run = shown.reading.setup, shown.run()
    point = steepest_point(setup, run)
    raw = gradient("cliff", point)
    assert np.hypot(*raw) == pytest.approx(np.hypot(*run.gradients.T).max())
    rows = clipped(setup, point)
    assert [row["gradient"] for row in rows] == ["as it is", "clipped by norm", "clipped by value"]
    assert [row["norm"] for row in rows] == ["87.85", "1", "1"]
    assert rows[0]["turned by"] == rows[1]["turned by"] == "0°" != rows[2]["turned by"]


def test_angles_between_vectors() -> None:
    assert turned(np.array([1.0, 0.0]), np.array([0.0, 2.0])) == pytest.approx(90)
    assert turned(np.array([1.0, 1.0]), np.array([-3.0, -3.0])) == pytest.approx(180)
    assert turned(np.array([3.0, -1.0]), np.array([0.3, -0.1])) == 0


def test_walls_grow_like_a_power_of_time() -> None:
    slopes = steepest_slopes()
    steps = np.array(TIMES)[19:]
    logs = np.log(slopes[19:])
    rate, _ = line = np.polyfit(steps, logs, 1)
    assert rate > 0.2
    assert np.polyval(line, steps) == pytest.approx(logs, abs=0.05)
    assert "25356 after 40 steps" in growth(slopes)
    assert np.all(np.diff(slopes) > 0)


def test_the_slope_is_found_where_the_wall_stands() -> None:
    """Against a search that knows where the unit's memory changes, on a wall that is wide enough for a grid."""
    surface = find_surface("recurrent_cliff")
    biases = np.linspace(*surface.box[2:], 20001)
    grid = [abs(gradient("recurrent_cliff", (WEIGHT, b), time_steps=5.0)[1]) for b in biases[::20]]
    assert steepest_slopes()[4] == pytest.approx(max(grid), rel=1e-4)


def test_the_foot_of_the_cliff_is_its_minimum() -> None:
    lowest = min(critical_points("cliff"), key=lambda point: point.value)
    assert lowest.point == pytest.approx(MINIMUM, abs=1e-8)
