"""Random symmetric matrices of the Gaussian orthogonal ensemble: their eigenvalues, and how often none is negative."""

from typing import NamedTuple

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import binomtest

from landscapes.shared import shared

Floats = NDArray[np.float64]

RATE = float(np.log(3) / 4)
"""−ln P / n² in the limit of large n, for the probability P that all n eigenvalues are positive.

Source: Dean and Majumdar, Large Deviations of Extreme Eigenvalues of Random Matrices, Phys. Rev. Lett. 97, 2006.
"""
BLOCK = 1_000_000
"""Entries drawn at once."""
MOST = 16
"""Largest n for which `probability` keeps six digits."""
FAR = 14.0
"""Standard deviations beyond which the weight e^(−x²/2) is left out of the integrals."""
PIECES, NODES = 70, 16
"""Pieces of the range of integration, and nodes of Gauss and Legendre's rule in each."""


class Share(NamedTuple):
    """`hits` among `samples`, and the 95 % confidence interval of the probability behind them, exact for any count.

    Source of the interval: Clopper and Pearson, Biometrika 26, 1934.
    """

    hits: int
    samples: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share of hits."""
        return self.hits / self.samples


def share(hits: int, samples: int) -> Share:
    """`hits` among `samples` with the interval; ``ValueError`` without samples or with more hits than those."""
    interval = binomtest(hits, samples).proportion_ci(0.95, method="exact")
    return Share(hits, samples, float(interval.low), float(interval.high))


def gaussian_matrices(n: int, count: int, seed: int) -> Floats:
    """`count` symmetric matrices (count, n, n) with independent normal entries: variance 1/n, and 2/n on the diagonal.

    The distribution is the same in every rotated frame. For large n the eigenvalues fill a semicircle over −2 … 2.
    """
    raw = np.random.default_rng((seed, n)).standard_normal((count, n, n))
    return np.asarray((raw + raw.transpose(0, 2, 1)) / np.sqrt(2 * n), np.float64)


def semicircle(x: Floats) -> Floats:
    """Density of the eigenvalues for large n at the points `x`, any shape. Source: Wigner, Ann. Math. 67, 1958."""
    return np.asarray(np.sqrt(np.maximum(4 - np.square(x), 0)) / (2 * np.pi), np.float64)


@shared(128)
def sampled(n: int, samples: int, seed: int = 0) -> Share:
    """How many of `samples` matrices of size n have positive eigenvalues only."""
    hits = 0
    piece = BLOCK // n**2
    for block, first in enumerate(range(0, samples, piece)):
        matrices = gaussian_matrices(n, min(piece, samples - first), seed + 1009 * block)
        hits += _positive(matrices)
    return share(hits, samples)


def _positive(matrices: Floats) -> int:
    """How many matrices (N, n, n) are positive definite: those whose pivots in Gaussian elimination all are positive.

    Eliminating only what is left over after each pivot is much less work than all the eigenvalues.
    """
    while matrices.shape[1]:
        matrices = matrices[matrices[:, 0, 0] > 0]
        column = matrices[:, 1:, 0]
        # The pivot's own row and column go; what they explain is taken off the rest.
        explained = column[:, :, None] * column[:, None, :] / matrices[:, :1, :1]
        matrices = matrices[:, 1:, 1:] - explained
    return len(matrices)


@shared(MOST)
def probability(n: int) -> float:
    """Probability that all n eigenvalues are positive, by integration, to six digits; ``ValueError`` beyond `MOST`.

    The eigenvalues' joint density is ∏|λᵢ − λⱼ| ∏e^(−λᵢ²/2), up to a factor. Its integral over positive numbers is n!
    times the Pfaffian of double integrals; over all numbers it is Mehta's integral.
    Source: de Bruijn, On Some Multiple Integrals Involving Determinants, 1955; Mehta, Random Matrices, 2004,
    chapter 17.
    """
    if not 1 <= n <= MOST:
        raise ValueError(f"n = {n} is not from 1 to {MOST}")
    nodes, weights = leggauss(NODES)
    half = FAR / PIECES / 2
    x = (half * (nodes + 1) + 2 * half * np.arange(PIECES)[:, None]).ravel()
    mass = np.tile(half * weights, PIECES) * np.exp(-(x**2) / 2)
    polynomials, scales = _orthonormal(n, x, mass)
    upto = _running(polynomials * np.exp(-(x**2) / 2), nodes, half)
    whole = polynomials @ mass
    # ∬ sign(y − x) p(x) q(y) = ∫ p(x) (∫ q − 2 ∫ q up to x)
    skew = (polynomials * mass) @ (whole[:, None] - 2 * upto).T
    skew = (skew - skew.T) / 2
    if n % 2:
        skew = np.block([[skew, whole[:, None]], [-whole[None], np.zeros((1, 1))]])
    log_pfaffian = float(np.linalg.slogdet(skew)[1]) / 2 + float(np.log(scales).sum())
    j = np.arange(1, n + 1)
    log_all = n / 2 * np.log(2 * np.pi) + float((gammaln(1 + j / 2) - gammaln(1.5)).sum())
    return float(np.exp(gammaln(n + 1) + log_pfaffian - log_all))


def _orthonormal(n: int, x: Floats, mass: Floats) -> tuple[Floats, Floats]:
    """n polynomials at the points x (m,), orthonormal under the weights `mass` (m,), and each one's norm while monic.

    Monomials would do, but in 64 bits they look alike from n = 10 on. Source: Stieltjes' procedure, twice for rounding.
    """
    rows: list[Floats] = []
    norms: list[float] = []
    for k in range(n):
        new = np.ones_like(x) if k == 0 else x * rows[-1]
        for _ in range(2):
            for row in rows:
                new = new - (new * row * mass).sum() * row
        norm = float(np.sqrt((new**2 * mass).sum()))
        norms.append(norm * (norms[-1] if norms else 1.0))
        rows.append(new / norm)
    return np.array(rows), np.array(norms)


def _running(values: Floats, nodes: Floats, half: float) -> Floats:
    """The integral of `values` (n, m) from 0 up to each of the m points, exact for polynomials within a piece."""
    vandermonde = np.polynomial.legendre.legvander(nodes, NODES - 1)
    coefficients = np.linalg.solve(vandermonde, values.reshape(-1, NODES).T)
    antiderivatives = np.polynomial.legendre.legint(coefficients, lbnd=-1)
    inside = half * np.polynomial.legendre.legval(nodes, antiderivatives)
    ends = half * np.polynomial.legendre.legval(1.0, antiderivatives)
    before = np.cumsum(ends.reshape(len(values), -1), axis=1) - ends.reshape(len(values), -1)
    integral: Floats = (inside.reshape(len(values), PIECES, NODES) + before[:, :, None]).reshape(len(values), -1)
    return integral
