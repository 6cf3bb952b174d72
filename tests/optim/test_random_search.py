"""The same bowl solved with a gradient and without: what that costs as its dimensions grow."""

import numpy as np
import pytest
from scipy.special import gammaln
from scipy.stats import mannwhitneyu

from landscapes.balls import median_interval
from optim.random_search import RUNS, SEARCHES, TOLERANCE, bowl, curvatures, evaluations, target


def solved_share(n: int) -> float:
    """Share of the cube where the bowl counts as solved: an ellipsoid, as long as it fits in."""
    axes = np.sqrt(2 * target(n) / curvatures(n))
    assert (axes < 1).all()
    return float(np.exp(n / 2 * np.log(np.pi) - gammaln(n / 2 + 1)) * np.prod(axes / 2))


def test_the_target_is_a_share_of_the_mean() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (100_000, 5))
    assert target(5) == pytest.approx(TOLERANCE * bowl(x).mean(), rel=0.01)


@pytest.mark.parametrize("n", range(2, 9))
def test_random_points_need_what_the_volume_says(n: int) -> None:
    # The number of draws is geometric; all seven medians lie in their 99.9 % interval, of 1000 simulated medians.
    needed = evaluations("uniform", n)
    medians = np.median(np.random.default_rng(n).geometric(solved_share(n), (2000, RUNS)), axis=1)
    low, high = np.quantile(medians, [0.0005, 0.9995])
    assert low <= np.median(needed) <= high


def test_random_points_cost_more_with_every_dimension() -> None:
    # Each larger than the last but one, with 99.9 % confidence.
    for n in range(4, 9):
        test = mannwhitneyu(evaluations("uniform", n), evaluations("uniform", n - 2), alternative="greater")
        assert test.pvalue < 1e-3


def test_gradient_descent_costs_no_more_with_dimensions() -> None:
    ends = [median_interval(evaluations("descent", n)) for n in (8, 64, 256)]
    assert all(median <= 8 for median, _, _ in ends)
    assert ends[2][0] <= ends[0][0]


def test_random_steps_cost_in_proportion_to_the_dimensions() -> None:
    cost = {n: median_interval(evaluations("stepwise", n))[0] for n in (16, 64, 256)}
    assert 3 < cost[64] / cost[16] < 5 and 3 < cost[256] / cost[64] < 5


def test_in_eight_dimensions_the_gradient_wins_a_thousandfold() -> None:
    _, low, _ = median_interval(evaluations("uniform", 8))
    _, _, high = median_interval(evaluations("descent", 8))
    # From the ends of two 95 % intervals.
    assert low > 1000 * high


def test_differences_pay_for_every_coordinate() -> None:
    assert (evaluations("differences", 7) == 8 * evaluations("descent", 7)).all()


@pytest.mark.parametrize("search", SEARCHES)
def test_a_search_repeats_and_ends(search: str) -> None:
    first = evaluations(search, 3)
    assert first.shape == (RUNS,) and np.isfinite(first).all()
    assert (SEARCHES[search](3, 0) == first).all()


def test_an_unknown_search_is_refused() -> None:
    with pytest.raises(KeyError):
        evaluations("prayer", 2)
