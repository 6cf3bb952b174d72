"""What the lesson on networks measures on trained networks; each answer is kept for the whole class."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscapes.matching import match_units, rearranged
from landscapes.mlp import MLP, forward
from landscapes.shared import shared
from optim.projection import (
    Plane,
    barrier,
    extent,
    filter_normalised,
    losses,
    on_line,
    on_plane,
    path_plane,
    random_plane,
)
from optim.spectrum import Critical, critical_point_near, extreme_eigenvalues, spectral_density
from optim.training import Measures, Recipe, Run, measure

Floats = NDArray[np.float64]
GRID = 41
SHARES = np.linspace(-0.25, 1.25, 61)
BETWEEN = np.linspace(0, 1, 41)
DEPTHS = (3, 6, 12, 24)
LARGEST_SADDLE = 400
"""Weights up to which the whole Hessian is written down."""
EVERY = 5
"""Records from one look at the eigenvalues to the next."""
PERTURBED = 0.25
"""Length of a random filter-normalised step, against each unit's own weights, whose rise is measured."""
SAMPLES = 32


@shared(64)
def measured(run: Run) -> Measures:
    """Losses, errors and derivatives along a run."""
    return measure(run)


@dataclass(frozen=True, eq=False)
class Map:
    """A drawn plane: coordinates `a` (A,), `b` (B,), losses `z` (B, A); by run the `places` (K, 2), the losses `seen`
    (K,) where the plane draws them, and the share of the path's variance that the plane holds."""

    a: Floats
    b: Floats
    z: Floats
    places: list[Floats]
    seen: list[Floats]
    shares: list[float]


def _map(net: MLP, plane: Plane, runs: tuple[Run, ...], least: float = 0.0, extra: list[Floats] | None = None) -> Map:
    data = runs[0].recipe.data
    places = [plane.place(run.weights) for run in runs]
    low_a, high_a, low_b, high_b = extent([*places, *(extra or [])], least)
    a, b = np.linspace(low_a, high_a, GRID), np.linspace(low_b, high_b, GRID)
    seen = [losses(net, plane.points(plane.place(run.padded)), data)[: len(run.steps)] for run in runs]
    z = on_plane(net, plane, data, a, b)
    return Map(a, b, z, places, seen, [plane.share(run.weights) for run in runs])


@shared(32)
def mapped(runs: tuple[Run, ...], kind: str, seed: int = 0) -> Map:
    """The plane of the paths, ``path``, or of two random directions around the first path's end, ``random``."""
    net = runs[0].recipe.net
    if kind == "path":
        return _map(net, path_plane([run.weights for run in runs]), runs)
    # The paths are so short in a random plane that its own scale has to decide what is seen.
    return _map(net, random_plane(net, runs[0].weights[-1], seed), runs, least=1.0)


@shared(32)
def lines(runs: tuple[Run, ...]) -> list[Floats]:
    """Losses at `SHARES` of the way on the straight line from each run's start to its end."""
    return [on_line(run.recipe.net, run.weights[0], run.weights[-1], run.recipe.data, SHARES) for run in runs]


@dataclass(frozen=True, eq=False)
class Passage:
    """A critical point and a path that passes it: `distances` (K,) from it, and a plane through it.

    The plane is spanned by the way from the critical point to the end of the path and, at right angles, the direction
    in which the loss curves up most there.
    """

    critical: Critical
    distances: Floats
    drawn: Map
    loss: float

    @property
    def nearest(self) -> int:
        """The record at which the path is nearest."""
        return int(np.argmin(self.distances))

    @property
    def negative(self) -> int:
        """How many eigenvalues are below zero by more than rounding."""
        return int((self.critical.eigenvalues < -1e-6 * np.abs(self.critical.eigenvalues).max()).sum())


