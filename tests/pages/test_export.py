"""What is taken along holds what was shown: numbers to the last digit, and pictures of the same paths."""

import io
import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image, ImageColor

from pages.parts.colors import Theme, look
from pages.parts.export import page_file
from pages.parts.papers import Raster
from pages.parts.paths import HEAD, as_csv, as_npz, facts, paths
from pages.parts.picture import _frame, _ticks, _within, gif, png, svg
from stage import Setup
from stage.setup import Racer

RACE = Setup(
    "rosenbrock",
    (Racer("gd", (("learning_rate", 0.002),)), Racer("adam"), Racer("adam", (("learning_rate", 0.5),))),
    (-1.2, 1.0),
    50,
    (("b", 100.0),),
)
FAR = Setup("booth", (Racer("gd", (("learning_rate", 0.9),)),), (-8.0, -6.0), 40)
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])
HOSTILE = Setup("=x^2+min(y,3)*a", (Racer("gd"),), (1.0, 1.0), 10, (("a", 2.0),))


def test_csv_has_every_digit_and_says_what_it_is() -> None:
    lines = as_csv(RACE).decode().splitlines()
    head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("#"))
    assert json.loads(head["surface"]) == "rosenbrock"
    assert json.loads(head["racers"])[0]["learning_rate"] == 0.002
    rows = [line.split(",") for line in lines if not line.startswith("#")]
    assert tuple(rows[0]) == HEAD
    read = np.array([row[2:] for row in rows[1:] if row[0] == "adam"], dtype=float)
    run = paths(RACE)[1].run
    np.testing.assert_array_equal(read, np.column_stack([run.points, run.values, run.gradients]))
    assert {row[0] for row in rows[1:]} == {path.name for path in paths(RACE)}


def test_npz_has_the_arrays() -> None:
    with np.load(io.BytesIO(as_npz(RACE))) as file:
        assert json.loads(str(file["facts"])) == json.loads(json.dumps(facts(RACE)))
        for path in paths(RACE):
            np.testing.assert_array_equal(file[f"{path.name}.points"], path.run.points)
            np.testing.assert_array_equal(file[f"{path.name}.gradients"], path.run.gradients)


def test_a_run_that_diverged_is_written_up_to_there() -> None:
    (path,) = paths(FAR)
    assert path.run.diverged_at is not None
    assert facts(FAR)["racers"][0]["diverged_at"] == path.run.diverged_at  # type: ignore[index]
    assert as_csv(FAR).decode().splitlines()[-1].startswith(f"gd,{path.run.diverged_at - 1},")


@pytest.mark.parametrize("setup", [RACE, FAR, HOSTILE])
@pytest.mark.parametrize("kind", ["linear", "log", "signed_log"])
@THEMES
def test_svg_is_well_formed_and_shows_the_paths(setup: Setup, kind: str, theme: Theme) -> None:
    root = ElementTree.fromstring(svg(setup, kind, theme).decode())
    strokes = [node.get("stroke") for node in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert all(strokes.count(color) >= 1 for color in look(theme).racers[: len(setup.racers)])
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert setup.found.title.removesuffix(".") in texts
    assert not [node.tag for node in root.iter() if node.tag.endswith(("script", "image", "foreignObject"))]


def has(image: Image.Image, color: str) -> bool:
    """True where some pixels are near a colour."""
    distance = np.abs(np.asarray(image.convert("RGB"), int) - ImageColor.getrgb(color)).max(axis=-1)
    return bool((distance < 24).sum() > 20)


@THEMES
def test_png_shows_the_racers_in_their_colors(theme: Theme) -> None:
    seen = look(theme)
    image = Image.open(io.BytesIO(png(RACE, "log", theme)))
    assert image.convert("RGB").getpixel((2, 2)) == ImageColor.getrgb(seen.paper)
    assert all(has(image, color) for color in seen.racers[:3])
    assert not has(image, seen.racers[4])
    # Beside the map only the axes are written: a path that leaves it ends at the frame.
    left = np.asarray(Image.open(io.BytesIO(png(FAR, "linear", theme))).convert("RGB"))[:, :40]
    assert not has(Image.fromarray(left), seen.racers[0])


@THEMES
def test_gif_runs(theme: Theme) -> None:
    film = Image.open(io.BytesIO(gif(RACE, "log", theme)))
    assert film.n_frames == 48
    first = np.asarray(film.convert("RGB"), int)
    film.seek(film.n_frames - 1)
    last = film.convert("RGB")
    assert np.abs(np.asarray(last, int) - first).max() > 100
    assert all(has(last, color) for color in look(theme).racers[:3])


def test_a_line_is_cut_at_the_frame_and_keeps_its_direction() -> None:
    frame = _frame(RACE)
    inside = np.array([300.0, 300.0])
    far = inside + 1e7 * np.array([1.0, 0.25])
    (part,) = _within(np.array([inside, far]), frame)
    assert (part[1] <= np.array([frame.width, frame.height]) + 100).all()
    np.testing.assert_allclose((part[1] - part[0])[1] / (part[1] - part[0])[0], 0.25)
    back = _within(np.array([inside, far, inside + 5.0]), frame)
    assert len(back) == 2
    assert _within(np.array([far, far + 1.0]), frame) == []


@pytest.mark.parametrize("low, high", [(-2, 2), (-1, 3), (0.1, 0.4), (-512, 512), (3, 6.5)])
def test_ticks_are_few_and_round(low: float, high: float) -> None:
    ticks = _ticks(low, high)
    assert 3 <= len(ticks) <= 11
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in ticks)


def test_letters_that_the_font_lacks_are_replaced() -> None:
    blank = Image.new("RGB", (400, 60), "#ffffff")
    written, plain = blank.copy(), blank.copy()
    Raster(written, 1).text(5, 40, "Polak–Ribière", 20, "#000000")
    Raster(plain, 1).text(5, 40, "Polak-Ribiere", 20, "#000000")
    np.testing.assert_array_equal(np.asarray(written), np.asarray(plain))
    assert np.asarray(written).min() < 100


def test_the_page_in_one_file_is_made_once_for_a_link() -> None:
    before = page_file.cache_info()
    said = (("optimizers", "gd"), ("step", "3"), ("surface", "=x^2+y^2+a*x"))
    first = page_file("playground", said, "https://example.test/playground")
    assert page_file("playground", said, "https://example.test/playground") is first
    assert page_file.cache_info().misses == before.misses + 1
    text = first.decode()
    assert "<h1>x^2+y^2+a*x: Gradient descent</h1>" in text
    assert 'data-blob="bank learning_rate"' in text and 'data-blob="bank a"' in text and 'data-blob="facts a"' in text
    assert 'href="https://example.test/playground"' in text
