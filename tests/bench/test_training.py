"""The loops that training is timed against do the same work: they end at the same weights."""

import numpy as np
import pytest

from bench.training import RATE, in_numpy, in_torch
from landscapes.datasets import two_moons
from landscapes.mlp import MLP
from optim.training import RECORDS, Recipe, train

NET = MLP(2, 2, 16, 2)


def all_examples(step: int) -> np.ndarray:
    return np.arange(two_moons().trained)


@pytest.fixture(scope="module")
def ours() -> np.ndarray:
    weights = train(Recipe(NET, two_moons(), "gd", RATE, 0, RECORDS)).weights
    assert np.linalg.norm(weights[-1] - weights[0]) > 0.5
    return weights


def test_the_numpy_loop_ends_at_our_weights(ours: np.ndarray) -> None:
    there = in_numpy(NET, two_moons(), NET.start(0), RECORDS, all_examples)
    np.testing.assert_allclose(there, ours[-1], atol=1e-5)


def test_the_pytorch_loop_ends_at_our_weights(ours: np.ndarray) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is only needed for its row in make bench")
    there = in_torch(torch, NET, two_moons(), NET.start(0), RECORDS, all_examples)
    np.testing.assert_allclose(there, ours[-1], atol=1e-5)


def test_examples_are_drawn_anew_for_every_step() -> None:
    drawn: list[int] = []

    def draw(step: int) -> np.ndarray:
        drawn.append(step)
        return np.arange(step, step + 32)

    in_numpy(NET, two_moons(), NET.start(0), 3, draw)
    assert drawn == [0, 1, 2]
