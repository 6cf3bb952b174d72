"""Planes and lines through the space of weights: what is drawn of a landscape, and how much of a path it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from landscapes.datasets import Data
from landscapes.mlp import MLP
from landscapes.programs import program

Floats = NDArray[np.float64]
MARGIN = 0.25
"""How far a drawn plane reaches beyond the paths, as a share of their extent."""


@dataclass(frozen=True, eq=False)
class Plane:
    """center + a·axes[0] + b·axes[1] for weights (n,) and axes (2, n), which need be neither of length 1 nor at right
    angles."""

    center: Floats
    axes: Floats

    def place(self, weights: NDArray[Any]) -> Floats:
        """Coordinates (K, 2) of the nearest points of the plane to `weights` (K, n)."""
        solved = np.linalg.lstsq(self.axes.T, (weights - self.center).T.astype(np.float64), rcond=None)[0]
        return np.asarray(solved.T)

    def points(self, places: Floats) -> Floats:
        """Weights (K, n) at coordinates (K, 2)."""
        return self.center + places @ self.axes

    def share(self, weights: NDArray[Any]) -> float:
        """The share of the squared distances of `weights` (K, n) from their mean that lies in the plane: the variance
        explained, from 0 to 1; 1 where they are all the same.
        """
        moved = np.asarray(weights, np.float64) - np.mean(weights, axis=0, dtype=np.float64)
        whole = float((moved**2).sum())
        basis, _ = np.linalg.qr(self.axes.T)
        return float(((moved @ basis) ** 2).sum()) / whole if whole else 1.0


def filter_normalised(net: MLP, direction: Floats, weights: Floats) -> Floats:
    """`direction` (n,) with each unit's incoming weights, bias included, scaled to the length of those of `weights`.

    Without that a plane says more about the sizes of the weights than about the landscape: rectifiers leave the network
    the same when one layer is doubled and the next one halved. Paper and code differ in what they do with biases.

    Source: Li, Xu, Taylor, Studer and Goldstein, Visualizing the Loss Landscape of Neural Nets, NeurIPS 2018.
    """
    scaled = []
    for drawn, own in zip(net.layers(direction), net.layers(weights), strict=True):
        length, wanted = (np.linalg.norm(layer, axis=-2, keepdims=True) for layer in (drawn, own))
        scaled.append((drawn * (wanted / np.where(length > 0, length, 1))).ravel())
    return np.concatenate(scaled)


def random_plane(net: MLP, weights: NDArray[Any], seed: int = 0) -> Plane:
    """Two random, filter-normalised directions around `weights` (n,)."""
    center = np.asarray(weights, np.float64)
    drawn = np.random.default_rng(seed).standard_normal((2, len(center)))
    return Plane(center, np.array([filter_normalised(net, direction, center) for direction in drawn]))


def path_plane(paths: Sequence[NDArray[Any]]) -> Plane:
    """The plane that holds most of the variance of all `paths` (K, n): their first two principal components, through
    the end of the first path.

    Sources: Lorch, Visualizing Deep Network Training Trajectories with PCA, ICML workshop 2016; Li et al. 2018.
    """
    points = np.concatenate(paths).astype(np.float64)
    _, _, rows = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    axes = rows[:2]
    center = np.asarray(paths[0][-1], np.float64)
    # Singular vectors have no sign of their own: every path starts at the left, below.
    side = np.sign(axes @ (center - np.asarray(paths[0][0], np.float64)))
    return Plane(center, axes * np.where(side == 0, 1, side)[:, None])


@program("net")
def _losses(net: MLP, weights: Array, part: Any) -> Array:
    return jax.lax.map(lambda w: net.value(w, *part), weights, batch_size=64)  # type: ignore[no-any-return]


def losses(net: MLP, weights: NDArray[Any], data: Data) -> Floats:
    """Mean loss (K,) on the trained-on examples for each row of `weights` (K, n), in 32 bits."""
    return np.asarray(_losses(net, jnp.asarray(weights, jnp.float32), data.part), dtype=np.float64)


def on_plane(net: MLP, plane: Plane, data: Data, a: Floats, b: Floats) -> Floats:
    """Losses z (B, A) with z[i, j] at coordinates a[j], b[i]."""
    places = np.stack(np.meshgrid(a, b), axis=-1).reshape(-1, 2)
    return losses(net, plane.points(places), data).reshape(len(b), len(a))


def on_line(net: MLP, start: NDArray[Any], end: NDArray[Any], data: Data, shares: Floats) -> Floats:
    """Losses (S,) at (1 − α)·start + α·end for each α of `shares` (S,).

    Source: Goodfellow, Vinyals and Saxe, Qualitatively Characterizing Neural Network Optimization Problems, ICLR 2015.
    """
    steps = shares[:, None]
    return losses(net, (1 - steps) * np.asarray(start, np.float64) + steps * np.asarray(end, np.float64), data)


def barrier(along: Floats, shares: Floats) -> float:
    """How far losses (S,) on a line rise above the straight connection of the two ends; 0 where they do not.

    Source: Frankle, Dziugaite, Roy and Carbin, Linear Mode Connectivity and the Lottery Ticket Hypothesis, ICML 2020.
    """
    return float(np.max(along - ((1 - shares) * along[0] + shares * along[-1])))


def extent(places: Sequence[Floats], least: float = 0.0) -> tuple[float, float, float, float]:
    """A box (low, high, low, high) around coordinates (K, 2), with a margin, and at least `least` to all sides of 0."""
    points = np.concatenate(places)
    low, high = points.min(axis=0), points.max(axis=0)
    # A path along one axis alone is not drawn as a line.
    reach = np.maximum(high - low, 0.3 * np.max(high - low))
    middle = (low + high) / 2
    low, high = middle - (0.5 + MARGIN) * reach, middle + (0.5 + MARGIN) * reach
    low, high = np.minimum(low, -least), np.maximum(high, least)
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])
