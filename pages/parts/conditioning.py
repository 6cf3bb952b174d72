"""What the ill-conditioning lesson computes: stable rates, their marks and sentences, and steps against κ."""

import numpy as np
import plotly.graph_objects as go

from landscapes import minima
from landscapes.shared import shared
from optim import descend, find_optimizer
from pages.parts.lesson import RATE, Marks
from pages.parts.narrator import direction, first_step, is_quadratic, lowest_known, outcome, settings_at, spectrum
from pages.parts.words import number, series
from stage import Setup
from stage.scene import Bank, Pairs

KAPPAS = tuple(float(k) for k in np.geomspace(1, 1000, 13))
TOLERANCE = 1e-6
STEPPED_RULES = {"gd": 2.0, "momentum": 2.0}
"""Rules whose stable rate on a quadratic is known: 2(1 + β)/λmax, with β = 0 for gradient descent."""


def rate_limit(optimizer: str, hyper: dict[str, float], largest: float) -> float | None:
    """The largest stable rate on a quadratic with that largest eigenvalue; None for rules without a known one.

    Source: Polyak 1964 for the heavy ball; Goh, Why Momentum Really Works, Distill 2017.
    """
    if optimizer not in STEPPED_RULES or largest <= 0:
        return None
    return STEPPED_RULES[optimizer] * (1 + hyper.get("momentum", 0.0)) / largest


def reference(setup: Setup, knobs: Pairs) -> tuple[float, float]:
    """Where curvature is judged: the minimum nearest to the start, the start itself where there is none."""
    found = minima(setup.surface, **dict(knobs))
    if not len(found):
        return setup.start
    nearest = found[np.linalg.norm(found - np.asarray(setup.start), axis=1).argmin()]
    return (float(nearest[0]), float(nearest[1]))


def rate_marks(setup: Setup, name: str) -> Marks:
    """The stability limit and the best fixed rate, for the rules that have them."""
    racer = setup.racers[0]
    if name != RATE or not setup.found.smooth:
        return ()
    (smallest, largest), _ = spectrum(setup.surface, setup.knobs, reference(setup, setup.knobs))
    limit = rate_limit(racer.optimizer, dict(racer.hyper), largest)
    if limit is None:
        return ()
    text = "limit 2/λmax" if racer.optimizer == "gd" else "limit 2(1+β)/λmax"
    marks = [(float(f"{limit:.4g}"), f"{text} = {number(limit)}")]
    if racer.optimizer == "gd" and smallest > 0:
        best, kappa = 2 / (smallest + largest), largest / smallest
        shrink = (kappa - 1) / (kappa + 1)
        marks.append((float(f"{best:.4g}"), f"best 2/(λmin+λmax) = {number(best)}, factor {number(shrink)}"))
    return tuple(marks)


def explain(setup: Setup, bank: Bank, position: int) -> str:
    """Why the first racer's run did what it did, at a position of the live slider."""
    optimizer = setup.racers[0].optimizer
    hyper, knobs = settings_at(setup, bank, position)
    run = bank.trajectory(0, position)
    quadratic = setup.found.smooth and is_quadratic(setup.surface, knobs, setup.found.box)
    lowest = lowest_known(setup, knobs, run, quadratic)
    came = outcome(run, lowest)
    if RATE not in hyper:
        said = f"{find_optimizer(optimizer).title} has no rate to choose: {came}."
    elif (judged := _judged(setup, hyper, knobs, quadratic)) is None:
        said = f"η = {number(hyper[RATE])}: {came}. {first_step(run)}."
    else:
        said = f"η = {number(hyper[RATE])} is {judged}. {first_step(run)}, and {came}."
    return f"{said} {_race(setup, bank, position, lowest)}".strip()


def _judged(setup: Setup, hyper: dict[str, float], knobs: Pairs, quadratic: bool) -> str | None:
    """The rate against its limit, and on a quadratic what it does to each direction; None where no limit is known."""
    optimizer, rate = setup.racers[0].optimizer, hyper[RATE]
    moved = knobs != setup.knobs
    if optimizer not in STEPPED_RULES or not setup.found.smooth or (moved and not quadratic):
        return None
    place = setup.start if quadratic else reference(setup, knobs)
    (smallest, largest), vectors = spectrum(setup.surface, knobs, place)
    limit = rate_limit(optimizer, hyper, largest)
    if limit is None:
        return None
    name = "2/λmax" if optimizer == "gd" else "2(1+β)/λmax"
    said = f"{_ratio(rate / limit)} the limit {name} = {number(limit)}{'' if quadratic else ' at the nearest minimum'}"
    if quadratic and optimizer == "gd":
        said += f": {_factors(rate, (largest, smallest), vectors[:, ::-1])}"
    return said


