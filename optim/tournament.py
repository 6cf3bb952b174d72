"""Tournaments: optimizers on surfaces with equal budgets, counted in evaluations of the gradient."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray
from scipy.stats import binomtest, quantile_test

from landscapes import calculus
from landscapes.knobs import Knob
from landscapes.programs import BRIEF, program
from landscapes.surface import Surface, find_surface
from optim.metering import counted, metered
from optim.optimizer import Optimizer, find_optimizer
from optim.oracle import Oracle, exact

TOLERANCE = 1e-4
"""A run has succeeded at a point whose height above the global minimum is at most this share of `usual_height`."""
STARTS = 256
"""Starts that a pair is judged on."""
FACTORS = tuple(float(f) for f in 10.0 ** np.arange(-2, 2, 0.5))
"""What the default of the tuned number is multiplied by; each candidate is tried from ``STARTS / len(FACTORS)``
starts, so that tuning and judging are runs of one compiled shape."""
PENALTY = 10
"""Budgets that a failed run counts as when rates are compared: the PAR10 score of Hutter et al., 2009."""
SURVEYED = 4096
CONFIDENCE = 0.95

Floats = NDArray[np.float64]


def truth(surface: Surface, settings: Mapping[str, Any], t: Array) -> Oracle:
    """The exact oracle, at every step t."""
    return exact(lambda p: surface.f(p, **settings["knobs"]))


def race(
    surface: Surface,
    optimizer: Optimizer,
    told: Callable[[Surface, Any, Array], Oracle],
    starts: Array,
    settings: Any,
    target: Array,
    budget: Array,
) -> tuple[Array, Array]:
    """Evaluations (N,) until a value of at most `target`, inf where there was none, and the lowest values (N,).

    `settings` has ``hyper``, ``knobs``, and what `told` makes a step's oracle from: numbers, or one (N,) for each run.
    Not compiled: how well that pays depends on how many runs there are.
    """

    def one(start: Array, settings: Any) -> tuple[Array, Array]:
        def f(p: Array) -> Any:
            return surface.f(p, **settings["knobs"])

        def active(carry: tuple[Any, ...]) -> Any:
            _, x, _, spent, best = carry
            return jnp.all(jnp.isfinite(x)) & (spent < budget) & (best > target)

        def step(carry: tuple[Any, ...]) -> tuple[Any, ...]:
            t, x, state, spent, best = carry
            oracle = metered(told(surface, settings, t))
            (x, state), cost = counted(lambda x, s, h: optimizer.step(oracle, x, s, h), x, state, settings["hyper"])
            spent = spent + cost
            # What is beyond the budget does not count.
            return t + 1, x, state, spent, jnp.where(spent <= budget, jnp.fmin(best, f(x)), best)

        first = (jnp.int32(0), start, optimizer.init(start, settings["hyper"]), jnp.zeros(()), f(start))
        *_, spent, best = jax.lax.while_loop(active, step, first)
        return jnp.where(best <= target, spent, jnp.inf), best

    own = jax.tree.map(lambda leaf: 0 if jnp.ndim(leaf) else None, settings)
    evaluations, best = jax.vmap(one, in_axes=(0, own))(starts, settings)
    return evaluations, best


_race = program("surface", "optimizer", "told", **BRIEF)(race)


@dataclass(frozen=True, eq=False)
class Result:
    """One optimizer on one surface from `STARTS` starts, uniform in the surface's box.

    `evaluations` (N,): what was spent until success, inf where `budget` did not suffice. `gaps` (N,): the lowest height
    above the global minimum that was seen, as a share of `usual_height`. `factor`: what the tuned number's default was
    multiplied by.
    """

    optimizer: str
    surface: str
    budget: float
    factor: float
    evaluations: Floats
    gaps: Floats

    @property
    def successes(self) -> int:
        return int(np.isfinite(self.evaluations).sum())

    @cached_property
    def rate(self) -> tuple[float, float, float]:
        """The `success_rate`."""
        return success_rate(self.successes, len(self.evaluations))

    @cached_property
    def median(self) -> tuple[float, float, float]:
        """The `median_evaluations`."""
        return median_evaluations(self.evaluations)

    @property
    def score(self) -> float:
        """Mean of the evaluations, a failure counted as `PENALTY` budgets."""
        return par(self.evaluations, self.budget)


def par(evaluations: Floats, budget: float) -> float:
    """Penalised average of evaluations (N,) in which failures are infinite."""
    return float(np.mean(np.where(np.isfinite(evaluations), evaluations, PENALTY * budget)))


def success_rate(successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float, float]:
    """The share, and the two ends of Wilson's interval for the probability behind it.

    Source: E. B. Wilson, Journal of the American Statistical Association 22, 1927.
    """
    interval = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return successes / trials, float(interval.low), float(interval.high)


def median_evaluations(evaluations: Floats, confidence: float = CONFIDENCE) -> tuple[float, float, float]:
    """The median of evaluations (N,), failures above all others, and an interval for it between two of them.

    The interval holds for any distribution. Source: W. R. Thompson, Annals of Mathematical Statistics 7(3), 1936.
    """
    middle = float(np.sort(evaluations)[(len(evaluations) - 1) // 2])
    interval: Any = quantile_test(evaluations, q=0, p=0.5).confidence_interval(confidence)
    # Too few numbers for an interval leave it open.
    low, high = (0.0 if np.isnan(interval.low) else interval.low, np.inf if np.isnan(interval.high) else interval.high)
    return middle, float(low), float(high)


def tuned_knob(optimizer: Optimizer) -> Knob | None:
    """The number that is tuned: the learning rate, or else the first one; None where a rule has none."""
    return optimizer.knobs.get("learning_rate", next(iter(optimizer.knobs.values()), None))


@lru_cache(maxsize=64)
def usual_height(surface: Surface) -> tuple[float, float]:
    """The global minimum, and the median height above it over the surface's box; ``ValueError`` where none is known."""
    if not len(surface.minima):
        raise ValueError(f"{surface.key} has no global minimum to be found")
    # All points in one array are one shape, and one compilation.
    points = np.concatenate([surface.minima, _starts(surface, "survey", 0, SURVEYED)])
    losses = calculus.values(surface, points[None])[0]
    lowest = float(losses[: len(surface.minima)].min())
    return lowest, float(np.median(losses[len(surface.minima) :])) - lowest


