"""Pictures of the lesson on networks: curves, maps and reliefs with paths, decision regions, spectra."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from landscapes.datasets import Data
from landscapes.mlp import forward
from optim import find_optimizer
from optim.training import Run
from pages.parts.colors import FAINT, ORANGE, PALETTE, look, theme
from pages.parts.words import number
from stage.figures import SCALES

Floats = NDArray[Any]
MARGIN = {"l": 10, "r": 10, "t": 10, "b": 10}
LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
BARE = {"config": {"displayModeBar": False, "scrollZoom": False}, "width": "stretch"}


def percent(share: float) -> str:
    """A share as a person reads it."""
    return f"{number(100 * share, 3)} %"


def chart(figure: go.Figure, key: str) -> None:
    """A figure over the whole width of its column."""
    st.plotly_chart(figure, key=f"networks_{key}", **BARE)


def scale() -> list[list[float | str]]:
    """The heights' colours on this page."""
    return SCALES[theme()]


def ink() -> str:
    """The colour of what is drawn on a map."""
    return look(theme()).ink


def titled(run: Run) -> str:
    """A run's rule and rate."""
    rule = find_optimizer(run.recipe.optimizer)
    return f"{rule.title}, η = {run.recipe.rate:.3g}"


def curves(
    x: Floats,
    lines: Mapping[str, Floats],
    title: str,
    *,
    log: bool = False,
    across: str = "step",
    levels: Mapping[str, float] | None = None,
    height: int = 300,
    zero: bool = False,
) -> go.Figure:
    """Lines over a common x, with horizontal `levels` named at their left end: what is drawn climbs to them."""
    figure = go.Figure()
    for (name, values), color in zip(lines.items(), PALETTE, strict=False):
        figure.add_scatter(x=x, y=values, name=name, mode="lines", line={"color": color, "width": 2})
    for name, level in (levels or {}).items():
        line = {"dash": "dash", "width": 1.5, "color": FAINT}
        figure.add_hline(y=level, line=line, annotation_text=name, annotation_position="top left")
    figure.update_xaxes(title=across)
    figure.update_yaxes(title=title)
    if log:
        _log_heights(figure, list(lines.values()))
    if zero:
        figure.update_yaxes(rangemode="tozero")
    figure.update_layout(height=height, margin=MARGIN, legend=LEGEND, showlegend=len(lines) > 1)
    return figure


def _log_heights(figure: go.Figure, lines: Sequence[Floats]) -> None:
    """A logarithmic axis with few, readable marks for positive `lines`."""
    every = np.concatenate([np.ravel(line) for line in lines])
    every = every[np.isfinite(every) & (every > 0)]
    values, texts = _ticks(every.min() / 1.5, every.max() * 1.5) if len(every) else ([], [])
    figure.update_yaxes(type="log", tickvals=values, ticktext=texts)


def live_curves(runs: Sequence[Run]) -> go.Figure:
    """Losses so far."""
    figure = go.Figure()
    for run, color in zip(runs, PALETTE, strict=False):
        figure.add_scatter(x=run.steps, y=run.losses, name=titled(run), mode="lines", line={"color": color, "width": 2})
    most = max(run.recipe.stride * 100 for run in runs)
    figure.update_xaxes(title="step", range=[0, most])
    figure.update_yaxes(title="loss", rangemode="tozero")
    figure.update_layout(height=300, margin=MARGIN, legend=LEGEND, showlegend=True, uirevision="live")
    return figure


Path = tuple[str, Floats, Floats]
"""A name, places (K, 2), and heights (K,) there."""


def contour(
    a: Floats,
    b: Floats,
    z: Floats,
    paths: Sequence[Path],
    names: tuple[str, str],
    points: Mapping[str, Any] | None = None,
) -> go.Figure:
    """A map z (B, A) with paths; `points` are named places (2,). Heights are logarithms where losses
    span orders of magnitude."""
    height, ticks = _heights(z)
    figure = go.Figure()
    figure.add_contour(
        x=a, y=b, z=height(z), colorscale=scale(), ncontours=22, line={"width": 0.6}, hoverinfo="skip",
        colorbar={"thickness": 10, "title": {"text": "loss", "side": "top"}, **ticks},
    )  # fmt: skip
    for (name, places, _), color in zip(paths, PALETTE, strict=False):
        figure.add_scatter(x=places[:, 0], y=places[:, 1], name=name, mode="lines", line={"color": color, "width": 2.5})
        figure.add_scatter(
            x=places[-1:, 0], y=places[-1:, 1], mode="markers", marker={"color": color, "size": 9}, showlegend=False,
            hoverinfo="skip",
        )  # fmt: skip
    for name, place in (points or {}).items():
        figure.add_scatter(
            x=[place[0]], y=[place[1]], mode="markers+text", text=[name], textposition="top center", showlegend=False,
            textfont={"color": ink()},
            marker={"symbol": "x-thin", "size": 10, "line": {"width": 2.5, "color": ink()}}, hoverinfo="skip",
        )  # fmt: skip
    figure.update_xaxes(title=names[0], range=[a[0], a[-1]], showgrid=False, zeroline=False)
    figure.update_yaxes(title=names[1], range=[b[0], b[-1]], showgrid=False, zeroline=False)
    figure.update_layout(height=440, margin=MARGIN, legend=LEGEND, showlegend=True)
    return figure


