"""What the lesson on local against global structure computes: what a run's way cost it, and who arrives at all."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from landscapes.shared import shared
from optim import Trajectory, basins, find_optimizer
from pages.parts.colors import BLUE, ORANGE
from pages.parts.lesson import Marks
from pages.parts.narrator import settings_at
from pages.parts.race import gap
from pages.parts.words import number
from stage import Setup
from stage.scene import Bank, make_bank, make_scene

OWN = "mountain"
NEAR = 2e-2
"""A run has arrived within this share of the box's diagonal from a minimum."""
WATERSHED = tuple(float(x) for x in np.linspace(-3, 3, 61).round(3))
BUDGETS = (50, 100, 200, 500, 1000, 2000)
REACHES = (1.3, 3.0)
RULES = {"gd": 0.5, "adam": 0.05}
"""The learning rates of the comparison."""
COLORS = {"gd": ORANGE, "adam": BLUE}
SIDE = 48
"""Starts along each side of the map."""
ROUNDING = 1e-9
"""A rise smaller than this share of the whole fall is rounding."""


def arrived(setup: Setup, run: Trajectory) -> bool:
    """True where the run ends at one of the surface's minima."""
    if run.diverged_at is not None:
        return False
    return bool(_gap(setup, run) <= NEAR * _diagonal(setup))


def way(run: Trajectory) -> tuple[float, float]:
    """The length of a run's path, and the straight line from its start to its end."""
    moves = np.diff(run.points, axis=0)
    return float(np.hypot(*moves.T).sum()), float(np.hypot(*(run.points[-1] - run.points[0])))


def uphill(run: Trajectory) -> int:
    """How many steps of a run raised the loss."""
    return int((np.diff(run.values) > ROUNDING * np.ptp(run.values)).sum())


def explain(setup: Setup, bank: Bank, position: int) -> str:
    """For every racer whether it arrives, what its way was, and how small its gradient ever was."""
    _, knobs = settings_at(setup, bank, position)
    known = knobs == setup.knobs
    runs = [bank.trajectory(index, position) for index in range(len(setup.racers))]
    return " ".join(_story(setup, racer.title, run, known) for racer, run in zip(setup.racers, runs, strict=True))


def _story(setup: Setup, title: str, run: Trajectory, known: bool) -> str:
    if run.diverged_at is not None:
        return f"{title} diverged at step {run.diverged_at}."
    path, straight = way(run)
    least = float(np.hypot(*run.gradients.T).min())
    rises, count = uphill(run), len(run.values) - 1
    steps = f"{rises} of {count} steps go uphill" if rises else f"every one of {count} steps goes downhill"
    if known and arrived(setup, run):
        ratio = f", {number(path / straight, 3)} times the straight line" if straight else ""
        return f"{title} arrives: {steps}, its way is {number(path, 3)} long{ratio}."
    ends = f"the loss ends at {number(run.values[-1], 3)}"
    if known and len(make_scene(setup.surface, setup.knobs)[1]["minima"]):
        ends += f", {number(_gap(setup, run), 3)} away from the minimum"
    return f"{title}: {steps}, and {ends}; ‖∇f‖ was never below {number(least, 2)}."


def marks(setup: Setup, name: str) -> Marks:
    """On the slider of the start, where the outcome of the first run changes."""
    if name != "x" or setup.surface != OWN:
        return ()
    return _watershed(replace(setup, racers=setup.racers[:1]))


@shared(256)
def _watershed(setup: Setup) -> Marks:
    bank = make_bank(setup, "x", WATERSHED)
    ends = [arrived(setup, bank.trajectory(0, position)) for position in range(len(WATERSHED))]
    turns = [i for i in range(1, len(ends)) if ends[i] != ends[i - 1]]
    return tuple((WATERSHED[i], "watershed") for i in turns[:1] if ends[i])


def costs(setup: Setup) -> list[dict[str, str]]:
    """What each racer's run cost and came to: rows of a table."""
    rows = []
    bank = make_bank(setup, "x", (setup.start[0],))
    for index, racer in enumerate(setup.racers):
        run = bank.trajectory(index, 0)
        if run.diverged_at is not None:
            rows.append({"optimizer": racer.title, "outcome": f"diverged at step {run.diverged_at}"})
            continue
        path, straight = way(run)
        rows.append(
            {
                "optimizer": racer.title,
                "outcome": "arrived" if arrived(setup, run) else "not at a minimum",
                "way": number(path, 3),
                "straight line": number(straight, 3),
                "smallest ‖∇f‖": number(float(np.hypot(*run.gradients.T).min()), 2),
                "steps uphill": str(uphill(run)),
            }
        )
    return rows


@shared(1)
def shares() -> dict[tuple[str, float], tuple[float, ...]]:
    """The share of all starts of the map that end in the minimum, by rule and reach of the hollow, for every budget."""
    return {
        (rule, reach): tuple(_share(rule, rate, reach, steps) for steps in BUDGETS)
        for rule, rate in RULES.items()
        for reach in REACHES
    }


def _share(rule: str, rate: float, reach: float, steps: int) -> float:
    found = basins(OWN, rule, n=SIDE, steps=steps, knobs={"reach": reach}, learning_rate=rate)
    return float((found.labels >= 0).mean())


def shares_figure(found: dict[tuple[str, float], tuple[float, ...]]) -> go.Figure:
    """Who arrives, against the number of steps."""
    drawn = go.Figure()
    for (rule, reach), values in found.items():
        line = {"color": COLORS[rule], "width": 2, "dash": "solid" if reach == REACHES[0] else "dot"}
        title = f"{find_optimizer(rule).title}, s = {reach:g}"
        drawn.add_scatter(x=BUDGETS, y=values, name=title, mode="lines+markers", line=line)
    drawn.update_xaxes(type="log", title="steps", dtick=1)
    drawn.update_yaxes(title="share of all starts that arrive", range=[0, 1.02], tickformat=".0%")
    drawn.update_layout(height=360, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend={"orientation": "h", "y": 1.2})
    return drawn


def told(found: dict[tuple[str, float], tuple[float, ...]]) -> str:
    """What more steps bring, with a narrow hollow and with a wide one."""
    narrow, wide = (found["gd", reach] for reach in REACHES)
    at = BUDGETS.index(500)
    return (
        f"Gradient descent, s = {REACHES[0]:g}: {_percent(narrow[at])} of the starts arrive within {BUDGETS[at]} steps "
        f"and {_percent(narrow[-1])} within {BUDGETS[-1]}: more time helps no one on the wrong side. "
        f"With s = {REACHES[1]:g} it does: {_percent(wide[at])} become {_percent(wide[-1])}."
    )


def _percent(share: float) -> str:
    return f"{number(100 * share, 2)} %"


def _gap(setup: Setup, run: Trajectory) -> float:
    return gap(run, make_scene(setup.surface, setup.knobs)[1]["minima"])


def _diagonal(setup: Setup) -> float:
    x_low, x_high, y_low, y_high = setup.found.box
    return float(np.hypot(x_high - x_low, y_high - y_low))
