"""One update, step by step: the terms of a racer's rule in numbers, and as arrows on the surface."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from landscapes import on_grid
from landscapes.knobs import Knob
from landscapes.shared import shared
from optim import find_optimizer
from optim.one_update import Update, open_update
from pages.parts.colors import BLUE, FAINT, OCHRE, ORANGE, SKY, theme
from pages.parts.course import Sheet
from pages.parts.lesson import Reading
from pages.parts.menus import slider
from pages.parts.settings import Settings
from pages.parts.tool import Tool, racer_option
from pages.parts.words import number
from stage import Setup
from stage.figures import SCALES
from stage.scene import Pairs, Racer, make_bank, run_arguments

UPDATE = "update"
FIRST = 5
"""The update that is opened before someone chooses: late enough for a memory."""
ROOM = 1.35
"""The picture reaches this many times as far from the point as its longest arrow."""
LONGEST = 2.0
"""Arrows are drawn up to this many times as long as the step; longer ones are cut."""
TALL = 500
"""Pixels of the figure, and of a table that has more rows than fit."""
NARROWEST = 1e-5
"""The picture reaches at least this share of the box: what is drawn has 32 bits, and a step may be none at all."""
ROW = 36
"""Pixels of a row of it."""
GRID = 61
COLORS = {"gradient": SKY, "descent": BLUE, "memory": OCHRE, "step": ORANGE}


@shared(256)
def opened(setup: Setup, racer: Racer, step: int) -> Update:
    """The update of a racer that leads to its point number `step`."""
    given = run_arguments(setup, racer)
    # The path is the same up to where a run stops.
    return open_update(setup.surface, racer.optimizer, step=step, **{k: v for k, v in given.items() if k != "stop"})


def arrows(update: Update) -> dict[str, tuple[str, NDArray[np.float64]]]:
    """The arrows of an update by their colors: a label, and the vector (2,) that is drawn."""
    step = update.moved - update.point
    # Along the same line, one would hide the other.
    if update.descent is None:
        found = {"gradient": ("−∇f, direction only", -update.gradient)}
    else:
        found = {"descent": ("−η∇f", update.descent)}
    if np.any(update.memory):
        found["memory"] = ("what memory alone would do", update.memory)
    found["step"] = ("step", step)
    reach = LONGEST * float(np.hypot(*step)) or 1.0
    drawn = {}
    for name, (label, vector) in found.items():
        length = float(np.hypot(*vector))
        if name == "gradient":
            vector = vector / (length or 1.0) * (float(np.hypot(*step)) or 1.0)
        elif length > reach:
            label, vector = f"{label}, cut to {number(100 * reach / length, 2)} %", vector / length * reach
        drawn[name] = (label, vector)
    return drawn


@shared(128)
def background(
    surface: str, knobs: Pairs, middle: tuple[float, float], reach: float
) -> tuple[NDArray[np.float32], ...]:
    """The surface within `reach` of a point: x (n,), y (n,), heights (n, n)."""
    box = (middle[0] - reach, middle[0] + reach, middle[1] - reach, middle[1] + reach)
    return on_grid(surface, box, GRID, **dict(knobs))


def figure(setup: Setup, update: Update, theme: str) -> go.Figure:
    """The arrows at the point, on the level lines around it."""
    drawn = arrows(update)
    x_low, x_high, _, _ = setup.found.box
    reach = max(ROOM * max(float(np.hypot(*vector)) for _, vector in drawn.values()), NARROWEST * (x_high - x_low))
    x, y, z = background(setup.surface, setup.knobs, (float(update.point[0]), float(update.point[1])), reach)
    lines = {"width": 0.6, "color": FAINT}
    made = go.Figure(go.Contour(x=x, y=y, z=z, colorscale=SCALES[theme], showscale=False, hoverinfo="skip", line=lines))
    # The longest first, so that none hides another.
    for name, (_, vector) in sorted(drawn.items(), key=lambda item: -float(np.hypot(*item[1][1]))):
        end = update.point + vector
        made.add_annotation(
            x=end[0],
            y=end[1],
            ax=update.point[0],
            ay=update.point[1],
            xref="x",
            yref="y",
            axref="x",
            ayref="y",
            arrowhead=2,
            arrowsize=0.9,
            arrowwidth=4 if name == "step" else 2.5,
            arrowcolor=COLORS[name],
            text="",
        )
    for name, (label, _) in drawn.items():
        # Annotations have no legend of their own.
        made.add_scatter(x=[None], y=[None], mode="lines", line={"color": COLORS[name], "width": 4}, name=label)
    made.add_scatter(
        x=[update.point[0]],
        y=[update.point[1]],
        mode="markers",
        marker={"color": "white", "size": 10, "line": {"color": "black", "width": 2}},
        showlegend=False,
        hovertemplate="x %{x:.4g}<br>y %{y:.4g}<extra></extra>",
    )
    made.update_xaxes(range=[x[0], x[-1]], constrain="domain", nticks=6)
    made.update_yaxes(range=[y[0], y[-1]], scaleanchor="x", constrain="domain", nticks=6)
    made.update_layout(
        height=TALL, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend={"orientation": "h", "y": -0.08, "x": 0}
    )
    return made


def rows(update: Update) -> list[dict[str, str]]:
    """The terms as a table: names, code, values, and the length of vectors."""
    found = [
        {"Term": term.name, "Computed as": term.code, "Value": _text(term.value), "Length": _length(term.value)}
        for term in update.terms
    ]
    step = update.moved - update.point
    return [*found, {"Term": "step", "Computed as": "new x − x", "Value": _text(step), "Length": _length(step)}]


def _text(value: NDArray[np.float64]) -> str:
    if value.ndim == 0:
        return number(float(value))
    return f"({', '.join(_text(part) for part in value)})"


def _length(value: NDArray[np.float64]) -> str:
    return number(float(np.linalg.norm(value))) if value.ndim == 1 else ""


def show(reading: Reading, sheet: Sheet, numbers: Mapping[str, float], choices: Mapping[str, str]) -> None:
    setup = reading.setup
    left, right = st.columns(2)
    with left:
        place = racer_option(reading)
    assert place is not None
    racer = setup.racers[place]
    points = make_bank(setup, "x", (setup.start[0],)).trajectory(place, 0).points
    last = len(points) - 1
    if last < 1:
        st.info("This run ends where it starts: there is no update to open.")
        return
    knob = Knob(1, last, whole=True, name=UPDATE, default=float(min(FIRST, last)))
    settings = Settings(st.query_params)
    step = round(settings.number(knob, knob.default))
    if settings.messages:
        st.warning("  \n".join(settings.messages), icon=":material/link_off:")
    with right:
        if last > 1:
            slider(knob, step, "Which update of the run is opened.", whole=True)
    update = opened(setup, racer, step)
    st.latex(find_optimizer(racer.optimizer).caption.formula)
    drawn, told = st.columns([1, 1.15], gap="large")
    with drawn:
        st.plotly_chart(
            figure(setup, update, theme()), width="stretch", config={"displayModeBar": False}, key="update_chart"
        )
    table = rows(update)
    with told:
        tall = TALL if ROW * (len(table) + 1) > TALL else "content"
        st.dataframe(table, hide_index=True, width="stretch", height=tall)
    missing = " An optax rule: its state is shown." if find_optimizer(racer.optimizer).rule is None else ""
    st.caption(
        f"Update {step} of {setup.titles[place]}, in the expressions of the rule's own code. What memory alone would "
        f"do: the step after a gradient of zero.{missing}"
    )


TOOL = Tool(show=show, names=(UPDATE,))
