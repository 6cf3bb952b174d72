"""Budgets are counted as they are spent, results repeat, and intervals cover as often as they say."""

import jax
import numpy as np
import pytest
from scipy.stats import norm

from landscapes import SURFACES
from optim import OPTIMIZERS
from optim.metering import COSTS
from optim.tournament import (
    FACTORS,
    STARTS,
    TOLERANCE,
    Result,
    _starts,
    better,
    compete,
    median_evaluations,
    success_rate,
    tuned_knob,
    usual_height,
)


def test_gradient_descent_on_the_sphere_takes_as_long_as_the_formula_says() -> None:
    result = compete("sphere", "gd", budget=1000)
    lowest, height = usual_height(SURFACES["sphere"])
    starts = _starts(SURFACES["sphere"], "judging", 0, STARTS)
    gaps = (starts**2).sum(axis=1)
    # The gap shrinks by (1 − 2η)² a step.
    steps = np.ceil(np.log(TOLERANCE * height / gaps) / (2 * np.log(1 - 2 * 0.01)))
    assert lowest == 0
    assert result.evaluations == pytest.approx(np.maximum(steps, 0))


def test_newton_on_a_bowl_pays_for_one_gradient_and_one_hessian() -> None:
    result = compete("booth", "newton")
    assert set(result.evaluations) <= {0.0, COSTS["gradient"] + COSTS["hessian"]}
    assert result.successes == STARTS


@pytest.mark.parametrize("key", ["adam", "gd_line_search", "bfgs"])
def test_nothing_beyond_the_budget_counts(key: str) -> None:
    short, long = (compete("rosenbrock", key, budget=budget) for budget in (60, 200))
    assert 0 < short.successes < long.successes
    within = long.evaluations <= 60
    assert (np.isfinite(short.evaluations) == within).all()
    assert (short.evaluations[within] == long.evaluations[within]).all()
    assert (short.gaps >= long.gaps).all()


def test_the_same_numbers_every_time() -> None:
    first = compete("styblinski_tang", "adam", tuned=True)
    jax.clear_caches()
    second = compete("styblinski_tang", "adam", tuned=True)
    assert (first.evaluations == second.evaluations).all() and (first.gaps == second.gaps).all()
    assert first.factor == second.factor
    other = compete("styblinski_tang", "adam", tuned=True, seed=1)
    assert (first.evaluations != other.evaluations).any()


def test_rates_are_tuned_on_starts_that_are_not_judged() -> None:
    surface = SURFACES["banana"]
    judged, tuning = (_starts(surface, purpose, 0, STARTS) for purpose in ("judging", "tuning"))
    assert not {tuple(p) for p in judged} & {tuple(p) for p in tuning}
    assert STARTS % len(FACTORS) == 0 and 1.0 in FACTORS


def test_tuning_helps_where_the_default_is_too_small() -> None:
    default, tuned = (compete("banana", "gd", tuned=tuned) for tuned in (False, True))
    # One-sided test of two proportions at 99.9 % confidence.
    pooled = (default.successes + tuned.successes) / (2 * STARTS)
    z = (tuned.successes - default.successes) / np.sqrt(2 * STARTS * pooled * (1 - pooled))
    assert z > norm.ppf(0.999)
    assert default.factor == 1 and tuned.factor != 1


def test_what_is_tuned() -> None:
    names = {key: knob and knob.name for key, knob in ((k, tuned_knob(o)) for k, o in OPTIMIZERS.items())}
    assert names["adam"] == "learning_rate" and names["rprop"] == "initial_step" and names["newton"] is None
    assert compete("booth", "newton", tuned=True).factor == 1


def test_what_cannot_be_played_is_refused() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        compete("nowhere", "gd")
    with pytest.raises(KeyError, match="nothing"):
        compete("booth", "nothing")
    with pytest.raises(ValueError, match="no global minimum"):
        compete("saddle", "gd")
    for budget in (0, np.nan, np.inf):
        with pytest.raises(ValueError, match="budget"):
            compete("booth", "gd", budget=budget)


def test_wilsons_interval() -> None:
    # The formula of the paper for 15 of 20 at 95 %.
    z, p, n = norm.ppf(0.975), 0.75, 20
    middle, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    expected = (p, *((middle + sign * half) / (1 + z**2 / n) for sign in (-1, 1)))
    assert success_rate(15, 20) == pytest.approx(expected)
    assert success_rate(0, 20)[1] == 0 and success_rate(20, 20)[2] == pytest.approx(1)
    # 4000 samples of 64 runs that succeed with probability 0.3: within four standard errors of 95 %, and what the
    # lattice of counts takes or gives.
    counts = np.random.default_rng(0).binomial(64, 0.3, 4000)
    covered = np.mean([low < 0.3 < high for _, low, high in map(lambda k: success_rate(int(k), 64), counts)])
    assert covered == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 4000) + 0.01)


def test_the_interval_of_the_median() -> None:
    assert median_evaluations(np.arange(1.0, 256))[0] == 128
    failing = np.where(np.arange(256) < 100, 1.0, np.inf)
    assert median_evaluations(failing)[0] == np.inf
    just = np.where(np.arange(256) < 130, np.arange(256.0), np.inf)
    middle, low, high = median_evaluations(just)
    assert (middle, high) == (127, np.inf) and 100 < low < 127
    # Exponential waiting times, median ln 2: covered at least as often as said, up to four standard errors.
    samples = np.random.default_rng(1).exponential(size=(1000, 64))
    covered = np.mean([low <= np.log(2) <= high for _, low, high in map(median_evaluations, samples)])
    assert covered > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 1000)


def judged(successes: int, evaluations: float) -> Result:
    """A result with that many of `STARTS` successes, each after about so many evaluations."""
    spent = np.full(STARTS, np.inf)
    spent[:successes] = evaluations + np.arange(successes) / STARTS
    return Result("gd", "booth", 300.0, 1.0, spent, np.zeros(STARTS))


def test_better_is_what_chance_does_not_explain() -> None:
    assert better(judged(200, 50), judged(120, 10)) and not better(judged(120, 10), judged(200, 50))
    # 76 against 75 successes is a tie, and so are equal ones with equal costs.
    assert not better(judged(76, 50), judged(75, 50)) and not better(judged(75, 50), judged(76, 50))
    assert better(judged(250, 20), judged(250, 60)) and not better(judged(250, 60), judged(250, 20))
