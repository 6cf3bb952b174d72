"""What the lesson on local minima computes: where runs end, how often restarts and noise help, who is equivalent."""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from landscapes import CriticalPoint, critical_points, on_grid, value, values
from landscapes.shared import shared
from landscapes.symmetry import Family, train
from optim import Trajectory, basins, sweep
from pages.parts.colors import BLUE, FAINT, GREEN, ORANGE
from pages.parts.lesson import Marks
from pages.parts.narrator import outcome, settings_at
from pages.parts.words import number
from stage import Setup
from stage.scene import Bank, Pairs, make_scene, wrapper_of

OWN = "tilted_double_well"
NEAR = 2e-2
"""A run is at a critical point when it ends within this share of the box's diagonal."""
LEVEL = 1e-2
"""A gradient is small, for the verdict, below this share of the mean slope over the box."""
STILL = 1e-3
"""A run has stopped improving when its last tenth brought less than this share of what there was to gain."""
SIGMAS = tuple(float(s) for s in np.geomspace(0.3, 100, 16))
COOLING = 0.03
SEEDS = 128
LAST_TILT = 8 / (3 * np.sqrt(3))
"""Beyond it the upper well is gone: the largest slope of (x² − 1)² between its wells."""


def marks(setup: Setup, name: str) -> Marks:
    """The tilts at which a well vanishes, and where both are equal."""
    if name != "tilt":
        return ()
    edge = float(f"{LAST_TILT:.4g}")
    return ((-edge, "one well left"), (0.0, "equal wells"), (edge, "one well left"))


def explain(setup: Setup, bank: Bank, position: int) -> str:
    """Where every racer ends, and how that compares with the best minimum."""
    _, knobs = settings_at(setup, bank, position)
    # Elsewhere the search may take long, and a slider has a hundred positions.
    known = setup.surface == OWN or knobs == setup.knobs
    points = critical_points(setup.surface, None, **dict(knobs)) if known and setup.found.smooth else []
    return " ".join(
        _where(setup, index, bank.trajectory(index, position), points) for index in range(len(setup.racers))
    )


def _where(setup: Setup, index: int, run: Trajectory, points: list[CriticalPoint]) -> str:
    title = setup.racers[index].title
    if run.diverged_at is not None:
        return f"{title} diverged at step {run.diverged_at}."
    end = run.points[-1]
    norm = float(np.hypot(*run.gradients[-1]))
    reached = _nearest(setup, end, points)
    minima = [point for point in points if point.kind == "minimum"]
    if reached is None or not minima:
        return f"{title}: {outcome(run, None)}; ‖∇f‖ = {number(norm, 3)}."
    best = min(minima, key=lambda point: point.value)
    # A Newton search leaves 1e-33 where a zero is meant.
    x, y = np.round(reached.point, 9) + 0.0
    place = f"({number(x, 3)}, {number(y, 3)})"
    if reached.kind != "minimum":
        return f"{title} ends at the {reached.kind} {place}, loss {number(reached.value)}."
    if reached.value - best.value <= 1e-9 * (1 + abs(best.value)):
        alike = len(minima) > 1 and sum(p.value - best.value <= 1e-9 for p in minima) > 1
        return f"{title} ends in {'a' if alike else 'the'} global minimum {place}, loss {number(reached.value)}."
    above = f"{number(reached.value - best.value, 3)} above the global one{_barrier(reached, points)}"
    return f"{title} ends in the local minimum {place}, loss {number(reached.value)}: {above}."


def _barrier(reached: CriticalPoint, points: list[CriticalPoint]) -> str:
    passes = [point.value for point in points if point.kind == "saddle" and point.value > reached.value]
    return f", behind a saddle {number(min(passes) - reached.value, 3)} higher" if passes else ""


def _nearest(setup: Setup, end: np.ndarray, points: list[CriticalPoint]) -> CriticalPoint | None:
    x_low, x_high, y_low, y_high = setup.found.box
    reach = NEAR * np.hypot(x_high - x_low, y_high - y_low)
    near = [point for point in points if np.hypot(*(point.point - end)) < reach]
    return min(near, key=lambda point: float(np.hypot(*(point.point - end))), default=None)


