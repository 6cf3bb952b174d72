"""Papers to draw on: one that writes SVG and one that sets pixels, with the same few strokes."""

import unicodedata
from collections.abc import Sequence
from typing import Protocol
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Points = Sequence[tuple[float, float]] | NDArray[np.float64]


class Paper(Protocol):
    """What can be drawn on; lengths are in pixels from the top left."""

    def line(self, points: Points, color: str, width: float, *, inside: bool = True) -> None: ...
    def dot(self, x: float, y: float, radius: float, fill: str, edge: str, width: float) -> None: ...
    def text(self, x: float, y: float, text: str, size: float, color: str, anchor: str = "start") -> None: ...


class Svg:
    """Collects elements; whoever reads the file decides how fine they are."""

    def __init__(self) -> None:
        self.elements: list[str] = []

    def line(self, points: Points, color: str, width: float, *, inside: bool = True) -> None:
        where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        clip = ' clip-path="url(#map)"' if inside else ""
        self.elements.append(f'<polyline points="{where}" stroke="{color}" stroke-width="{width}"{clip}/>')

    def dot(self, x: float, y: float, radius: float, fill: str, edge: str, width: float) -> None:
        self.elements.append(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius}" fill="{fill}" stroke="{edge}" stroke-width="{width}"/>'
        )

    def text(self, x: float, y: float, text: str, size: float, color: str, anchor: str = "start") -> None:
        where = f'x="{x:.2f}" y="{y:.2f}" font-size="{size}" text-anchor="{anchor}"'
        self.elements.append(f'<text {where} fill="{color}">{escape(text)}</text>')


class Raster:
    """Draws with Pillow, `scale` pixels for one: larger than it is shown, and then made smaller, lines are smooth."""

    def __init__(self, image: Image.Image, scale: float) -> None:
        self.scale = scale
        self.pen = ImageDraw.Draw(image)

    def line(self, points: Points, color: str, width: float, *, inside: bool = True) -> None:
        wide = max(1, round(width * self.scale))
        scaled = [(float(x) * self.scale, float(y) * self.scale) for x, y in points]
        self.pen.line(scaled, fill=color, width=wide, joint="curve")
        if wide > 3:
            for x, y in (scaled[0], scaled[-1]):
                self.pen.circle((x, y), wide / 2, fill=color)

    def dot(self, x: float, y: float, radius: float, fill: str, edge: str, width: float) -> None:
        # A stroke of SVG lies half outside of its circle, Pillow's all within.
        outer = (radius + width / 2) * self.scale
        self.pen.circle(
            (x * self.scale, y * self.scale), outer, fill=fill, outline=edge, width=round(width * self.scale)
        )

    def text(self, x: float, y: float, text: str, size: float, color: str, anchor: str = "start") -> None:
        font = ImageFont.load_default(size * self.scale)
        side = {"start": "l", "middle": "m", "end": "r"}[anchor]
        self.pen.text((x * self.scale, y * self.scale), _latin(text), fill=color, font=font, anchor=f"{side}s")


def _latin(text: str) -> str:
    """The text in letters that Pillow's own font has."""
    dashes = text.translate(str.maketrans({"–": "-", "−": "-", "‖": "|"}))
    return unicodedata.normalize("NFKD", dashes).encode("ascii", "ignore").decode()
