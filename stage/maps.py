"""Maps over the whole box, laid under the paths: where runs end, how low, and where the surface is not convex.

A map is one byte a pixel: what it belongs to in the upper four bits, how strongly in the lower four. The final loss has
all eight for its shade.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import contourpy
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from landscapes import curvature_on_grid, value, values
from landscapes.networks import MODELS
from landscapes.shared import shared
from optim import Basins, basins
from stage.bank import Message, pack
from stage.scene import Setup, concerns, key_of, make_scene, wrapper_of

FINE = 256
"""Pixels along each side of a map of basins."""
COARSE = 128
"""The same for curvature, which is smooth."""
FITTED = 61
"""Points along each side of the plane of the data."""
SPAN = (-3.3, 3.3)
"""The plane of the data as it is drawn, a little wider than the points may be dragged."""
NOWHERE = 15
"""The label of pixels that belong to nothing named."""
SHADES = 15


@dataclass(frozen=True)
class Map:
    """`pixels` (n, n) with rows of y from low to high; `places` are what labels stand for; `lines` are drawn on it."""

    pixels: NDArray[np.uint8]
    places: Sequence[Mapping[str, Any]] = ()
    lines: tuple[NDArray[np.float64], ...] = ()


def _encode(labels: NDArray[Any], shades: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Labels from 0, −1 for nowhere, and shades from 0 to 1."""
    upper = np.where((labels < 0) | (labels >= NOWHERE), NOWHERE, labels)
    lower = np.where(labels < 0, 0, np.rint(SHADES * np.clip(shades, 0, 1)))
    return np.asarray(upper * 16 + lower).astype(np.uint8)


def _grid_of_runs(setup: Setup) -> Basins:
    """The first racer from every start of the map."""
    racer = setup.racers[0]
    # The noise of one run says nothing about a whole map.
    wrapped = {name: amount for name, amount in wrapper_of(setup, racer).items() if name.startswith("clip")}
    return basins(
        setup.surface,
        racer.optimizer,
        None,
        n=FINE,
        steps=setup.steps,
        knobs=dict(setup.knobs),
        saddles=True,
        **wrapped,
        **dict(racer.hyper),
    )


def _basins(setup: Setup) -> Map:
    """Where the first racer ends from every start, the lowest minimum first; the darker the longer it takes."""
    found = _grid_of_runs(setup)
    points = [*found.minima, *found.saddles]
    heights = [value(setup.surface, point, **dict(setup.knobs)) for point in points]
    kinds = ["minimum"] * len(found.minima) + ["saddle"] * len(found.saddles)
    order = sorted(range(len(points)), key=lambda i: (kinds[i], heights[i]))
    rank = np.empty(len(points) + 1, dtype=int)
    rank[order] = np.arange(len(points))
    rank[-1] = -1
    shades = np.log1p(np.maximum(found.steps, 0)) / np.log1p(max(setup.steps, 1))
    places = tuple({"x": points[i][0], "y": points[i][1], "z": heights[i], "kind": kinds[i]} for i in order)
    return Map(_encode(rank[found.labels], shades), places)


def _curvature(setup: Setup) -> Map:
    """Where the smallest eigenvalue of the Hessian is negative, the darker the more, with the line where it is zero."""
    x, y, eigenvalues = curvature_on_grid(setup.surface, None, COARSE, **dict(setup.knobs))
    smallest = eigenvalues[..., 0]
    scale = np.nanmax(np.abs(eigenvalues), initial=0) or 1.0
    # What rounding makes of a zero is not a region of its own.
    bent = smallest < -1e-9 * scale
    labels = np.where(np.isnan(smallest), -1, bent)
    shades = np.sqrt(np.where(bent, -smallest, 0) / (-np.nanmin(smallest, initial=0) or 1))
    lines = contourpy.contour_generator(x, y, np.ma.masked_invalid(smallest)).lines(-1e-9 * scale)
    places = ({"kind": "convex"}, {"kind": "not convex"})
    return Map(_encode(labels, shades), places, tuple(np.asarray(line) for line in lines))


def _final(setup: Setup) -> Map:
    """The loss that the first racer ends with from every start: all eight bits are a shade, the best one 0."""
    found = _grid_of_runs(setup)
    losses = values(setup.found, found.ends, **dict(setup.knobs))
    finite = losses[np.isfinite(losses)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    # Diverged runs are worse than the worst.
    share = np.where(np.isfinite(losses), (losses - low) / ((high - low) or 1.0), 1.0)
    return Map(np.rint(255 * share).astype(np.uint8), ({"kind": "best", "z": low}, {"kind": "worst", "z": high}))


MAPS: Mapping[str, Callable[[Setup], Map]] = {"basins": _basins, "curvature": _curvature, "final": _final}


KINDS = (*MAPS, "facts", "fit")
"""What may be asked for: the maps, the facts of `make_scene` for a surface that is being moved, and a model's `fit`."""


def map_message(setup: Setup, kind: str, at: tuple[float, float] | None = None) -> Message:
    """What the browser asked for, as it reads it; `at` are the weights (2,) of a fit, by default those at the start.

    ``KeyError`` for a kind that is not one of `KINDS`.
    """
    if kind == "facts":
        return pack({"facts": make_scene(setup.surface, setup.knobs)[1]}, {})
    if kind == "fit":
        return pack({"lines": fit(setup.surface, at or setup.start)}, {})
    return _packed(_essence(setup, kind), kind)


def fit(surface: str, weights: tuple[float, float]) -> list[NDArray[np.float64]]:
    """Where a model with these weights is undecided between its classes, or its fitted line: lines of points (u, v).

    None for a surface that is not made from data points.
    """
    if surface not in MODELS:
        return []
    across = np.linspace(*SPAN, FITTED)
    plane = np.stack(np.meshgrid(across, across), axis=-1)
    outputs = MODELS[surface](jnp.asarray(weights), jnp.asarray(plane))
    return [np.asarray(one) for one in contourpy.contour_generator(across, across, np.asarray(outputs)).lines(0.0)]


def _essence(setup: Setup, kind: str) -> Setup:
    """Only what the map depends on: equal ones share a map."""
    racers = () if kind == "curvature" else setup.racers[:1]
    numbers = ["threshold"] if any(concerns(setup, i, "threshold") for i in range(len(racers))) else []
    return Setup(
        setup.surface,
        racers,
        setup.found.start,
        setup.steps if racers else 0,
        setup.knobs,
        **{number: getattr(setup, number) for number in numbers},
    )


@shared(mebibytes=64)
def _packed(setup: Setup, kind: str) -> Message:
    made = MAPS[kind](setup)
    key = key_of(kind, setup)
    return pack({"map": key, "places": made.places, "lines": made.lines}, {key: {"pixels": made.pixels}})
