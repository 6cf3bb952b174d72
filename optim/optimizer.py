"""What an optimizer is, and the registry that one decorator fills."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, TypeAlias

import jax.numpy as jnp

from landscapes.caption import Caption, read_caption
from landscapes.knobs import Knob, Knobs, fill, read_knobs
from optim.oracle import Matrix, Oracle, Scalar, Vector

State: TypeAlias = Any
Count: TypeAlias = Annotated[Scalar, "steps taken: the same for every run of a batch"]

Rate: TypeAlias = Annotated[float, Knob(1e-4, 10.0, log=True, symbol="η")]
Decay: TypeAlias = Annotated[float, Knob(0.0, 0.9999, symbol="β")]
Epsilon: TypeAlias = Annotated[float, Knob(1e-12, 1e-1, log=True, symbol="ε")]
WeightDecay: TypeAlias = Annotated[float, Knob(0.0, 1.0, symbol="λ")]


@dataclass(frozen=True, eq=False)
class Optimizer:
    """One update rule.

    `init(x, hyper)` makes the state for a start x of shape (n,); `step(oracle, x, state, hyper)` returns the next
    (x, state). `order` is the highest derivative that the rule asks its oracle for. `source` is the rule's own code.
    `axes` says where a batch of states has its batch axis, as `jax.vmap` wants it: None for what all runs share. `rule`
    is the function as it is written, None for what another library wrote.
    """

    key: str
    caption: Caption
    order: int
    knobs: Mapping[str, Knob]
    init: Callable[[Vector, Mapping[str, Any]], State]
    step: Callable[[Oracle, Vector, State, Mapping[str, Any]], tuple[Vector, State]]
    source: str
    axes: Any = 0
    rule: Callable[..., Any] | None = None

    @property
    def title(self) -> str:
        return self.caption.title

    def fill(self, hyper: Knobs) -> dict[str, float]:
        """All hyperparameters, defaults where none is given; ``TypeError`` names an unknown one."""
        return fill(self.knobs, hyper, self.key)


_registry: dict[str, Optimizer] = {}
OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType(_registry)


def register(made: Optimizer) -> Optimizer:
    """Put an optimizer into the registry; ``ValueError`` where its key is taken."""
    if made.key in _registry:
        raise ValueError(f"an optimizer named {made.key} exists already")
    _registry[made.key] = made
    return made


def optimizer(*, order: int) -> Callable[[Callable[..., Any]], Optimizer]:
    """Register the decorated rule under its own name.

    A rule is ``rule(oracle, x, *state, **hyperparameters) -> (x, *state)``. Each state argument starts from what its
    annotation says: `Vector` zeros, `Scalar` and `Count` zero, `Matrix` the identity.
    """

    def wrap(rule: Callable[..., Any]) -> Optimizer:
        parameters = list(inspect.signature(rule).parameters.values())[2:]
        kinds = [p.annotation for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
        if unknown := [kind for kind in kinds if kind not in (Vector, Scalar, Matrix, Count)]:
            raise TypeError(f"state of {rule.__name__} must be a Vector, Scalar, Matrix or Count, not {unknown[0]}")

        def init(x: Vector, hyper: Mapping[str, Any]) -> State:
            starts = {
                Vector: jnp.zeros_like(x),
                Scalar: jnp.zeros((), x.dtype),
                Count: jnp.zeros((), x.dtype),
                Matrix: jnp.eye(x.shape[0], dtype=x.dtype),
            }
            return tuple(starts[kind] for kind in kinds)

        def step(oracle: Oracle, x: Vector, state: State, hyper: Mapping[str, Any]) -> tuple[Vector, State]:
            answer = rule(oracle, x, *state, **hyper)
            return (answer[0], answer[1:]) if isinstance(answer, tuple) else (answer, ())

        return register(
            Optimizer(
                key=rule.__name__,
                caption=read_caption(rule),
                order=order,
                knobs=MappingProxyType(read_knobs(rule)),
                init=init,
                step=step,
                source=inspect.getsource(rule),
                # A power of the count for each of 256² runs would cost more than the rest of their step.
                axes=tuple(None if kind == Count else 0 for kind in kinds),
                rule=rule,
            )
        )

    return wrap


def find_optimizer(optimizer: "str | Optimizer") -> Optimizer:
    """The optimizer itself, or the one under that key; ``KeyError`` names the keys there are."""
    if isinstance(optimizer, Optimizer):
        return optimizer
    if optimizer not in OPTIMIZERS:
        raise KeyError(f"unknown optimizer {optimizer!r}; there are {', '.join(OPTIMIZERS)}")
    return OPTIMIZERS[optimizer]
