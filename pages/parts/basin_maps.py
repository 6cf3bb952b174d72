"""Basin maps: which minimum every racer ends in from every start, side by side."""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from landscapes import value
from landscapes.shared import shared
from optim import Basins, basins
from pages.parts.course import Sheet
from pages.parts.lesson import Reading
from pages.parts.settings import short, write
from pages.parts.tool import Tool
from pages.parts.words import number, series
from stage import Setup
from stage.maps import FINE, NOWHERE, SHADES
from stage.rasters import Axis, Panel, png, rasters
from stage.scene import Racer, wrapper_of

SADDLE = NOWHERE - 1
"""The label of saddle points; those before it are for minima, and are used again where there are more of these."""
NAMED = 8
"""Minima in the legend, at most: as many as there are hues."""


@shared(64)
def drawn(setup: Setup) -> tuple[bytes, tuple[tuple[int, float], ...], tuple[tuple[float, float, float], ...], bool]:
    """The map of the only racer of a setup, see `essence`: as PNG, the share of each label on it (−1 for nowhere), the
    minima (x, y, value), the lowest first, and whether it has saddles."""
    racer = setup.racers[0]
    found = basins(
        setup.surface,
        racer.optimizer,
        n=FINE,
        steps=setup.steps,
        knobs=dict(setup.knobs),
        saddles=True,
        **_clips(setup, racer),
        **dict(racer.hyper),
    )
    heights = [value(setup.surface, point, **dict(setup.knobs)) for point in found.minima]
    order = np.argsort(heights, kind="stable")
    labels = labelled(found, order)
    shades = np.log1p(np.maximum(found.steps, 0)) / np.log1p(max(setup.steps, 1))
    pixels = np.where(labels < 0, NOWHERE * 16, labels * 16 + np.rint(SHADES * np.clip(shades, 0, 1)))
    which, count = np.unique(labels, return_counts=True)
    parts = sorted(
        ((int(label), float(n) / labels.size) for label, n in zip(which, count, strict=True)),
        key=lambda part: part[0] % 16,
    )
    places = tuple((float(found.minima[i][0]), float(found.minima[i][1]), float(heights[i])) for i in order)
    return png(pixels.astype(np.uint8)), tuple(parts), places, SADDLE in which


def labelled(found: Basins, order: NDArray[np.intp]) -> NDArray[np.int64]:
    """A label for each pixel: the rank of its minimum, `SADDLE`, or −1. Ranks beyond the labels begin again."""
    rank = np.full(len(found.minima) + len(found.saddles) + 1, SADDLE)
    rank[order] = np.arange(len(order)) % SADDLE
    rank[-1] = -1
    return rank[found.labels]


def _clips(setup: Setup, racer: Racer) -> dict[str, float]:
    return {name: amount for name, amount in wrapper_of(setup, racer).items() if name.startswith("clip")}


def essence(setup: Setup, racer: Racer) -> Setup:
    """Only what a racer's map depends on."""
    clipped = {"threshold": setup.threshold} if _clips(setup, racer) else {}
    alone = Racer(racer.optimizer, racer.hyper, racer.wrapper if clipped else "")
    return Setup(setup.surface, (alone,), setup.found.start, setup.steps, setup.knobs, **clipped)


def show(reading: Reading, sheet: Sheet, numbers: Mapping[str, float], choices: Mapping[str, str]) -> None:
    setup = reading.setup
    st.caption(
        f"The minimum that {setup.steps} steps lead to from every start; pale where few were needed. Hatched: none. "
        "Click to start there."
    )
    made = [drawn(essence(setup, racer)) for racer in setup.racers]
    minima = made[0][2]
    names = [f"({number(x, 3)}, {number(y, 3)}), f = {number(_rounded(z), 3)}" for x, y, z in minima]
    legend = [{"kind": "minimum", "text": name if i < NAMED else ""} for i, name in enumerate(names[:SADDLE])]
    legend += [{"kind": "minimum", "text": ""}] * (SADDLE - len(legend))
    legend.append({"kind": "saddle", "text": "saddle point" if any(saddled for *_, saddled in made) else ""})
    panels = [
        Panel(title, picture, setup.start_of(racer), parts, _words(parts, names))
        for (picture, parts, _, _), racer, title in zip(made, setup.racers, setup.titles, strict=True)
    ]
    x_low, x_high, y_low, y_high = setup.found.box
    axes = (Axis("x", x_low, x_high), Axis("y", y_low, y_high))
    picked = rasters("basin_maps", panels, axes, places=legend)
    if len(minima) > NAMED:
        st.caption(f"{len(minima)} minima; the legend has the {NAMED} lowest, and hues are used again.")
    if any(name in ("noise", "batch") for name in (racer.wrapper for racer in setup.racers)):
        st.caption("Noisy and minibatch racers are mapped with exact gradients: one draw says nothing about a map.")
    if picked:
        write({name: short(float(f"{at:.4g}")) for name, at in zip("xy", picked.point, strict=True)})
        st.rerun()


def _rounded(height: float) -> float:
    # What rounding makes of a zero is not worth its exponent.
    return 0.0 if abs(height) < 1e-12 else height


def _words(parts: tuple[tuple[int, float], ...], names: list[str]) -> str:
    """The shares of a map in words."""
    where = {-1: "nowhere", SADDLE: "in a saddle point"}
    told = [
        f"{share:.0%} end {where.get(label) or f'in {names[label]}'}"
        for label, share in sorted(parts, key=lambda part: -part[1])[:5]
    ]
    return series(told)


TOOL = Tool(show=show)
