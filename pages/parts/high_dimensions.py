"""What the lesson on high dimensions computes and says: one sentence or two for each of its parts."""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from landscapes import balls, deep_linear, random_function, random_matrices
from landscapes.knobs import Knob
from landscapes.random_matrices import Share
from landscapes.shared import shared
from optim import random_search
from pages.parts.words import number, series

Floats = NDArray[np.float64]

PARTS = {
    "signs": "Eigenvalue signs",
    "critical": "Height and kind",
    "distances": "Distances and volumes",
    "search": "Searching blind",
    "linear": "Deep linear networks",
}
SIZE = Knob(1, random_matrices.MOST, symbol="n", name="size", default=6.0)
SAMPLES = Knob(1000, 200_000, log=True, name="samples", default=50_000.0)
VARIABLES = Knob(2, 6, symbol="n", name="variables", default=4.0)
FUNCTION = Knob(0, 9, symbol="number", name="function", default=0.0)
DIMENSIONS = Knob(1, 200, symbol="n", name="dimensions", default=50.0)
THICKNESS = Knob(0.01, 0.5, log=True, symbol="of the shell, in radii", name="thickness", default=0.05)
UNKNOWNS = Knob(2, 8, symbol="n", name="unknowns", default=8.0)
LAYERS = Knob(2, 5, name="layers", default=3.0)
WIDTH = Knob(1, 8, symbol="of the hidden layers", name="width", default=4.0)
START = Knob(0.001, 0.5, log=True, name="start_scale", default=0.1)
KNOBS = (SIZE, SAMPLES, VARIABLES, FUNCTION, DIMENSIONS, THICKNESS, UNKNOWNS, LAYERS, WIDTH, START)

SAMPLED = range(1, 9)
"""Sizes of matrices that are sampled for the curve."""
KINDS = range(2, 9)
"""Variables for which theory's share of minima is drawn."""
SPACES = (1, 2, 3, 5, 10, 20, 50, 100, 200)
CLOUD = 100
"""Random points among which the nearest and the farthest are sought."""
IN_BALL = 2000
SEARCHED = {
    "uniform": tuple(range(2, 9)),
    "stepwise": (2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 256),
    "differences": (2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 256),
    "descent": (2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 256),
}
TITLES = {
    "uniform": "Random points of the cube",
    "stepwise": "Random steps, kept if they lead down",
    "differences": "Gradient descent, a gradient = n + 1 evaluations",
    "descent": "Gradient descent, a gradient = 1 evaluation",
}
SEEDS = 12
"""Deep linear networks trained side by side."""
CAUGHT = 1.001
"""A run has reached the global minimum where its loss is below this multiple of it, or this less one if that is 0."""


def once_in(probability: float) -> str:
    """A small probability as a person reads it."""
    return f"once in {times(1 / probability)}"


def times(count: float) -> str:
    """A count with its thousands apart, or as a power of ten."""
    return f"{count:,.0f}" if count < 1e6 else number(count, 3)


def between(share: Share) -> str:
    """A share's confidence interval."""
    return f"95 % interval {number(share.low, 2)} … {number(share.high, 2)}"


def signs(n: int, samples: int) -> str:
    """How often all eigenvalues of a random symmetric matrix are positive."""
    share, exact = random_matrices.sampled(n, samples), random_matrices.probability(n)
    said = [
        f"A coin for each of n = {n} eigenvalues would come up heads every time **{once_in(0.5**n)}**.",
        f"Of {samples:,} random matrices, {share.hits:,} have positive eigenvalues only ({between(share)}); "
        f"by integration it is **{once_in(exact)}**.",
    ]
    if n > 2:
        fell = [random_matrices.probability(k - 1) / random_matrices.probability(k) for k in (n - 1, n)]
        said.append(
            f"The step from {n - 1} to {n} makes it {times(fell[1])} times rarer, {number(fell[1] / fell[0])} "
            f"times the factor of the step before (large n: √3 = {number(float(np.exp(2 * random_matrices.RATE)))}). "
            "A coin's factor stays 2: eigenvalues repel each other and do not all fit on one side."
        )
    return " ".join(said)