def _ratio(ratio: float) -> str:
    return "exactly" if abs(ratio - 1) < 5e-4 else f"{number(ratio, 3)} times"


def _factors(rate: float, eigenvalues: tuple[float, float], vectors: np.ndarray) -> str:
    factors = [
        f"{direction(vectors[:, i])} is multiplied by {number(1 - rate * value)}" for i, value in enumerate(eigenvalues)
    ]
    return f"{series(factors)} at every step"


def _race(setup: Setup, bank: Bank, position: int, lowest: float | None) -> str:
    if len(setup.racers) < 2:
        return ""
    finals = []
    for index, racer in enumerate(setup.racers):
        run = bank.trajectory(index, position)
        if run.diverged_at is None:
            finals.append((float(run.values[-1]), find_optimizer(racer.optimizer).title))
    if not finals:
        return "No racer holds: all diverged."
    best, title = min(finals)
    height = f"loss {number(best)}" if lowest is None else f"{number(best - lowest)} above the minimum"
    return f"Lowest after {setup.steps} steps: {title}, {height}."


@shared(1)
def steps_needed() -> dict[str, tuple[float, ...]]:
    """Steps until the loss is `TOLERANCE` of that at the start, for each κ in `KAPPAS`, each rule at its best fixed
    parameters for that κ (Polyak 1964): measured by running them."""
    counts: dict[str, list[float]] = {"gd": [], "momentum": [], "newton": []}
    for kappa in KAPPAS:
        root = np.sqrt(kappa)
        best = {
            "gd": {RATE: 2 / (1 + kappa)},
            "momentum": {RATE: 4 / (1 + root) ** 2, "momentum": ((root - 1) / (root + 1)) ** 2},
            "newton": {},
        }
        for key, hyper in best.items():
            counts[key].append(_steps(key, kappa, hyper))
    return {"condition_number": KAPPAS} | {key: tuple(steps) for key, steps in counts.items()}


def _steps(optimizer: str, kappa: float, hyper: dict[str, float]) -> float:
    steps = 100
    while True:
        run = descend("ill_conditioned", optimizer, steps=steps, knobs={"condition_number": kappa}, **hyper)
        arrived = np.flatnonzero(run.values <= TOLERANCE * run.values[0])
        if len(arrived):
            return float(arrived[0])
        if steps > 100_000:
            return float("nan")
        steps *= 3


def growth(counts: dict[str, tuple[float, ...]]) -> str:
    """What the counts say, from the middle of the range of κ to its end."""
    kappa, middle = counts["condition_number"], len(KAPPAS) // 2
    times = {key: number(counts[key][-1] / counts[key][middle], 3) for key in ("gd", "momentum")}
    return (
        f"Steps until the loss is a millionth of where it began, run here. From κ = {number(kappa[middle], 2)} to "
        f"{number(kappa[-1])} gradient descent needs {times['gd']} times as many, momentum {times['momentum']} times, "
        f"Newton the same {number(counts['newton'][-1])}: they grow as κ, as √κ, and not at all."
    )


def convergence_figure(counts: dict[str, tuple[float, ...]]) -> go.Figure:
    """Steps against condition number on two logarithmic axes."""
    figure = go.Figure()
    for (key, symbol), color in zip(
        {"gd": "circle", "momentum": "diamond", "newton": "square"}.items(),
        ("#d55e00", "#0072b2", "#009e73"),
        strict=True,
    ):
        figure.add_scatter(
            x=counts["condition_number"],
            y=counts[key],
            name=find_optimizer(key).title,
            mode="lines+markers",
            marker={"symbol": symbol, "size": 8},
            line={"color": color, "width": 2},
        )
    figure.update_xaxes(type="log", title="condition number κ")
    figure.update_yaxes(type="log", title="steps")
    figure.update_layout(
        height=340, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend={"orientation": "h", "y": 1.12}
    )
    return figure
