"""Maps to be clicked: pictures over two axes beside each other, sent as 8-bit PNG and coloured in the browser."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from plotly.colors import get_colorscale, sample_colorscale

from stage.bank import pack
from stage.component import loader

LEVELS = 254
"""The highest level of a heat map; 255 is where there is no number."""
HEAT = "Viridis"


@dataclass(frozen=True)
class Axis:
    """One axis of a map: the range of what its pixels stand for, evenly spaced, in the logarithm where `log`."""

    label: str
    low: float
    high: float
    log: bool = False

    def at(self, share: float) -> float:
        """The number at a share of the way from low to high."""
        if self.log:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + (self.high - self.low) * share


@dataclass(frozen=True)
class Panel:
    """One map. `png` is the picture with its top row first; `mark` is a point (x, y) that is marked.

    `parts` are (color, share) of the map, shown as a bar below it; `about` is the map in words.
    """

    title: str
    png: bytes
    mark: tuple[float, float] | None = None
    parts: tuple[tuple[int, float], ...] = ()
    about: str = ""


@dataclass(frozen=True)
class Picked:
    """A click: the place of the panel in its row, and the numbers (x, y) there."""

    panel: int
    point: tuple[float, float]


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels (n, m), rows from low to high, as a PNG of one byte a pixel."""
    held = io.BytesIO()
    # Fast rather than smallest: the picture is made while someone waits.
    Image.fromarray(np.ascontiguousarray(pixels[::-1])).save(held, "PNG", compress_level=1)
    return held.getvalue()


def levels(values: NDArray[np.float64], low: float, high: float, log: bool) -> NDArray[np.uint8]:
    """Values (n, m) as levels from 0 at `low` to `LEVELS` at `high`; 255 where they are not finite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.log(values / low) / np.log(high / low) if log else (values - low) / (high - low)
    shown = np.where(np.isfinite(values), np.rint(LEVELS * np.clip(share, 0, 1)), 255)
    return np.asarray(np.nan_to_num(shown)).astype(np.uint8)


@lru_cache(maxsize=1)
def heat() -> tuple[str, ...]:
    """Colours of the levels, evenly spaced in perceived lightness."""
    return tuple(sample_colorscale(get_colorscale(HEAT), np.linspace(0, 1, LEVELS + 1).tolist()))


@lru_cache(maxsize=1)
def _component() -> Any:
    return st.components.v2.component("rasters", js=loader("rasters.js"), isolate_styles=False)


def rasters(
    key: str,
    panels: Sequence[Panel],
    axes: tuple[Axis, Axis],
    *,
    places: Sequence[Mapping[str, str]] | None = None,
    scale: Axis | None = None,
    clickable: bool = True,
) -> Picked | None:
    """Draw the maps; what was clicked since the last run, or None.

    With `places`, ``{"kind", "text"}`` for each label, the pixels are those of `stage.maps`: a label in the upper four
    bits, a shade in the lower. With `scale` they are levels of a heat map between its ends.
    """
    header = {
        "axes": [axis.__dict__ for axis in axes],
        "panels": [
            {"title": panel.title, "mark": panel.mark, "parts": panel.parts, "about": panel.about} for panel in panels
        ],
        "places": places,
        "scale": scale and scale.__dict__,
        "heat": heat() if scale else None,
        "clickable": clickable,
    }
    pictures = {str(place): np.frombuffer(panel.png, np.uint8) for place, panel in enumerate(panels)}
    result = _component()(key=key, data=pack(header, {"pictures": pictures}), on_picked_change=lambda: None)
    return _picked(result.get("picked"), len(panels), axes) if clickable else None


def _picked(said: Any, count: int, axes: tuple[Axis, Axis]) -> Picked | None:
    """A click as the browser tells it, shares of both axes; None for what is no place on a map."""
    if not isinstance(said, Mapping):
        return None
    panel, shares = said.get("panel"), (said.get("x"), said.get("y"))
    known = all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares)
    if not known or not isinstance(panel, int) or not 0 <= panel < count:
        return None
    return Picked(panel, (axes[0].at(float(shares[0] or 0)), axes[1].at(float(shares[1] or 0))))
