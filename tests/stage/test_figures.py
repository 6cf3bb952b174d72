"""The figures without their data: light to send, honest in scale, and readable in both themes."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from plotly import graph_objects

from landscapes import SURFACES
from stage.figures import CONFIG, SCALES, Figure, contour_figure, relief_figure

BOXES = {key: surface.box for key, surface in SURFACES.items()}
FIGURES = {
    f"{make.__name__}.{key}": make(box) for make in (contour_figure, relief_figure) for key, box in BOXES.items()
}
# What assets/plots.js puts in.
FILLED = {"x", "y", "z", "surfacecolor", "colorscale"}


def values(tree: Any) -> Iterator[Any]:
    """Everything in a figure, at every depth."""
    yield tree
    for branch in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from values(branch)


def luminance(color: str) -> float:
    """Relative luminance of an ``rgb(r, g, b)``, 0 to 1 (WCAG 2.2, "relative luminance")."""
    channels = [float(number) / 255 for number in re.findall(r"[\d.]+", color)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_a_figure_has_no_data_and_is_small(figure: Figure) -> None:
    assert not FILLED & set(figure["trace"])
    assert len(json.dumps(figure)) < 5000
    # Ranges have two numbers, scales one pair for each colour: anything longer would be data.
    assert max(len(value) for value in values(figure) if isinstance(value, list)) <= max(map(len, SCALES.values()))
    assert all(isinstance(value, (dict, list, str, bool, int, float)) for value in values(figure))


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_plotly_knows_every_name_in_a_figure(figure: Figure) -> None:
    made = graph_objects.Figure(data=[figure["trace"]], layout=figure["layout"])
    assert made.to_plotly_json()["data"] == [figure["trace"]]


@pytest.mark.parametrize("theme", SCALES)
def test_a_colour_scale_goes_one_way_in_luminance(theme: str) -> None:
    shares, colors = zip(*SCALES[theme], strict=True)
    assert (shares[0], shares[-1]) == (0, 1)
    assert list(shares) == sorted(set(shares))
    steps = [luminance(str(color)) for color in colors]
    assert steps in (sorted(set(steps)), sorted(set(steps), reverse=True))
    # Between the lowest and the highest ground there is a difference that one sees.
    assert (max(steps) + 0.05) / (min(steps) + 0.05) > 3


def test_either_scale_keeps_near_its_page() -> None:
    assert set(SCALES) == {"light", "dark"}
    dark, light = ([luminance(str(color)) for _, color in SCALES[theme]] for theme in ("dark", "light"))
    # One end of each is close to the page: the paths stand out against the ground as text does against the page.
    assert max(dark) < max(light) and min(dark) < min(light)
    assert max(light) > 0.7 and min(dark) < 0.05


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_the_contour_map_has_equal_scales_over_the_whole_box(box: tuple[float, float, float, float]) -> None:
    layout = contour_figure(box)["layout"]
    assert layout["yaxis"]["scaleanchor"] == "x"
    assert layout["yaxis"].get("scaleratio", 1) == 1
    # With "range" the axes would be widened past the box to make the scales equal.
    assert layout["xaxis"]["constrain"] == layout["yaxis"]["constrain"] == "domain"
    assert [*layout["xaxis"]["range"], *layout["yaxis"]["range"]] == list(box)


def test_the_relief_has_the_proportions_of_its_box_but_is_never_a_stick() -> None:
    assert relief_figure((-2, 2, -1, 3))["layout"]["scene"]["aspectratio"] == {"x": 1, "y": 1, "z": 0.62}
    assert relief_figure((-3, 3, -2, 2))["layout"]["scene"]["aspectratio"] == pytest.approx(
        {"x": 1, "y": 2 / 3, "z": 0.62}
    )
    assert relief_figure((0, 1, -500, 500))["layout"]["scene"]["aspectratio"] == {"x": 0.5, "y": 1, "z": 0.62}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_the_relief_stands_over_the_whole_box(box: tuple[float, float, float, float]) -> None:
    scene = relief_figure(box)["layout"]["scene"]
    assert [*scene["xaxis"]["range"], *scene["yaxis"]["range"]] == list(box)
    assert scene["aspectmode"] == "manual"


def test_a_figure_leaves_the_wheel_to_the_page_and_sends_nothing_anywhere() -> None:
    assert CONFIG["scrollZoom"] is False
    assert CONFIG["showSendToCloud"] is False
    for figure in FIGURES.values():
        assert figure["config"] is CONFIG
        assert not [value for value in values(figure) if isinstance(value, str) and "://" in value]
