"""The narrator: sentences that say, from the computed numbers, why a run did what it did."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from landscapes import hessian
from optim import Trajectory
from pages.parts.words import number
from stage import Setup
from stage.scene import Bank, Pairs, make_scene

LESS = 1e-3
"""A run has arrived, for the narrator, when its loss above the lowest known value is this share of the first one."""

Floats = NDArray[np.float64]


@lru_cache(maxsize=1024)
def spectrum(surface: str, knobs: Pairs, point: tuple[float, float]) -> tuple[Floats, Floats]:
    """Eigenvalues of the Hessian at a point, ascending (2,), and the eigenvectors as columns (2, 2)."""
    values, vectors = np.linalg.eigh(hessian(surface, point, **dict(knobs)))
    return values, vectors


@lru_cache(maxsize=256)
def is_quadratic(surface: str, knobs: Pairs, box: tuple[float, float, float, float]) -> bool:
    """True where the Hessian is the same all over the box, judged at nine points."""
    x, y = np.meshgrid(np.linspace(*box[:2], 5)[1:4], np.linspace(*box[2:], 5)[1:4])
    hessians = np.array([hessian(surface, p, **dict(knobs)) for p in zip(x.flat, y.flat, strict=True)])
    return bool(np.ptp(hessians, axis=0).max() <= 1e-9 * np.abs(hessians).max())


def settings_at(setup: Setup, bank: Bank, position: int) -> tuple[dict[str, float], Pairs]:
    """The first racer's hyperparameters and the surface's knobs at a position of the live slider."""
    hyper, knobs = dict(setup.racers[0].hyper), dict(setup.knobs)
    value = float(bank.positions[position])
    if bank.over in knobs:
        knobs[bank.over] = value
    elif bank.over in hyper:
        hyper[bank.over] = value
    return hyper, tuple(knobs.items())


def lowest_known(setup: Setup, knobs: Pairs, run: Trajectory, quadratic: bool) -> float | None:
    """The lowest value of the surface with those knobs; None where finding it would keep a moving slider waiting."""
    if quadratic and np.linalg.eigvalsh(run.hessians[0])[0] > 0:
        return float(run.values[0] - run.gradients[0] @ np.linalg.solve(run.hessians[0], run.gradients[0]) / 2)
    return float(make_scene(setup.surface, knobs)[1]["lowest"]) if knobs == setup.knobs else None


def outcome(run: Trajectory, lowest: float | None) -> str:
    """What became of a run, in half a sentence."""
    first, last = run.values[0], run.values[-1]
    steps = len(run.values) - 1
    if run.diverged_at is not None:
        return f"the run diverged at step {run.diverged_at}"
    below = [] if lowest is None else np.flatnonzero(run.values - lowest <= LESS * (first - lowest))
    if lowest is not None and first > lowest and len(below):
        arrived = int(below[0])
        return f"{arrived} step{'s' if arrived != 1 else ''} took the loss to a thousandth of where it began"
    if last > first:
        return f"after {steps} steps the loss is {number(last)}, more than the {number(first)} it began with"
    return f"after {steps} steps the loss has gone from {number(first)} to {number(last)}"


def first_step(run: Trajectory) -> str:
    """What the first step did to the loss; empty where there was none."""
    if len(run.values) < 2:
        return ""
    before, after = run.values[0], run.values[1]
    change = "raises" if after > before else "lowers"
    return f"The first step {change} the loss from {number(before)} to {number(after, 5)}"


def direction(vector: Floats) -> str:
    """The name of an eigenvector: an axis where it lies on one."""
    for axis, name in enumerate("xy"):
        if abs(vector[axis]) > 1 - 1e-9:
            return name
    vector = vector * np.sign(vector[np.abs(vector).argmax()])
    return f"the direction ({number(vector[0], 2)}, {number(vector[1], 2)})"
