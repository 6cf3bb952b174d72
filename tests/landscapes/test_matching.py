"""Matched units are the same network in another order, and a shuffled network is put right."""

import numpy as np
import pytest

from landscapes.datasets import two_moons
from landscapes.matching import match_units, rearranged
from landscapes.mlp import MLP

DATA = two_moons()


def shuffled(net: MLP, weights: np.ndarray, signs: bool) -> np.ndarray:
    random = np.random.default_rng(5)
    matches = [
        (random.permutation(net.width), random.choice([-1.0, 1.0], net.width) if signs else np.ones(net.width))
        for _ in range(net.depth)
    ]
    return rearranged(net, weights, [matches[0]] * net.depth if net.skip else matches)


@pytest.mark.parametrize(
    ("activation", "depth", "skip"),
    [("tanh", 1, False), ("tanh", 3, False), ("tanh", 3, True), ("relu", 2, False), ("relu", 3, True)],
)
def test_a_shuffled_network_is_the_same_function_and_is_put_right(activation: str, depth: int, skip: bool) -> None:
    net = MLP(2, 2, 9, depth, activation, skip)
    weights = net.start(0).astype(float) + 0.1 * np.random.default_rng(1).standard_normal(net.size)
    other = shuffled(net, weights, signs=activation == "tanh")
    x = DATA.x.astype(float)
    assert np.linalg.norm(other - weights) > 1
    assert np.asarray(net.outputs_at(other, x)) == pytest.approx(np.asarray(net.outputs_at(weights, x)), abs=1e-9)
    found = rearranged(net, other, match_units(net, weights, other, DATA.x))
    assert found == pytest.approx(weights, abs=1e-12)


def test_a_dead_unit_does_no_harm() -> None:
    net = MLP(2, 2, 4, 1, "relu")
    weights = net.start(0).astype(float)
    first = np.array(net.layers(weights).first)
    first[:, 2] = (0, 0, -1)
    weights[: first.size] = first.ravel()
    for order, signs in match_units(net, weights, net.start(1).astype(float), DATA.x):
        assert sorted(order) == [0, 1, 2, 3] and (signs == 1).all()
