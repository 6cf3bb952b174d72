"""Gradients that are only estimated: from minibatches, their spread and confidence region, and from differences."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import ArrayLike, NDArray
from scipy.stats import f as fisher

from landscapes import values
from landscapes.programs import program
from landscapes.surface import Examples, Surface, find_surface
from optim.blocks import BLOCK, draw
from optim.checks import check_numbers
from optim.optimizer import Optimizer, find_optimizer
from optim.oracle import exact
from optim.schedules import Schedule, find_schedule

Floats = NDArray[np.float64]


def _examples(surface: Surface) -> Examples:
    if surface.examples is None:
        raise ValueError(f"{surface.key} is no mean over examples, from which a batch could be drawn")
    return surface.examples


@program("surface")
def _slopes(surface: Surface, p: Array) -> Array:
    slopes: Array = jax.jacobian(_examples(surface).losses)(p)
    return slopes


def example_gradients(surface: str | Surface, p: ArrayLike) -> Floats:
    """The gradient of every example's loss at a point (2,), shape (N, 2); their mean is the surface's gradient.

    ``ValueError`` where the surface is no mean over examples.
    """
    return np.asarray(_slopes(find_surface(surface), jnp.asarray(p, jnp.float64)))


def batch_gradients(surface: str | Surface, p: ArrayLike, *, size: int, count: int, seed: int = 0) -> Floats:
    """`count` minibatch gradients at a point (2,), shape (count, 2): each the mean over `size` examples drawn
    independently, with replacement.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, equation 8.9.
    """
    check_numbers({"batch_size": size})
    slopes = example_gradients(surface, p)
    rows = np.random.default_rng(seed).integers(len(slopes), size=(count, size))
    return np.asarray(slopes[rows].mean(axis=1))


@dataclass(frozen=True)
class Region:
    """An ellipse that holds the true mean with probability `confidence`: all μ with (μ − m)ᵀ C⁻¹ (μ − m) ≤ `bound`.

    `mean` m (2,) is that of the sample, `covariance` C (2, 2) that of the mean.
    """

    mean: Floats
    covariance: Floats
    bound: float
    confidence: float

    def distance(self, point: ArrayLike) -> float:
        """Hotelling's T² of a point (2,): the point is in the region where this is at most `bound`."""
        away = np.asarray(point) - self.mean
        return float(away @ np.linalg.solve(self.covariance, away))

    def outline(self, count: int = 97) -> Floats:
        """Points on the border, shape (count, 2), the first one again at the end."""
        angles = np.linspace(0, 2 * np.pi, count)
        circle = np.stack([np.cos(angles), np.sin(angles)])
        return np.asarray(self.mean + np.sqrt(self.bound) * (np.linalg.cholesky(self.covariance) @ circle).T)


def confidence_region(sample: Floats, confidence: float = 0.95) -> Region:
    """Where the mean lies that a sample (K, 2) of independent vectors, K at least 3, was drawn about.

    Source: Hotelling, The Generalization of Student's Ratio, Annals of Mathematical Statistics 2(3), 1931; exact for a
    normal sample, and for others in the limit of many.
    """
    count = len(sample)
    bound = 2 * (count - 1) / (count - 2) * float(fisher.ppf(confidence, 2, count - 2))
    return Region(sample.mean(axis=0), np.cov(sample.T) / count, bound, confidence)


def differences(surface: str | Surface, p: ArrayLike, widths: ArrayLike, *, central: bool) -> Floats:
    """Numerical gradients at a point (2,) for each of the `widths` h (H,), shape (H, 2), in 64 bits.

    (f(p + h e) − f(p)) / h along each axis e, or with `central` (f(p + h e) − f(p − h e)) / 2h.

    Source: Nocedal and Wright, Numerical Optimization, 2006, section 8.1.
    """
    found, at = find_surface(surface), np.asarray(p, np.float64)
    h = np.asarray(widths, np.float64)
    away = h[:, None, None] * np.eye(2)
    points = np.concatenate([at + away, at - away if central else np.broadcast_to(at, away.shape)], axis=1)
    losses = values(found, points)
    return np.asarray((losses[:, :2] - losses[:, 2:]) / ((2 if central else 1) * h[:, None]))


@program("surface", "optimizer")
def _run(surface: Surface, optimizer: Optimizer, start: Array, hyper: Any, factors: Array, rows: Array) -> Array:
    losses = _examples(surface).losses

    def one(factors: Array, rows: Array) -> Array:
        def step(carry: Any, now: tuple[Array, Array]) -> tuple[Any, Array]:
            x, state = carry
            factor, drawn = now
            # Every row is in the batch, so that none has to be masked, and nobody asks all examples.
            oracle = replace(exact(surface.f), gradient=jax.grad(lambda x: losses(x, drawn).mean()))
            rate = {"learning_rate": hyper["learning_rate"] * factor}
            return optimizer.step(oracle, x, state, hyper | rate), x

        (end, _), path = jax.lax.scan(step, (start, optimizer.init(start, hyper)), (factors, rows))
        return jnp.concatenate([path, end[None]])

    over_seeds: Any = jax.vmap(one, (None, 0))
    runs: Array = jax.vmap(over_seeds, (0, None))(factors, rows)
    return runs


@jax.jit
def _rows(seeds: Array, blocks: Array, count: int) -> Array:
    """The examples that the engine draws: (K, T, LARGEST_BATCH) for seeds (K,) over whole blocks of steps."""
    # One after the other: all at once is no faster, and takes four times as long to compile.
    rows: Array = jax.lax.map(lambda seed: jax.lax.map(lambda block: draw(seed, block, count)["rows"], blocks), seeds)
    return rows.reshape(len(seeds), len(blocks) * BLOCK, -1)


def ensemble(
    surface: str | Surface,
    optimizer: str | Optimizer,
    start: ArrayLike | None = None,
    *,
    steps: int,
    batch_size: int,
    seeds: int,
    schedules: Sequence[str | Schedule] = ("constant",),
    **hyper: float,
) -> Floats:
    """The same minibatch descent from each of the seeds 0, 1, …, under each schedule: points (S, K, steps + 1, 2).

    A run is the one that `descend` gives for its seed. `optimizer` must have a learning rate. ``ValueError`` where the
    surface is no mean over examples, or a number cannot be used.
    """
    surface, optimizer = find_surface(surface), find_optimizer(optimizer)
    count = _examples(surface).count
    filled = optimizer.fill(hyper)
    check_numbers(filled, {"batch_size": batch_size})
    rows = _rows(np.arange(seeds), np.arange(-(-steps // BLOCK)), count)
    times = np.arange(steps, dtype=np.float64)
    factors = np.stack([find_schedule(schedule)(times, steps) for schedule in schedules])
    at = np.asarray(surface.start if start is None else start, np.float64)
    settings = jax.tree.map(np.float64, filled)
    return np.asarray(_run(surface, optimizer, at, settings, factors, rows[:, :steps, :batch_size]))
