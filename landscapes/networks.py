"""Losses of small networks on small data: what is convex, what is not, and which minima do harm."""

# mypy: disable-error-code="no-any-return"
# Unpacking a JAX array gives Any to a type checker, and `x, y = p` is how every formula here begins.

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypedDict, Unpack, get_type_hints

import jax.numpy as jnp
from jax import Array, nn
from jaxtyping import Float

from landscapes.knobs import Knob
from landscapes.surface import Point, Scalar, surface

CLASSES = (1, 1, 1, -1, -1, -1)
"""Classes of the six data points."""


def _coordinate(default: float) -> Knob:
    return Knob(-3, 3, datum=True, default=default)


class SixPoints(TypedDict, total=False):
    """Coordinates (u, v) of the six data points. A line through the origin parts the two classes, but only just."""

    u1: Annotated[float, _coordinate(2)]
    v1: Annotated[float, _coordinate(1)]
    u2: Annotated[float, _coordinate(0.5)]
    v2: Annotated[float, _coordinate(1.5)]
    u3: Annotated[float, _coordinate(-1)]
    v3: Annotated[float, _coordinate(0.5)]
    u4: Annotated[float, _coordinate(-2)]
    v4: Annotated[float, _coordinate(0.5)]
    u5: Annotated[float, _coordinate(-1)]
    v5: Annotated[float, _coordinate(-1.5)]
    u6: Annotated[float, _coordinate(0.5)]
    v6: Annotated[float, _coordinate(-0.5)]


_HINTS = get_type_hints(SixPoints, include_extras=True)
_DEFAULTS = {name: hint.__metadata__[0].default for name, hint in _HINTS.items()}

Ridge = Annotated[float, Knob(1e-3, 1, log=True, symbol="λ")]
Decay = Annotated[float, Knob(0, 1.5, symbol="λ")]


def data_points(knobs: Mapping[str, Any]) -> Float[Array, "6 2"]:
    """The six points (u, v) under the knobs u1, v1, …, v6; those not given are at their defaults, others ignored."""
    return jnp.stack([jnp.asarray(knobs.get(name, default)) for name, default in _DEFAULTS.items()]).reshape(6, 2)


def linear(weights: Point, data: Float[Array, "... 2"]) -> Float[Array, "..."]:
    """Output x u + y v of one neuron without a threshold for data points (u, v); its sign decides for a class."""
    return data @ weights


def line(weights: Point, data: Float[Array, "... 2"]) -> Float[Array, "..."]:
    """How far the line with slope x and intercept y passes above each data point (u, v)."""
    return weights[0] * data[..., 0] + weights[1] - data[..., 1]


def two_units(weights: Point, data: Float[Array, "... 2"]) -> Float[Array, "..."]:
    """Output of a layer of two tanh units of which only the weights from u move; it decides by its sign."""
    u, v = data[..., 0], data[..., 1]
    return 2 * jnp.tanh(weights[0] * u + v) + 2 * jnp.tanh(weights[1] * u - v)


MODELS: Mapping[str, Callable[[Point, Array], Array]] = {
    "one_neuron": linear,
    "soft_margin_svm": linear,
    "linear_regression": line,
    "hidden_layer": two_units,
}
"""What the surfaces on the six data points fit: zero on the border between the classes, or on the fitted line."""


def _margins(model: Callable[[Point, Array], Array], p: Point, data: Mapping[str, Any]) -> Float[Array, "6"]:
    """Each data point's output times its class: positive where it is right."""
    return jnp.array(CLASSES, p.dtype) * model(p, data_points(data).astype(p.dtype))


def _quadratic_penalty(p: Point, strength: float) -> Scalar:
    return strength / 2 * jnp.sum(p**2)


