"""Training a network by any rule of this package: the same rules as on the surfaces, on flat vectors of weights.

A minibatch is a wrapped oracle: it answers for a few examples instead of all. Training goes in short blocks, so that it
can be watched and stopped, and other work gets its turn in between; JAX lets go of Python's lock meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from landscapes.datasets import Data
from landscapes.mlp import MLP
from landscapes.programs import program
from optim.optimizer import find_optimizer
from optim.oracle import exact

RECORDS = 100
"""Times that the weights are kept during a whole run, besides the start."""
FAR = 1e4
"""A run with a weight beyond this has diverged: its losses would soon be infinite."""

Floats = NDArray[np.float64]
Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """All that decides a run: the same recipe gives the same weights, bit by bit, on the same machine.

    `batch` examples a step are drawn with replacement, so that the gradient is unbiased; 0 means all of them. `steps`
    is rounded up to a multiple of `RECORDS`. `scale` multiplies the random start. `rate` is the learning rate.
    """

    net: MLP
    data: Data
    optimizer: str
    rate: float
    batch: int
    steps: int
    seed: int = 0
    scale: float = 1.0

    @property
    def stride(self) -> int:
        """Steps from one record to the next."""
        return -(-self.steps // RECORDS)


@dataclass(frozen=True, eq=False)
class Run:
    """How far a recipe has got: `weights` (K+1, n), float32, after `steps` (K+1,), the start first, with the mean
    `losses` (K+1,) on the trained-on examples.

    Weights are cut before the first that are not finite or beyond `FAR`; `diverged_at` is the step where that was seen.
    """

    recipe: Recipe
    weights: Weights
    losses: Floats
    steps: NDArray[np.int64]
    diverged_at: int | None = None

    @property
    def complete(self) -> bool:
        return self.diverged_at is not None or len(self.steps) == RECORDS + 1

    @property
    def padded(self) -> Weights:
        """`weights` with the last repeated up to a whole run's length: partial runs compile nothing new."""
        return np.concatenate([self.weights, np.repeat(self.weights[-1:], RECORDS + 1 - len(self.weights), axis=0)])


@program("rule")
def _begin(rule: str, start: Array, hyper: Mapping[str, Array]) -> Any:
    """The state before the first step."""
    # Compiled, because a rule's `init` also writes down the n × n matrix that only some rules keep.
    return find_optimizer(rule).init(start, hyper)


@program("net", "rule", "batch")
def block(
    net: MLP, rule: str, batch: int, hyper: Mapping[str, Array], x: Array, y: Array, carry: Any, stride: Array
) -> tuple[Any, Array]:
    """(weights (n,), state, key, step) after `stride` more steps, and the loss there on all examples."""
    step_of = find_optimizer(rule).step

    def step(_: Any, carry: Any) -> Any:
        weights, state, key, count = carry
        if batch:
            chosen = jax.random.randint(jax.random.fold_in(key, count), (batch,), 0, len(y))
            oracle = exact(lambda w: net.value(w, x[chosen], y[chosen]))
        else:
            oracle = exact(lambda w: net.value(w, x, y))
        weights, state = step_of(oracle, weights, state, hyper)
        return weights, state, key, count + 1

    after = jax.lax.fori_loop(0, stride, step, carry)
    return after, net.value(after[0], x, y)


@dataclass(eq=False)
class Training:
    """A run that is under way. `advance` goes on by a block; ``KeyError`` for an unknown optimizer."""

    recipe: Recipe
    _kept: list[tuple[Weights, float]] = field(default_factory=list, repr=False)
    _diverged_at: int | None = None
    _whole: Run | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        recipe = self.recipe
        rule = find_optimizer(recipe.optimizer)
        given = {"learning_rate": recipe.rate} if "learning_rate" in rule.knobs else {}
        self._hyper = {name: jnp.float32(value) for name, value in rule.fill(given).items()}
        self._x, self._y = map(jnp.asarray, recipe.data.part)
        start = recipe.net.start(recipe.seed, recipe.scale)
        state = _begin(recipe.optimizer, jnp.asarray(start), self._hyper)
        self._carry = (jnp.asarray(start), state, jax.random.key(recipe.seed), jnp.int32(0))
        self._kept.append((start, self._go_on(0)))

    @property
    def done(self) -> float:
        """From 0 to 1."""
        return 1.0 if self._whole is not None else min(len(self._kept) - 1, RECORDS - 1) / RECORDS

    @property
    def run(self) -> Run:
        """What there is so far; once it is complete, always the same object."""
        if self._whole is not None:
            return self._whole
        weights, losses = zip(*self._kept, strict=True)
        steps = self.recipe.stride * np.arange(len(losses))
        return Run(self.recipe, np.array(weights), np.array(losses), steps, self._diverged_at)

    def _go_on(self, steps: int) -> float:
        """Take so many steps; returns the loss after them."""
        recipe = self.recipe
        batch = recipe.batch if recipe.batch < len(self._y) else 0
        self._carry, loss = block(
            recipe.net, recipe.optimizer, batch, self._hyper, self._x, self._y, self._carry, jnp.int32(steps)
        )
        return float(loss)

    def advance(self) -> None:
        """Go on to the next record; nothing happens once the run is complete."""
        if self.done == 1:
            return
        stride = self.recipe.stride
        loss = self._go_on(stride)
        weights = np.asarray(self._carry[0])
        if np.isfinite(weights).all() and np.abs(weights).max() < FAR:
            self._kept.append((weights, loss))
        else:
            self._diverged_at = len(self._kept) * stride
        # Made here and not when it is asked for: of several who ask at once, all get the same.
        if self._diverged_at is not None or len(self._kept) == RECORDS + 1:
            self._whole = self.run


def train(recipe: Recipe) -> Run:
    """The whole run of a recipe."""
    training = Training(recipe)
    while training.done < 1:
        training.advance()
    return training.run


@dataclass(frozen=True, eq=False)
class Measures:
    """What is true of the weights at each record, K+1 of each; losses and derivatives are over the trained-on examples.

    `loss` and `error` there, `held_out` the error on the other examples; `gradient_norm` ‖g‖; `curvature` gᵀHg.
    """

    loss: Floats
    error: Floats
    held_out: Floats
    gradient_norm: Floats
    curvature: Floats


@program("net")
def measures_at(net: MLP, weights: Array, part: Any, held_out: Any) -> tuple[Array, ...]:
    def value(w: Array) -> Array:
        return net.value(w, *part)

    def at(w: Array) -> tuple[Array, ...]:
        loss, g = jax.value_and_grad(value)(w)
        _, hg = jax.jvp(jax.grad(value), (w,), (g,))
        return loss, net.error(w, *part), net.error(w, *held_out), jnp.linalg.norm(g), g @ hg

    return jax.lax.map(at, weights)  # type: ignore[no-any-return]


def measure(run: Run) -> Measures:
    """What is true of a run's weights at its records."""
    data = run.recipe.data
    found = measures_at(run.recipe.net, jnp.asarray(run.padded), data.part, data.held_out)
    return Measures(*(np.asarray(each, dtype=np.float64)[: len(run.weights)] for each in found))
