"""Critical points: found from many starts at once, merged, and classified by the eigenvalues of the Hessian."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from landscapes.calculus import derivatives
from landscapes.shared import shared
from landscapes.surface import Box, Surface, find_surface

Floats: TypeAlias = NDArray[np.float64]
Kind: TypeAlias = Literal["minimum", "saddle", "maximum", "degenerate"]

STARTS = 1024
"""Starts in one batch."""
CENTRES = 16
"""Points that half of the starts gather round."""
STARTS_PER_POINT = 32
"""Starts that every point found must have had, on average, before the search may end."""
QUIET = 2
"""Batches in a row that must have found nothing new."""
LIMIT = 512
"""Points returned at most: more than that cannot be drawn."""
BATCHES = LIMIT * STARTS_PER_POINT // STARTS + QUIET
"""Batches at most."""
ITERATIONS = 60
"""Iterations of one batch at most."""
CHECKED = 10
"""Iterations after which it is asked whether any run goes on."""
SAME = 1e-6
"""Two points are one when they are nearer than this share of the box's diagonal."""
SETTLED = 1e-9
"""A point is critical when its Newton step is shorter than this share of the box's diagonal, and"""
LEVEL = 1e-7
"""its slope is below this share of the mean slope in the box."""
SINGULAR = 1e-7
"""An eigenvalue counts as zero below this share of the other one."""
UNDAMPED = 1e-16
"""Damping that leaves a Newton step as it is, unless the Hessian is singular."""
VANISHING = 1e-9
"""A Hessian counts as zero below this share of the median Hessian of the box."""


@dataclass(frozen=True, eq=False)
class CriticalPoint:
    """A point (2,) where the gradient vanishes, with the value there, its kind, and the eigenvalues (2,), ascending.

    ``degenerate`` says that an eigenvalue is zero to working precision, so that the Hessian does not tell the kind.
    """

    point: Floats
    value: float
    kind: Kind
    eigenvalues: Floats


def critical_points(surface: str | Surface, box: Box | None = None, **knobs: float) -> list[CriticalPoint]:
    """All critical points of `surface` in `box`, by default its own, sorted by value.

    Degenerate points of one height are given as one: a flat floor, a ring or a level valley has one entry that stands
    for it. A degenerate point of high order, which Newton's method only creeps up to, may be missed, and so may points
    closer together than about a hundredth of the box. Where there are more than `LIMIT`, the lowest of those found are
    given. A kink, where the gradient jumps, is no critical point. ``TypeError`` names an unknown knob, ``KeyError`` an
    unknown surface, ``ValueError`` an empty box.
    """
    found = find_surface(surface)
    x_low, x_high, y_low, y_high = (float(side) for side in box or found.box)
    if not (x_low < x_high and y_low < y_high):
        raise ValueError(f"the box {box} is empty; it is (x low, x high, y low, y high)")
    filled = found.fill(knobs)
    return list(_search(found, (x_low, x_high, y_low, y_high), tuple(float(v) for v in filled.values())))


def minima(surface: str | Surface, box: Box | None = None, **knobs: float) -> Floats:
    """The minima of `surface` in `box`, shape (M, 2), lowest first: those found and, at default knobs, those declared.

    The declared ones add what has no positive definite Hessian: cusps, flat bottoms, minima on the edge of the box.
    Errors are those of `critical_points`.
    """
    found = find_surface(surface)
    within = (box[0], box[1], box[2], box[3]) if box else None
    return _minima(found, within, tuple(found.fill(knobs).items())).copy()


@shared(256)
def _minima(found: Surface, box: Box | None, filled: tuple[tuple[str, float], ...]) -> Floats:
    points = [c.point for c in critical_points(found, box, **dict(filled)) if c.kind == "minimum"]
    untouched = all(value == found.knobs[name].default for name, value in filled)
    declared = found.minima if untouched else np.empty((0, 2))
    x_low, x_high, y_low, y_high = box or found.box
    inside = (declared >= (x_low, y_low)).all(axis=1) & (declared <= (x_high, y_high)).all(axis=1)
    near = SAME * np.hypot(x_high - x_low, y_high - y_low)
    return _distinct(np.concatenate([declared[inside], np.reshape(points, (-1, 2))]), near)