@surface(box=(-4, 6, -3, 7), start=(-3.0, -1.0), minima=[(1.2427420588981353, 3.2748675211847242)])
def one_neuron(p: Point, *, ridge: Ridge = 0.01, **data: Unpack[SixPoints]) -> Scalar:
    r"""One neuron.

    $$\frac16\sum_{i=1}^6\log\left(1+e^{-c_i(x u_i + y v_i)}\right) + \frac\lambda2\left(x^2+y^2\right)$$

    The logistic loss of one neuron with weights x and y on six data points (u, v) of two classes c. Wherever the points
    are dragged it is convex, with one minimum. Without the ridge there would be none while a line through the origin
    parts the classes: larger weights would always be better.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 5.7.1; the data are ours.
    """
    return jnp.mean(nn.softplus(-_margins(linear, p, data))) + _quadratic_penalty(p, ridge)


@surface(box=(-1.5, 3, -1.5, 3), start=(-1.0, -0.6), minima=[(73 / 102, 44 / 51)], smooth=False)
def soft_margin_svm(p: Point, *, ridge: Ridge = 0.1, **data: Unpack[SixPoints]) -> Scalar:
    r"""Support vector machine with a soft margin.

    $$\frac16\sum_{i=1}^6\max\left(0,\;1-c_i(x u_i + y v_i)\right) + \frac\lambda2\left(x^2+y^2\right)$$

    Convex and yet not smooth: each data point folds the surface along the line of weights that leave it exactly on the
    margin. With these data the minimum lies on such a fold, where the gradient does not vanish but jumps. A small λ
    lets the weights grow and so narrows the margin.

    Source: Cortes and Vapnik, Support-Vector Networks, Machine Learning 20, 1995, without a threshold; the data are
    ours.
    """
    return jnp.mean(jnp.maximum(0, 1 - _margins(linear, p, data))) + _quadratic_penalty(p, ridge)


@surface(box=(-1.5, 2, -1.5, 2), start=(-1.2, 1.6), minima=[(33 / 124, 73 / 248)])
def linear_regression(p: Point, **data: Unpack[SixPoints]) -> Scalar:
    r"""Linear regression.

    $$\frac16\sum_{i=1}^6\left(x\,u_i + y - v_i\right)^2$$

    The mean squared error of the line with slope x and intercept y through six data points (u, v). A quadratic bowl for
    any data: convex, one minimum, and a Hessian that depends on the u alone. Data far to one side of u = 0 make it
    ill-conditioned.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 5.1.4; the data are ours.
    """
    return jnp.mean(line(p, data_points(data).astype(p.dtype)) ** 2)


@surface(box=(-5, 5, -5, 5), start=(3.0, 1.0), minima=[(-0.48868578904547477, 2.611863109870085)])
def hidden_layer(p: Point, *, ridge: Ridge = 0.01, **data: Unpack[SixPoints]) -> Scalar:
    r"""The same data through a hidden layer.

    $$\frac16\sum_{i=1}^6\log\left(1+e^{-c_i z_i}\right) + \frac\lambda2\left(x^2+y^2\right),
    \qquad z_i = 2\tanh(x u_i + v_i) + 2\tanh(y u_i - v_i)$$

    A slice: of the six weights of a network with two hidden units only those from u to each unit move, x and y. Those
    from v stay at 1 and −1, both output weights at 2. The data that gave one neuron a convex loss now give two minima,
    one worse than the other, with a saddle between them and both weights of opposite signs.

    Source: ours, after Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.2.
    """
    return jnp.mean(nn.softplus(-_margins(two_units, p, data))) + _quadratic_penalty(p, ridge)


@surface(box=(-2.5, 2.5, -2.5, 2.5), start=(-2.0, 1.2), minima=[(1, 1)])
def two_layer_linear(p: Point, *, weight_decay: Decay = 0.0) -> Scalar:
    r"""Two linear layers.

    $$\tfrac12(xy-1)^2 + \tfrac\lambda2\left(x^2+y^2\right)$$

    Two weights in a row that should multiply to 1. Every point of the hyperbola xy = 1 is a minimum and as good as any
    other: many minima, none of them bad, and a saddle at the origin between the two branches. Weight decay, 0 < λ < 1,
    leaves one minimum of each branch, x = y = ±√(1−λ); from λ = 1 on only the origin is left. The declared minimum,
    (1, 1), stands for the whole curve.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.2; Baldi and Hornik, Neural Networks and
    Principal Component Analysis: Learning from Examples Without Local Minima, Neural Networks 2, 1989.
    """
    x, y = p
    return (x * y - 1) ** 2 / 2 + _quadratic_penalty(p, weight_decay)


