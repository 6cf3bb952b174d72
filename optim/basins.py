"""Basins: which minimum every start of a grid ends in."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from operator import index
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from landscapes.critical import critical_points, minima
from landscapes.knobs import Knobs
from landscapes.programs import program
from landscapes.surface import Box, Surface, find_surface
from optim.checks import check_numbers
from optim.optimizer import Optimizer, State, find_optimizer
from optim.oracle import clipped_by_norm, clipped_by_value, exact

NEAR = 1e-2
"""A run belongs to a minimum within this share of the box's diagonal."""
SETTLED = 1e-3
"""A run has settled once every later step is shorter, in x and in y, than this share of the box's diagonal."""
TILE = 4096
"""Runs that are computed together: few enough for a core's own cache."""
CHECKED = 8
"""Steps after which a tile is looked at: once a step changes no number of a run, no later one will."""
FEW = 2
"""A tile is left, for another one, once no more than one in so many of its runs still moves."""
OPTIONS = {
    "xla_cpu_use_fusion_emitters": True,
    "xla_cpu_experimental_ynn_fusion_type": "",
    "xla_cpu_prefer_vector_width": 512,
}
"""XLA's. Its emitters make a sum over two coordinates a part of the step instead of a library's call with copies before
and after it, which takes half of the time of rules with norms; wide vectors, where there are any, a fifth of all time.
"""

Runs: TypeAlias = tuple[Array, State, Array]
"""Points (2, N), states with their last axis of length N, and the last step (N,) that counted, of N runs together."""

_cores = ThreadPoolExecutor(os.cpu_count() or 1, "basins")


@dataclass(frozen=True)
class Basins:
    """`labels` (n, n): index of the minimum reached from the start at [row of y, column of x], −1 where none was.

    `steps` (n, n): steps until the run settled there, −1 where none was. `minima` (M, 2). `saddles` (S, 2): those that
    were asked for; their labels follow those of the minima. `ends` (n, n, 2): where the runs were at their last step.
    `x` and `y` (n,): the grid.
    """

    labels: NDArray[np.int32]
    steps: NDArray[np.int32]
    minima: NDArray[np.float64]
    saddles: NDArray[np.float64]
    ends: NDArray[np.float32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]


@program("optimizer")
def begin(optimizer: Optimizer, starts: Array, hyper: Any) -> Runs:
    """Runs at their starts (N, 2), before the first step."""
    state = jax.vmap(optimizer.init, in_axes=(-1, _own(hyper)), out_axes=_axes(optimizer))(starts.T, hyper)
    return starts.T, state, jnp.zeros(len(starts), jnp.int32)


@program("surface", "optimizer", **OPTIONS)
def run_grid(
    surface: Surface,
    optimizer: Optimizer,
    runs: Runs,
    settings: Any,
    t: ArrayLike,
    steps: ArrayLike,
    settled: ArrayLike,
) -> tuple[Array, Runs, Array]:
    """Take `runs` from step `t` on, to `steps` at most: the step they reach, the runs there, and which (N,) still move.

    No step changes the others. Where no more than one in `FEW` moves, they are left.

    `settings` holds ``knobs``, ``hyper``, ``clip_norm`` and ``clip_value``: numbers, or arrays (N,) with one for each
    run. A threshold that is None is compiled away. A step counts as a run's last where it is longer than `settled`, in
    x or in y.
    """
    # A Python or 64-bit number would widen every run of the grid: 256² points are worth their 32 bits.
    settings = jax.tree.map(lambda leaf: jnp.asarray(leaf, runs[0].dtype), settings)

    def one(p: Array, state: State, settings: Any) -> tuple[Array, State]:
        oracle = exact(lambda p: surface.f(p, **settings["knobs"]))
        if settings["clip_norm"] is not None:
            oracle = clipped_by_norm(oracle, settings["clip_norm"])
        if settings["clip_value"] is not None:
            oracle = clipped_by_value(oracle, settings["clip_value"])
        return optimizer.step(oracle, p, state, settings["hyper"])

    together = jax.vmap(one, in_axes=(-1, _axes(optimizer), _own(settings)), out_axes=(-1, _axes(optimizer)))

    def step(t: Array, runs: Runs) -> Runs:
        x, state, last = runs
        moved, state = together(x, state, settings)
        # `any` of the comparisons fuses with the update; the maximum of the distances takes twice the time of both.
        counts = (jnp.abs(moved - x) > settled).any(axis=0)
        return moved, state, jnp.where(counts, t + 1, last)

    def several(now: tuple[Array, Runs, Array]) -> tuple[Array, Runs, Array]:
        t, runs, _ = now
        last = jnp.minimum(t + CHECKED, steps) - 1
        before = jax.lax.fori_loop(t, last, step, runs)
        after = step(last, before)
        return last + 1, after, _differ(before[:2], after[:2])

    def go_on(now: tuple[Array, Runs, Array]) -> Array:
        return jnp.logical_and(now[0] < steps, FEW * now[2].sum() > now[2].size)

    t, steps = jnp.asarray(t, jnp.int32), jnp.asarray(steps, jnp.int32)
    done: tuple[Array, Runs, Array] = jax.lax.while_loop(go_on, several, (t, runs, jnp.ones(runs[2].shape, bool)))
    return done


