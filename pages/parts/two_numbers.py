"""Two hyperparameters at once: the final loss, or the contraction near a minimum, over a plane of both."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from landscapes import critical_points
from landscapes.knobs import Knob
from landscapes.shared import shared
from optim import find_optimizer
from optim.planes import contraction, contracts, final_losses
from pages.parts.course import Sheet
from pages.parts.lesson import RATE, SLIDERS, Reading
from pages.parts.lineup import renumbered, replaced
from pages.parts.settings import write
from pages.parts.tool import Tool, option, racer_option
from pages.parts.words import number
from stage import Setup
from stage.rasters import Axis, Panel, levels, png, rasters
from stage.scene import WRAPPERS, Racer, make_bank, make_scene, wrapper_of

FINE = 128
"""Values of each of the two numbers."""
LOWEST = 1e-14
"""Losses above the lowest are shown down to this share of the first one."""
MEASURES = {"loss": "final loss", "contraction": "contraction near the minimum"}

Floats = NDArray[np.float64]


def knobs_of(setup: Setup, racer: Racer) -> dict[str, Knob]:
    """What may be an axis: a racer's hyperparameters, and the threshold where its gradient is clipped."""
    clipped = "threshold" in (WRAPPERS[racer.wrapper][0] if racer.wrapper else {})
    return {**find_optimizer(racer.optimizer).knobs, **({"threshold": SLIDERS["threshold"]} if clipped else {})}


def values_of(knob: Knob) -> Floats:
    """`FINE` values of one number."""
    spaced = replace(knob, zero=False).positions(FINE)
    return np.asarray(spaced)


def _engine(racer: Racer, name: str) -> str:
    return WRAPPERS[racer.wrapper][0][name] if name == "threshold" else name


@shared(64)
def losses(setup: Setup, first: str, second: str) -> Floats:
    """Final losses (`FINE`, `FINE`) of the only racer of a setup, see `essence`."""
    racer, knobs = setup.racers[0], knobs_of(setup, setup.racers[0])
    clips = {name: tau for name, tau in wrapper_of(setup, racer).items() if name.startswith("clip")}
    return final_losses(
        setup.surface,
        racer.optimizer,
        setup.start,
        over=(_engine(racer, first), _engine(racer, second)),
        values=(values_of(knobs[first]), values_of(knobs[second])),
        steps=setup.steps,
        knobs=dict(setup.knobs),
        **clips,
        **dict(racer.hyper),
    )


@shared(64)
def factors(setup: Setup, first: str, second: str, point: tuple[float, float]) -> Floats:
    """Contraction factors (`FINE`, `FINE`) of the only racer of a setup at a minimum."""
    racer, knobs = setup.racers[0], knobs_of(setup, setup.racers[0])
    return contraction(
        setup.surface,
        racer.optimizer,
        point,
        over=(first, second),
        values=(values_of(knobs[first]), values_of(knobs[second])),
        knobs=dict(setup.knobs),
        **dict(racer.hyper),
    )


def essence(setup: Setup, racer: Racer, first: str, second: str) -> Setup:
    """Only what the plane of a racer depends on: not the two numbers themselves."""
    hyper = tuple((name, at) for name, at in racer.hyper if name not in (first, second))
    clip = {} if "threshold" in (first, second) else {"threshold": setup.threshold}
    alone = Racer(racer.optimizer, hyper, racer.wrapper if racer.wrapper in ("norm", "value") else "")
    return Setup(setup.surface, (alone,), setup.start_of(racer), setup.steps, setup.knobs, **clip)


def nearby(setup: Setup, place: int) -> tuple[float, float] | None:
    """The nondegenerate minimum next to where a racer's run ends; None where there is none."""
    if not setup.found.smooth:
        return None
    minima = [c.point for c in critical_points(setup.found, None, **dict(setup.knobs)) if c.kind == "minimum"]
    if not minima:
        return None
    points = make_bank(setup, "x", (setup.start[0],)).trajectory(place, 0).points
    end = points[-1] if len(points) else np.array(setup.start_of(setup.racers[place]))
    x, y = min(minima, key=lambda point: float(np.hypot(*(point - end))))
    return float(x), float(y)