def tenths(points: random_function.Critical) -> tuple[float, float]:
    """Mean share of negative eigenvalues among the lowest and among the highest tenth of critical points."""
    count = max(1, len(points.values) // 10)
    shares = points.negative / points.points.shape[1]
    return float(shares[:count].mean()), float(shares[-count:].mean())


def minima(n: int, function: int) -> Share:
    """How many of the critical points found are minima."""
    found = random_function.critical_points(n, function)
    return random_matrices.share(int((found.negative == 0).sum()), len(found.values))


def critical(n: int, function: int) -> str:
    """What the critical points of a random function are, low and high."""
    found = random_function.critical_points(n, function)
    lows, tops = (int((found.negative == k).sum()) for k in (0, n))
    count = len(found.values)
    low, high = tenths(found)
    theory = random_function.expected_kinds(n)
    return (
        f"Newton's method from {random_function.STARTS * n:,} starts found {count} critical points in a box of side "
        f"{number(found.side, 3)}: {_count(lows, 'minimum', 'minima')}, {_count(tops, 'maximum', 'maxima')} and "
        f"**{_count(count - lows - tops, 'saddle', 'saddles')}**. In the lowest tenth of them "
        f"{number(100 * low, 2)} % of the eigenvalues are negative, in the highest tenth {number(100 * high, 2)} %. "
        f"About {number(100 * found.missed, 2)} % of new starts would end in a point not found yet. "
        f"In theory {number(sum(theory[1:-1]) / theory[0], 2)} saddles come on each minimum."
    )


def _count(many: int, one: str, more: str) -> str:
    return f"{many} {one if many == 1 else more}"


@shared(512)
def in_shell(n: int, thickness: float) -> Share:
    """How many random points of a ball lie within `thickness` of its surface."""
    radii = np.linalg.norm(balls.ball(n, IN_BALL, 0), axis=1)
    return random_matrices.share(int((radii > 1 - thickness).sum()), IN_BALL)


def distances(n: int, thickness: float) -> str:
    """How far random points are from each other, and where a ball has its volume."""
    clouds = balls.distances(n, CLOUD)
    ratio, low, high = balls.median_interval(clouds.ratio)
    share = in_shell(n, thickness)
    return (
        f"In n = {n} dimensions the nearest of {CLOUD} random points is at **{number(100 * ratio, 3)} %** of the "
        f"distance of the farthest (median of {balls.REPEATS} clouds, 95 % interval {number(100 * low, 3)} … "
        f"{number(100 * high, 3)} %), and the mean distance is {number(float(clouds.mean.mean()), 3)} sides of the "
        f"cube. The outer {number(100 * thickness, 3)} % of a ball's radius hold "
        f"**{number(100 * balls.shell(n, thickness), 4)} %** of its volume; {share.hits:,} of {IN_BALL:,} random "
        f"points of the ball lie there ({between(share)}). The largest ball in a cube has a share of "
        f"{number(balls.in_cube(n), 3)} of it, and a grid of ten values for each number has 10{_power(n)} points."
    )


def _power(n: int) -> str:
    return "" if n == 1 else str(n).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def searching(n: int) -> str:
    """What solving the same bowl costs each way."""

    def said(search: str) -> str:
        median, low, high = balls.median_interval(random_search.evaluations(search, n))
        return f"{times(median)} (95 % interval {times(low)} … {times(high)})"

    return (
        f"n = {n}, median of {random_search.RUNS} starts. Random points of the cube need **{said('uniform')}** "
        f"evaluations, random steps {said('stepwise')}, gradient descent **{said('descent')}** gradients, or "
        f"{said('differences')} evaluations where a gradient is made of differences."
    )


class Training(NamedTuple):
    """Deep linear networks trained side by side: `done` says which reached the global minimum `best`."""

    runs: deep_linear.Runs
    best: float
    done: NDArray[np.bool_]
    stays: list[int | None]


@shared(24)
def trained(layers: int, width: int, scale: float) -> Training:
    """`SEEDS` networks of this form; `stays` are the first one's plateaus by the number of parts learnt."""
    runs = deep_linear.train(layers, width, scale, SEEDS)
    best = float(deep_linear.levels(width)[-1])
    done = runs.losses[:, -1] <= (best * CAUGHT if best else CAUGHT - 1)
    return Training(runs, best, done, deep_linear.plateaus(runs.losses[0], runs.slopes[0], width))


@shared(24)
def spectra(layers: int, width: int, scale: float) -> dict[str, Floats]:
    """Eigenvalues of the Hessian where all weights are 0, on each plateau of the first run, and at its end."""
    made = trained(layers, width, scale)
    found = {"origin": deep_linear.eigenvalues(np.zeros(deep_linear.count(layers, width)), layers, width)}
    for learnt, record in enumerate(made.stays[:-1]):
        if learnt and record is not None and record < len(made.runs.steps) - 1:
            found[f"{learnt} learnt"] = deep_linear.eigenvalues(made.runs.weights[0, record], layers, width)
    return found | {"end": deep_linear.eigenvalues(made.runs.weights[0, -1], layers, width)}


def linear(layers: int, width: int, scale: float) -> str:
    """Plateaus, where the runs end, and the curvature there."""
    made, found = trained(layers, width, scale), spectra(layers, width, scale)
    runs = made.runs
    said = []
    stays = [
        f"{number(float(runs.losses[0, record]), 3)} at step {runs.steps[record]:,} "
        f"(‖∇‖ {number(float(runs.slopes[0, record]), 2)}, λ from {number(float(found[f'{k} learnt'][0]), 2)})"
        for k, record in enumerate(made.stays)
        if record is not None and f"{k} learnt" in found
    ]
    if stays:
        said.append(f"On its way the first run is slowest at the loss {series(stays)}.")
    flat = not found["origin"].any()
    said.append(
        "At the origin the whole Hessian is 0: flatter than a saddle."
        if flat
        else f"At the origin {(found['origin'] < 0).sum()} of {len(found['origin'])} eigenvalues are negative."
    )
    reached = int(made.done.sum())
    said.append(
        f"**{reached} of {SEEDS} random starts** reach the global minimum, a loss of {number(made.best)}, within "
        f"{deep_linear.STEPS:,} steps."
    )
    if reached < SEEDS:
        left = np.flatnonzero(~made.done)
        least = max(float(deep_linear.eigenvalues(runs.weights[run, -1], layers, width)[0]) for run in left)
        said.append(
            f"The others are still at {_spread(runs.losses[left, -1])}, where the least eigenvalue is "
            f"{number(least, 2)}{' or below: a plateau near a saddle, no minimum' if least < 0 else ' at most'}."
        )
    return " ".join(said)


def _spread(values: Floats) -> str:
    low, high = number(float(values.min()), 3), number(float(values.max()), 3)
    return f"a loss of {low}" if low == high else f"losses from {low} to {high}"


def signs_prepared() -> None:
    """The curve that the page opens on."""
    for n in SAMPLED:
        random_matrices.sampled(n, round(SAMPLES.default))
    for n in range(1, random_matrices.MOST + 1):
        random_matrices.probability(n)


def distances_prepared() -> None:
    """Clouds of points in all spaces."""
    for n in SPACES:
        balls.distances(n, CLOUD)


def searches_prepared() -> None:
    """Every search in every number of dimensions."""
    for search, spaces in SEARCHED.items():
        for n in spaces:
            random_search.evaluations(search, n)


def linear_prepared() -> None:
    """The networks that their part opens on."""
    spectra(round(LAYERS.default), round(WIDTH.default), START.default)


PREPARE = (
    signs_prepared,
    *(partial(random_function.critical_points, n, 0) for n in range(2, 7)),
    *(partial(random_function.expected_kinds, n) for n in KINDS),
    distances_prepared,
    searches_prepared,
    linear_prepared,
)
