"""The three-node network on the page about limits: one instance at hand, and what random instances say."""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from landscapes.knobs import Knob
from landscapes.shared import shared
from landscapes.threshold import (
    MOST_INPUTS,
    MOST_POINTS,
    Search,
    Separation,
    Training,
    cover_count,
    exhaustive,
    instance,
    labels_of,
    search_size,
    separate,
    train,
)
from optim.tournament import success_rate
from pages.parts.colors import BLUE, FAINT, GREEN, ORANGE, PALETTE, PINK
from pages.parts.words import number

EXAMPLES = Knob(6, MOST_POINTS, symbol="m", name="examples", default=12.0)
INPUTS = Knob(2, MOST_INPUTS, symbol="n", name="inputs", default=2.0)
SEED = Knob(0, 99, name="seed", default=6.0)
KNOBS = (EXAMPLES, INPUTS, SEED)
LABELS = {"planted": "from a three-node network", "coin": "from a coin"}
RESTARTS = 64


@dataclass(frozen=True, eq=False)
class Tried:
    """One instance, and the three ways to train on it, with the seconds that each took here."""

    points: np.ndarray
    labels: np.ndarray
    search: Search
    training: Training
    single: Separation
    seconds: tuple[float, float, float]


@shared(256)
def tried(examples: int, inputs: int, seed: int, planted: bool) -> Tried:
    """All three on one instance."""
    points, labels = instance(examples, inputs, seed, planted=planted)
    # The first run of a process compiles, which is no part of training.
    train(points, labels, restarts=RESTARTS, seed=seed)
    clock = [time.perf_counter()]
    search = exhaustive(points, labels)
    clock.append(time.perf_counter())
    training = train(points, labels, restarts=RESTARTS, seed=seed)
    clock.append(time.perf_counter())
    single = separate(points, labels)
    clock.append(time.perf_counter())
    taken = tuple(float(t) for t in np.diff(clock))
    return Tried(points, labels, search, training, single, (taken[0], taken[1], taken[2]))


def opening() -> Tried:
    """The instance that the page opens on."""
    return tried(int(EXAMPLES.default), int(INPUTS.default), int(SEED.default), True)


def slack_wrong(found: Tried) -> int:
    """Labels that the unit of the linear programme gets wrong."""
    return int(((found.points @ found.single.weights + found.single.bias > 0) != found.labels).sum())


def methods(found: Tried) -> pd.DataFrame:
    """What each way took and what it reached."""
    rows = (
        (
            "Three nodes, all threshold units tried",
            f"{found.search.candidates:,} networks",
            found.search.wrong,
            found.seconds[0],
        ),
        (
            f"Three nodes, gradient descent, {RESTARTS} starts",
            f"{RESTARTS * found.training.evaluations:,} gradients",
            int(found.training.wrong.min()),
            found.seconds[1],
        ),
        ("One node, linear programme", f"{found.single.iterations} iterations", slack_wrong(found), found.seconds[2]),
    )
    columns = ["Way", "Effort", "Wrong labels", "Seconds here"]
    return pd.DataFrame([(way, effort, wrong, f"{t:.2g}") for way, effort, wrong, t in rows], columns=columns)


def outcome(found: Tried) -> str:
    """What the search, the restarts and the linear programme say about the instance."""
    m, n = found.points.shape
    reached = int((found.training.wrong == found.search.wrong).sum())
    share, low, high = success_rate(reached, RESTARTS)
    best = "labels all examples" if not found.search.wrong else f"gets {found.search.wrong} of {m} wrong"
    if found.single.exact:
        single = "One unit is enough: the linear programme finds it."
    else:
        fewest, own = found.search.single, slack_wrong(found)
        single = (
            "No single unit labels them all: the linear programme proves that. Of all single units the best one gets "
            f"{fewest} wrong"
        )
        if own > fewest:
            single += f", the programme's own {own}: it minimizes by how much labels are missed, not how many"
        single += "."
    return (
        f"A threshold unit can label these {m} examples in {number(cover_count(m, n), 6)} of {number(2**m, 6)} ways. "
        f"Of the networks made of two, the best {best}. Gradient descent reaches that from {reached} of {RESTARTS} "
        f"starts: {100 * share:.0f} %, {100 * low:.0f} to {100 * high:.0f} % at 95 % confidence. {single}"
    )


