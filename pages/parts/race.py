"""What the playground computes: how the racers compare, by several measures, and over all learning rates."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from landscapes.knobs import Knob
from landscapes.shared import shared
from optim import STOPS, Trajectory, find_optimizer
from optim.costs import Bill, bill
from pages.parts.colors import FAINT, PALETTE
from pages.parts.lesson import RATE, Marks, Reading, final_losses, tuning_budget
from pages.parts.narrator import outcome, settings_at, spectrum
from pages.parts.words import number
from stage import Setup
from stage.scene import Bank, Racer, make_bank, make_scene
from stage.setup import run_arguments, stop_words

RATES = tuple(float(rate) for rate in np.geomspace(1e-4, 10, 101))
FLOOR = 1e-16
"""Losses this close to the lowest known value are drawn there: a logarithm has no place for less."""

Row = dict[str, object]


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
    # Which of two equal optimizers it is has numbers in it that move with the thumb: the place says it as well.
    twins = sum(racer.key == setup.racers[best].key for racer in setup.racers) > 1
    name = f"{setup.racers[best].title}{f' (racer {best + 1})' if twins else ''}"
    return f"{first} Lowest at the end: {name}, at {number(float(runs[best].values[-1]))}."


def no_marks(setup: Setup, name: str) -> Marks:
    """Foreign surfaces have no values worth marking."""
    return ()


def billed(setup: Setup, racer: Racer) -> Bill:
    """What a racer's steps cost in gradients, and the seconds of them: measured once, for everyone who looks."""
    alone = replace(setup, racers=(replace(racer, start=None, own_rate=False),), start=setup.start_of(racer), stop=())
    return _billed(replace(alone, same_rate=True))


@shared(256)
def _billed(alone: Setup) -> Bill:
    return bill(alone.surface, alone.racers[0].optimizer, **run_arguments(alone, alone.racers[0]))


def standings(setup: Setup, tolerance: float) -> list[Row]:
    """A row for each racer: numbers, so that a table can sort by them; None where there is none.

    A racer has arrived when its loss above the lowest known value is the share `tolerance` of the first one.
    """
    bank = make_bank(setup, "x", (setup.start[0],))
    facts = make_scene(setup.surface, setup.knobs)[1]
    rows: list[Row] = []
    for index, (racer, title) in enumerate(zip(setup.racers, setup.titles, strict=True)):
        run = bank.trajectory(index, 0)
        diverged = run.diverged_at is not None
        cost = billed(setup, racer)
        steps = arrival(run, float(facts["lowest"]), tolerance)
        taken = len(run.values) - 1
        rows.append(
            {
                "optimizer": title,
                "learning rate": dict(racer.hyper).get(RATE),
                "final loss": None if diverged else float(run.values[-1]),
                "distance to a minimum": None if diverged or not facts["minima"] else gap(run, facts["minima"]),
                "steps": steps,
                "evaluations": None if steps is None else float(cost.spent[steps]),
                "evaluations in all": float(cost.spent[taken]),
                "milliseconds": None if steps is None else 1e3 * cost.seconds * steps / setup.steps,
                "‖∇f‖ at the end": None if diverged else float(np.hypot(*run.gradients[-1])),
                "status": status(setup, run),
            }
        )
    return rows


COLUMNS = {
    "learning rate": "The rate that it ran with.",
    "final loss": "Where its run ended.",
    "distance to a minimum": "From its last point to the nearest minimum that is known.",
    "steps": "Steps until its loss was within the tolerance.",
    "evaluations": "Gradient evaluations until then. A line search pays for every trial: a value is a quarter of a "
    "gradient, a Hessian two.",
    "evaluations in all": "Gradient evaluations of the whole run.",
    "milliseconds": "Time until then, as a part of the time of all steps, which was measured once on this server.",
    "‖∇f‖ at the end": "Norm of the exact gradient at its last point.",
}
"""The numbers of a row, and what they are."""
MEASURES = {
    "final loss": "final loss",
    "distance to a minimum": "distance to a minimum",
    "steps": "steps to the tolerance",
    "evaluations": "gradient evaluations to the tolerance",
    "milliseconds": "milliseconds to the tolerance, measured on this server",
}
"""Columns that somebody is first by, in words."""


def status(setup: Setup, run: Trajectory) -> str:
    """How a run ended."""
    if run.diverged_at is not None:
        return f"diverged at step {run.diverged_at}"
    if run.stopped_at is not None:
        return f"stopped at step {run.stopped_at}: {stop_words(setup)[STOPS.index(run.stopped_by)]}"
    return "ran to the end"