def _starts(surface: Surface, purpose: str, seed: int, count: int) -> Floats:
    # The name of the purpose takes part, so that no start that a rate was tuned on is ever judged.
    random = np.random.default_rng([seed, *purpose.encode(), *surface.key.encode()])
    return random.uniform(surface.box[::2], surface.box[1::2], (count, 2))


def compete(
    surface: str | Surface, optimizer: str | Optimizer, *, budget: float = 300, tuned: bool = False, seed: int = 0
) -> Result:
    """Run `optimizer` on `surface` from `STARTS` starts drawn with `seed`, each until success or `budget` gradients.

    With `tuned`, the `tuned_knob` is first chosen among multiples of its default by the score over other starts.
    ``KeyError`` names an unknown surface or optimizer; ``ValueError`` where the budget is below 1 or the surface has no
    global minimum.
    """
    surface, optimizer = find_surface(surface), find_optimizer(optimizer)
    if not 1 <= budget < np.inf:
        raise ValueError(f"budget must be 1 or more and finite, not {budget}")
    lowest, height = usual_height(surface)
    target = lowest + TOLERANCE * height
    knob, hyper = tuned_knob(optimizer), optimizer.fill({})

    def run(starts: Floats, factors: Floats) -> tuple[Floats, Floats]:
        numbers = {name: np.full(STARTS, value, np.float64) for name, value in hyper.items()}
        if knob:
            numbers[knob.name] = np.clip(factors * knob.default, knob.low, knob.high)
        settings = {"hyper": numbers, "knobs": surface.fill({})}
        evaluations, best = _race(surface, optimizer, truth, starts, settings, np.float64(target), np.float64(budget))
        return np.asarray(evaluations), np.asarray(best)

    factor = 1.0
    if tuned and knob:
        each = STARTS // len(FACTORS)
        starts = np.tile(_starts(surface, "tuning", seed, each), (len(FACTORS), 1))
        tried, _ = run(starts, np.repeat(FACTORS, each))
        factor = FACTORS[int(np.argmin([par(part, budget) for part in np.split(tried, len(FACTORS))]))]
    evaluations, best = run(_starts(surface, "judging", seed, STARTS), np.full(STARTS, factor))
    return Result(optimizer.key, surface.key, budget, factor, evaluations, (best - lowest) / height)


def better(one: Result, other: Result) -> bool:
    """Better beyond chance: by success where those intervals are apart, else by evaluations where these are."""
    _, low, high = one.rate
    _, other_low, other_high = other.rate
    if low > other_high or other_low > high:
        return low > other_high
    return one.median[2] < other.median[1]