@shared(256)
# A typed function may have heights and slopes near the end of what a float holds.
@np.errstate(over="ignore")
def _search(surface: Surface, box: Box, values: tuple[float, ...]) -> tuple[CriticalPoint, ...]:
    knobs = dict(zip(surface.knobs, values, strict=True))
    diagonal = float(np.hypot(box[1] - box[0], box[3] - box[2]))
    middle = np.array([box[0] + box[1], box[2] + box[3]]) / 2
    # A kink's gradient is what its guard says, often zero: on a surface with kinks no run may start on one.
    known = np.concatenate([surface.minima, middle[None]]) if surface.smooth else np.empty((0, 2))
    centres = np.resize(known if surface.smooth else middle, (CENTRES, 2))
    found: list[CriticalPoint] = []
    vanishing = level = math.inf
    quiet = 0
    for batch in range(BATCHES):
        starts = np.array(_starts(batch * STARTS, np.asarray(box), centres))
        if batch == 0:
            starts[: len(known)] = known
        first, end = _settle(surface, starts, np.asarray(box), knobs)
        if batch == 0:
            vanishing = VANISHING * _typical(np.median, np.abs(first["hessians"]).max(axis=(1, 2)))
            level = LEVEL * _typical(np.mean, np.hypot(*first["gradients"].T))
        before = len(found)
        found = _merge(found, _arrived(end, box, level), vanishing, SAME * diagonal)
        lowest = sorted(found, key=lambda c: c.value)
        quiet = quiet + 1 if len(found) == before else 0
        if (quiet >= QUIET and (batch + 1) * STARTS >= STARTS_PER_POINT * len(found)) or len(found) > LIMIT:
            break
        if found:
            some = np.linspace(0, len(found) - 1, CENTRES).round().astype(int)
            centres = np.array([lowest[i].point for i in some])
    return tuple(lowest[:LIMIT])


def _typical(average: Callable[[Floats], Any], values: Floats) -> float:
    finite = values[np.isfinite(values)]
    largest = np.max(finite, initial=0.0)
    return float(largest * average(finite / largest)) if largest else 0.0


def _arrived(end: dict[str, Array], box: Box, level: float) -> dict[str, Floats]:
    """The runs that ended in a critical point of the box, the most exact first: points, values, eigenvalues."""
    steps, eigenvalues = _steps(end["gradients"], end["hessians"], np.full(STARTS, UNDAMPED))
    low, high = np.array(box[0::2]), np.array(box[1::2])
    points, slopes = np.asarray(end["points"]), np.linalg.norm(end["gradients"], axis=1)
    edge = 1e-9 * (high - low)
    inside = ((points >= low - edge) & (points <= high + edge)).all(axis=1)
    settled = np.linalg.norm(steps, axis=1) <= SETTLED * np.linalg.norm(high - low)
    kept = np.flatnonzero(inside & settled & (slopes <= level))
    kept = kept[np.argsort(slopes[kept], kind="stable")]
    values = np.asarray(end["values"])
    return {"points": points[kept], "values": values[kept], "eigenvalues": np.asarray(eigenvalues)[kept]}


def _merge(
    found: list[CriticalPoint], arrived: dict[str, Floats], vanishing: float, near: float
) -> list[CriticalPoint]:
    """The points found so far and the new ones, each once, and one for all degenerate ones of the same height."""
    points = np.concatenate([np.reshape([c.point for c in found], (-1, 2)), arrived["points"]])
    merged = list(found)
    levels = [c.value for c in found if c.kind == "degenerate"]
    for i in _distinct_indices(points, near) - len(found):
        if i < 0:
            continue
        value, eigenvalues = float(arrived["values"][i]), arrived["eigenvalues"][i]
        kind = _kind(eigenvalues, vanishing)
        if kind == "degenerate":
            if any(math.isclose(value, level, rel_tol=1e-9, abs_tol=1e-12) for level in levels):
                continue
            levels.append(value)
        merged.append(CriticalPoint(_frozen(arrived["points"][i]), value, kind, _frozen(eigenvalues)))
    return merged