def show(reading: Reading, sheet: Sheet, numbers: Mapping[str, float], choices: Mapping[str, str]) -> None:
    setup = reading.setup
    boxes = st.columns(3)
    with boxes[0]:
        place = racer_option(reading, lambda place: len(knobs_of(setup, setup.racers[place])) > 1)
    if place is None:
        st.info("Every racer here has fewer than two numbers. Add one with momentum.")
        return
    racer = setup.racers[place]
    knobs = knobs_of(setup, racer)
    first = RATE if RATE in knobs else next(iter(knobs))
    others = {name: knob.label for name, knob in knobs.items() if name != first}
    with boxes[1]:
        second = option("second", others, "Against", next(iter(others)))
    minimum = nearby(setup, place) if second != "threshold" else None
    able = minimum is not None and contracts(setup.found, racer.optimizer, minimum, dict(setup.knobs))
    measures = MEASURES if able else {"loss": MEASURES["loss"]}
    with boxes[2]:
        measure = option("measure", measures, "Shown", "loss")
    alone = essence(setup, racer, first, second)
    lowest = float(make_scene(setup.surface, setup.knobs)[1]["lowest"])
    if measure == "contraction" and minimum is not None:
        found = factors(alone, first, second, minimum)
        shown, scale = np.where(found < 1, found, np.nan), Axis("ρ", 0.0, 1.0)
        what = (
            f"ρ: the share of the distance to the minimum ({number(minimum[0], 3)}, {number(minimum[1], 3)}) that a "
            "step leaves in the long run, from the rule's own linearisation there. Hatched: ρ ≥ 1, no convergence."
        )
    else:
        found = losses(alone, first, second)
        above = found - lowest
        finite = above[np.isfinite(above)]
        top = float(finite.max(initial=0.0)) or 1.0
        bottom = max(float(finite.min(initial=top)), LOWEST * top, np.finfo(float).tiny)
        shown = np.where(np.isfinite(above), np.maximum(above, bottom), np.nan)
        scale = Axis("final loss above the lowest", min(bottom, top / 10), top, log=True)
        what = f"The loss after {setup.steps} steps above the lowest one known. Hatched: the run diverged."
    filled = {**find_optimizer(racer.optimizer).fill(dict(racer.hyper)), "threshold": setup.threshold}
    axes = tuple(Axis(knobs[n].label, knobs[n].low, knobs[n].high, knobs[n].log) for n in (first, second))
    picture = png(levels(shown, scale.low, scale.high, scale.log))
    now = {first: filled[first], second: filled[second]}
    table = _notable(shown, knobs, now, scale.label)
    panel = Panel(setup.titles[place], picture, (now[first], now[second]), about=what)
    drawn, told = st.columns([1.15, 1], gap="large")
    with drawn:
        picked = rasters("two_numbers", [panel], (axes[0], axes[1]), scale=scale)
    with told:
        st.caption(f"{what} The ring is what runs now. Click to take both numbers.")
        st.dataframe(table, hide_index=True, width="stretch")
        st.latex(find_optimizer(racer.optimizer).caption.formula)
    if racer.wrapper in ("noise", "batch"):
        st.caption("With exact gradients: one draw says nothing about a plane.")
    if picked:
        _take(reading, place, {n: float(f"{at:.4g}") for n, at in zip((first, second), picked.point, strict=True)})
        st.rerun()


def _notable(shown: Floats, knobs: Mapping[str, Knob], now: Mapping[str, float], label: str) -> list[dict[str, str]]:
    """The lowest cell of the plane, and the one next to what runs now."""
    steps = [values_of(knobs[name]) for name in now]
    nearest = [int(np.argmin(np.abs(values - at))) for values, at in zip(steps, now.values(), strict=True)]
    cells = {"now, in the cell below the ring": (nearest[1], nearest[0])}
    if not np.isnan(shown).all():
        row, column = np.unravel_index(int(np.nanargmin(shown)), shown.shape)
        cells["lowest"] = (int(row), int(column))
    return [
        {
            "": name,
            **{knobs[n].label: number(float(steps[k][cell[1 - k]]), 3) for k, n in enumerate(now)},
            label: number(float(shown[cell]), 3),
        }
        for name, cell in cells.items()
    ]


def _take(reading: Reading, place: int, pair: Mapping[str, float]) -> None:
    """Both numbers into the address, where the racer at a place has its own."""
    shared_by_all = {name: f"{at:.4g}" for name, at in pair.items() if name == "threshold"}
    own = {name: at for name, at in pair.items() if name != "threshold"}
    if place == 0:
        changes = {k: v for name, at in own.items() for k, v in renumbered(reading, 0, name, at).items()}
    else:
        entry = reading.entries[place]
        for name, at in own.items():
            entry = entry.having(name, at)
        changes = replaced(reading, place, entry)
    write({**changes, **shared_by_all})


TOOL = Tool(show=show, names=("second", "measure"))
