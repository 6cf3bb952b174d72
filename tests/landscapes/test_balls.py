"""Distances and volumes in many dimensions."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import kstest

from landscapes.balls import ball, distances, in_cube, median_interval, shell


def test_the_shell_is_the_difference_of_two_balls() -> None:
    assert shell(3, 0.1) == pytest.approx(1 - 0.9**3)
    assert shell(1, 0.25) == pytest.approx(0.25)
    assert shell(5, 1) == 1
    assert shell(10, 1e-18) == pytest.approx(1e-17)


def test_the_ball_in_a_cube() -> None:
    assert in_cube(1) == pytest.approx(1) and in_cube(2) == pytest.approx(np.pi / 4)
    assert in_cube(3) == pytest.approx(np.pi / 6)
    assert in_cube(200) < 1e-150


@pytest.mark.parametrize("n", [1, 2, 3, 20])
def test_points_of_the_ball_are_uniform(n: int) -> None:
    points = ball(n, 5000, 7)
    radii = np.linalg.norm(points, axis=1)
    # In the uniform ball the n-th power of the radius is uniform; rejected at 1 ‰.
    assert kstest(radii**n, "uniform").pvalue > 1e-3
    assert np.abs(points.mean(axis=0)).max() < 5 / np.sqrt(5000 * (n + 2))


def test_the_nearest_is_almost_as_far_as_the_farthest() -> None:
    spaces = (2, 10, 50, 200)
    intervals = [median_interval(distances(n, 100).ratio) for n in spaces]
    # Each 95 % interval of the median lies above the one before.
    assert all(before[2] < after[1] for before, after in pairwise(intervals))
    assert intervals[0][0] < 0.1 and intervals[-1][0] > 0.8


@pytest.mark.parametrize("n", [20, 100, 200])
def test_distances_grow_like_the_root(n: int) -> None:
    assert distances(n, 100).mean.mean() == pytest.approx(np.sqrt(n / 6), rel=0.02)


def test_an_interval_of_the_median_holds_it_as_often_as_it_says() -> None:
    random = np.random.default_rng(11)
    held = 0
    for _ in range(1000):
        _, low, high = median_interval(random.exponential(size=41))
        held += low <= np.log(2) <= high
    # At least 95 %, with 99.9 % confidence: three standard errors below are still allowed.
    assert held >= 950 - 3 * np.sqrt(1000 * 0.95 * 0.05)


def test_an_interval_takes_infinite_values_and_refuses_too_few() -> None:
    assert median_interval(np.array([1, 2, 3, 4, 5, np.inf, np.inf])) == (4, 1, np.inf)
    with pytest.raises(ValueError, match="5 values"):
        median_interval(np.arange(5.0))
