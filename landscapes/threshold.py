"""The three-node network of threshold units, small enough to be searched exhaustively, and its sigmoid relaxation."""

from dataclasses import dataclass
from functools import partial
from itertools import combinations
from math import comb
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray
from scipy.optimize import linprog

MOST_POINTS, MOST_INPUTS = 14, 5
"""Of an instance: the search over both hidden units takes up to 23 million candidates there."""
PARALLEL = 1e-9
"""Distances below this share of the largest one are not told from zero."""

TRIES = 40

Floats = NDArray[np.float64]
Masks = NDArray[np.uint32]


def cover_count(points: int, inputs: int) -> int:
    """How many of the 2^m labellings of m points in general position in n dimensions one threshold unit can produce.

    Source: T. M. Cover, IEEE Transactions on Electronic Computers EC-14(3), 1965.
    """
    return 2 * sum(comb(points - 1, k) for k in range(inputs + 1))


def search_size(points: int, inputs: int) -> int:
    """How many networks `exhaustive` tries: every pair of hidden units, joined by AND and by OR."""
    units = cover_count(points, inputs)
    return units * (units + 1)


def bits(labels: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Labels (…, m) as numbers (…), the first label being the lowest bit."""
    return np.asarray((labels.astype(np.uint32) << np.arange(labels.shape[-1], dtype=np.uint32)).sum(-1), np.uint32)


def labels_of(mask: int, points: int) -> NDArray[np.bool_]:
    """The inverse of `bits` for one number: (m,)."""
    return np.asarray((int(mask) >> np.arange(points)) & 1, bool)


def _check(points: Floats, labels: NDArray[np.bool_] | None = None) -> tuple[int, int]:
    shape = np.shape(points)
    if len(shape) != 2 or not (1 <= shape[0] <= MOST_POINTS and 1 <= shape[1] <= MOST_INPUTS):
        raise ValueError(f"points must be (m, n) with m ≤ {MOST_POINTS} and n ≤ {MOST_INPUTS}, not {shape}")
    if not np.isfinite(points).all():
        raise ValueError("points must be finite")
    if labels is not None and np.shape(labels) != shape[:1]:
        raise ValueError(f"there must be one label for each of {shape[0]} points, not {np.shape(labels)}")
    return shape[0], shape[1]


def dichotomies(points: Floats) -> Masks:
    """Every labelling of points (m, n) that one threshold unit can produce, as `bits` (D,), ascending.

    A separating hyperplane can be moved until it holds n of the points, which may then go to either side: all choices
    of n points are tried. ``ValueError`` where the points are not in general position, too many, or not finite.
    """
    m, n = _check(points)
    if m <= n + 1:
        found = np.arange(1 << m, dtype=np.uint32)
        if np.linalg.matrix_rank(points[1:] - points[0], tol=PARALLEL) < m - 1:
            raise ValueError("points must be in general position")
        return found
    raised = np.column_stack([points, np.ones(m)])
    chosen = np.array(list(combinations(range(m), n)))
    normals = np.linalg.svd(raised[chosen])[2][:, -1]
    sides = normals @ raised.T
    held = np.zeros(sides.shape, bool)
    np.put_along_axis(held, chosen, True, axis=1)
    if (np.abs(sides[~held]) <= PARALLEL * np.abs(sides).max()).any():
        raise ValueError("points must be in general position")
    either = ((np.arange(1 << n)[:, None] >> np.arange(n)) & 1).astype(np.uint32)
    on_plane = (either[None] << chosen[:, None].astype(np.uint32)).sum(-1, dtype=np.uint32)
    ends = [bits((sides * sign > 0) & ~held)[:, None] | on_plane for sign in (1, -1)]
    found = np.unique(np.concatenate(ends))
    if len(found) != cover_count(m, n):
        raise ValueError("points must be in general position")
    return found


@dataclass(frozen=True)
class Search:
    """The best network: examples it gets `wrong`, its two hidden `units` as masks, its output `gate`, AND or OR, and
    how many `candidates` were tried. `single` is how many the best single unit gets wrong."""

    wrong: int
    units: tuple[int, int]
    gate: str
    candidates: int
    single: int


def exhaustive(points: Floats, labels: NDArray[np.bool_]) -> Search:
    """The three-node threshold network with the fewest wrong labels (m,) on points (m, n), found by trying them all.

    The units that `dichotomies` lists include the opposite of each: AND and OR are then all output units there are,
    up to those that look at one hidden unit only, which two equal ones stand for. Errors as there.

    Source: Blum and Rivest, Neural Networks 5(1), 1992, for the network.
    """
    m, _ = _check(points, labels)
    units, wanted = dichotomies(points), bits(np.asarray(labels, bool))
    best = (m + 1, 0, 0, "AND")
    for i, unit in enumerate(units):
        for gate, outputs in (("AND", unit & units[i:]), ("OR", unit | units[i:])):
            wrong = np.bitwise_count(outputs ^ wanted)
            j = int(wrong.argmin())
            if wrong[j] < best[0]:
                best = (int(wrong[j]), int(unit), int(units[i + j]), gate)
    single = int(np.bitwise_count(units ^ wanted).min())
    return Search(best[0], best[1:3], best[3], len(units) * (len(units) + 1), single)


@dataclass(frozen=True, eq=False)
class Separation:
    """A single threshold unit by linear programming: `weights` (n,) and `bias`, the total `slack`, 0 where the unit
    labels every point as wanted, and the `iterations` of the solver."""

    weights: Floats
    bias: float
    slack: float
    iterations: int

    @property
    def exact(self) -> bool:
        """True where the points are linearly separable."""
        return self.slack < 1e-6


def separate(points: Floats, labels: NDArray[np.bool_]) -> Separation:
    """The unit with the least total slack ξ ≥ 0 in y(w·x + b) ≥ 1 − ξ: a linear programme, solved by HiGHS.

    Points (m, n) of any number, labels (m,). Linear programmes are solved in polynomial time (Khachiyan, 1979); the
    simplex method that HiGHS chooses here is fast in practice without that guarantee. ``ValueError`` where the shapes
    do not fit or a point is not finite; ``RuntimeError`` where the solver gives up.

    Source: O. L. Mangasarian, Operations Research 13(3), 1965; Huangfu and Hall, 2018, for HiGHS.
    """
    points, wanted = np.asarray(points, np.float64), np.where(labels, 1.0, -1.0)
    if points.ndim != 2 or wanted.shape != points.shape[:1] or not np.isfinite(points).all():
        raise ValueError(f"points must be finite (m, n) and labels (m,), not {points.shape} and {wanted.shape}")
    m, n = points.shape
    rows = np.column_stack([-wanted[:, None] * points, -wanted, -np.eye(m)])
    bounds = [(None, None)] * (n + 1) + [(0, None)] * m
    costs = np.concatenate([np.zeros(n + 1), np.ones(m)])
    answer: Any = linprog(costs, A_ub=rows, b_ub=-np.ones(m), bounds=bounds, method="highs-ds")
    if answer.status != 0:
        raise RuntimeError(f"the linear programme was not solved: {answer.message}")
    return Separation(answer.x[:n], float(answer.x[n]), float(answer.fun), int(answer.nit))


@dataclass(frozen=True, eq=False)
class Training:
    """Gradient descent from several starts: `wrong` (R,) labels of the hardened networks, `units` (R, 2) as masks, and
    the `losses` (R,) of the sigmoid networks; `evaluations` of the gradient by each run."""

    wrong: NDArray[np.int64]
    units: Masks
    losses: Floats
    evaluations: int


def network_loss(weights: Array, points: Array, labels: Array, present: Array) -> Array:
    """Mean cross-entropy of the three-node network with sigmoid units: weights (3, n + 1) of two hidden units and of
    the output, which uses the first two and the last; points (m, n), labels (m,) and `present` (m,) are 0 or 1."""
    hidden = jax.nn.sigmoid(points @ weights[:2, :-1].T + weights[:2, -1])
    logits = hidden @ weights[2, :2] + weights[2, -1]
    losses = jnp.logaddexp(0, logits) - labels * logits
    return jnp.asarray(jnp.sum(present * losses) / jnp.sum(present))


@partial(jax.jit, static_argnames=("steps",))
def _descend(weights: Array, points: Array, labels: Array, present: Array, rate: float, steps: int) -> Any:
    def step(_: Array, w: Array) -> Any:
        slopes = jax.vmap(jax.grad(network_loss), (0, None, None, None))(w, points, labels, present)
        return w - rate * slopes

    ends: Array = jax.lax.fori_loop(0, steps, step, weights)
    losses = jax.vmap(network_loss, (0, None, None, None))(ends, points, labels, present)
    return ends, losses


def train(
    points: Floats, labels: NDArray[np.bool_], *, restarts: int, steps: int = 500, rate: float = 4.0, seed: int = 0
) -> Training:
    """Full-batch gradient descent on `network_loss` from `restarts` normal starts; then each hidden unit is replaced by
    the threshold unit with its weights, and the output by the threshold unit that is right most often. Errors as in
    `exhaustive`."""
    m, n = _check(points, labels)
    # One shape for all instances is one compilation: what is missing gets inputs of 0 and no share in the loss.
    padded = np.zeros((MOST_POINTS, MOST_INPUTS), np.float32)
    padded[:m, :n] = points
    wanted, present = np.zeros(MOST_POINTS, np.float32), np.zeros(MOST_POINTS, np.float32)
    wanted[:m], present[:m] = labels, 1
    starts = 2 * np.random.default_rng(seed).standard_normal((restarts, 3, MOST_INPUTS + 1))
    ends, losses = _descend(starts.astype(np.float32), padded, wanted, present, rate, steps)
    found = np.asarray(ends)
    hidden = np.einsum("rkn,mn->rkm", found[:, :2, :n], points) + found[:, :2, -1:] > 0
    wrong = np.array([_best_output(pair, np.asarray(labels, bool)) for pair in hidden])
    return Training(wrong, bits(hidden), np.asarray(losses, np.float64), steps)


_OUTPUTS = np.array([table for table in range(16) if table not in (0b0110, 0b1001)])
"""The truth tables of two inputs that a threshold unit has: all but exclusive or and its opposite."""


def _best_output(hidden: NDArray[np.bool_], labels: NDArray[np.bool_]) -> int:
    """The fewest wrong labels (m,) of an output unit above two hidden ones (2, m)."""
    cell = hidden[0] + 2 * hidden[1]
    answers = (_OUTPUTS[:, None] >> cell) & 1
    return int((answers != labels).sum(axis=1).min())


def instance(points: int, inputs: int, seed: int, *, planted: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """Normal points (m, n) and their labels (m,): a coin's, or, `planted`, those of a random three-node network, so
    that one without a wrong label exists, and, where `TRIES` draws find any, labels that no single unit produces.
    ``ValueError`` where the size is out of range."""
    random = np.random.default_rng([seed, points, inputs, planted])
    x = random.standard_normal((points, inputs))
    _check(x)
    labels = random.random(points) < 0.5
    for _ in range(TRIES if planted else 0):
        # One class between two nearly parallel hyperplanes is more than a single unit can tell from the other.
        normals = random.standard_normal((inputs, 1)) + 0.3 * random.standard_normal((inputs, 2))
        one, other = (x @ normals).T
        labels = (one > -np.median(np.abs(one))) & (other < np.median(np.abs(other)))
        if not separate(x, labels).exact:
            break
    return x, labels