def _kind(eigenvalues: Floats, vanishing: float) -> Kind:
    size = np.abs(eigenvalues)
    if size.min() <= SINGULAR * size.max() + vanishing:
        return "degenerate"
    return "minimum" if eigenvalues[0] > 0 else "maximum" if eigenvalues[1] < 0 else "saddle"


def _frozen(values: Floats) -> Floats:
    copy = np.array(values, dtype=np.float64)
    copy.setflags(write=False)
    return copy


def _distinct(points: Floats, near: float) -> Floats:
    return points[_distinct_indices(points, near)]


def _distinct_indices(points: Floats, near: float) -> NDArray[np.int64]:
    """Indices of the points (N, 2) that have no earlier one within `near`."""
    # Runs that met agree to far more digits than `near`: rounding leaves few for the tree to compare in pairs.
    _, first = np.unique(np.round(points / near).astype(np.int64), axis=0, return_index=True)
    first = np.sort(first)
    pairs = cKDTree(points[first]).query_pairs(near, output_type="ndarray") if len(first) else np.empty((0, 2), int)
    return np.delete(first, np.unique(pairs[:, 1]))


class _Runs(NamedTuple):
    """Runs from N starts: what they have found `now`, where they look next (1, N, 2), the lengths (N,) of the steps
    there before they were cut, the `damping` (N,) of those, and which runs (N,) go on."""

    now: dict[str, Array]
    proposed: Array
    length: Array
    damping: Array
    active: Array


def _settle(
    surface: Surface, starts: Floats, box: Floats, knobs: Mapping[str, float]
) -> tuple[dict[str, Array], dict[str, Array]]:
    """What is found at the `starts` (N, 2) and where the runs from them end: points, values, gradients, Hessians.

    Each run is Levenberg and Marquardt's method on ∇f = 0, which lowers ‖∇f‖ and turns into Newton's near a solution.
    Source: Nocedal and Wright, Numerical Optimization, 2006, sections 10.3 and 11.2.
    """
    # Of a search only the looks are compiled for every surface; the method, which takes longer, is compiled once.
    own = {name: np.full(1, value) for name, value in knobs.items()}
    runs = _begin(starts[None], derivatives(surface, starts[None], own), box)
    first = runs.now
    for count in range(1, ITERATIONS + 1):
        runs, unfinished = _improve(runs, derivatives(surface, runs.proposed, own), box)
        # To ask waits for what is under way; a run that has ended stays where it is.
        if count % CHECKED == 0 and not unfinished:
            break
    return first, runs.now


def _looked(points: Array, found: dict[str, Array]) -> dict[str, Array]:
    return {name: array[0] for name, array in {"points": points, **found}.items()}


def _propose(now: dict[str, Array], damping: Array, active: Array, box: Array) -> _Runs:
    step, _ = _steps(now["gradients"], now["hessians"], damping)
    length = jnp.linalg.norm(step, axis=1)
    cut = jnp.minimum(1, _diagonal(box) / 8 / jnp.where(length > 0, length, 1))
    return _Runs(now, (now["points"] + step * cut[:, None])[None], length, damping, active)


@jax.jit
def _begin(starts: Array, found: dict[str, Array], box: Array) -> _Runs:
    shape = starts.shape[1:2]
    return _propose(_looked(starts, found), jnp.full(shape, 1e-2), jnp.ones(shape, bool), box)


@jax.jit
def _improve(runs: _Runs, found: dict[str, Array], box: Array) -> tuple[_Runs, Array]:
    """The runs with what they have `found` where they looked, if that is better; and whether any goes on."""
    now, then = runs.now, _looked(runs.proposed, found)
    low, high, diagonal = box[0::2], box[1::2], _diagonal(box)
    slope, new_slope = (jnp.linalg.norm(at["gradients"], axis=1) for at in (now, then))
    better = runs.active & (new_slope < slope)
    now = {name: jnp.where(better.reshape(-1, *[1] * (a.ndim - 1)), then[name], a) for name, a in now.items()}
    # Lowering the damping with the slope keeps Newton's quadratic convergence.
    fall = jnp.clip((new_slope / jnp.where(slope > 0, slope, 1)) ** 2, 1e-8, 0.1)
    damping = jnp.where(better, jnp.maximum(runs.damping * fall, UNDAMPED), runs.damping * 10)
    margin = (high - low) / 4
    astray = jnp.any((now["points"] < low - margin) | (now["points"] > high + margin), axis=1)
    worth = (runs.length > 1e-15 * diagonal) & (better | (runs.length > 1e-2 * SETTLED * diagonal))
    active = runs.active & worth & (damping < 1e8) & ~astray
    return _propose(now, damping, active, box), jnp.any(active)


