"""A random function: its derivatives, its critical points, and their kinds against what theory expects."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import fisher_exact

from landscapes.random_function import (
    EXPECTED,
    Critical,
    box_side,
    critical_points,
    density,
    expected_index,
    expected_kinds,
    height,
    random_function,
)

SPACES = (2, 3, 4, 5, 6)
FUNCTIONS = (0, 1)


def pooled(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Heights and indices of the critical points of several functions."""
    found = [critical_points(n, seed) for seed in FUNCTIONS]
    return np.concatenate([f.values for f in found]), np.concatenate([f.negative for f in found])


@pytest.mark.parametrize("n", SPACES)
def test_every_point_found_is_critical(n: int) -> None:
    found, waves = critical_points(n, 0), random_function(n, 0)
    gradients = jax.vmap(jax.grad(lambda x: height(waves, x)))(jnp.asarray(found.points))
    assert np.abs(gradients).max() < 1e-9
    assert ((found.points >= 0) & (found.points <= found.side)).all()
    assert (np.diff(found.values) >= 0).all()
    assert found.hits.min() >= 1
    # Each once.
    distances = np.linalg.norm(found.points[:, None] - found.points, axis=2) + np.eye(len(found.points))
    assert distances.min() > 1e-5


def test_hessians_are_those_of_a_difference_quotient() -> None:
    found, waves = critical_points(3, 1), random_function(3, 1)
    for index in (0, 40):
        x, step = found.points[index], 1e-4
        slopes = [
            jax.grad(height, 1)(waves, jnp.asarray(x + e)) - jax.grad(height, 1)(waves, jnp.asarray(x - e))
            for e in step * np.eye(3)
        ]
        assert np.linalg.eigvalsh(np.array(slopes) / (2 * step)) == pytest.approx(found.eigenvalues[index], abs=1e-6)


@pytest.mark.parametrize("n", SPACES)
def test_few_points_are_missed(n: int) -> None:
    found = critical_points(n, 0)
    assert found.missed < 0.06
    # As many as expected, within half: the count of one box varies.
    assert 0.5 * EXPECTED < len(found.values) < 1.5 * EXPECTED


def test_missed_counts_the_points_met_once() -> None:
    found = Critical(1.0, np.zeros((3, 1)), np.zeros(3), np.ones((3, 1)), np.array([1, 1, 8]))
    assert found.missed == 0.2


def test_in_two_dimensions_half_are_saddles() -> None:
    # Minima and maxima together are as many as saddles: Morse's relation for a surface without a border.
    low, saddles, high = expected_kinds(2)
    assert (low, saddles, high) == pytest.approx((0.25, 0.5, 0.25), abs=0.015)


def test_in_one_dimension_the_density_is_rices() -> None:
    # √(λ₄/λ₂)/π with the spectral moments 3 and 1: Rice, Bell System Technical Journal 24, 1945.
    assert density(1) == pytest.approx(np.sqrt(3) / np.pi, rel=0.02)
    assert box_side(1) == pytest.approx(EXPECTED / density(1))


@pytest.mark.parametrize("n", SPACES)
def test_kinds_alternate_to_nothing(n: int) -> None:
    # The alternating sum of the counts of all kinds is zero on a torus, and so is that of their densities.
    kinds = np.array(expected_kinds(n))
    assert kinds.sum() == pytest.approx(1)
    assert abs((kinds * (-1.0) ** np.arange(n + 1)).sum()) < 0.03
    assert kinds == pytest.approx(kinds[::-1])


@pytest.mark.parametrize("n", SPACES)
def test_low_ones_are_minima_and_high_ones_are_not(n: int) -> None:
    values, index = pooled(n)
    order = np.argsort(values)
    tenth = len(order) // 10
    low, high = index[order[:tenth]] / n, index[order[-tenth:]] / n
    assert low.mean() < 0.25 and high.mean() > 0.75
    # With 99.9 % confidence: a point of the lower half has fewer negative eigenvalues than one of the upper half.
    half = len(order) // 2
    fewer = [(2 * index[part] < n).sum() for part in (order[:half], order[half:])]
    table = [[fewer[0], half - fewer[0]], [fewer[1], len(order) - half - fewer[1]]]
    assert fisher_exact(table, alternative="greater").pvalue < 1e-3


@pytest.mark.parametrize("n", SPACES)
def test_the_index_follows_the_theory(n: int) -> None:
    values, index = pooled(n)
    heights = tuple(np.linspace(-4, 4, 81).round(3).tolist())
    theory = np.interp(values, heights, expected_index(n, heights))
    # 99.9 % for each of the spaces, were points independent; twice that, because neighbours are not.
    residual = index / n - theory
    assert abs(residual.mean()) < 2 * 3.3 * residual.std() / np.sqrt(len(residual))
    assert np.corrcoef(index / n, theory)[0, 1] > 0.7
    # Nor does the height leave a trend: a fifth of the theory's slope at most.
    slope = np.polyfit(values, residual, 1)[0]
    assert abs(slope) < 0.2 * np.polyfit(values, theory, 1)[0]


def test_the_theory_rises_with_the_height() -> None:
    found = expected_index(4, (-3.0, -1.0, 0.0, 1.0, 3.0))
    assert (np.diff(found) > 0.05).all()
    assert found[2] == pytest.approx(0.5, abs=0.02)


def test_saddles_for_each_minimum_multiply() -> None:
    ratios = [sum(expected_kinds(n)[1:-1]) / expected_kinds(n)[0] for n in range(2, 9)]
    factors = np.divide(ratios[1:], ratios[:-1])
    assert (factors > 2).all()


def test_the_function_has_variance_one_and_repeats() -> None:
    waves = random_function(3, 4)
    x = np.random.default_rng(0).uniform(-100, 100, (20_000, 3))
    values = np.asarray(jax.vmap(height, (None, 0))(waves, jnp.asarray(x)))
    assert values.mean() == pytest.approx(0, abs=0.05) and values.var() == pytest.approx(1, abs=0.05)
    assert (random_function(3, 4).phases == waves.phases).all()
    assert (random_function(3, 5).phases != waves.phases).any()
