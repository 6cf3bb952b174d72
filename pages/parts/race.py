"""What the playground computes: how the racers compare, by several measures, and over all learning rates."""

from functools import lru_cache

import numpy as np
import plotly.graph_objects as go

from landscapes.knobs import Knob
from optim import Trajectory, find_optimizer
from pages.parts.lesson import RATE, Marks, final_losses
from pages.parts.narrator import outcome, settings_at
from pages.parts.words import number
from stage import Setup
from stage.scene import Bank, Racer, make_bank, make_scene

MEASURES = (
    "learning rate",
    "final loss",
    "distance to a minimum",
    "steps to a thousandth",
    "‖∇f‖ at the end",
)
SHARE = 1e-3
"""A racer is there when its loss above the lowest known value is this share of the first one."""
RATES = tuple(float(rate) for rate in np.geomspace(1e-4, 10, 101))
COLORS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c7cd0", "#9c6b3f")


def explain(setup: Setup, bank: Bank, position: int) -> str:
    """What became of the first racer, and who is lowest at the end."""
    _, knobs = settings_at(setup, bank, position)
    runs = [bank.trajectory(index, position) for index in range(len(setup.racers))]
    lowest = float(make_scene(setup.surface, knobs)[1]["lowest"]) if knobs == setup.knobs else None
    first = f"{setup.racers[0].title}: {outcome(runs[0], lowest)}."
    finite = [index for index, run in enumerate(runs) if run.diverged_at is None]
    if len(runs) < 2 or not finite:
        return first
    best = min(finite, key=lambda index: runs[index].values[-1])
    return f"{first} Lowest at the end: {setup.racers[best].title}, at {number(float(runs[best].values[-1]))}."


def no_marks(setup: Setup, name: str) -> Marks:
    """Foreign surfaces have no values worth marking."""
    return ()


def standings(setup: Setup) -> list[dict[str, object]]:
    """A row for each racer: numbers, so that a table can sort by them; None where there is none."""
    bank = make_bank(setup, "x", (setup.start[0],))
    facts = make_scene(setup.surface, setup.knobs)[1]
    rows: list[dict[str, object]] = []
    for index, racer in enumerate(setup.racers):
        run = bank.trajectory(index, 0)
        hyper = dict(racer.hyper)
        diverged = run.diverged_at is not None
        rows.append(
            {
                "optimizer": racer.title,
                "learning rate": hyper.get(RATE),
                "final loss": None if diverged else float(run.values[-1]),
                "distance to a minimum": None if diverged else _gap(run, facts["minima"]),
                "steps to a thousandth": _steps(run, float(facts["lowest"])),
                "‖∇f‖ at the end": None if diverged else float(np.hypot(*run.gradients[-1])),
                "status": f"diverged at step {run.diverged_at}" if diverged else "ran to the end",
            }
        )
    return rows


def winners(rows: list[dict[str, object]]) -> str:
    """Who is first, by which measure."""
    if len(rows) < 2:
        return "Add optimizers to race them."
    said = []
    for measure in ("final loss", "distance to a minimum", "steps to a thousandth"):
        known = [(value, str(row["optimizer"])) for row in rows if isinstance(value := row[measure], int | float)]
        if known:
            best = min(known)[0]
            first = [name for value, name in known if value == best]
            said.append(f"{measure}: {', '.join(first)} ({number(float(best), 3)})")
    return f"First by {'; by '.join(said)}." if said else "Nobody stayed on the map."


def _gap(run: Trajectory, minima: list[list[float]]) -> float | None:
    return float(np.hypot(*(np.array(minima) - run.points[-1]).T).min()) if minima else None


def _steps(run: Trajectory, lowest: float) -> int | None:
    below = np.flatnonzero(run.values - lowest <= SHARE * (run.values[0] - lowest))
    return int(below[0]) if run.diverged_at is None and len(below) else None


@lru_cache(maxsize=256)
def over_rates(setup: Setup, racer: Racer) -> tuple[float, ...]:
    """The final loss of a racer at each of `RATES`, infinite where it diverged."""
    return tuple(final_losses(setup, racer, RATES).tolist())


def rates_figure(setup: Setup) -> go.Figure:
    """Final loss above the lowest known value against the learning rate, for every racer that has one."""
    lowest = float(make_scene(setup.surface, setup.knobs)[1]["lowest"])
    drawn = go.Figure()
    for racer, color in zip(setup.racers, COLORS, strict=False):
        if RATE not in find_optimizer(racer.optimizer).knobs:
            continue
        above = np.array(over_rates(setup, racer)) - lowest
        above = np.where(np.isfinite(above), np.maximum(above, 1e-16), np.nan)
        drawn.add_scatter(x=RATES, y=above, name=racer.title, mode="lines+markers", marker={"size": 4})
        drawn.data[-1].line.color = color
        now = dict(racer.hyper).get(RATE)
        if now is not None:
            drawn.add_vline(x=now, line={"color": color, "width": 1, "dash": "dot"})
    drawn.update_xaxes(type="log", title="learning rate η", dtick=1, exponentformat="power")
    drawn.update_yaxes(type="log", title="final loss above the lowest", exponentformat="power")
    drawn.update_layout(height=380, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend={"orientation": "h", "y": 1.2})
    return drawn


def picked_rate(event: object, knob: Knob) -> float | None:
    """The learning rate of a point that was clicked in the figure, within the slider's range."""
    points = getattr(getattr(event, "selection", None), "points", None) or []
    if not points:
        return None
    return float(f"{knob.clip(float(points[0]['x'])):.4g}")