def _diagonal(box: Array) -> Array:
    return jnp.hypot(box[1] - box[0], box[3] - box[2])


@jax.jit
def _starts(first: ArrayLike, box: ArrayLike, centres: ArrayLike) -> Array:
    """`STARTS` points (N, 2), from number `first` on of a sequence that fills a square ever more evenly.

    Every other one spreads over the box; those between lie round the centres (C, 2) at distances of all orders from the
    box's size down to a ten-thousandth of it, because critical points gather where others are.
    Source: Roberts, The Unreasonable Effectiveness of Quasirandom Sequences, 2018, with the plastic number.
    """
    low, high = jnp.asarray(box)[0::2], jnp.asarray(box)[1::2]
    plastic = 1.324717957244746
    numbers = jnp.asarray(first) + jnp.arange(1, STARTS + 1, dtype=jnp.float64)
    u, v = (0.5 + numbers / plastic) % 1, (0.5 + numbers / plastic**2) % 1
    spread = low + (high - low) * jnp.stack([u, v], axis=1)
    turn = jnp.stack([jnp.cos(2 * jnp.pi * v), jnp.sin(2 * jnp.pi * v)], axis=1)
    round_what = jnp.resize(jnp.repeat(jnp.asarray(centres), 2, axis=0), (STARTS, 2))
    gathered = round_what + (high - low) * (10 ** (-4 * u))[:, None] * turn
    inside = jnp.all((gathered >= low) & (gathered <= high), axis=1)
    return jnp.where(((numbers % 2 == 0) & inside)[:, None], gathered, spread)


@jax.jit
def _steps(gradient: Array, hessian: Array, damping: Array) -> tuple[Array, Array]:
    """Damped Newton steps (N, 2) and the eigenvalues (N, 2) of symmetric Hessians (N, 2, 2).

    Along an eigenvector of eigenvalue λ the step is −λ/(λ² + μ) of the gradient, with λ and the damping μ measured
    against the largest entry of the Hessian.
    """
    largest = jnp.max(jnp.abs(hessian), axis=(1, 2))
    size = jnp.where(largest > 0, largest, 1)
    a, b, c = (hessian[:, i, j] / size for i, j in ((0, 0), (0, 1), (1, 1)))
    mean, half = (a + c) / 2, (a - c) / 2
    radius = jnp.sqrt(half**2 + b**2)
    below = mean < 0
    big = mean + jnp.where(below, -radius, radius)
    # The product of the eigenvalues is the determinant: subtracting instead would cancel the small one's digits.
    small = (a * c - b * b) / jnp.where(big == 0, 1, big)
    # Eigenvectors of the upper eigenvalue are (half + radius, b) and (b, radius − half): the one where nothing cancels.
    upper = jnp.where(half < 0, jnp.stack([b, radius - half]), jnp.stack([half + radius, b]))
    length = jnp.sqrt(jnp.sum(upper**2, axis=0))
    x, y = jnp.where(length > 0, upper / jnp.where(length > 0, length, 1), jnp.array([[1.0], [0.0]]))
    along = jnp.where(below, jnp.stack([-y, x]), jnp.stack([x, y])).T
    across = jnp.stack([-along[:, 1], along[:, 0]], axis=1)

    def part(direction: Array, eigenvalue: Array) -> Array:
        slope = jnp.sum(direction * gradient, axis=1) / size
        return -direction * (eigenvalue / (eigenvalue**2 + damping) * slope)[:, None]

    eigenvalues = jnp.stack([jnp.minimum(big, small), jnp.maximum(big, small)], axis=1) * largest[:, None]
    return part(along, big) + part(across, small), eigenvalues
