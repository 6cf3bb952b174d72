"""Values, gradients and Hessians of surfaces: exact, by automatic differentiation, compiled once per surface."""

from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from landscapes.knobs import Knobs
from landscapes.surface import Box, Surface, find_surface

TYPED = 32
"""Typed surfaces that code is kept for."""
_typed: set[str] = set()
_room = Lock()


def _make_room(surface: Surface) -> None:
    """Before one typed surface too many is compiled, let go of all that was: compiled code has no bound of its own.

    What is still in use is compiled again, which the cache on disk makes short.
    """
    if not surface.key.startswith("="):
        return
    with _room:
        if len(_typed | {surface.key}) > TYPED:
            _typed.clear()
            compiled.cache_clear()
            jax.clear_caches()
        _typed.add(surface.key)


@lru_cache(maxsize=256)
def compiled(surface: Surface, what: str) -> Callable[..., Array]:
    """The jitted `what` of a surface: ``value``, ``gradient`` or ``hessian`` of (point (2,), knobs), or ``values`` or
    ``hessians`` of (points (n, m, 2), knobs).
    """

    _make_room(surface)

    def f(p: Array, knobs: dict[str, Any]) -> Array:
        return surface.f(p, **knobs)

    build: dict[str, Callable[[], Callable[..., Array]]] = {
        "value": lambda: f,
        "gradient": lambda: jax.grad(f),
        "hessian": lambda: jax.hessian(f),
        "values": lambda: jax.vmap(jax.vmap(f, (0, None)), (0, None)),
        "hessians": lambda: jax.vmap(jax.vmap(jax.hessian(f), (0, None)), (0, None)),
    }
    return jax.jit(build[what]())


def _at(surface: str | Surface, what: str, p: ArrayLike, knobs: Knobs) -> NDArray[np.float64]:
    found = find_surface(surface)
    return np.asarray(compiled(found, what)(jnp.asarray(p, dtype=jnp.float64), found.fill(knobs)))


def value(surface: str | Surface, p: ArrayLike, **knobs: float) -> float:
    """f(p) for a point of shape (2,)."""
    return float(_at(surface, "value", p, knobs))


def values(surface: str | Surface, points: ArrayLike, **knobs: float) -> NDArray[np.float64]:
    """f at points (n, m, 2), shape (n, m). Each shape is compiled once: for a handful of points `value` is faster."""
    return _at(surface, "values", points, knobs)


def gradient(surface: str | Surface, p: ArrayLike, **knobs: float) -> NDArray[np.float64]:
    """Gradient at a point of shape (2,), shape (2,)."""
    return _at(surface, "gradient", p, knobs)


def hessian(surface: str | Surface, p: ArrayLike, **knobs: float) -> NDArray[np.float64]:
    """Hessian at a point of shape (2,), shape (2, 2)."""
    return _at(surface, "hessian", p, knobs)


def on_grid(
    surface: str | Surface, box: Box | None = None, n: int = 101, **knobs: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Heights over a box: x (n,), y (n,) and z (n, n) with z[i, j] = f(x[j], y[i]).

    Computed in 64 bits, returned in 32: a grid is for drawing.
    """
    x, y, z = _over_grid(find_surface(surface), "values", box, n, knobs)
    # A value beyond 32 bits is as good as infinite.
    with np.errstate(over="ignore"):
        return x.astype(np.float32), y.astype(np.float32), z.astype(np.float32)


def curvature_on_grid(
    surface: str | Surface, box: Box | None = None, n: int = 101, **knobs: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Eigenvalues of the Hessian over a box: x (n,), y (n,) and λ (n, n, 2), ascending, at (x[j], y[i]) for [i, j].

    NaN where the function or its Hessian is not finite. A function is convex on a convex region where no eigenvalue is
    negative.
    """
    found = find_surface(surface)
    x, y, hessians = _over_grid(found, "hessians", box, n, knobs)
    # The derivatives of log go on where log itself ends.
    heights = _over_grid(found, "values", box, n, knobs)[2]
    finite = np.asarray(np.isfinite(hessians).all(axis=(-2, -1)) & np.isfinite(heights))
    eigenvalues = np.linalg.eigvalsh(np.where(finite[..., None, None], hessians, 0))
    eigenvalues[~finite] = np.nan
    return x, y, eigenvalues


def _over_grid(
    surface: Surface, what: str, box: Box | None, n: int, knobs: Knobs
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    x_low, x_high, y_low, y_high = box or surface.box
    x, y = np.linspace(x_low, x_high, n), np.linspace(y_low, y_high, n)
    points = np.stack(np.meshgrid(x, y), axis=-1)
    return x, y, np.asarray(compiled(surface, what)(points, surface.fill(knobs)))
