"""Many starts: how often, and how soon, a run gets to the lowest minimum that is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import index
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from landscapes import minima, values
from landscapes.knobs import Knobs
from landscapes.programs import program
from landscapes.surface import Surface, find_surface
from optim.checks import check_numbers
from optim.optimizer import Optimizer, find_optimizer
from optim.oracle import LARGEST_BATCH, Oracle, clipped_by_norm, clipped_by_value, minibatch, noisy
from optim.tournament import SURVEYED, TOLERANCE, race, truth

WRAPPERS = ("clip_norm", "clip_value", "noise", "cooling", "batch_size")

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Attempts:
    """Runs of one optimizer from many starts (N, 2).

    `evaluations` (N,): gradients spent until the loss was at most `target`, inf where the budget did not suffice.
    `lowest` (N,): the lowest loss that a run has seen.
    """

    starts: Floats
    evaluations: Floats
    lowest: Floats
    target: float

    @property
    def successes(self) -> int:
        return int(np.isfinite(self.evaluations).sum())


def sampled(surface: str | Surface, count: int, seed: int = 0) -> Floats:
    """`count` starts (N, 2), uniform in the surface's box; the same for the same seed."""
    box = find_surface(surface).box
    return np.random.default_rng([seed, *b"many starts"]).uniform(box[::2], box[1::2], (count, 2))


def gridded(surface: str | Surface, side: int) -> Floats:
    """The middles (N, 2) of `side` × `side` equal cells of the surface's box."""
    x_low, x_high, y_low, y_high = find_surface(surface).box
    middles = (np.arange(side) + 0.5) / side
    cells = np.meshgrid(x_low + (x_high - x_low) * middles, y_low + (y_high - y_low) * middles)
    return np.stack(cells, axis=-1).reshape(-1, 2)


@lru_cache(maxsize=128)
def goal(surface: Surface, knobs: tuple[tuple[str, float], ...] = ()) -> tuple[float, float]:
    """The value of the lowest minimum that is known in the box, and the largest loss that counts as there.

    That is `TOLERANCE` of the median height over the box above it. ``ValueError`` where no minimum is known.
    """
    given = surface.fill(dict(knobs))
    known = minima(surface, None, **given)
    points = np.concatenate([known, sampled(surface, SURVEYED)])
    losses = values(surface, points[None], **given)[0]
    heights = losses[len(known) :]
    heights = heights[np.isfinite(heights)]
    if not len(known) or not len(heights):
        raise ValueError(f"no minimum of {surface.key} is known")
    lowest = float(np.nanmin(losses[: len(known)]))
    return lowest, lowest + TOLERANCE * max(float(np.median(heights)) - lowest, 0.0)


def _told(surface: Surface, settings: Mapping[str, Any], t: Array) -> Oracle:
    """The oracle of one step of one run. What is None is compiled away; every run draws by a number of its own."""
    oracle = truth(surface, settings, t)
    chance = jax.random.fold_in(jax.random.fold_in(jax.random.key(settings["seed"]), settings["run"]), t)
    if settings["batch_size"] is not None and surface.examples:
        rows = jax.random.randint(chance, (LARGEST_BATCH,), 0, surface.examples.count, np.int32)
        oracle = minibatch(oracle, surface.examples.losses, rows, settings["batch_size"])
    if settings["noise"] is not None:
        size = settings["noise"] * jnp.exp(-settings["cooling"] * t)
        oracle = noisy(oracle, size * jax.random.normal(jax.random.fold_in(chance, 1), (2,)))
    if settings["clip_norm"] is not None:
        oracle = clipped_by_norm(oracle, settings["clip_norm"])
    if settings["clip_value"] is not None:
        oracle = clipped_by_value(oracle, settings["clip_value"])
    return oracle


# Thousands of runs, of long budgets and on data sets, take longer than compiling them well.
_race = program("surface", "optimizer", "told")(race)


def attempt(
    surface: str | Surface,
    optimizer: str | Optimizer,
    starts: ArrayLike,
    *,
    budget: float = 300,
    seed: int = 0,
    knobs: Knobs | None = None,
    **given: float,
) -> Attempts:
    """Run `optimizer` from each of `starts` (N, 2) until it is at the `goal`, or has spent `budget` gradients.

    `given` are hyperparameters and numbers of the wrapped oracles (`WRAPPERS`), as for `optim.descend`. Every run draws
    its own noise and examples. Starts where the surface is not finite are left out. ``KeyError`` names an unknown
    surface or optimizer, ``TypeError`` an unknown number; ``ValueError`` where a number cannot be used, or where no
    minimum is known.
    """
    surface, optimizer = find_surface(surface), find_optimizer(optimizer)
    if not 1 <= budget < np.inf or index(seed) < 0:
        raise ValueError(f"budget must be finite and 1 or more, and seed 0 or more, not {budget} and {seed}")
    filled = surface.fill(knobs or {})
    wrappers = {name: given.get(name) for name in WRAPPERS} | {"cooling": given.get("cooling", 0.0)}
    hyper = optimizer.fill({name: value for name, value in given.items() if name not in WRAPPERS})
    check_numbers(filled, hyper, {name: value for name, value in wrappers.items() if value is not None})
    _, target = goal(surface, tuple(filled.items()))
    points = np.asarray(starts, np.float64).reshape(-1, 2)
    numbers = jax.tree.map(np.float64, {"knobs": filled, "hyper": hyper, **wrappers})
    own = {"seed": np.uint32(seed), "run": np.arange(len(points), dtype=np.uint32)}
    found = _race(surface, optimizer, _told, points, numbers | own, np.float64(target), np.float64(budget))
    evaluations, lowest = (np.asarray(part) for part in found)
    defined = np.isfinite(values(surface, points[None], **filled)[0])
    return Attempts(points[defined], evaluations[defined], lowest[defined], target)
