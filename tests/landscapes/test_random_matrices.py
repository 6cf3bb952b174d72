"""Random symmetric matrices: the probability that no eigenvalue is negative, by three independent ways."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import kstest

from landscapes.random_matrices import MOST, RATE, _positive, gaussian_matrices, probability, sampled, semicircle, share


@pytest.mark.parametrize(
    ("n", "exact"), [(1, 1 / 2), (2, (2 - np.sqrt(2)) / 4), (3, (np.pi - 2 * np.sqrt(2)) / (4 * np.pi))]
)
def test_the_integral_is_the_closed_form_where_there_is_one(n: int, exact: float) -> None:
    assert probability(n) == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("n", range(1, 7))
def test_samples_agree_with_the_integral(n: int) -> None:
    # 99 % over all six: each sample is within the interval of a binomial test at 1/600.
    found = sampled(n, 200_000, seed=5)
    deviation = abs(found.hits - 200_000 * probability(n))
    assert deviation <= 3.2 * np.sqrt(200_000 * probability(n)) + 1
    assert found.samples == 200_000


def test_minima_are_rarer_than_heads_of_coins() -> None:
    # With 95 % confidence at each size, and so surely where the upper ends lie below.
    for n in range(2, 7):
        assert sampled(n, 200_000).high < 0.5**n


def test_the_exponent_grows_at_the_known_rate() -> None:
    exponents = [-np.log(probability(n)) for n in range(1, MOST + 1)]
    second = np.diff(exponents, 2)
    # The second difference of (ln 3 / 4) n² is ln 3 / 2.
    assert second[0] == pytest.approx(2 * RATE, rel=0.02) and second[-1] == pytest.approx(2 * RATE, rel=5e-4)
    assert (np.diff(np.abs(second - 2 * RATE)) < 0).all()


def test_each_step_costs_more_than_the_one_before() -> None:
    ratios = [probability(n - 1) / probability(n) for n in range(2, MOST + 1)]
    assert all(after / before == pytest.approx(np.sqrt(3), rel=0.01) for before, after in pairwise(ratios))


@pytest.mark.parametrize("n", [0, MOST + 1])
def test_a_size_out_of_range_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match=str(n)):
        probability(n)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_pivots_tell_what_eigenvalues_tell(n: int) -> None:
    matrices = gaussian_matrices(n, 5000, 3) + 0.8 * np.eye(n)
    positive = (np.linalg.eigvalsh(matrices) > 0).all(axis=1).sum()
    assert 0 < positive < 5000
    assert _positive(matrices) == positive


def test_entries_have_their_variances() -> None:
    matrices = gaussian_matrices(4, 50_000, 0)
    assert (matrices == matrices.transpose(0, 2, 1)).all()
    # Within five standard errors of a variance.
    assert matrices[:, 0, 1].var() == pytest.approx(1 / 4, rel=5 * np.sqrt(2 / 50_000))
    assert matrices[:, 2, 2].var() == pytest.approx(2 / 4, rel=5 * np.sqrt(2 / 50_000))


def test_a_large_matrix_fills_the_semicircle() -> None:
    values = np.linalg.eigvalsh(gaussian_matrices(400, 1, 0)[0])

    def below(x: np.ndarray) -> np.ndarray:
        x = np.clip(x, -2, 2)
        return 0.5 + x * np.sqrt(4 - x**2) / (4 * np.pi) + np.arcsin(x / 2) / np.pi

    # Eigenvalues repel each other and lie more evenly than independent numbers would (0.068 at 95 %).
    assert kstest(values, below).statistic < 0.01
    x = np.linspace(-2.5, 2.5, 5001)
    assert np.trapezoid(semicircle(x), x) == pytest.approx(1, abs=1e-4)
    assert semicircle(np.array([-2.1, 3])) == pytest.approx([0, 0])


def test_an_interval_holds_its_share() -> None:
    assert share(0, 100).low == 0 and share(0, 100).high == pytest.approx(1 - 0.025 ** (1 / 100))
    assert share(7, 20).low < share(7, 20).value == 0.35 < share(7, 20).high
    with pytest.raises(ValueError):
        share(3, 2)


def test_a_sample_repeats() -> None:
    assert sampled(3, 5000, seed=1) == sampled.__wrapped__(3, 5000, seed=1)
    assert sampled(3, 5000, seed=1) != sampled(3, 5000, seed=2)
