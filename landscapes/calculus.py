"""Values, gradients and Hessians of surfaces: exact, by automatic differentiation, compiled once per surface."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray

from landscapes.knobs import Knobs
from landscapes.programs import program
from landscapes.surface import Box, Surface, find_surface


@program("surface", "what")
def _computed(surface: Surface, what: str, p: Array, knobs: dict[str, Any]) -> Array:
    """The ``value``, ``gradient`` or ``hessian`` of a surface at a point (2,), or its ``values`` or ``hessians`` at
    points (n, m, 2); each shape of those is compiled once."""

    def f(p: Array) -> Array:
        return surface.f(p, **knobs)

    rules: dict[str, Callable[[Array], Array]] = {
        "value": f,
        "gradient": jax.grad(f),
        "hessian": jax.hessian(f),
        "values": jax.vmap(jax.vmap(f)),
        "hessians": jax.vmap(jax.vmap(jax.hessian(f))),
    }
    return rules[what](p)


@program("surface")
def derivatives(surface: Surface, points: ArrayLike, knobs: Any) -> dict[str, Array]:
    """``values`` (V, T), ``gradients`` (V, T, 2) and ``hessians`` (V, T, 2, 2) at points (V, T, 2), for knobs of which
    each is (V,)."""

    def at(point: Array, knobs: Any) -> dict[str, Array]:
        def f(p: Array) -> Array:
            return surface.f(p, **knobs)

        def slope(p: Array) -> tuple[Array, tuple[Array, Array]]:
            value, gradient = jax.value_and_grad(f)(p)
            return gradient, (value, gradient)

        hessian, (value, gradient) = jax.jacfwd(slope, has_aux=True)(point)
        return {"values": value, "gradients": gradient, "hessians": hessian}

    return jax.vmap(jax.vmap(at, in_axes=(0, None)))(jnp.asarray(points), knobs)


def _at(surface: str | Surface, what: str, p: ArrayLike, knobs: Knobs) -> NDArray[np.float64]:
    found = find_surface(surface)
    return np.asarray(_computed(found, what, jnp.asarray(p, dtype=jnp.float64), found.fill(knobs)))


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
    return x, y, _at(surface, what, points, knobs)
