"""Continuous time: the curve that small steps of gradient descent approach."""

import jax
from jax import Array

from optim.optimizer import Rate, optimizer
from optim.oracle import Oracle, Vector

SUBSTEPS = 16
"""Runge–Kutta steps within one: exact to the eye while the rate stays below about 40 over the largest curvature."""


@optimizer(order=1)
def gradient_flow(oracle: Oracle, x: Vector, *, learning_rate: Rate = 1e-2) -> Vector:
    r"""Gradient flow.

    $$\dot x = -\nabla f(x)$$

    Descent in continuous time, shown every η units of it: no step is too long, no valley makes it zigzag. It shows
    what of a difficulty belongs to the surface, and what to the steps.

    Integrated by the classical Runge–Kutta method, sixteen times within each η.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.3; W. Kutta, 1901, for the method.
    """
    h = learning_rate / SUBSTEPS

    def advance(_: Array, x: Vector) -> Vector:
        k1 = -oracle.gradient(x)
        k2 = -oracle.gradient(x + h / 2 * k1)
        k3 = -oracle.gradient(x + h / 2 * k2)
        k4 = -oracle.gradient(x + h * k3)
        return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    moved: Vector = jax.lax.fori_loop(0, SUBSTEPS, advance, x)
    return moved