def relief(a: Floats, b: Floats, z: Floats, paths: Sequence[Path], names: tuple[str, str]) -> go.Figure:
    """The same in three dimensions; paths lie on the surface, where their projections are."""
    height, ticks = _heights(z)
    heights = height(z)
    lift = 0.01 * float(np.nanmax(heights) - np.nanmin(heights))
    figure = go.Figure()
    figure.add_surface(
        x=a, y=b, z=heights, colorscale=scale(), showscale=False, hoverinfo="skip",
        lighting={"ambient": 0.72, "diffuse": 0.5, "specular": 0.06, "roughness": 0.9},
        lightposition={"x": -1000, "y": -2000, "z": 4000},
    )  # fmt: skip
    for (name, places, on), color in zip(paths, PALETTE, strict=False):
        figure.add_scatter3d(
            x=places[:, 0], y=places[:, 1], z=height(on) + lift, name=name, mode="lines",
            line={"color": color, "width": 6}, showlegend=False,
        )  # fmt: skip
    axis = {"showbackground": False, "showspikes": False, "zeroline": False, "nticks": 5}
    up = {"title": "loss", **ticks}
    figure.update_layout(
        height=440,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        scene={
            "xaxis": {**axis, "title": names[0]},
            "yaxis": {**axis, "title": names[1]},
            "zaxis": {**axis, **up},
            "aspectmode": "manual",
            "aspectratio": {"x": 1, "y": 1, "z": 0.62},
            "camera": {"eye": {"x": -0.45, "y": -1.1, "z": 1.5}, "center": {"x": 0, "y": 0, "z": -0.15}},
        },
    )
    return figure


def _heights(z: Floats) -> tuple[Callable[[Floats], Floats], dict[str, Any]]:
    """What turns losses into heights as drawn, and the marks on their axis: logarithms where losses are not negative
    and span more than a factor of 20. What is below a thousandth of the highest is drawn as that."""
    floor = max(float(np.min(z)), float(np.max(z)) / 1000)
    if np.min(z) < 0 or np.max(z) <= 20 * floor:
        return np.asarray, {}
    values, texts = _ticks(floor, float(np.max(z)))
    return lambda loss: np.log10(np.maximum(loss, floor)), {"tickvals": np.log10(values), "ticktext": texts}


def _ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Marks for a logarithmic axis, and their texts: 1 and 3 times powers of ten, or powers alone where those do."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    bases = (1,) if np.log10(high / low) > 4 else (1, 3)
    seen = [base * 10.0**power for power in powers for base in bases if low <= base * 10.0**power <= high]
    return seen, [number(value, 2) for value in seen]


def regions(data: Data, x: Floats, y: Floats, classes: Floats) -> go.Figure:
    """What the network answers over the plane, classes (Y, X), and the examples; held-out ones are hollow.

    Classes are numbered in the legend: a visitor's labels would be read as HTML there.
    """
    figure = go.Figure()
    count = len(data.labels)
    steps = [[edge, PALETTE[k % len(PALETTE)]] for k in range(count) for edge in (k / count, (k + 1) / count)]
    figure.add_heatmap(
        x=x, y=y, z=classes, zmin=-0.5, zmax=count - 0.5, colorscale=steps, opacity=0.35, showscale=False,
        hoverinfo="skip",
    )  # fmt: skip
    for k in range(count):
        for (points, own), hollow in ((data.part, False), (data.held_out, True)):
            mine = points[own == k]
            figure.add_scatter(
                x=mine[:, 0], y=mine[:, 1], mode="markers", name=f"class {k + 1}", showlegend=not hollow,
                marker={"color": PALETTE[k % len(PALETTE)], "size": 6, "symbol": "circle-open" if hollow else "circle"},
                hoverinfo="skip",
            )  # fmt: skip
    figure.update_xaxes(title="feature 1, standardised", zeroline=False, showgrid=False)
    figure.update_yaxes(title="feature 2, standardised", zeroline=False, showgrid=False)
    figure.update_layout(height=340, margin=MARGIN, legend=LEGEND)
    return figure


