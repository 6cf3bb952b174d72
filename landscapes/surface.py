"""What a surface is, and the registry that one decorator fills."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float
from numpy.typing import NDArray

from landscapes.caption import Caption, read_caption
from landscapes.knobs import Knob, Knobs, fill, read_knobs

Point: TypeAlias = Float[Array, "2"]
Scalar: TypeAlias = Float[Array, ""]
Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Examples:
    """The examples whose mean loss a surface is.

    `loss(p, features, targets)` gives the loss (R,) of each of R examples; `load()` gives the features (N, d) and
    targets (N,) of all of them.
    """

    loss: Callable[[Point, Array, Array], Array]
    load: Callable[[], tuple[NDArray[np.float64], NDArray[np.float64]]]

    @property
    def count(self) -> int:
        """N."""
        return len(self.load()[1])

    def losses(self, p: Point, rows: Array | None = None) -> Float[Array, "R"]:
        """The loss at a point of each of the examples numbered `rows` (R,), by default of all, in the dtype of `p`."""
        features, targets = (jnp.asarray(part, p.dtype) for part in self.load())
        return self.loss(p, features, targets) if rows is None else self.loss(p, features[rows], targets[rows])


@dataclass(frozen=True, eq=False)
class Surface:
    """One function of two variables with its facts.

    `f(p, **knobs)` takes a point of shape (2,) and returns a scalar, in JAX operations that keep the dtype of `p`.
    `box` is (x low, x high, y low, y high). `minima` has shape (M, 2): all global minima in the box at the default
    knobs, empty where there is none; of a whole disk or curve of them, one or none. `smooth` says that the Hessian
    exists everywhere in the box. `log_height` says that heights are best drawn on a logarithmic scale. Where f is a
    mean over `examples`, a minibatch of them estimates it.
    """

    key: str
    caption: Caption
    f: Callable[..., Scalar]
    box: Box
    start: tuple[float, float]
    minima: NDArray[np.float64]
    knobs: Mapping[str, Knob]
    smooth: bool = True
    log_height: bool = False
    examples: Examples | None = None

    @property
    def title(self) -> str:
        return self.caption.title

    def fill(self, knobs: Knobs) -> dict[str, float]:
        """All knob values, defaults where none is given; ``TypeError`` names an unknown knob."""
        return fill(self.knobs, knobs, self.key)


_registry: dict[str, Surface] = {}
SURFACES: Mapping[str, Surface] = MappingProxyType(_registry)


def surface(
    *,
    box: Box,
    start: tuple[float, float],
    minima: Sequence[tuple[float, float]] = (),
    smooth: bool = True,
    log_height: bool = False,
    examples: Examples | None = None,
) -> Callable[[Callable[..., Scalar]], Surface]:
    """Register the decorated function as a surface under its own name."""

    def register(f: Callable[..., Scalar]) -> Surface:
        made = Surface(
            key=f.__name__,
            caption=read_caption(f),
            f=f,
            box=box,
            start=start,
            minima=np.array(minima, dtype=np.float64).reshape(-1, 2),
            knobs=MappingProxyType(read_knobs(f)),
            smooth=smooth,
            log_height=log_height,
            examples=examples,
        )
        if made.key in _registry:
            raise ValueError(f"a surface named {made.key} exists already")
        _registry[made.key] = made
        return made

    return register


def find_surface(surface: "str | Surface") -> Surface:
    """The surface itself, or the one under that key; ``KeyError`` names the keys there are.

    A key that begins with ``=`` is a typed function. One that cannot be read raises ``ExpressionError``, which is a
    ``KeyError`` that says where.
    """
    if isinstance(surface, Surface):
        return surface
    if surface.startswith("="):
        # Only here: a typed function is made into a `Surface`, so its module needs this one first.
        from landscapes.expression import parse

        return parse(surface[1:])
    if surface not in SURFACES:
        raise KeyError(f"unknown surface {surface!r}; there are {', '.join(SURFACES)}")
    return SURFACES[surface]
