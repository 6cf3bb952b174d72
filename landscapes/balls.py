"""Distances and volumes in n dimensions: where a ball has its volume, how far apart random points are."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import binom

Floats = NDArray[np.float64]

REPEATS = 200
"""Independent clouds of points."""


def shell(n: int, thickness: float) -> float:
    """Share of a ball's volume within `thickness` (from 0 to 1, in radii) of its surface: 1 − (1 − thickness)ⁿ."""
    # Digits would be lost in 1 − (1 − t)ⁿ for thin shells.
    return 1.0 if thickness >= 1 else float(-np.expm1(n * np.log1p(-thickness)))


def in_cube(n: int) -> float:
    """Share of a cube's volume in the largest ball inside it."""
    return float(np.exp(n / 2 * np.log(np.pi) - gammaln(n / 2 + 1) - n * np.log(2)))


def ball(n: int, count: int, seed: int) -> Floats:
    """`count` points (count, n), uniform in the ball of radius 1: points of a sphere with two coordinates left out.

    Source: Barthe, Guédon, Mendelson and Naor, A Probabilistic Approach to the Geometry of the ℓp-Ball, 2005.
    """
    normal = np.random.default_rng((seed, n)).standard_normal((count, n + 2))
    return np.asarray(normal / np.linalg.norm(normal, axis=1, keepdims=True), np.float64)[:, :n]


class Distances(NamedTuple):
    """Of `REPEATS` clouds each: nearest to farthest distance from a point to the others, and their mean (REPEATS,)."""

    ratio: Floats
    mean: Floats


@lru_cache(maxsize=256)
def distances(n: int, points: int, seed: int = 0) -> Distances:
    """Distances from one random point of the unit cube to `points` others, again and again.

    Source: Beyer, Goldstein, Ramakrishnan and Shaft, When Is "Nearest Neighbor" Meaningful?, ICDT 1999.
    """
    random = np.random.default_rng((seed, n, points))
    found = []
    for _ in range(REPEATS):
        others = random.random((points, n), dtype=np.float32) - random.random(n, dtype=np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", others, others))
        found.append((lengths.min() / lengths.max(), lengths.mean()))
    ratio, mean = np.array(found, np.float64).T
    return Distances(ratio, mean)


def median_interval(values: Floats) -> tuple[float, float, float]:
    """Median of a sample (N,) with the 95 % confidence interval between two of its order statistics.

    Holds for any distribution, infinite values included. ``ValueError`` for fewer than 6 values, which cannot give one.
    Source: Conover, Practical Nonparametric Statistics, 1999, section 3.2.
    """
    ordered, count = np.sort(values), len(values)
    if count < 6:
        raise ValueError(f"{count} values give no interval for the median")
    # The median lies below the k-th smallest value when fewer than k lie below it.
    below = int(binom.ppf(0.025, count, 0.5))
    return float(np.quantile(ordered, 0.5, method="inverted_cdf")), float(ordered[below - 1]), float(ordered[-below])
