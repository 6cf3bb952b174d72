"""What the lesson on networks computes before the server says that it is healthy: what each part opens on."""

from collections.abc import Callable
from functools import partial

from landscapes.datasets import DATASETS
from pages.parts.networks import opening_recipes
from pages.parts.networks_results import between, density, eigenvalues, lines, mapped, measured, passage, sharpness
from pages.parts.networks_runs import RUNS


def _landscape() -> None:
    runs = tuple(RUNS.finished(recipe) for recipe in opening_recipes("landscape"))
    for kind in ("path", "random"):
        mapped(runs, kind)
    lines(runs)


def _trained(part: str) -> None:
    for recipe in opening_recipes(part):
        measured(RUNS.finished(recipe))


def _saddle() -> None:
    passage(RUNS.finished(opening_recipes("saddle")[0]))


def _curvature() -> None:
    run = RUNS.finished(opening_recipes("curvature")[0])
    eigenvalues(run)
    density(run, 0), density(run, len(run.weights) - 1)


def _two() -> None:
    one, other = (RUNS.finished(recipe) for recipe in opening_recipes("two"))
    between(one, other)


def _depth() -> None:
    for recipe in opening_recipes("depth"):
        sharpness(RUNS.finished(recipe))


PREPARE: tuple[Callable[[], object], ...] = (
    partial(_trained, "train"),
    *DATASETS.values(),
    *(partial(_trained, part) for part in ("norm", "saddle", "curvature", "two")),
    _landscape,
    _saddle,
    _curvature,
    _two,
    _depth,
)
