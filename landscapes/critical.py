"""Critical points: found from many starts at once, merged, and classified by the eigenvalues of the Hessian."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from landscapes.levenberg_marquardt import SETTLED, UNDAMPED, damped_steps, settle
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
SAME = 1e-6
"""Two points are one when they are nearer than this share of the box's diagonal."""
LEVEL = 1e-7
"""A run that has settled is at a critical point if the slope there is below this share of the mean slope in the box."""
SINGULAR = 1e-7
"""An eigenvalue counts as zero below this share of the other one."""
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
        first, end = settle(surface, starts, np.asarray(box), knobs)
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
    steps, eigenvalues = damped_steps(end["gradients"], end["hessians"], np.full(STARTS, UNDAMPED))
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
