"""Rules that follow the gradient itself: gradient descent and its momentum kin.

Default learning rates throughout this folder are chosen for surfaces a few units wide, where the published ones, made
for networks, would hardly move. Every other default is the cited source's unless its caption says otherwise.
"""

from optim.optimizer import Decay, Rate, optimizer
from optim.oracle import Oracle, Vector


@optimizer(order=1)
def gd(oracle: Oracle, x: Vector, *, learning_rate: Rate = 1e-2) -> Vector:
    r"""Gradient descent.

    $$x \leftarrow x - \eta \nabla f(x)$$

    Stable on a quadratic only while the learning rate stays below two over the largest curvature.

    Source: A. Cauchy, Comptes rendus 25, 1847.
    """
    return x - learning_rate * oracle.gradient(x)


@optimizer(order=1)
def momentum(
    oracle: Oracle, x: Vector, v: Vector, *, learning_rate: Rate = 1e-2, momentum: Decay = 0.9
) -> tuple[Vector, Vector]:
    r"""Heavy-ball momentum.

    $$v \leftarrow \beta v - \eta \nabla f(x), \qquad x \leftarrow x + v$$

    Steps along the valley add up while steps across it cancel.

    Source: B. T. Polyak, USSR Computational Mathematics and Mathematical Physics 4(5), 1964.
    """
    v = momentum * v - learning_rate * oracle.gradient(x)
    return x + v, v


@optimizer(order=1)
def nesterov(
    oracle: Oracle, x: Vector, v: Vector, *, learning_rate: Rate = 1e-2, momentum: Decay = 0.9
) -> tuple[Vector, Vector]:
    r"""Nesterov momentum.

    $$v \leftarrow \beta v - \eta \nabla f(x + \beta v), \qquad x \leftarrow x + v$$

    The gradient is taken where the momentum is about to lead, so that an overshoot is corrected one step earlier
    than by the heavy ball.

    optax and PyTorch keep the look-ahead point $x + \beta v$ as their iterate: the same path, seen from there.

    Source: Y. Nesterov, Soviet Mathematics Doklady 27, 1983, with a constant β, in the form of Sutskever, Martens,
    Dahl and Hinton, ICML 2013.
    """
    v = momentum * v - learning_rate * oracle.gradient(x + momentum * v)
    return x + v, v
