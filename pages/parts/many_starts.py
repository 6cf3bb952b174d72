"""Many starts: how often every racer gets to the lowest minimum that is known, and how soon."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from landscapes.shared import shared
from optim.starts import Attempts, attempt, goal, gridded, sampled
from optim.tournament import CONFIDENCE, TOLERANCE
from pages.parts.colors import PALETTE
from pages.parts.course import Sheet
from pages.parts.lesson import Reading
from pages.parts.menus import menu
from pages.parts.successes import COLUMNS, columns
from pages.parts.tool import Tool
from pages.parts.words import number
from stage import Setup
from stage.scene import Racer, wrapper_of

MENUS: Mapping[str, Mapping[str, str]] = {
    "spread": {"sample": "drawn at random", "grid": "an even grid"},
    "starts": {"256": "256", "64": "64", "1024": "1024", "4096": "4096"},
    "budget": {"300": "300 gradients", "100": "100 gradients", "1000": "1000 gradients", "3000": "3000 gradients"},
}
STARTED = st.column_config.NumberColumn(format="%d", help="Starts where the surface is defined.")


@shared(256)
def attempts(setup: Setup, racer: Racer, spread: str, count: int, budget: int) -> Attempts:
    """A racer's runs from many starts. `setup` has nothing but what they depend on: see `essence`."""
    side = round(count**0.5)
    starts = gridded(setup.found, side) if spread == "grid" else sampled(setup.found, count, setup.seed)
    given = {**wrapper_of(setup, racer), **dict(racer.hyper)}
    return attempt(
        setup.found, racer.optimizer, starts, budget=budget, seed=setup.seed, knobs=dict(setup.knobs), **given
    )


def essence(setup: Setup) -> Setup:
    """The setup without what no run from another start depends on."""
    shared_by_all = {name: getattr(setup, name) for name in ("threshold", "noise", "cooling", "batch_size", "seed")}
    return Setup(setup.surface, (), setup.found.start, 0, setup.knobs, **shared_by_all)


def rows(setup: Setup, spread: str, count: int, budget: int) -> list[dict[str, object]]:
    """A row for each racer: the success with its interval, and the median of the evaluations with its own.

    None where the surface is defined at no start.
    """
    found: list[dict[str, object]] = []
    for racer, title in zip(setup.racers, setup.titles, strict=True):
        runs = attempts(essence(setup), Racer(racer.optimizer, racer.hyper, racer.wrapper), spread, count, budget)
        if not len(runs.evaluations):
            return []
        found.append({"Racer": title, **columns(runs.evaluations), "Starts": len(runs.evaluations)})
    return found


def intervals(table: list[dict[str, Any]], budget: int) -> go.Figure:
    """Success and median evaluations with their intervals, a line for each racer."""
    figure = make_subplots(cols=2, shared_yaxes=True, horizontal_spacing=0.04)
    for row, color in zip(table, PALETTE, strict=False):
        known = row["Median evaluations"] is not None
        at_most = budget if row["at most"] is None else row["at most"]
        marks = [("Success, %", "from", row["to"], 1)] + [("Median evaluations", "at least", at_most, 2)] * known
        for middle, low, high, column in marks:
            value = row[middle]
            error = {"array": [high - value], "arrayminus": [value - row[low]], "thickness": 2, "width": 5}
            trace = go.Scatter(
                x=[value], y=[row["Racer"]], error_x=error, mode="markers", marker={"color": color, "size": 9}
            )
            figure.add_trace(trace, 1, column)
    figure.update_yaxes(autorange="reversed", categoryorder="array", categoryarray=[row["Racer"] for row in table])
    figure.update_xaxes(range=[-3, 103], title="success, %", col=1)
    figure.update_xaxes(title="median evaluations, in gradients", rangemode="tozero", col=2)
    figure.update_layout(
        height=110 + 34 * len(table), margin={"l": 10, "r": 10, "t": 10, "b": 10}, showlegend=False, hovermode="closest"
    )
    return figure


def show(reading: Reading, sheet: Sheet, numbers: Mapping[str, float], choices: Mapping[str, str]) -> None:
    setup = reading.setup
    labels = ("Starts", "Number of starts", "Budget of each run")
    for box, name, label in zip(st.columns(3), MENUS, labels, strict=True):
        with box:
            menu(sheet, name, choices[name], label)
    spread, count, budget = choices["spread"], int(choices["starts"]), int(choices["budget"])
    try:
        lowest, target = goal(setup.found, tuple(setup.found.fill(dict(setup.knobs)).items()))
    except ValueError:
        st.info("No minimum of this surface is known in its box, so no run can be said to have found one.")
        return
    table = rows(setup, spread, count, budget)
    if not table:
        st.info("The function is defined at none of these starts. Try more of them.")
        return
    st.plotly_chart(intervals(table, budget), width="stretch", config={"displayModeBar": False}, key="starts_chart")
    titled = COLUMNS | {"Starts": STARTED}
    st.dataframe(table, hide_index=True, width="stretch", column_config=titled, placeholder="–")
    st.caption(
        f"Success: a loss of at most {number(target, 6)}. That is the lowest known minimum, {number(lowest, 6)}, and "
        f"{number(TOLERANCE)} of the median height above it. Intervals at {CONFIDENCE:.0%} confidence"
        + (", as for a random sample of that size." if spread == "grid" else f"; seed {setup.seed}.")
    )
    below = [
        attempts(essence(setup), Racer(r.optimizer, r.hyper, r.wrapper), spread, count, budget).lowest
        for r in setup.racers
    ]
    if min(float(np.nanmin(part, initial=np.inf)) for part in below) < 2 * lowest - target:
        st.caption("Some runs went lower than every minimum known in the box. They count as successes.")


TOOL = Tool(show=show, menus=MENUS)
