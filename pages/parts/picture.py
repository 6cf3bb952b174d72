"""The contour map with the paths as a picture to take along: SVG, PNG, and a GIF of the running paths.

One drawing, `_draw`, on one of two papers that know the same few strokes.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from xml.sax.saxutils import escape

import contourpy
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from landscapes import on_grid
from optim import Trajectory
from pages.parts.colors import Look, Theme, look
from pages.parts.papers import Paper, Raster, Svg
from pages.parts.paths import paths
from stage import Setup
from stage.figures import SCALES
from stage.scene import Pairs, make_scene

LEVELS = 18
BANDS = 40
"""Shades between the lowest and the highest: as many as pass for a smooth change."""
FINE = 201
"""Points along each side of the grid that is drawn."""
SIDE = 760
"""Pixels of the longer side of the map."""
MARGIN = (56.0, 46.0, 16.0, 40.0)
"""Pixels to the left, above, to the right and below."""
ROW = 24
BEYOND = 8
"""Pixels that a line goes on outside of the map, where nobody sees its end."""
FRAMES = 48
"""Pictures in a film at most."""
SECONDS = 6

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """Where the map lies on the paper, and the box of the surface that it shows."""

    box: tuple[float, float, float, float]
    width: float
    height: float

    def place(self, points: Floats) -> Floats:
        """Pixels (N, 2) of points (N, 2)."""
        x_low, x_high, y_low, y_high = self.box
        share = (points - (x_low, y_low)) / (x_high - x_low, y_high - y_low)
        return np.asarray(np.array([MARGIN[0], MARGIN[1] + self.height]) + share * (self.width, -self.height))


def _frame(setup: Setup) -> Frame:
    x_low, x_high, y_low, y_high = box = setup.found.box
    # Equal scales, unless one side would become a stick.
    ratio = min(max((y_high - y_low) / (x_high - x_low), 0.45), 1.0)
    return Frame(box, SIDE, SIDE * ratio)


def _size(setup: Setup, frame: Frame) -> tuple[int, int]:
    left, top, right, bottom = MARGIN
    return round(left + frame.width + right), round(top + frame.height + bottom + ROW * len(setup.racers) + 8)


@lru_cache(maxsize=16)
def _heights(surface: str, knobs: Pairs, kind: str) -> tuple[Floats, Floats, Floats]:
    """x (n,), y (n,) and the heights (n, n) that colours and level lines are even in, as in assets/heights.js."""
    x, y, z = on_grid(surface, None, FINE, **dict(knobs))
    z = np.where(np.isfinite(z), np.asarray(z, np.float64), np.nan)
    low, high = np.nanmin(z), np.nanmax(z)
    if kind == "log":
        return x, y, np.log10(z - low + 1e-4 * ((high - low) or 1))
    if kind == "signed_log":
        return x, y, np.arcsinh(z / (1e-2 * max(abs(low), abs(high)) or 1))
    return x, y, np.sqrt(z - low)


def _colors(shares: Floats, theme: Theme) -> NDArray[np.uint8]:
    """The map's colours (..., 3) for shares from 0 to 1."""
    places = [place for place, _ in SCALES[theme]]
    # Plotly writes its mixtures with fractions.
    parts = np.array([[float(part) for part in str(color)[4:-1].split(",")] for _, color in SCALES[theme]])
    return np.stack([np.interp(shares, places, parts[:, i]) for i in range(3)], axis=-1).round().astype(np.uint8)


def _span(heights: Floats) -> tuple[float, float]:
    low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
    return low, high if high > low else low + 1.0


def _within(points: Floats, frame: Frame) -> list[Floats]:
    """The parts of a line of pixels (N, 2) that lie in the frame and a little beyond, each a line (M, 2)."""
    corner = np.array(MARGIN[:2])
    low, high = corner - BEYOND, corner + BEYOND + (frame.width, frame.height)
    parts: list[list[Floats]] = []
    for start, end in pairwise(points):
        step = end - start
        with np.errstate(divide="ignore", invalid="ignore"):
            cuts = np.sort(np.stack([(low - start) / step, (high - start) / step]), axis=0)
        still = step == 0
        if (still & ((start < low) | (start > high))).any():
            continue
        enter = max(0.0, *cuts[0][~still], 0.0)
        leave = min(1.0, *cuts[1][~still], 1.0)
        if enter > leave:
            continue
        first, last = start + enter * step, start + leave * step
        if parts and np.array_equal(parts[-1][-1], first):
            parts[-1].append(last)
        else:
            parts.append([first, last])
    return [np.array(part) for part in parts]


