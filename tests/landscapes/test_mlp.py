"""The network as a function of its flat weights, against NumPy written out and scikit-learn."""

from functools import partial

import jax
import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.neural_network import MLPClassifier

from landscapes.datasets import two_moons
from landscapes.mlp import ACTIVATIONS, LOSSES, MLP

NUMPY = {
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "softplus": lambda z: np.logaddexp(z, 0),
    "linear": lambda z: z,
}
X = np.random.default_rng(1).standard_normal((7, 3))
Y = np.arange(7) % 4


def by_hand(net: MLP, weights: np.ndarray) -> np.ndarray:
    """Outputs with the weights cut from the vector one matrix after the other."""
    phi, left = NUMPY[net.activation], weights

    def take(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        nonlocal left
        matrix, left = left[: rows * columns].reshape(rows, columns), left[rows * columns :]
        return matrix[:-1], matrix[-1]

    matrix, bias = take(net.inputs + 1, net.width)
    h = phi(X @ matrix + bias)
    for _ in range(net.depth - 1):
        matrix, bias = take(net.width + 1, net.width)
        new = phi(h @ matrix + bias)
        h = h + new / np.sqrt(net.depth - 1) if net.skip else new
    matrix, bias = take(net.width + 1, net.outputs)
    assert len(left) == 0
    return h @ matrix + bias


@partial(jax.jit, static_argnames="net")
def told(net: MLP, weights: jax.Array) -> tuple[jax.Array, ...]:
    """Outputs, loss and error, in one program: apart, each would be compiled with loops of its own."""
    return net.outputs_at(weights, X), net.value(weights, X, Y), net.error(weights, X, Y)


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_and_losses_against_numpy(activation: str, depth: int, skip: bool) -> None:
    for loss in LOSSES:
        net = MLP(3, 4, 5, depth, activation, skip, loss)
        weights = np.random.default_rng(2).standard_normal(net.size)
        outputs = by_hand(net, weights)
        found, value, error = told(net, weights)
        assert np.asarray(found) == pytest.approx(outputs, abs=1e-12)
        target = np.eye(4)[Y]
        squared = ((outputs - target) ** 2).sum(axis=1).mean() / 2
        entropy = -(target * log_softmax(outputs, axis=1)).sum(axis=1).mean()
        assert float(value) == pytest.approx(squared if loss == "squared" else entropy)
        assert float(error) == pytest.approx((outputs.argmax(axis=1) != Y).mean())


def test_outputs_against_scikit_learn() -> None:
    data = two_moons()
    theirs = MLPClassifier((6, 6), activation="tanh", max_iter=5000, random_state=0, solver="lbfgs").fit(data.x, data.y)
    net = MLP(2, 1, 6, 2)
    weights = np.concatenate(
        [np.vstack([w, b]).ravel() for w, b in zip(theirs.coefs_, theirs.intercepts_, strict=True)]
    )
    said = 1 / (1 + np.exp(-np.asarray(net.outputs_at(weights, data.x.astype(float)))[:, 0]))
    assert said == pytest.approx(theirs.predict_proba(data.x)[:, 1], abs=1e-5)


@pytest.mark.parametrize("depth", [1, 3])
def test_layers_and_flat_are_inverse(depth: int) -> None:
    net = MLP(3, 4, 5, depth)
    weights = np.arange(net.size, dtype=float)
    layers = net.layers(weights)
    assert [layer.shape for layer in layers] == list(net.shapes)
    assert np.asarray(net.flat(layers)) == pytest.approx(weights)


def test_the_start_is_the_seeds_and_has_its_spread() -> None:
    net = MLP(64, 10, 64, 2, "relu")
    start = net.start(3)
    assert start.dtype == np.float32 and (start == net.start(3)).all() and (start != net.start(4)).any()
    assert net.start(3, 0.1) == pytest.approx(0.1 * start, rel=1e-6)
    first, hidden, last = map(np.asarray, net.layers(start))
    for matrix, variance in ((first, 2 / 64), (hidden[0], 2 / 64), (last, 1 / 64)):
        # A variance of N normal draws has the relative standard error √(2/N): 4 of them.
        drawn = matrix[:-1].ravel()
        assert drawn.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / len(drawn)))
        assert (matrix[-1] == 0).all()


def test_weights_keep_their_precision() -> None:
    data = two_moons()
    net = MLP(2, 2)
    start = net.start(0)
    gradient = jax.jit(jax.grad(net.value))
    found = gradient(start, *data.part)
    assert found.dtype == np.float32
    exact = gradient(start.astype(float), data.part[0].astype(float), data.part[1])
    assert exact.dtype == np.float64
    assert np.asarray(found) == pytest.approx(np.asarray(exact), abs=1e-5)