def instance_figure(found: Tried) -> go.Figure:
    """The examples, and with two inputs the lines of the best network's two units."""
    x, y = found.points[:, 0], found.points[:, 1]
    figure = go.Figure()
    for value, title, color, symbol in ((True, "label 1", BLUE, "circle"), (False, "label 0", ORANGE, "diamond")):
        here = found.labels == value
        marker = {"size": 12, "color": color, "symbol": symbol}
        figure.add_scatter(x=x[here], y=y[here], mode="markers", name=title, marker=marker)
    low, high = found.points[:, :2].min(axis=0) - 0.4, found.points[:, :2].max(axis=0) + 0.4
    if found.points.shape[1] == 2:
        for which, mask in enumerate(dict.fromkeys(found.search.units), 1):
            unit = separate(found.points, labels_of(mask, len(x)))
            line = _line(unit, low, high)
            if line is not None:
                figure.add_scatter(
                    x=line[:, 0],
                    y=line[:, 1],
                    mode="lines",
                    name=f"unit {which}",
                    line={"color": (GREEN, PINK)[which - 1], "width": 3},
                )
    figure.update_xaxes(range=[low[0], high[0]], title=f"input 1 of {found.points.shape[1]}")
    figure.update_yaxes(range=[low[1], high[1]], title=f"input 2 of {found.points.shape[1]}")
    legend = {"orientation": "h", "y": 1.12}
    figure.update_layout(height=360, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend=legend)
    return figure


def _line(unit: Separation, low: np.ndarray, high: np.ndarray) -> np.ndarray | None:
    """Two points of a unit's line, far outside of the picture; None for a unit that is constant."""
    length = float(unit.weights @ unit.weights)
    if length < 1e-12:
        return None
    # The point of the line that is nearest to the middle of the picture.
    middle = (low + high) / 2
    foot = middle - (float(unit.weights @ middle) + unit.bias) * unit.weights / length
    along = np.array([-unit.weights[1], unit.weights[0]]) / np.sqrt(length)
    reach = 2 * float(np.hypot(*(high - low)))
    return np.array([foot - reach * along, foot + reach * along])


def ends_figure(found: Tried) -> go.Figure:
    """How many starts of gradient descent end with how many wrong labels."""
    counts = np.bincount(found.training.wrong, minlength=int(found.training.wrong.max()) + 1)
    colors = [GREEN if wrong == found.search.wrong else FAINT for wrong in range(len(counts))]
    figure = go.Figure(go.Bar(x=list(range(len(counts))), y=counts, marker={"color": colors}))
    figure.update_xaxes(title="wrong labels at the end (green: as few as possible)", dtick=1)
    figure.update_yaxes(title="starts")
    figure.update_layout(height=360, margin={"l": 10, "r": 10, "t": 10, "b": 10})
    return figure


def growth_figure(examples: int, inputs: int) -> go.Figure:
    """Candidates of the exhaustive search against the number of examples."""
    figure = go.Figure()
    sizes = list(range(4, 41))
    for n, color in zip(range(2, MOST_INPUTS + 1), PALETTE, strict=False):
        counts = [float(search_size(m, n)) for m in sizes]
        figure.add_scatter(x=sizes, y=counts, name=f"n = {n}", mode="lines", line={"color": color, "width": 2})
    grown = [float(search_size(m, m // 2)) for m in sizes]
    dashed = {"color": FAINT, "width": 3, "dash": "dash"}
    figure.add_scatter(x=sizes, y=grown, name="n = m/2", mode="lines", line=dashed)
    marker = {"size": 13, "color": PALETTE[inputs - 2], "symbol": "star"}
    figure.add_scatter(x=[examples], y=[search_size(examples, inputs)], name="above", mode="markers", marker=marker)
    figure.update_yaxes(type="log", title="networks to try", exponentformat="power", dtick=3)
    figure.update_xaxes(title="examples m")
    legend = {"orientation": "h", "y": 1.2}
    figure.update_layout(height=360, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend=legend)
    return figure