def _axes(optimizer: Optimizer) -> Any:
    """Where a state has its runs: along the last axis, so that both coordinates of many runs lie side by side and are
    computed at once."""
    return jax.tree.map(lambda axis: None if axis is None else -1, optimizer.axes, is_leaf=lambda axis: axis is None)


def _own(settings: Any) -> Any:
    """Where settings have their runs: nowhere, where all share a number."""
    return jax.tree.map(lambda leaf: 0 if jnp.ndim(leaf) else None, settings)


def _differ(before: Any, after: Any) -> Array:
    """Which runs (N,) have a number that has changed. What is not a number stays so."""
    pairs = zip(jax.tree.leaves(before), jax.tree.leaves(after), strict=True)
    changed = [(a != b) & ~((a != a) & (b != b)) for a, b in pairs]
    # What the runs share has no axis, and moves all of them.
    moving: Array = reduce(jnp.logical_or, [each.reshape(-1, *each.shape[-1:]).any(axis=0) for each in changed])
    return moving


def _of(tree: Any, rows: Any) -> Any:
    """Those numbers of a tree that belong to the runs in `rows`; a number without an axis is shared by all."""
    return jax.tree.map(lambda leaf: np.asarray(leaf)[..., rows] if np.ndim(leaf) else leaf, tree)


