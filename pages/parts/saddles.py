"""What the lesson on saddles computes: who gets away and when, how long escape takes, and whom saddles catch."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from landscapes import find_surface
from landscapes.shared import shared
from optim import Trajectory, basins, find_optimizer, sweep
from pages.parts.colors import FAINT, ORANGE, PALETTE, SKY
from pages.parts.lesson import RATE, Marks
from pages.parts.narrator import settings_at
from pages.parts.words import number, series
from stage import Setup
from stage.scene import Bank, make_scene

OFFSETS = tuple(float(e) for e in np.geomspace(1e-12, 1e-1, 34))
ESCAPES = {
    "gd": ("Gradient descent, η = 0.1", {RATE: 0.1}, 0.0),
    "momentum": ("Heavy ball, η = 0.02", {RATE: 0.02}, 0.0),
    "adam": ("Adam, η = 0.1", {RATE: 0.1}, 0.0),
    "gd:noise": ("Gradient descent with noise, σ = 0.001", {RATE: 0.1}, 1e-3),
}
CAUGHT = ("gd", "newton", "saddle_free_newton")
MAPPED = 128


def marks(setup: Setup, name: str) -> Marks:
    """Exactly on the ridge."""
    return ((0.0, "on the ridge"),) if name == "y" else ()


def explain(setup: Setup, bank: Bank, position: int) -> str:
    """Which racers are past the saddle, and since when."""
    _, knobs = settings_at(setup, bank, position)
    level = make_scene(setup.surface, setup.knobs)[1]["past_saddles"] if knobs == setup.knobs else None
    said = []
    for index, racer in enumerate(setup.racers):
        run = bank.trajectory(index, position)
        said.append(f"{racer.title} {_fate(run, level)}.")
    return " ".join([*_ridge(setup, bank, position), *said])


def _ridge(setup: Setup, bank: Bank, position: int) -> list[str]:
    """What the start's distance from the ridge means for gradient descent on the seeds' own saddle."""
    hyper, _ = settings_at(setup, bank, position)
    if setup.surface != "saddle" or setup.racers[0].key != "gd" or bank.over not in ("y", RATE):
        return []
    offset = float(bank.positions[position]) if bank.over == "y" else setup.start[1]
    escape = dict(setup.knobs)["escape"]
    if offset == 0:
        return ["On the ridge ∂f/∂y is exactly 0 and stays 0."]
    grows, shrinks = 1 + 2 * escape * hyper[RATE], 1 - 2 * hyper[RATE]
    return [f"Every step multiplies x by {number(shrinks)} and y by {number(grows)}."]


def _fate(run: Trajectory, level: float | None) -> str:
    last = f"‖∇f‖ = {number(float(np.hypot(*run.gradients[-1])), 3)}"
    steps = len(run.values) - 1
    if level is None:
        return f"ends with {last} and loss {number(run.values[-1])}"
    past = escaped_at(run, level)
    if past is None:
        return f"is not past the saddle after {steps} steps: loss {number(run.values[-1], 3)}, {last}"
    return f"is past the saddle from step {past} on"


def escaped_at(run: Trajectory, level: float) -> int | None:
    """The first step of a run whose loss is below `level`."""
    past = np.flatnonzero(run.values < level)
    return int(past[0]) if len(past) else None


@shared(1)
def escape_steps() -> dict[str, tuple[float, ...]]:
    """Steps until past the saddle x² − y² for each of `OFFSETS` from its ridge, by the rules of `ESCAPES`: measured."""
    level = make_scene("saddle", tuple(find_surface("saddle").fill({}).items()))[1]["past_saddles"]
    found = {}
    for key, (_, hyper, noise) in ESCAPES.items():
        rule = key.partition(":")[0]
        runs = sweep("saddle", rule, (1.5, 0.0), over="y", values=OFFSETS, steps=400, noise=noise, seed=1, **hyper)
        escapes = (escaped_at(runs.run(i), level) for i in range(len(OFFSETS)))
        found[key] = tuple(float("nan") if step is None else float(step) for step in escapes)
    return found


def price(steps: dict[str, tuple[float, ...]]) -> str:
    """What ten times nearer to the ridge costs, by rule."""
    decades = np.log10(OFFSETS[0] / OFFSETS[-1])
    costs = {key: (counts[0] - counts[-1]) / -decades for key, counts in steps.items()}
    told = [f"{title.split(',')[0]} {number(costs[key], 2)}" for key, (title, *_) in ESCAPES.items()]
    return f"Ten times nearer to the ridge costs, in steps: {series(told)}."


def escape_figure(steps: dict[str, tuple[float, ...]]) -> go.Figure:
    """Steps to escape against the distance from the ridge."""
    figure = go.Figure()
    for (key, (title, *_)), color in zip(ESCAPES.items(), PALETTE, strict=False):
        figure.add_scatter(x=OFFSETS, y=steps[key], name=title, mode="lines+markers", line={"color": color, "width": 2})
    figure.update_xaxes(type="log", title="distance ε from the ridge", exponentformat="power", dtick=2)
    figure.update_yaxes(title="steps until past the saddle", rangemode="tozero")
    figure.update_layout(height=360, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend={"orientation": "h", "y": 1.2})
    return figure


@shared(1)
def caught() -> dict[str, np.ndarray]:
    """For each rule of `CAUGHT`, where starts on Himmelblau's function end: 0 minimum, 1 saddle, 2 elsewhere."""
    found = {}
    for key in CAUGHT:
        hyper = {RATE: 0.01} if key == "gd" else {}
        ends = basins("himmelblau", key, n=MAPPED, steps=200, saddles=True, **hyper)
        kinds = np.where(ends.labels >= len(ends.minima), 1, 0)
        found[key] = np.where(ends.labels < 0, 2, kinds)
    return found


def share_caught(maps: dict[str, np.ndarray]) -> str:
    """How many starts each rule sends to a saddle."""
    told = [
        f"{find_optimizer(key).title} {number(100 * float((found == 1).mean()), 2)} %" for key, found in maps.items()
    ]
    return f"Starts that end in a saddle: {series(told)}."


def caught_figure(maps: dict[str, np.ndarray]) -> go.Figure:
    """The maps beside each other."""
    figure = make_subplots(1, len(maps), subplot_titles=[find_optimizer(key).title for key in maps], shared_yaxes=True)
    box = find_surface("himmelblau").box
    x, y = np.linspace(*box[:2], MAPPED), np.linspace(*box[2:], MAPPED)
    colors = [
        [0, SKY],
        [1 / 3, SKY],
        [1 / 3, ORANGE],
        [2 / 3, ORANGE],
        [2 / 3, FAINT],
        [1, FAINT],
    ]
    ticks = {"tickvals": [1 / 3, 1, 5 / 3], "ticktext": ["minimum", "saddle", "elsewhere"]}
    for column, found in enumerate(maps.values(), 1):
        figure.add_heatmap(z=found, x=x, y=y, zmin=0, zmax=2, colorscale=colors, colorbar=ticks, row=1, col=column)
        figure.update_xaxes(constrain="domain", row=1, col=column)
        figure.update_yaxes(scaleanchor="x" if column == 1 else f"x{column}", constrain="domain", row=1, col=column)
    figure.update_layout(height=380, margin={"l": 10, "r": 10, "t": 40, "b": 10})
    return figure