@shared(16)
def passage(run: Run) -> Passage | None:
    """The critical point near which the path slows down first; None where Newton's method finds none."""
    recipe = run.recipe
    if recipe.net.size > LARGEST_SADDLE:
        return None
    norms = measured(run).gradient_norm
    dips = np.flatnonzero((norms[1:-1] <= norms[:-2]) & (norms[1:-1] < norms[2:])) + 1
    slow = int(dips[0]) if len(dips) else int(np.argmin(norms))
    critical = critical_point_near(recipe.net, run.weights[slow], recipe.data)
    if critical is None:
        return None
    away = run.weights[-1] - critical.weights
    away = away / np.linalg.norm(away)
    up = critical.vectors[:, -1] - away * (away @ critical.vectors[:, -1])
    plane = Plane(critical.weights, np.array([away, up / np.linalg.norm(up)]))
    reach = 0.6 * float(np.linalg.norm(run.weights[-1] - critical.weights))
    drawn = _map(recipe.net, plane, (run,), least=reach)
    distances = np.linalg.norm(run.weights - critical.weights, axis=1)
    loss = float(losses(recipe.net, critical.weights[None], recipe.data)[0])
    return Passage(critical, distances, drawn, loss)


@shared(16)
def eigenvalues(run: Run) -> tuple[NDArray[np.int64], Floats]:
    """Steps, and the three largest eigenvalues and the smallest one of the Hessian there, (K, 4)."""
    kept = run.weights[::EVERY]
    return run.steps[::EVERY], extreme_eigenvalues(run.recipe.net, kept, run.recipe.data, steps=30)


@shared(32)
def density(run: Run, record: int) -> tuple[Floats, Floats]:
    """Estimated eigenvalues of the Hessian at a record, and the share of all that each stands for."""
    return spectral_density(run.recipe.net, run.weights[record], run.recipe.data)


def at_depth(recipe: Recipe, depth: int, skip: bool) -> Recipe:
    """The same with another depth, with or without skip connections."""
    return replace(recipe, net=replace(recipe.net, depth=depth, skip=skip))


@shared(64)
def sharpness(run: Run) -> tuple[float, float, float]:
    """At the end of a run: the loss, the largest eigenvalue of the Hessian, and the mean rise of the loss when every
    unit's weights are moved by `PERTURBED` of their length in random directions."""
    net, data, end = run.recipe.net, run.recipe.data, run.weights[-1].astype(np.float64)
    top = extreme_eigenvalues(net, end[None], data, top=1, steps=30)[0, 0]
    drawn = np.random.default_rng(0).standard_normal((SAMPLES, len(end)))
    moved = [end + PERTURBED * filter_normalised(net, direction, end) for direction in drawn]
    loss = float(run.losses[-1])
    return loss, float(top), float(np.mean(losses(net, np.array(moved), data))) - loss


@dataclass(frozen=True, eq=False)
class Between:
    """Losses at `BETWEEN` on the line between two solutions, before and after matching, and both distances."""

    before: Floats
    after: Floats
    apart: tuple[float, float]
    same: float

    @property
    def barriers(self) -> tuple[float, float]:
        """How far the loss rises above the straight connection, before and after."""
        return barrier(self.before, BETWEEN), barrier(self.after, BETWEEN)


@shared(32)
def between(one: Run, other: Run) -> Between:
    """Two trained networks, and the second one with its hidden units in the order of the first's. `same` is by how much
    an output changes at most by that: rounding."""
    net, data = one.recipe.net, one.recipe.data
    fixed, moved = (run.weights[-1].astype(np.float64) for run in (one, other))
    matched = rearranged(net, moved, match_units(net, fixed, moved, data.part[0]))

    def outputs(weights: Any) -> Floats:
        return np.asarray(forward(net, weights, data.x.astype(np.float64))[0])

    return Between(
        on_line(net, fixed, moved, data, BETWEEN),
        on_line(net, fixed, matched, data, BETWEEN),
        (float(np.linalg.norm(fixed - moved)), float(np.linalg.norm(fixed - matched))),
        float(np.abs(outputs(moved) - outputs(matched)).max()),
    )