def run_all(
    surface: Surface, optimizer: Optimizer, starts: NDArray[np.float32], settings: Any, steps: int, settled: float
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """End points (N, 2) and the last step (N,) longer than `settled`, of runs from starts (N, 2), on all cores.

    `settings` are those of `run_grid`. A tile takes as long as its slowest runs: once few are left they wait, and then
    go on in a tile with those of other tiles that came as far.
    """
    ends, last = starts.copy(), np.zeros(len(starts), np.int32)
    size = min(TILE, len(starts))
    waiting = {0: [(np.arange(len(starts)), begin(optimizer, starts, settings["hyper"]))]}

    def tile(first: int) -> tuple[int, tuple[NDArray[np.intp], Runs]]:
        # The last tile has its last run several times, so that all are of one shape.
        full: Any = slice(first, first + size)
        full = full if first + size <= len(rows) else np.arange(first, first + size).clip(max=len(rows) - 1)
        own = _of(settings, rows[full])
        # As NumPy's arrays, for JAX compiles a slice anew for every length.
        reached, gone, moving = jax.device_get(run_grid(surface, optimizer, _of(runs, full), own, t, steps, settled))
        mine = rows[first : first + size]
        ends[mine], last[mine] = gone[0].T[: len(mine)], gone[2][: len(mine)]
        left = np.flatnonzero(moving[: len(mine)])
        return int(reached), (mine[left], _of(gone, left))

    while waiting:
        t = min(waiting)
        rows, runs = _joined(waiting.pop(t))
        for reached, left in _cores.map(tile, range(0, len(rows), size)):
            if reached < steps and len(left[0]):
                waiting.setdefault(reached, []).append(left)
    return ends, last


def _joined(groups: Sequence[tuple[NDArray[np.intp], Runs]]) -> tuple[NDArray[np.intp], Runs]:
    """Groups of runs as one."""
    if len(groups) == 1:
        return groups[0]
    joined: tuple[NDArray[np.intp], Runs]
    joined = jax.tree.map(lambda *parts: np.concatenate(parts, -1) if np.ndim(parts[0]) else parts[0], *groups)
    return joined


def basins(
    surface: str | Surface,
    optimizer: str | Optimizer,
    box: Box | None = None,
    *,
    n: int = 256,
    steps: int = 200,
    knobs: Knobs | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    saddles: bool = False,
    **hyper: float,
) -> Basins:
    """Run `optimizer` from every point of an n × n grid over `box`, by default the surface's own, in 32 bits.

    The minima are those of the surface's box and of `box`; a run that ends farther than `NEAR` from all of them, or not
    at a finite point, is labelled −1. With `saddles` a run may also belong to a saddle point. ``TypeError`` names an
    unknown knob or hyperparameter, ``KeyError`` an unknown surface or optimizer, ``ValueError`` a number that cannot be
    used.
    """
    surface, optimizer = find_surface(surface), find_optimizer(optimizer)
    n, steps = index(n), index(steps)
    if n < 2 or steps < 0:
        raise ValueError(f"n must be 2 or more and steps 0 or more, not {n} and {steps}")
    x_low, x_high, y_low, y_high = box = box or surface.box
    filled, rates = surface.fill(knobs or {}), optimizer.fill(hyper)
    thresholds = {"clip_norm": clip_norm, "clip_value": clip_value}
    check_numbers({"box": box}, filled, rates, {name: tau for name, tau in thresholds.items() if tau is not None})
    # As arrays: to jit, a Python 1 is of another type than a Python 1.0.
    settings = jax.tree.map(np.float32, {"knobs": filled, "hyper": rates, **thresholds})
    x, y = np.linspace(x_low, x_high, n, dtype=np.float32), np.linspace(y_low, y_high, n, dtype=np.float32)
    starts = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    # A zoomed box has starts that end outside of it.
    lows, highs = np.minimum(box[::2], surface.box[::2]), np.maximum(box[1::2], surface.box[1::2])
    region = (float(lows[0]), float(highs[0]), float(lows[1]), float(highs[1]))
    found = minima(surface, region, **filled)
    passes = [c.point for c in critical_points(surface, region, **filled) if c.kind == "saddle"] if saddles else []
    held = np.reshape(passes, (-1, 2))
    diagonal = float(np.hypot(x_high - x_low, y_high - y_low))
    ends, last = run_all(surface, optimizer, starts, settings, steps, SETTLED * diagonal)
    labels = nearest(ends, np.concatenate([found, held]), NEAR * diagonal)
    arrival = np.where(labels < 0, -1, last).astype(np.int32)
    return Basins(
        labels=labels.reshape(n, n),
        steps=arrival.reshape(n, n),
        minima=found,
        saddles=held,
        ends=ends.reshape(n, n, 2),
        x=x,
        y=y,
    )


def nearest(ends: NDArray[np.float32], found: NDArray[np.float64], reach: float) -> NDArray[np.int32]:
    """Index of the nearest of the points found (M, 2) to each of ends (N, 2); −1 where it is not within `reach`."""
    if not len(found):
        return np.full(len(ends), -1, np.int32)
    finite = np.where(np.isfinite(ends), ends, np.float32(np.finfo(np.float32).max))
    distance, label = cKDTree(found).query(finite, distance_upper_bound=reach, workers=-1)
    return np.where(np.isfinite(distance), label, -1).astype(np.int32)