def _draw_map(paper: Paper, setup: Setup, frame: Frame, kind: str, seen: Look) -> None:
    """What stands still: level lines, critical points, the frame and its axes, the title."""
    x, y, heights = _heights(setup.surface, setup.knobs, kind)
    low, high = _span(heights)
    lines = contourpy.contour_generator(x, y, np.ma.masked_invalid(heights))
    for level in np.linspace(low, high, LEVELS + 1)[1:-1]:
        for line in lines.lines(level):
            paper.line(frame.place(np.asarray(line)), seen.level, 0.8)
    for point in make_scene(setup.surface, setup.knobs)[1]["critical"]:
        px, py = frame.place(np.array([[point["x"], point["y"]]]))[0]
        low_point = point["kind"] == "minimum"
        paper.dot(px, py, 4, *((seen.ink, seen.halo) if low_point else (seen.halo, seen.ink)), 1.5)
    left, top, right, bottom = MARGIN[0], MARGIN[1], MARGIN[0] + frame.width, MARGIN[1] + frame.height
    paper.line([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], seen.edge, 1.2, inside=False)
    for tick in _ticks(*frame.box[:2]):
        px = frame.place(np.array([[tick, frame.box[2]]]))[0][0]
        paper.line([(px, bottom), (px, bottom + 5)], seen.edge, 1.2, inside=False)
        paper.text(px, bottom + 19, f"{tick:g}", 13, seen.faint, "middle")
    for tick in _ticks(*frame.box[2:]):
        py = frame.place(np.array([[frame.box[0], tick]]))[0][1]
        paper.line([(left - 5, py), (left, py)], seen.edge, 1.2, inside=False)
        paper.text(left - 9, py + 4.5, f"{tick:g}", 13, seen.faint, "end")
    paper.text(left, top - 16, setup.found.title.removesuffix("."), 20, seen.ink)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between two, about five."""
    step = 10 ** np.floor(np.log10((high - low) / 4))
    step *= next(times for times in (5, 2, 1) if (high - low) / (step * times) >= 4 or times == 1)
    return [float(f"{tick:.6g}") for tick in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step]


def _draw_paths(paper: Paper, setup: Setup, frame: Frame, seen: Look, until: int | None = None) -> None:
    """Every racer's path up to a step, and what it has come to."""
    base = MARGIN[1] + frame.height + MARGIN[3] + 16
    kept = [
        (color, path.title, path.run, len(path.run.points) if until is None else min(until + 1, len(path.run.points)))
        for color, path in zip(seen.racers, paths(setup), strict=False)
    ]
    placed = [(color, frame.place(run.points[:count])) for color, _, run, count in kept if count]
    for style, width in ((seen.halo, 5.5), (None, 2.6)):
        for color, points in placed:
            for part in _within(points, frame):
                paper.line(part, style or color, width)
    for color, points in placed:
        for (px, py), radius, fill, edge in ((points[0], 6.5, seen.paper, color), (points[-1], 5, color, seen.halo)):
            if MARGIN[0] <= px <= MARGIN[0] + frame.width and MARGIN[1] <= py <= MARGIN[1] + frame.height:
                paper.dot(px, py, radius, fill, edge, 2.5)
    for row, (color, title, run, count) in enumerate(kept):
        py = base + ROW * row
        paper.dot(MARGIN[0] + 7, py - 5, 6, color, seen.halo, 1)
        paper.text(MARGIN[0] + 22, py, title, 15, seen.ink)
        paper.text(MARGIN[0] + frame.width, py, _outcome(run, count - 1, until is None), 15, seen.faint, "end")


def _outcome(run: Trajectory, step: int, ended: bool) -> str:
    if run.diverged_at is not None and (ended or step == len(run.points) - 1):
        return f"diverged at step {run.diverged_at}"
    return f"loss {run.values[step]:.4g} after {step} {'step' if step == 1 else 'steps'}"


@lru_cache(maxsize=16)
def svg(setup: Setup, kind: str, theme: Theme) -> bytes:
    """The picture of all paths to their ends. `kind` names the heights: linear, log or signed_log."""
    seen = look(theme)
    frame = _frame(setup)
    width, height = _size(setup, frame)
    x, y, heights = _heights(setup.surface, setup.knobs, kind)
    low, high = _span(heights)
    bands = contourpy.contour_generator(x, y, np.ma.masked_invalid(heights), fill_type=contourpy.FillType.OuterOffset)
    edges = np.linspace(low, high, BANDS + 1)
    # Each band reaches to the top, under the next ones: no seam shows between two.
    filled = []
    for edge, color in zip(edges[:-1], _colors((np.arange(BANDS) + 0.5) / BANDS, theme), strict=True):
        points, offsets = bands.filled(edge - 1e-9 * (high - low), np.inf)
        d = "".join(
            f"M{'L'.join(f'{px:.1f} {py:.1f}' for px, py in frame.place(np.asarray(part)[a:b]))}Z"
            for part, cuts in zip(points, offsets, strict=True)
            for a, b in pairwise(cuts)
        )
        filled.append(f'<path d="{d}" fill="rgb({color[0]},{color[1]},{color[2]})" fill-rule="evenodd"/>')
    paper = Svg()
    _draw_map(paper, setup, frame, kind, seen)
    _draw_paths(paper, setup, frame, seen)
    title = escape(setup.found.title)
    clip = f'<rect x="{MARGIN[0]}" y="{MARGIN[1]}" width="{frame.width}" height="{frame.height:.2f}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="system-ui, sans-serif" fill="none" stroke-linejoin="round" stroke-linecap="round">'
        f"<title>{title}</title><defs><clipPath id='map'>{clip}</clipPath></defs>"
        f'<rect width="{width}" height="{height}" fill="{seen.paper}"/>'
        f"{''.join(filled)}{''.join(paper.elements)}</svg>"
    ).encode()


