"""The relief's overlay against Plotly's own drawing: plotly.js has no public way from a point in space to a pixel."""

import io
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.browser.lesson import Lesson

# A path without zigzags, which could lie on one another, and without the arrow of its next step.
PLAIN = "/ill_conditioning?learning_rate=0.001&x=2&y=1&step=10&show=critical"
EYES = [(-0.9, -1.25, 0.85), (0.6, -1.7, 0.6), (0.3, 0.5, 1.9)]
BEHIND = (1.6, -0.7, 0.5)
"""The bowl's near wall stands before its bottom."""
# Where in the box (shares of its axes), and the colour that says which marker it is.
MARKERS = {
    (0.1, 0.1, 0.9): (255, 0, 255),
    (0.9, 0.1, 0.2): (0, 255, 0),
    (0.1, 0.9, 0.5): (255, 0, 0),
    (0.9, 0.9, 0.9): (0, 0, 255),
    (0.5, 0.5, 0.3): (255, 160, 0),
}
SIZE = 8
TOLERANCE = 1.5
"""Pixels: a marker's middle is known to half a pixel, and a figure may begin between two."""

Pixels = NDArray[np.int64]


def picture(data: bytes) -> Pixels:
    """A PNG as an array, shape (height, width, channels)."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.int64)


def middle(pixels: Pixels, color: tuple[int, int, int]) -> tuple[float, float]:
    """The middle, in pixels from the left and the top, of the square marker of exactly that colour."""
    rows, columns = np.nonzero(np.abs(pixels - color).max(axis=2) <= 6)
    # All of the square is there: nothing stands before it, and no edge cuts it.
    assert len(rows) > 0, color
    extent = (np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert SIZE <= extent[0] == pytest.approx(extent[1], abs=2), (color, extent)
    assert len(rows) > 0.9 * extent[0] * extent[1], color
    return float(columns.mean() + 0.5), float(rows.mean() + 0.5)


def unfold(lesson: Lesson, address: str) -> None:
    """Open an address and wait until the figures have the size of their places, from a whole pixel on."""
    lesson.open(address)
    # A picture of a figure that begins between two pixels does not say on which of them it was drawn.
    lesson.ask("S.parts.root.style.marginTop = `${-S.parts.relief.getBoundingClientRect().top % 1}px`")
    assert lesson.ask("S.parts.relief.getBoundingClientRect().top % 1") == pytest.approx(0, abs=0.02)
    lesson.wait("S.plots.relief._fullLayout.width === S.parts.relief.clientWidth")
    assert lesson.ask("S.plots.camera() !== null")


def look_from(lesson: Lesson, eye: tuple[float, float, float]) -> None:
    """Turn the relief's camera through Plotly's public interface, and wait until it has drawn."""
    x, y, z = eye
    before = lesson.ask("S.plots.camera().key")
    lesson.ask(
        f"S.plots.Plotly.relayout(S.parts.relief, {{'scene.camera.eye': {{x: {x}, y: {y}, z: {z}}}}}).then(() => 0)"
    )
    if eye != EYES[0]:  # the one that a relief opens with
        lesson.wait(f"S.plots.camera().key !== {before!r}")
    # A camera glides to where it is put.
    lesson.ask(
        "new Promise(done => { let last, same = 0; const look = () => { const { key } = S.plots.camera();"
        " same = key === last ? same + 1 : 0; last = key; same < 10 ? requestAnimationFrame(look) : done(0); };"
        " look(); })"
    )
    shown = lesson.ask("S.plots.relief._fullLayout.scene._scene.getCamera().eye")
    assert [shown["x"], shown["y"], shown["z"]] == pytest.approx(eye, abs=1e-6)


def camera(lesson: Lesson) -> list[float]:
    """The numbers that say how the camera sees the relief."""
    return [float(number) for number in lesson.ask("S.plots.camera().key").split(",")]


def ranges(lesson: Lesson) -> NDArray[np.float64]:
    """Low and high of the three axes, shape (3, 2)."""
    axes = "['xaxis', 'yaxis', 'zaxis'].map(axis => S.plots.relief._fullLayout.scene[axis].range)"
    return np.array(lesson.ask(axes), dtype=np.float64)


def project(lesson: Lesson, point: Any) -> tuple[float, float]:
    x, y = lesson.ask(f"S.plots.camera().project({', '.join(map(repr, map(float, point)))}, [])")
    return x, y


@pytest.mark.parametrize("surface", ["ill_conditioned", "branin"])
def test_a_point_is_projected_to_where_plotly_draws_it(lesson: Lesson, surface: str) -> None:
    unfold(lesson, f"/ill_conditioning?step=0&surface={surface}")
    known = camera(lesson)
    low, high = ranges(lesson).T
    points = low + np.array(list(MARKERS)) * (high - low)
    trace = {
        "type": "scatter3d",
        "mode": "markers",
        **dict(zip("xyz", points.T.tolist(), strict=True)),
        "hoverinfo": "skip",
        "marker": {
            "symbol": "square",
            "size": SIZE,
            "opacity": 1,
            "line": {"width": 0},
            "color": [f"rgb{color}" for color in MARKERS.values()],
        },
    }
    # The ground would hide some markers. It stays, only not to be seen: plotly's scales are made from what is there.
    lesson.page.evaluate(
        "([stage, trace]) => stage.plots.Plotly.restyle(stage.parts.relief, {hidesurface: true}, [0])"
        ".then(() => stage.plots.Plotly.addTraces(stage.parts.relief, trace)).then(() => 0)",
        [lesson.page.evaluate_handle("document.querySelector('[data-stage]').stage"), trace],
    )
    lesson.page.locator("canvas[data-layer=relief]").evaluate("canvas => { canvas.style.visibility = 'hidden'; }")
    assert camera(lesson) == pytest.approx(known, abs=1e-9)
    keys = set()
    for eye in EYES:
        look_from(lesson, eye)
        pixels = picture(lesson.page.locator("[data-plot=relief]").screenshot())
        for point, color in zip(points, MARKERS.values(), strict=True):
            assert project(lesson, point) == pytest.approx(middle(pixels, color), abs=TOLERANCE), (eye, color)
        keys.add(lesson.ask("S.plots.camera().key"))
    assert len(keys) == len(EYES)


def test_the_camera_stands_where_the_layout_says(lesson: Lesson) -> None:
    unfold(lesson, "/ill_conditioning?step=0&surface=branin")
    low, high = ranges(lesson).T
    ratio = lesson.ask("S.plots.relief._fullLayout.scene.aspectratio")
    aspect = np.array([ratio["x"], ratio["y"], ratio["z"]])
    for eye in EYES:
        look_from(lesson, eye)
        # Plotly's documentation: the eye is counted from the middle of the box, whose sides are the aspect ratio.
        expected = (low + high) / 2 + np.array(eye) * (high - low) / aspect
        np.testing.assert_allclose(lesson.ask("S.plots.camera().eye"), expected, atol=1e-4 * (high - low).max())


def head(lesson: Lesson) -> tuple[tuple[float, float], Pixels]:
    """Where the head of the first racer's path is, by projection, and the overlay's pixels (height, width, RGBA)."""
    lesson.wait("S.layers.reliefPaths.key.endsWith(S.plots.camera().key)")
    x, y, value = lesson.ask("[S.runs[0].points[20], S.runs[0].points[21], S.runs[0].values[10]]")
    at = project(lesson, (x, y, lesson.ask(f"S.plots.scale.relief({value!r})")))
    return at, lesson.pixels("relief")


def test_the_head_of_a_path_is_drawn_at_its_projection(lesson: Lesson) -> None:
    unfold(lesson, PLAIN)
    rgb = lesson.page.locator(".stage-swatch").first.evaluate("s => getComputedStyle(s).backgroundColor.match(/\\d+/g)")
    places = []
    for eye in EYES:
        look_from(lesson, eye)
        expected, pixels = head(lesson)
        inked = (np.abs(pixels[..., :3] - np.array(rgb, int)).max(axis=2) <= 6) & (pixels[..., 3] > 250)
        # Only a disk has whole squares of five pixels in it: a path is three wide.
        whole = np.lib.stride_tricks.sliding_window_view(inked, (5, 5)).all(axis=(2, 3))
        rows, columns = np.nonzero(whole)
        assert len(rows) > 0, eye
        assert (columns.mean() + 2.5, rows.mean() + 2.5) == pytest.approx(expected, abs=TOLERANCE), eye
        places.append(expected)
    assert min(math.dist(a, b) for i, a in enumerate(places) for b in places[:i]) > 5


def test_a_head_behind_the_ground_is_faint(lesson: Lesson) -> None:
    unfold(lesson, PLAIN)
    opacity = []
    for eye in (EYES[2], BEHIND):
        look_from(lesson, eye)
        (x, y), pixels = head(lesson)
        opacity.append(int(pixels[round(y), round(x), 3]))
    assert opacity[0] == 255
    assert 50 < opacity[1] < 150
