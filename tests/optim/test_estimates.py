"""Estimated gradients: unbiased, with the spread and the confidence that are claimed; fixed seeds throughout."""

import numpy as np
import pytest
from scipy.stats import binom, chi2

from landscapes import SURFACES, find_surface, gradient
from optim import descend
from optim.blocks import draw
from optim.estimates import batch_gradients, confidence_region, differences, ensemble, example_gradients

EVERY = [key for key, surface in SURFACES.items() if surface.examples]


@pytest.mark.parametrize("key", EVERY)
def test_the_mean_over_all_examples_is_the_full_gradient(key: str) -> None:
    start = SURFACES[key].start
    np.testing.assert_allclose(example_gradients(key, start).mean(axis=0), gradient(key, start), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("key", EVERY)
@pytest.mark.parametrize("size", [1, 10, 100])
def test_minibatch_gradients_are_unbiased(key: str, size: int) -> None:
    """The error of 20,000 batches' mean, in units of its known covariance, is below chi-squared's 99.9 % point."""
    start, count = SURFACES[key].start, 20_000 // size
    slopes = example_gradients(key, start)
    away = batch_gradients(key, start, size=size, count=count, seed=5).mean(axis=0) - slopes.mean(axis=0)
    covariance = np.cov(slopes.T, bias=True) / (size * count)
    assert away @ np.linalg.solve(covariance, away) < chi2.ppf(0.999, 2)


def test_the_covariance_is_that_of_one_example_over_the_size() -> None:
    key, start = "diabetes_regression", SURFACES["diabetes_regression"].start
    one = np.cov(example_gradients(key, start).T, bias=True)
    for size in (1, 7, 50):
        drawn = batch_gradients(key, start, size=size, count=20_000, seed=size)
        # Four standard errors of a variance whose kurtosis is well below ten.
        np.testing.assert_allclose(np.diag(np.cov(drawn.T)), np.diag(one) / size, rtol=4 * np.sqrt(9 / 20_000))


def test_a_batch_repeats_exactly_for_a_seed() -> None:
    how = {"size": 5, "count": 50}
    first = batch_gradients("iris_logistic", (0, 0), seed=3, **how)
    np.testing.assert_array_equal(first, batch_gradients("iris_logistic", (0, 0), seed=3, **how))
    assert not np.array_equal(first, batch_gradients("iris_logistic", (0, 0), seed=4, **how))


def test_the_region_holds_the_mean_as_often_as_it_says() -> None:
    """2000 normal samples of 10: the count inside lies between the 0.1 % and 99.9 % points of the binomial."""
    random = np.random.default_rng(0)
    factor, mean = np.array([[2, 0], [1, 0.3]]), np.array([1.0, -2.0])
    for confidence in (0.5, 0.95):
        regions = (confidence_region(mean + random.normal(size=(10, 2)) @ factor.T, confidence) for _ in range(2000))
        held = sum(region.distance(mean) <= region.bound for region in regions)
        low, high = binom.ppf([0.001, 0.999], 2000, confidence)
        assert low <= held <= high


def test_the_outline_is_where_the_region_ends() -> None:
    region = confidence_region(np.random.default_rng(1).normal(size=(30, 2)))
    for point in region.outline(13):
        assert region.distance(point) == pytest.approx(region.bound, rel=1e-9)
    assert region.distance(region.mean) == 0


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "inverse_time"])
def test_a_run_of_the_ensemble_is_the_engines(schedule: str) -> None:
    key = "generated_logistic"
    how = {"steps": 250, "batch_size": 7, "learning_rate": 1.5}
    (runs,) = ensemble(key, "gd", seeds=3, schedules=[schedule], **how)
    for seed in range(3):
        one = descend(key, "gd", seed=seed, schedule=schedule, **how)
        np.testing.assert_allclose(runs[seed], one.points, rtol=1e-10)


def test_draws_are_even() -> None:
    """The examples drawn over 300 steps against the even distribution, at 99.9 % confidence."""
    rows = np.concatenate([np.asarray(draw(0, block, 100)["rows"]).ravel() for block in range(3)])
    assert rows.min() == 0 and rows.max() == 99
    counts = np.bincount(rows, minlength=100)
    assert ((counts - 300) ** 2 / 300).sum() < chi2.ppf(0.999, 99)
    # One step's draws say nothing about the next one's.
    table = np.asarray(draw(0, 0, 100)["rows"], float)
    pairs = np.corrcoef(table[:-1].ravel(), table[1:].ravel())[0, 1]
    assert abs(pairs) < 3.3 / np.sqrt(table[1:].size)


@pytest.mark.parametrize(("central", "order"), [(False, 1), (True, 2)])
@pytest.mark.parametrize("key", ["iris_logistic", "rosenbrock"])
def test_the_error_of_a_difference_is_of_its_order(key: str, central: bool, order: int) -> None:
    start = find_surface(key).start
    widths = np.geomspace(1e-4, 1e-2, 9)
    errors = np.linalg.norm(differences(key, start, widths, central=central) - gradient(key, start), axis=1)
    assert np.polyfit(np.log(widths), np.log(errors), 1)[0] == pytest.approx(order, abs=0.02)


def test_only_means_over_examples_have_batches() -> None:
    for ask in (
        lambda: example_gradients("sphere", (1, 1)),
        lambda: ensemble("sphere", "gd", steps=10, batch_size=1, seeds=2),
    ):
        with pytest.raises(ValueError, match="sphere is no mean over examples"):
            ask()
    for size in (0, 2.5, 101, np.nan):
        with pytest.raises(ValueError, match="batch_size must be"):
            batch_gradients("iris_logistic", (0, 0), size=size, count=3)
