"""A multilayer perceptron as a function of one flat vector of weights: its loss is a surface like any other."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, nn
from jaxtyping import Float, Int
from numpy.typing import NDArray

from landscapes.programs import program

ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "tanh": jnp.tanh,
    "relu": nn.relu,
    "softplus": nn.softplus,
    "linear": lambda z: z,
}
ODD = ("tanh", "linear")
"""Activations for which a unit may change all its signs without changing the network."""
LOSSES = ("cross_entropy", "squared")

Weights = Float[Array, "n"]
Inputs = Float[Array, "N d"]
Classes = Int[Array, "N"]


class Layers(NamedTuple):
    """Weights by layer; the last row of every matrix is the bias, each column one unit's incoming weights.

    `first` (inputs+1, width), `hidden` (depth−1, width+1, width), `last` (width+1, outputs), of JAX or of NumPy.
    """

    first: Any
    hidden: Any
    last: Any


@dataclass(frozen=True)
class MLP:
    """Inputs, `depth` hidden layers of `width` units each, outputs; as data, so that equal networks compile once.

    With `skip` every hidden layer after the first adds to what it is given: h ← h + φ(hW) / √(depth − 1), so that the
    sum of all of them does not grow with their number. `loss` is the cross-entropy of the softmax, or half the squared
    distance of the outputs from a one-hot target: see `LOSSES`.

    Sources: Goodfellow, Bengio and Courville, Deep Learning, 2016, chapter 6; He, Zhang, Ren and Sun, Deep Residual
    Learning for Image Recognition, CVPR 2016, for the skip connections; Hayou et al., Stable ResNet, AISTATS 2021, for
    their scale.
    """

    inputs: int
    outputs: int
    width: int = 16
    depth: int = 2
    activation: str = "tanh"
    skip: bool = False
    loss: str = "cross_entropy"

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of `Layers`."""
        width = self.width
        return (self.inputs + 1, width), (self.depth - 1, width + 1, width), (width + 1, self.outputs)

    @property
    def size(self) -> int:
        """How many weights there are."""
        return sum(map(math.prod, self.shapes))

    def layers(self, weights: Weights | NDArray[Any]) -> Layers:
        """The flat vector (n,) as layers, of NumPy where the vector is."""
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])
        parts = zip(np.concatenate([[0], ends[:-1]]), ends, self.shapes, strict=True)
        return Layers(*(weights[low:high].reshape(shape) for low, high, shape in parts))

    def flat(self, layers: Layers) -> NDArray[Any]:
        """The inverse of `layers`."""
        return np.concatenate([np.ravel(layer) for layer in layers])

    def start(self, seed: int, scale: float = 1.0) -> NDArray[np.float32]:
        """Random weights (n,) times `scale`: normal, variance 1 / fan-in, for rectifiers 2 / fan-in; biases 0.

        Sources: LeCun, Bottou, Orr and Müller, Efficient BackProp, 1998; He, Zhang, Ren and Sun, Delving Deep into
        Rectifiers, ICCV 2015.
        """
        random = np.random.default_rng(seed)
        gain = math.sqrt(2) if self.activation in ("relu", "softplus") else 1.0
        drawn = []
        for shape, spread in zip(self.shapes, (gain, gain, 1.0), strict=True):
            matrix = random.normal(0, spread / math.sqrt(shape[-2] - 1), shape)
            matrix[..., -1, :] = 0
            drawn.append(scale * matrix.ravel())
        return np.concatenate(drawn).astype(np.float32)

    def activities(self, weights: Weights, x: Inputs) -> tuple[Array, Array]:
        """Outputs (N, outputs), and what the hidden layers give on, (depth, N, width)."""
        first, hidden, last = self.layers(weights)
        phi = ACTIVATIONS[self.activation]

        def through(h: Array, matrix: Array) -> tuple[Array, Array]:
            new = phi(_affine(h, matrix))
            new = h + new / math.sqrt(self.depth - 1) if self.skip else new
            return new, new

        h = phi(_affine(x, first))
        # One layer's code for any depth: what is compiled does not grow with it.
        h_last, others = jax.lax.scan(through, h, hidden)
        return _affine(h_last, last), jnp.concatenate([h[None], others])

    def outputs_at(self, weights: Weights, x: Inputs) -> Float[Array, "N outputs"]:
        """The network's outputs before the softmax."""
        return self.activities(weights, x)[0]

    def value(self, weights: Weights, x: Inputs, y: Classes) -> Float[Array, ""]:
        """The mean loss over the examples."""
        out = self.outputs_at(weights, x)
        target = nn.one_hot(y, self.outputs, dtype=out.dtype)
        if self.loss == "squared":
            return jnp.mean(jnp.sum((out - target) ** 2, axis=-1)) / 2
        return -jnp.mean(jnp.sum(target * nn.log_softmax(out), axis=-1))

    def error(self, weights: Weights, x: Inputs, y: Classes) -> Float[Array, ""]:
        """The share of examples whose largest output is not their class."""
        return jnp.mean(jnp.argmax(self.outputs_at(weights, x), axis=-1) != y)


@program("net")
def forward(net: MLP, weights: Weights, x: Inputs) -> tuple[Array, Array]:
    """The network's `activities`, compiled."""
    return net.activities(weights, x)


def _affine(x: Array, matrix: Array) -> Array:
    return x @ matrix[:-1] + matrix[-1]
