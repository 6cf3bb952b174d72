"""The chord test in one dimension: a curve as exact samples, a search for a chord that lies below it, the component."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from landscapes import Curve
from landscapes.programs import program
from landscapes.shared import shared
from stage.bank import pack
from stage.component import loader

Floats = NDArray[np.float64]

BATCH = 4096
"""Points that are evaluated at once: one size, so that a curve is compiled once."""
STRIDE = 10
"""The search pairs every so many grid points, and then every α that is a multiple of 1/STRIDE falls on the grid."""
CELLS = 1200
"""Cells of the grid: a multiple of `STRIDE`."""
DEPTH = 24
"""Times that a cell is halved at most, where a cubic does not fit."""
MOST = 8_000
"""Nodes from which on no more are added: some 200 kB. Only a curve with hundreds of waves needs more."""
LARGEST = 1e100
"""Beyond it a value counts as undefined: it could be neither drawn nor averaged."""
CHECKS = np.array([0.25, 0.5, 0.75])
ALPHAS = 201


@dataclass(frozen=True)
class Samples:
    """A curve from `x[0]` to `x[-1]`: the cubic Hermite interpolant of `f` and `slope` at the nodes `x`, each (N,).

    Between nodes it misses the function by about 1e-9 of the range shown, `view`, unless that would take more than
    `MOST` nodes. `f` is NaN where the function is undefined, and in the middle of a jump: a cell with such an end is a
    gap. `grid` and `heights` are `CELLS` + 1 points at equal distances.
    """

    x: Floats
    f: Floats
    slope: Floats
    grid: Floats
    heights: Floats
    view: tuple[float, float]

    @property
    def extent(self) -> tuple[float, float]:
        """From the first grid point with a value to the last one."""
        where = self.grid[np.isfinite(self.heights)]
        return float(where[0]), float(where[-1])

    @property
    def holes(self) -> bool:
        """True where the function is undefined at a grid point between others where it is defined."""
        defined = np.flatnonzero(np.isfinite(self.heights))
        return bool(len(defined) < defined[-1] - defined[0] + 1)

    @property
    def tolerance(self) -> float:
        """Height differences up to here are rounding."""
        return 1e-8 * (self.view[1] - self.view[0]) + 1e-13 * float(np.nanmax(np.abs(self.heights)))


@dataclass(frozen=True)
class Search:
    """What a search for a broken chord found: the ends `a` and `b`, the weight `alpha` of a, how far the curve is
    `above` the chord there; ``None`` where no chord of the `chords` looked at breaks the inequality at one of `points`
    places."""

    chords: int
    points: int
    worst: tuple[float, float, float] | None
    above: float


@program("curve")
def _computed(curve: Curve, x: Floats) -> tuple[Any, Any]:
    return jax.vmap(jax.value_and_grad(curve.f))(x)


def evaluate(curve: Curve, x: Floats) -> tuple[Floats, Floats]:
    """Values and slopes, each of the shape of `x`, in 64 bits; NaN where undefined, slope 0 where there is none."""
    flat = np.ravel(x)
    padded = np.resize(flat, -(-len(flat) // BATCH) * BATCH)
    parts = [_computed(curve, batch) for batch in padded.reshape(-1, BATCH)]
    f, slope = (np.concatenate([np.asarray(part[i]) for part in parts])[: len(flat)] for i in (0, 1))
    with np.errstate(invalid="ignore"):
        f = np.where(np.abs(f) <= LARGEST, f, np.nan)
    return f.reshape(x.shape), np.where(np.isfinite(slope), slope, 0.0).reshape(x.shape)


def hermite(x: Floats, f: Floats, slope: Floats, at: Floats) -> Floats:
    """The cubic Hermite interpolant of nodes (N,) at points of any shape, as assets/hermite.js computes it."""
    cell = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(x) - 2)
    width = x[cell + 1] - x[cell]
    t = (at - x[cell]) / width
    # At a node its own value, also where the cell beside it is a gap.
    inside = _cubic(f[cell], f[cell + 1], width * slope[cell], width * slope[cell + 1], t)
    return np.where(t <= 0, f[cell], np.where(t >= 1, f[cell + 1], inside))


def _cubic(f0: Floats, f1: Floats, d0: Floats, d1: Floats, t: Floats) -> Floats:
    s = 1 - t
    result: Floats = f0 + t * t * (3 - 2 * t) * (f1 - f0) + t * s * (s * d0 - t * d1)
    return result


@shared(64)
def sample(curve: Curve, low: float, high: float) -> Samples | None:
    """The samples of a curve between two places; None where it has no value at any grid point."""
    grid = np.linspace(low, high, CELLS + 1)
    heights, slope = evaluate(curve, grid)
    if not np.isfinite(heights).any():
        return None
    view = _view(curve, grid, heights)
    nodes = _refined(curve, np.stack([grid, heights, slope]), view)
    return Samples(nodes[0], nodes[1], nodes[2], grid, heights, view)


def _view(curve: Curve, grid: Floats, heights: Floats) -> tuple[float, float]:
    """The range of heights to show: all of them, but at a pole only as much as leaves the rest visible."""
    finite = heights[np.isfinite(heights)]
    low, high = float(finite.min()), float(finite.max())
    near, far = (float(q) for q in np.quantile(finite, (0.05, 0.95)))
    top = int(np.nanargmax(np.abs(heights - np.median(finite))))
    around = np.linspace(grid[max(top - 1, 0)], grid[min(top + 1, CELLS)], 17)
    peak = np.nanmax(np.abs(evaluate(curve, around)[0]))
    # A peak that grows when it is looked at more closely is a pole.
    if high - low > 8 * (far - near) and peak > 1.5 * abs(heights[top]):
        room = 0.25 * (far - near)
        low, high = max(low, near - room), min(high, far + room)
    pad = 0.06 * (high - low) or 0.5 * (abs(low) or 1)
    return low - pad, high + pad


def _refined(curve: Curve, nodes: Floats, view: tuple[float, float]) -> Floats:
    """Nodes (3, N) of place, value and slope, with more of them at kinks, steep places and the edges of holes."""
    spread = view[1] - view[0]
    added = [nodes]
    left, right = nodes[:, :-1], nodes[:, 1:]
    for _ in range(DEPTH):
        width = right[0] - left[0]
        at = left[0] + CHECKS[:, None] * width
        truth, slope = evaluate(curve, at)
        guess = _cubic(left[1], right[1], width * left[2], width * right[2], CHECKS[:, None])
        # Out of sight a thousandth of a per cent will do: rounding close to a pole is larger than the usual measure.
        beyond = np.maximum(np.abs(truth - np.mean(view)) - spread, 0)
        allowed = 1e-9 * spread + 1e-13 * np.abs(truth) + 1e-5 * beyond
        with np.errstate(invalid="ignore"):
            fits = (np.abs(truth - guess) <= allowed).all(axis=0)
        defined = np.isfinite(np.vstack([left[1], right[1], truth]))
        halved = ~fits & defined.any(axis=0)
        middle = np.stack([at[1], truth[1], slope[1]])[:, halved]
        left, right = left[:, halved], right[:, halved]
        if not halved.any():
            break
        added.append(middle)
        left, right = np.hstack([left, middle]), np.hstack([middle, right])
        if sum(part.shape[1] for part in added) > MOST:
            break
    else:
        with np.errstate(invalid="ignore"):
            jumps = np.abs(right[1] - left[1]) > 1e-3 * spread
        places = (left[0, jumps] + right[0, jumps]) / 2
        added.append(np.stack([places, np.full_like(places, np.nan), np.zeros_like(places)]))
    together = np.hstack(added)
    unique: Floats = together[:, np.unique(together[0], return_index=True)[1]]
    return unique


@shared(64)
def find_broken(curve: Curve, low: float, high: float) -> Search:
    """Search for the chord that the curve rises above the farthest.

    All pairs of every `STRIDE`-th grid point, at all multiples of 1/STRIDE between, and the middle between neighbours
    of every grid point; the worst one is then moved about by ever smaller amounts, ends and α.
    """
    samples = sample(curve, low, high)
    assert samples is not None
    heights = samples.heights
    inner = np.arange(1, STRIDE)
    coarse = np.arange(0, CELLS + 1, STRIDE)
    i, j = np.triu_indices(len(coarse), 1)
    pairs = np.stack([coarse[i], coarse[j]])
    between = (pairs[0] * inner[:, None] + pairs[1] * (STRIDE - inner[:, None])) // STRIDE
    fine = np.arange(1, CELLS)
    ends = np.concatenate([np.tile(pairs, STRIDE - 1), [fine - 1, fine + 1]], axis=1)
    weights = np.concatenate([np.repeat(inner / STRIDE, len(i)), np.full(len(fine), 0.5)])
    places = np.concatenate([between.ravel(), fine])
    chords, points = pairs.shape[1] + len(fine), len(places)
    above = heights[places] - weights * heights[ends[0]] - (1 - weights) * heights[ends[1]]
    seen = (heights >= samples.view[0]) & (heights <= samples.view[1])
    shown = seen[places] & seen[ends].all(axis=0)
    for wanted in (shown, np.isfinite(above)):
        scored = np.where(wanted & np.isfinite(above), above, -np.inf)
        worst = int(np.argmax(scored))
        if scored[worst] > samples.tolerance:
            first = np.array([*samples.grid[ends[:, worst]], weights[worst]])
            step = (samples.grid[ends[1, worst]] - samples.grid[ends[0, worst]]) / STRIDE
            best = _polished(curve, samples, first, step, wanted is shown)
            return Search(chords, points, best, float(_above(curve, np.array(best)[:, None])[0]))
    return Search(chords, points, None, 0.0)


def _above(curve: Curve, chords: Floats) -> Floats:
    """How far the curve is above chords (3, N) of a, b and α: (N,), negative below."""
    a, b, alpha = chords
    (of_a, of_b, between), _ = evaluate(curve, np.stack([a, b, alpha * a + (1 - alpha) * b]))
    result: Floats = between - alpha * of_a - (1 - alpha) * of_b
    return result


def _polished(curve: Curve, samples: Samples, first: Floats, step: float, in_view: bool) -> tuple[float, float, float]:
    moves = np.stack(np.meshgrid(*[np.linspace(-1, 1, 7)] * 3)).reshape(3, -1)
    lowest = np.array([samples.grid[0], samples.grid[0], 0.0])[:, None]
    highest = np.array([samples.grid[-1], samples.grid[-1], 1.0])[:, None]
    size = np.array([step, step, 1 / STRIDE])[:, None]
    best = first
    for _ in range(16):
        tried = np.clip(best[:, None] + size * moves, lowest, highest)
        above = _above(curve, tried)
        if in_view:
            a, b, alpha = tried
            heights, _ = evaluate(curve, np.stack([a, b, alpha * a + (1 - alpha) * b]))
            outside = (heights < samples.view[0]) | (heights > samples.view[1])
            above = np.where(outside.any(axis=0), -np.inf, above)
        if np.nanmax(above) > _above(curve, best[:, None])[0]:
            best = tried[:, int(np.nanargmax(above))]
        size = size / 1.7
    # Short numbers for the address, where they show the same.
    for digits in (3, 4, 6):
        short = np.array([float(f"{value:.{digits}g}") for value in best])
        short = np.clip(short, lowest[:, 0], highest[:, 0])
        if _above(curve, short[:, None])[0] > max(0.99 * _above(curve, best[:, None])[0], samples.tolerance):
            best = short
            break
    return float(best[0]), float(best[1]), float(best[2])


def positions(alpha: float) -> Floats:
    """The positions of the slider of α, its own value among them."""
    return np.unique(np.append(np.linspace(0, 1, ALPHAS).round(6), alpha))


def chord_message(
    samples: Samples,
    a: float,
    b: float,
    alpha: float,
    *,
    request: Mapping[str, Any],
    marks: Sequence[tuple[float, str]],
) -> bytes:
    """The bytes that the component draws from."""
    header = {
        "seq": request.get("seq", 0),
        "domain": [samples.grid[0], samples.grid[-1]],
        "view": samples.view,
        "tolerance": samples.tolerance,
        "a": a,
        "b": b,
        "alpha": alpha,
        "positions": positions(alpha),
        "marks": marks,
    }
    return pack(header, {"curve": {"nodes": samples.x, "heights": samples.f, "slopes": samples.slope}})


@lru_cache(maxsize=1)
def _component() -> Any:
    return st.components.v2.component("chord", js=loader("chord.js"), isolate_styles=False)


def chord(key: str, data: bytes) -> None:
    """Mount the chord test, or hand it a new `chord_message`."""
    _component()(key=key, data=data, on_request_change=lambda: None)
