"""Training steps, timed beside the same network as a plain PyTorch loop, or in NumPy where there is no PyTorch."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.report import Row
from landscapes.datasets import Data, two_moons
from landscapes.mlp import MLP
from optim.training import Recipe, train
from pages.parts.networks import opening_recipes

Floats = NDArray[np.float32]
Draw = Callable[[int], NDArray[np.intp]]
"""The examples of a step."""
RATE = 0.1


def training_rows(*, repeats: int = 5, steps: int = 1000) -> list[Row]:
    """Steps a second of plain minibatch gradient descent on the default network, and seconds from its first step to its
    landscape."""
    from pages.parts.networks_results import mapped

    net, data = MLP(2, 2, 16, 2), two_moons()
    recipe = Recipe(net, data, "gd", RATE, 32, steps)
    train(recipe)
    loop, against = plain_loop(net, data)
    start = net.start(0)
    rates = [rate(steps, lambda: train(recipe)) for _ in range(repeats)]
    plain = [rate(steps, lambda: loop(start, steps)) for _ in range(repeats)]

    default = opening_recipes("train")[0]

    def to_landscape() -> None:
        mapped.__wrapped__((train(default),), "path")

    begin = time.perf_counter()
    to_landscape()
    first = time.perf_counter() - begin
    return [
        Row(f"training, {net.size} weights, batch 32", "steps/s", rates, plain, against=against),
        Row(
            "default network, from run to landscape", "s", [first], target=(10, None), note="whatever compiles included"
        ),
    ]


def rate(steps: int, work: Callable[[], Any]) -> float:
    """Steps a second of a call that takes so many."""
    begin = time.perf_counter()
    work()
    return steps / (time.perf_counter() - begin)


def plain_loop(net: MLP, data: Data) -> tuple[Callable[[Floats, int], Floats], str]:
    """A notebook's loop, from weights (n,) to those after some steps, and what it is made of."""
    try:
        import torch
    except ImportError:
        return lambda weights, steps: in_numpy(net, data, weights, steps), "NumPy loop, gradients by hand"
    torch.set_num_threads(1)
    return lambda weights, steps: in_torch(torch, net, data, weights, steps), "plain PyTorch loop, one thread"


def in_torch(torch: Any, net: MLP, data: Data, weights: Floats, steps: int, draw: Draw | None = None) -> Floats:
    """The loop in PyTorch, as its tutorials have it, for tanh and the cross-entropy; `draw` as in `in_numpy`."""
    layers = [torch.nn.Linear(net.inputs, net.width)]
    layers += [torch.nn.Linear(net.width, net.width) for _ in range(net.depth - 1)]
    layers += [torch.nn.Linear(net.width, net.outputs)]
    with torch.no_grad():
        for layer, matrix in zip(layers, matrices(net, weights), strict=True):
            layer.weight.copy_(torch.tensor(matrix[:-1].T))
            layer.bias.copy_(torch.tensor(matrix[-1]))
    model = torch.nn.Sequential(*[part for layer in layers for part in (layer, torch.nn.Tanh())][:-1])
    optimizer = torch.optim.SGD(model.parameters(), RATE)
    x, y = torch.tensor(data.part[0]), torch.tensor(data.part[1], dtype=torch.long)
    for step in range(steps):
        chosen = torch.tensor(draw(step)) if draw else torch.randint(len(y), (32,))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x[chosen]), y[chosen]).backward()
        optimizer.step()
    flat = [torch.cat([layer.weight.T, layer.bias[None]]).detach().numpy().ravel() for layer in layers]
    return np.concatenate(flat)


def in_numpy(net: MLP, data: Data, weights: Floats, steps: int, draw: Draw | None = None) -> Floats:
    """The loop in NumPy, for tanh and the cross-entropy, with backpropagation written out; `draw` gives the examples of
    a step, by default random ones.
    """
    random = np.random.default_rng(0)
    layers = [matrix.copy() for matrix in matrices(net, weights)]
    x, y = data.part
    target = np.eye(net.outputs, dtype=np.float32)[y]
    for step in range(steps):
        chosen = draw(step) if draw else random.integers(len(y), size=32)
        given = [x[chosen]]
        for matrix in layers[:-1]:
            given.append(np.tanh(given[-1] @ matrix[:-1] + matrix[-1]))
        out = given[-1] @ layers[-1][:-1] + layers[-1][-1]
        shares = np.exp(out - out.max(axis=1, keepdims=True))
        back = (shares / shares.sum(axis=1, keepdims=True) - target[chosen]) / len(chosen)
        for index in reversed(range(len(layers))):
            matrix, h = layers[index], given[index]
            down = back @ matrix[:-1].T * (1 - h**2)
            matrix[:-1] -= RATE * h.T @ back
            matrix[-1] -= RATE * back.sum(axis=0)
            back = down
    return np.concatenate([matrix.ravel() for matrix in layers])


def matrices(net: MLP, weights: Floats) -> list[Floats]:
    """The layers' matrices one after the other, biases in the last row."""
    first, hidden, last = (np.asarray(layer) for layer in net.layers(weights))
    return [first, *hidden, last]