def _base(setup: Setup, kind: str, theme: Theme, scale: float) -> tuple[Image.Image, Frame]:
    """The map without paths."""
    frame = _frame(setup)
    width, height = _size(setup, frame)
    image = Image.new("RGB", (round(width * scale), round(height * scale)), look(theme).paper)
    _, _, heights = _heights(setup.surface, setup.knobs, kind)
    low, high = _span(heights)
    pixels = _colors(np.nan_to_num((heights - low) / (high - low)), theme)
    pixels[~np.isfinite(heights)] = ImageColor.getrgb(look(theme).paper)
    size = (round(frame.width * scale), round(frame.height * scale))
    shaded = Image.fromarray(pixels[::-1]).resize(size, Image.Resampling.BICUBIC)
    image.paste(shaded, (round(MARGIN[0] * scale), round(MARGIN[1] * scale)))
    _draw_map(Raster(image, scale), setup, frame, kind, look(theme))
    return image, frame


def _trimmed(image: Image.Image, bare: Image.Image, frame: Frame, scale: float) -> Image.Image:
    """The picture, with its margins as they are without the ends of lines that left the map."""
    left, top = round(MARGIN[0] * scale), round(MARGIN[1] * scale)
    right, bottom = left + round(frame.width * scale), top + round(frame.height * scale)
    below = bottom + round(MARGIN[3] * scale) - round(BEYOND * scale)
    wide = image.width
    for strip in ((0, 0, wide, top), (0, top, left, bottom), (right, top, wide, bottom), (0, bottom, wide, below)):
        image.paste(bare.crop(strip), strip[:2])
    return image


def _with_paths(
    base: Image.Image, setup: Setup, frame: Frame, seen: Look, scale: float, until: int | None
) -> Image.Image:
    image = base.copy()
    _draw_paths(Raster(image, scale), setup, frame, seen, until)
    return _trimmed(image, base, frame, scale)


@lru_cache(maxsize=8)
def png(setup: Setup, kind: str, theme: Theme) -> bytes:
    """The same picture, twice as fine as a screen of usual density."""
    scale = 4.0
    base, frame = _base(setup, kind, theme, scale)
    drawn = _with_paths(base, setup, frame, look(theme), scale, None)
    out = io.BytesIO()
    # Pillow's `optimize` would take five times as long, for a file 3 % smaller.
    drawn.reduce(2).save(out, "PNG")
    return out.getvalue()


def _palette(picture: Image.Image, racers: Sequence[str], paper: str) -> Image.Image:
    """One palette for a whole film: colours that change from frame to frame would flicker.

    Paths are few pixels, and a palette from the picture alone would leave their colours out.
    """
    shares = (1.0, 0.7, 0.4)
    rgb = [np.array(ImageColor.getrgb(color)) for color in racers]
    page = np.array(ImageColor.getrgb(paper))
    own = np.array([page - share * (page - color) for color in rgb for share in shares]).round().astype(int)
    common = picture.quantize(256 - len(own), Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*common[: 3 * (256 - len(own))], *own.ravel().tolist()])
    return palette


@lru_cache(maxsize=8)
def gif(setup: Setup, kind: str, theme: Theme) -> bytes:
    """The running paths, about `SECONDS` long and endlessly repeated."""
    scale = 2.0
    base, frame = _base(setup, kind, theme, scale)
    steps = np.unique(np.linspace(0, setup.steps, min(FRAMES, setup.steps + 1)).round().astype(int)).tolist()
    drawn = [_with_paths(base, setup, frame, look(theme), scale, step) for step in steps]
    half = [image.reduce(2) for image in drawn]
    palette = _palette(half[-1], look(theme).racers[: len(setup.racers)], look(theme).paper)
    frames = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in half]
    pause = max(20, round(1000 * SECONDS / len(frames)))
    out = io.BytesIO()
    durations = [pause] * (len(frames) - 1) + [2000]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return out.getvalue()