def verdict(setup: Setup, run: Trajectory) -> str:
    """Is a run that has stopped improving at a critical point? The test is its gradient norm, not its loss."""
    if run.diverged_at is not None:
        return f"The run diverged at step {run.diverged_at}: there is nothing to judge."
    loss, norm = run.values, float(np.hypot(*run.gradients[-1]))
    tail = loss[-max(len(loss) // 10, 2) :]
    whole = abs(loss[0] - min(loss.min(), make_scene(setup.surface, setup.knobs)[1]["lowest"])) or 1.0
    stopped = abs(tail[0] - tail[-1]) <= STILL * whole
    small = norm <= LEVEL * mean_slope(setup.surface, setup.knobs)
    size = f"‖∇f‖ = {number(norm, 3)}, {'small' if small else 'not small'} beside the mean slope of the map"
    if not stopped:
        return f"The loss is still changing ({size}): too early to judge."
    if small:
        return f"The loss has stopped falling and {size}: the run is at, or very near, a critical point."
    return f"The loss has stopped falling, yet {size}: this is no minimum. Look to the learning rate or the curvature."


@shared(128)
def mean_slope(surface: str, knobs: Pairs) -> float:
    """The mean steepness of the drawn surface, from its grid."""
    x, y, z = on_grid(surface, None, 65, **dict(knobs))
    rows, columns = np.gradient(z.astype(np.float64), y, x)
    return float(np.nanmean(np.hypot(rows, columns)))


@shared(64)
def reached(setup: Setup) -> tuple[np.ndarray, float]:
    """The final losses (N,) of the first racer from every start of a grid over the box, and the lowest loss known."""
    racer = setup.racers[0]
    wrapped = {name: amount for name, amount in wrapper_of(setup, racer).items() if name.startswith("clip")}
    found = basins(
        setup.surface,
        racer.optimizer,
        n=64,
        steps=setup.steps,
        knobs=dict(setup.knobs),
        **wrapped,
        **dict(racer.hyper),
    )
    heights = values(setup.surface, found.ends, **dict(setup.knobs))
    losses = np.where(np.isfinite(found.ends).all(axis=-1), heights, np.inf).ravel()
    lowest = min((value(setup.surface, m, **dict(setup.knobs)) for m in found.minima), default=float(np.min(losses)))
    return losses, lowest


def essence(setup: Setup) -> Setup:
    """What the restarts depend on, so that equal ones are computed once."""
    return replace(setup, racers=setup.racers[:1], start=setup.found.start, noise=0.0, cooling=0.0, seed=0)


def restarts(setup: Setup, count: int) -> tuple[np.ndarray, float]:
    """The final losses of `count` starts drawn from the grid with the setup's seed, and the share of all starts that
    reach the lowest loss known."""
    losses, lowest = reached(essence(setup))
    finite = losses[np.isfinite(losses)]
    close = 1e-3 * float(np.ptp(np.clip(finite, lowest, np.percentile(finite, 90)))) + 1e-9 if len(finite) else 0.0
    share = float((losses <= lowest + close).mean())
    drawn = np.random.default_rng(setup.seed).choice(losses, count)
    return drawn, share


def best_of(share: float, count: int) -> float:
    """The chance that the best of `count` independent starts is global, where a `share` of them is."""
    return float(1 - (1 - share) ** count)


def starts_needed(share: float) -> str:
    """How many starts make it 99 % sure, in words."""
    if share <= 0:
        return "no number of starts helps"
    if share >= 1:
        return "one start is enough"
    return f"{int(np.ceil(np.log(0.01) / np.log(1 - share)))} starts make it 99 % sure"


@shared(1)
def crossings() -> dict[str, tuple[float, ...]]:
    """The share of `SEEDS` noisy runs of gradient descent, η = 0.05, 200 steps, that start in the upper well of the
    tilted double well and end in the lower one, for each of `SIGMAS`: with noise as it is, and cooled."""
    (best, *_) = (p for p in critical_points(OWN) if p.kind == "minimum")
    found = {}
    for name, cooling in (("constant", 0.0), ("cooled", COOLING)):
        hits = np.zeros(len(SIGMAS))
        for seed in range(SEEDS):
            runs = sweep(
                OWN,
                "gd",
                (1.8, 1.0),
                over="noise",
                values=SIGMAS,
                steps=200,
                seed=seed,
                cooling=cooling,
                learning_rate=0.05,
            )
            ends = runs.points[:, -1]
            hits += np.hypot(*(ends - best.point).T) < 0.15
        found[name] = tuple(float(h) for h in hits / SEEDS)
    return found


@shared(1)
def family() -> Family:
    """A trained network with two hidden units and its images under all eight symmetries."""
    return train(2)


def images(found: Family) -> list[dict[str, str]]:
    """Rows of a table: each image of the network, how far it is from the first, and its loss."""
    names = [f"{v}{i}" for v in ("w", "b", "a") for i in "₁₂"] + ["a₀"]
    return [
        {name: number(w, 3) for name, w in zip(names, weights, strict=True)}
        | {"distance": number(distance, 3), "loss": f"{loss:.12g}"}
        for weights, distance, loss in zip(found.weights, found.distances, found.losses, strict=True)
    ]


def restarts_figure(drawn: np.ndarray) -> go.Figure:
    """A histogram of the losses that the starts reach."""
    shown = drawn[np.isfinite(drawn)]
    shown = shown[shown <= np.percentile(shown, 98)] if len(shown) > 50 else shown
    figure = go.Figure(go.Histogram(x=shown, nbinsx=40, marker={"color": BLUE}))
    return _axes(figure, "loss reached", "starts")


def chance_figure(share: float, count: int) -> go.Figure:
    """The chance that the best of N is global, against N."""
    numbers = np.unique(np.geomspace(1, 500, 60).astype(int))
    figure = go.Figure(
        go.Scatter(x=numbers, y=[best_of(share, int(n)) for n in numbers], line={"color": GREEN, "width": 2})
    )
    figure.add_scatter(x=[count], y=[best_of(share, count)], mode="markers", marker={"color": GREEN, "size": 11})
    figure.update_xaxes(type="log")
    figure.update_yaxes(range=[0, 1.04])
    return _axes(figure, "number of starts N", "chance of the global minimum")


def crossings_figure(shares: dict[str, tuple[float, ...]]) -> go.Figure:
    """How often noise gets a run over the barrier, against its strength."""
    figure = go.Figure()
    for (name, crossed), color in zip(shares.items(), (FAINT, ORANGE), strict=True):
        figure.add_scatter(
            x=SIGMAS, y=crossed, name=f"{name} noise", mode="lines+markers", line={"color": color, "width": 2}
        )
    figure.update_xaxes(type="log")
    figure.update_layout(legend={"orientation": "h", "y": 1.15})
    return _axes(figure, "noise σ at the start", "share that ends in the global well")


def _axes(figure: go.Figure, x: str, y: str) -> go.Figure:
    figure.update_xaxes(title=x)
    figure.update_yaxes(title=y)
    figure.update_layout(
        height=300, margin={"l": 10, "r": 10, "t": 10, "b": 10}, showlegend=figure.layout.legend.orientation is not None
    )
    return figure
