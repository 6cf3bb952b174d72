"""What the lesson on cliffs computes: each racer's fate at the wall, a gradient clipped, and how walls grow."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import plotly.graph_objects as go
from jax import Array

from landscapes import find_surface
from landscapes.programs import program
from landscapes.shared import shared
from landscapes.surface import Surface
from optim import Trajectory
from optim.oracle import clipped_by_norm, clipped_by_value, exact
from pages.parts.lesson import Marks
from pages.parts.words import number, series
from stage import Setup
from stage.scene import Bank

TIMES = tuple(range(1, 51))
ZOOMS = 4
"""Times that the grid closes in on a wall; each is about three hundred times finer than the one before."""
WEIGHT = 5.5
"""Where the recurrent unit is cut: it can remember two states, so a wall stands somewhere along its bias."""


def no_marks(setup: Setup, name: str) -> Marks:
    """Nothing on these sliders is known beforehand."""
    return ()


def explain(setup: Setup, bank: Bank, position: int) -> str:
    """The longest step of every racer, the gradient that made it, and where the run ended."""
    said = []
    for index, racer in enumerate(setup.racers):
        run = bank.trajectory(index, position)
        threshold = f" at τ = {number(_threshold(setup, bank, position))}" if racer.wrapper in ("norm", "value") else ""
        said.append(f"{racer.title}{threshold}: {_fate(run, setup)}.")
    return " ".join(said)


def _threshold(setup: Setup, bank: Bank, position: int) -> float:
    return float(bank.positions[position]) if bank.over == "threshold" else setup.threshold


def _fate(run: Trajectory, setup: Setup) -> str:
    lengths = np.hypot(*run.moves.T)
    if not len(lengths):
        return "the first step already leaves every bound"
    longest = int(lengths.argmax())
    norm = float(np.hypot(*run.gradients[longest]))
    step = (
        f"the longest step is number {longest + 1}, {number(lengths[longest], 3)} long, where ‖∇f‖ = {number(norm, 3)}"
    )
    x_low, x_high, y_low, y_high = setup.found.box
    x, y = run.points[longest + 1]
    out = "" if x_low <= x <= x_high and y_low <= y <= y_high else ", and it leaves the map"
    if run.diverged_at is not None:
        return f"{step}{out}; the run diverged at step {run.diverged_at}"
    return f"{step}{out}; the loss goes from {number(run.values[0], 3)} to {number(run.values[-1], 3)}"


def steepest_point(setup: Setup, run: Trajectory) -> tuple[float, float]:
    """The point of a run with the largest gradient."""
    x, y = run.points[int(np.hypot(*run.gradients.T).argmax())]
    return float(x), float(y)


def clipped(setup: Setup, point: tuple[float, float]) -> list[dict[str, str]]:
    """The gradient at a point as it is, clipped by norm and clipped by value: rows of a table."""
    found = setup.found
    ways = _ways(found, jnp.asarray(point), found.fill(dict(setup.knobs)), setup.threshold)
    wrapped = dict(zip(("as it is", "clipped by norm", "clipped by value"), map(np.asarray, ways), strict=True))
    raw = wrapped["as it is"]
    return [
        {
            "gradient": name,
            "∂f/∂x": number(g[0]),
            "∂f/∂y": number(g[1]),
            "norm": number(float(np.hypot(*g))),
            "turned by": f"{number(turned(raw, g), 3)}°",
        }
        for name, g in wrapped.items()
    ]


@program("surface")
def _ways(surface: Surface, point: Array, knobs: dict[str, Any], threshold: float) -> tuple[Array, Array, Array]:
    oracle = exact(lambda p: surface.f(p, **knobs))
    clips = (oracle, clipped_by_norm(oracle, threshold), clipped_by_value(oracle, threshold))
    first, second, third = (clip.gradient(point) for clip in clips)
    return first, second, third


def turned(before: np.ndarray, after: np.ndarray) -> float:
    """The angle between two vectors in degrees."""
    cross, dot = before[0] * after[1] - before[1] * after[0], before @ after
    angle = abs(np.degrees(np.arctan2(cross, dot)))
    return 0.0 if angle < 1e-9 else float(angle)


@shared(1)
def steepest_slopes() -> tuple[float, ...]:
    """The steepest slope of the recurrent unit's error along its bias, at `WEIGHT`, for each T in `TIMES`."""
    surface = find_surface("recurrent_cliff")
    target = surface.knobs["target"].default

    def error(bias: jax.Array, steps: float) -> jax.Array:
        return surface.f(jnp.stack([jnp.full_like(bias, WEIGHT), bias]), target=target, time_steps=steps)

    along = jax.jit(jax.vmap(jax.value_and_grad(error), (0, None)))
    found = []
    for steps in TIMES:
        low, high = surface.box[2:]
        steepest = 0.0
        # A wall may be thinner than any grid, but the heights on its two sides tell where it stands.
        for _ in range(ZOOMS):
            biases = np.linspace(low, high, 1001)
            errors, slopes = (np.asarray(a) for a in along(biases, float(steps)))
            steepest = max(steepest, float(np.abs(slopes).max()))
            wall = int(np.abs(np.diff(errors)).argmax())
            low, high = biases[max(wall - 1, 0)], biases[min(wall + 2, 1000)]
        found.append(steepest)
    return tuple(found)


def growth(slopes: tuple[float, ...]) -> str:
    """What the slopes say, at a few lengths of time."""
    told = [f"{number(slopes[t - 1], 3)} after {t}" for t in (5, 10, 20, 40)]
    return f"The steepest slope along the bias at weight {number(WEIGHT)}: {series(told)} steps."


def slopes_figure(slopes: tuple[float, ...]) -> go.Figure:
    """The steepest slope against the number of time steps, on a logarithmic axis."""
    figure = go.Figure(go.Scatter(x=TIMES, y=slopes, mode="lines+markers", line={"color": "#d55e00", "width": 2}))
    figure.update_xaxes(title="time steps T")
    figure.update_yaxes(type="log", title="steepest slope", exponentformat="power")
    figure.update_layout(height=320, margin={"l": 10, "r": 10, "t": 10, "b": 10})
    return figure