def images(x: Floats, answers: Sequence[int], truths: Sequence[int]) -> go.Figure:
    """Digits in a row of two, each under what the network says; wrong answers say what was right."""
    columns = 8
    rows = -(-len(x) // columns)
    sheet = np.full((rows * 11, columns * 9), np.nan)
    figure = go.Figure()
    for k, image in enumerate(x):
        row, column = divmod(k, columns)
        top, left = row * 11 + 3, column * 9
        sheet[top : top + 8, left : left + 8] = image.reshape(8, 8)
        right = answers[k] == truths[k]
        text = f"{answers[k]}" if right else f"{answers[k]}, not {truths[k]}"
        figure.add_annotation(
            x=left + 3.5, y=top - 1.6, text=text, showarrow=False, font={"color": FAINT if right else ORANGE}
        )
    figure.add_heatmap(z=sheet, colorscale="gray" if theme() == "dark" else "gray_r", showscale=False, hoverinfo="skip")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, autorange="reversed", scaleanchor="x")
    figure.update_layout(height=340, margin=MARGIN, plot_bgcolor="rgba(0,0,0,0)")
    return figure


def spectrum(parts: Mapping[str, tuple[Floats, Floats]], weights: int) -> go.Figure:
    """How many of the eigenvalues lie where, from estimates of values and shares; counts on a logarithmic scale."""
    every = np.concatenate([values for values, _ in parts.values()])
    edges = np.linspace(every.min(), every.max() + 1e-12, 61)
    figure = go.Figure()
    for (name, (values, shares)), color in zip(parts.items(), PALETTE[1::-1], strict=False):
        counts, _ = np.histogram(values, edges, weights=shares * weights)
        seen = np.where(counts > 0.05, counts, np.nan)
        figure.add_bar(
            x=(edges[1:] + edges[:-1]) / 2, y=seen, name=name, marker_color=color, opacity=0.65, width=np.diff(edges)
        )
    figure.update_xaxes(title="eigenvalue of the Hessian")
    figure.update_yaxes(title="how many, about")
    _log_heights(figure, [bars.y for bars in figure.data])
    figure.update_layout(height=320, margin=MARGIN, legend=LEGEND, barmode="overlay")
    return figure


def answers(run: Run) -> go.Figure:
    """What a network says at the end of its run: over the plane of its two features, or about 24 held-out images."""
    net, data = run.recipe.net, run.recipe.data
    weights = run.weights[-1]
    if data.x.shape[1] == 2:
        low, high = data.x.min(axis=0) - 0.3, data.x.max(axis=0) + 0.3
        x, y = (np.linspace(low[k], high[k], 81, dtype=np.float32) for k in range(2))
        places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        said = np.asarray(forward(net, weights, places)[0]).argmax(axis=-1).reshape(81, 81)
        return regions(data, x, y, said)
    held_x, held_y = data.held_out
    said = np.asarray(forward(net, weights, held_x)[0]).argmax(axis=-1)
    # The wrong ones first: of the right ones there are plenty.
    order = np.argsort(said == held_y, kind="stable")[:24]
    return images(held_x[order], said[order].tolist(), held_y[order].tolist())


def honest(runs: Sequence[Run], true: Sequence[Floats], seen: Sequence[Floats]) -> go.Figure:
    """Losses along the paths, true ones and those of the plane."""
    figure = go.Figure()
    for run, own, drawn, color in zip(runs, true, seen, PALETTE, strict=False):
        line = {"color": color, "width": 2}
        figure.add_scatter(x=run.steps, y=own, name=titled(run), mode="lines", line=line)
        dotted = {**line, "dash": "dot"}
        figure.add_scatter(x=run.steps, y=drawn, name="in the plane", mode="lines", line=dotted, showlegend=False)
    figure.update_xaxes(title="step")
    figure.update_yaxes(title="loss")
    _log_heights(figure, [*true, *seen])
    figure.update_layout(height=300, margin=MARGIN, legend=LEGEND, showlegend=True)
    return figure