@surface(box=(-2.5, 2.5, -2.5, 2.5), start=(0.4, -1.6), minima=[(1, 1)], smooth=False)
def two_layer_relu(p: Point, *, weight_decay: Decay = 0.0) -> Scalar:
    r"""Two layers with a rectified linear unit.

    $$\tfrac12\left(\max(0, x)\,y-1\right)^2 + \tfrac\lambda2\left(x^2+y^2\right)$$

    One branch of the hyperbola of minima is left. The other half of the plane is dead flat: for negative x the unit is
    off, the gradient is exactly zero, and gradient descent that steps there never moves again, although the loss is ½.
    Weight decay picks one point of the hyperbola and slopes the flat half towards the origin, which is still no minimum
    while λ < 1. The declared minimum, (1, 1), stands for the whole curve.

    Source: ours, after Goodfellow, Bengio and Courville, Deep Learning, 2016, sections 6.3 and 8.2.2.
    """
    x, y = p
    # On the kink the unit counts as on: with the flat side's Hessian the origin would pass for a minimum.
    return (jnp.where(x >= 0, x, 0) * y - 1) ** 2 / 2 + _quadratic_penalty(p, weight_decay)


@surface(box=(-3, 3, -3, 3), start=(2.0, 1.5), minima=[(-0.02174086995311955, -0.2582383266954783)])
def spurious_minimum(p: Point) -> Scalar:
    r"""A bad minimum without hidden units.

    $$\frac13\sum_{i=1}^3\left(\tanh(x\,u_i+y)-t_i\right)^2, \quad u = (-1.5,\,0.5,\,3),
    \quad t = (-0.8,\,0.8,\,-0.8)$$

    The squared error of a single unit with weight x and threshold y on three points. There are two strict minima. The
    better one compromises between the three targets. The worse one, with almost twice the loss, fits the first two and
    is saturated and far off at the third, so that no small change of the weights helps.

    Source: ours, after Sontag and Sussmann, Backpropagation Can Give Rise to Spurious Local Minima Even for Networks
    without Hidden Layers, Complex Systems 3, 1989, whose own example has 125 binary vectors, four weights and a
    threshold.
    """
    x, y = p
    u, t = jnp.array([[-1.5, 0.5, 3.0], [-0.8, 0.8, -0.8]], p.dtype)
    return jnp.mean((jnp.tanh(x * u + y) - t) ** 2)


@surface(box=(-1.5, 1.5, -1.5, 1.5), start=(1.0, 0.5), minima=[(0.07021214618721865, 0.1778353649788793)])
def brady(p: Point) -> Scalar:
    r"""A minimum that fails to separate.

    $$\frac16\sum_{i=1}^6\left(\tanh(x\,u_i+y)-t_i\right)^2, \quad u = (-1,\,0,\,1,\,2,\,6,\,10),
    \quad t = \left(-\tfrac12,\,\tfrac12,\,\tfrac12,\,\tfrac12,\,\tfrac12,\,\tfrac12\right)$$

    The squared error of a single unit with weight x and threshold y. The start separates the two classes, as does every
    point with 0 < y < x, and a perceptron would stay. But the points far to the right overshoot their target, which
    costs more than an error on the left: the only minimum lies where x < y and gives the first point the wrong sign.

    Source: ours, after Brady, Raghavan and Slawny, Back Propagation Fails to Separate Where Perceptrons Succeed, IEEE
    Transactions on Circuits and Systems 36, 1989; the data are not the paper's.
    """
    x, y = p
    u = jnp.array([-1, 0, 1, 2, 6, 10], p.dtype)
    return jnp.mean((jnp.tanh(x * u + y) - jnp.where(u < 0, -0.5, 0.5).astype(p.dtype)) ** 2)
