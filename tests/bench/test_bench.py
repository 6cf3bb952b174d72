"""What the benchmark prints, and that both pages show the same runs; how long anything took is never asked."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from bench import numeric
from bench.plain_page import FRAMES, figures
from bench.report import Row, quantiles, table
from landscapes import SURFACES, gradient
from optim import descend

PLAIN = Path(numeric.__file__).with_name("plain_page.py")


def opened(**address: str | list[str]) -> AppTest:
    """The plain page, run once at an address."""
    page = AppTest.from_file(str(PLAIN), default_timeout=60)
    page.query_params.update(address)
    return page.run()


def test_plain_page_takes_its_menus_from_the_address_and_draws_two_charts() -> None:
    page = opened(surface="rosenbrock", optimizers=["gd", "momentum"], steps="25")
    assert not page.exception
    assert [menu.value for menu in page.selectbox] == ["rosenbrock", 25]
    assert page.multiselect[0].value == ["gd", "momentum"]
    assert [(box.label, box.value) for box in page.number_input] == [("Start x", -1.2), ("Start y", 1.0)]
    assert len(page.get("plotly_chart")) == 2


def test_plain_page_redraws_for_its_slider_and_its_start() -> None:
    page = opened(surface="himmelblau", steps="10")
    before = [chart.proto.spec for chart in page.get("plotly_chart")]
    page.slider[0].set_value(0.02).run()
    moved = [chart.proto.spec for chart in page.get("plotly_chart")]
    page.number_input[0].set_value(-1.0).run()
    restarted = [chart.proto.spec for chart in page.get("plotly_chart")]
    assert not page.exception
    assert all(len({*specs}) == 3 for specs in zip(before, moved, restarted, strict=True))


def test_plain_figures_hold_the_engine_s_paths_and_grow_them() -> None:
    keys, steps = ("gd", "adam"), 100
    runs = [descend("rosenbrock", key, steps=steps, learning_rate=0.001) for key in keys]
    for figure, surface_kind in zip(figures("rosenbrock", keys, runs), ("contour", "surface"), strict=True):
        assert [trace.type == surface_kind for trace in figure.data] == [True, False, False]
        for trace, run in zip(figure.data[1:], runs, strict=True):
            np.testing.assert_array_equal(trace.x, run.points[:, 0])
        lengths = [len(frame.data[0].x) for frame in figure.frames]
        assert len(lengths) == FRAMES and lengths[0] == 1 and lengths[-1] == steps + 1
        assert lengths == sorted(lengths)


def test_rows_that_need_no_browser() -> None:
    rows = [
        *numeric.bank_rows(repeats=2, steps=3, positions=4),
        numeric.basins_row(repeats=2, n=5, steps=3),
        numeric.descend_row(repeats=2, steps=3),
    ]
    assert [row.unit for row in rows] == ["ms", "bytes", "ms", "ms"]
    for row in rows:
        assert len(row.ours) and len(row.plain)
        assert all(sample > 0 for sample in (*row.ours, *row.plain))
        assert json.loads(json.dumps(row.as_dict()))["samples"]["ours"] == row.ours


def test_the_loops_compared_with_do_the_same_work() -> None:
    surface = SURFACES["himmelblau"]
    points = np.array([[0.5, -3.0], [2.0, 1.25]])
    exact = np.stack([gradient(surface, p) for p in points.T], axis=1)
    np.testing.assert_allclose(numeric.complex_step(surface, points), exact, rtol=1e-13)
    run = descend(surface, "adam", (0.5, 2.0), steps=50, learning_rate=0.1)
    alone = numeric.adam(np.array([0.5, 2.0]), lambda p: gradient(surface, p), 50, 0.1)
    grid = numeric.adam(points, lambda p: numeric.complex_step(surface, p), 50, 0.1)
    np.testing.assert_allclose(alone, run.points[-1], rtol=1e-9)
    np.testing.assert_allclose(grid[:, 0], run.points[-1], rtol=1e-9)


@pytest.mark.parametrize(
    ("samples", "target", "verdict"),
    [
        ([1, 2, 3], (2, 3), "ok"),
        ([1, 3, 3], (2, None), "over"),
        ([1, 1, 9], (2, 3), "over"),
        ([1, 1, math.inf], (2, 3), "over"),
        ([1, 1, 9], (None, None), ""),
    ],
)
def test_a_row_is_ok_only_within_both_of_its_limits(
    samples: list[float], target: tuple[float | None, float | None], verdict: str
) -> None:
    assert Row("row", "ms", samples, target=target).verdict == verdict


def test_table_has_every_row_with_its_comparison() -> None:
    rows = [
        Row("moved", "ms", [1, 2, 3], [1500.0], (2.0, None), "slider", "a note"),
        Row("sized", "bytes", [7_185_312]),
        Row("drawn", "ms", [4.0], [1500.0]),
    ]
    head, _, first, second, third = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in table(rows).splitlines()
    )
    assert head[3:7] == ["ours", "target", "", "comparison"]
    assert first == ["moved", "ms", "3", "2 / 3", "≤ 2 / –", "ok", "1,500", "slider", "a note"]
    assert second[3:8] == ["7,185,312", "–", "", "–", ""]
    assert third[6:8] == ["1,500", "the plain page"]


def test_nothing_measured_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        quantiles([])