def winners(rows: Sequence[Row]) -> str:
    """Who is first, by which measure; and about how long the quickest took."""
    if len(rows) < 2:
        return "Add optimizers to race them."
    said = []
    for measure, words in MEASURES.items():
        known = [
            (float(value), str(row["optimizer"])) for row in rows if isinstance(value := row[measure], int | float)
        ]
        if known:
            best = min(known)[0]
            first = [name for value, name in known if value == best]
            about = f"about {number(best, 2)}" if measure == "milliseconds" else number(best, 3)
            said.append(f"- {words}: **{', '.join(first)}** ({about})")
    if not said:
        return "Nobody stayed on the map."
    return "First by\n" + "\n".join(said)


def terms(reading: Reading, tolerance: float) -> str:
    """On what terms the racers are compared."""
    share = number(tolerance)
    return f"{_rates(reading)} Arrived means: the loss above the lowest known one is {share} of what it began with."


def _rates(reading: Reading) -> str:
    if reading.rates == "tuned":
        budget = number(tuning_budget(reading.setup))
        return (
            "Tuned: every rate is the best of one sweep over its slider from this start. Each run of a sweep had the "
            f"same budget of {budget} gradient evaluations."
        )
    if reading.rates == "defaults":
        return "Defaults: every racer has the numbers that its rule comes with."
    return "As set: racers without a rate of their own have that of the slider."


def gap(run: Trajectory, minima: list[list[float]]) -> float:
    """How far a run's end is from the nearest of some points, inf without any."""
    away = np.reshape(minima, (-1, 2)) - run.points[-1]
    return float(np.hypot(*away.T).min(initial=np.inf))


def arrival(run: Trajectory, lowest: float, tolerance: float) -> int | None:
    """The first step at which a run has arrived; None where it has not, or where it diverged later."""
    below = np.flatnonzero(run.values - lowest <= tolerance * (run.values[0] - lowest))
    return int(below[0]) if run.diverged_at is None and len(below) else None


@shared(256)
def sharpest(surface: str, knobs: tuple[tuple[str, float], ...]) -> float | None:
    """λmax of the Hessian at the lowest minimum that was found; None where there is none or it is not positive."""
    found = [point for point in make_scene(surface, knobs)[1]["critical"] if point["kind"] == "minimum"]
    if not found:
        return None
    best = min(found, key=lambda point: float(point["z"]))
    largest = float(spectrum(surface, knobs, (best["x"], best["y"]))[0][-1])
    return largest if largest > 0 else None


def threshold(final: Sequence[float]) -> float | None:
    """The first of `RATES` from which every run of a sweep diverged; None where the largest rate did not."""
    finite = np.flatnonzero(np.isfinite(final))
    after = int(finite[-1]) + 1 if len(finite) else 0
    return RATES[after] if after < len(RATES) else None


@shared(256)
def over_rates(setup: Setup, racer: Racer) -> tuple[float, ...]:
    """The final loss of a racer at each of `RATES`, infinite where it diverged."""
    return tuple(final_losses(setup, racer, RATES).tolist())


def rates_figure(setup: Setup) -> go.Figure:
    """Final loss above the lowest known value against the learning rate, for every racer that has one.

    Marked are the rates in use, 2/λmax at the lowest minimum, and for each racer the rate from which all diverge.
    """
    lowest = float(make_scene(setup.surface, setup.knobs)[1]["lowest"])
    drawn = go.Figure()
    for racer, title, color in zip(setup.racers, setup.titles, PALETTE, strict=False):
        if RATE not in find_optimizer(racer.optimizer).knobs:
            continue
        final = over_rates(setup, racer)
        above = np.array(final) - lowest
        above = np.where(np.isfinite(above), np.maximum(above, FLOOR), np.nan)
        drawn.add_scatter(
            x=RATES,
            y=above,
            name=title,
            mode="lines+markers",
            marker={"size": 4},
            line={"color": color},
            hovertemplate="η %{x:.3g}: %{y:.3g}<extra>%{fullData.name}</extra>",
        )
        drawn.add_vline(x=dict(racer.hyper)[RATE], line={"color": color, "width": 1, "dash": "dot"})
        limit = threshold(final)
        if limit is not None and np.isfinite(above).any():
            drawn.add_scatter(
                x=[limit],
                y=[above[np.isfinite(above)][-1]],
                name=f"{title} diverges",
                mode="markers",
                marker={"symbol": "x", "size": 10, "color": color},
                showlegend=False,
                hovertemplate=f"diverges from η {number(limit, 3)}<extra>%{{fullData.name}}</extra>",
            )
    largest = sharpest(setup.surface, setup.knobs)
    if largest is not None and RATES[0] <= 2 / largest <= RATES[-1]:
        drawn.add_vline(x=2 / largest, line={"color": FAINT, "width": 1.5, "dash": "dash"})
        # Annotations of a logarithmic axis are placed by the logarithm, unlike lines.
        place = {"x": float(np.log10(2 / largest)), "y": 0.01, "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        drawn.add_annotation(text=f"2/λmax = {number(2 / largest, 3)}", showarrow=False, **place)
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
