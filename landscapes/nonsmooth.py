"""Test functions with cusps, creases or edges: at their kinks the gradient jumps and the Hessian does not exist."""

# mypy: disable-error-code="no-any-return"
# Unpacking a JAX array gives Any to a type checker, and `x, y = p` is how every formula here begins.

from math import e, pi
from typing import Annotated

import jax.numpy as jnp
import numpy as np

from landscapes.guards import safe_sqrt
from landscapes.knobs import Knob
from landscapes.surface import Point, Scalar, surface


@surface(box=(-5, 5, -5, 5), start=(-3.4, 2.6), minima=[(0, 0)], smooth=False)
def ackley(
    p: Point,
    *,
    depth: Annotated[float, Knob(0, 40, symbol="a")] = 20.0,
    decay: Annotated[float, Knob(0.01, 1, log=True, symbol="b")] = 0.2,
) -> Scalar:
    r"""Ackley's function.

    $$-a\,e^{-b\sqrt{(x^2+y^2)/2}} - e^{(\cos 2\pi x+\cos 2\pi y)/2} + e + a$$

    A funnel under a regular ripple. The minimum at the origin is a cusp: the slope does not fade on approach, so a
    fixed step keeps jumping across it.

    Source: Ackley, A Connectionist Machine for Genetic Hillclimbing, 1987.
    """
    funnel = -depth * jnp.exp(-decay * safe_sqrt(jnp.mean(p**2)))
    return funnel - jnp.exp(jnp.mean(jnp.cos(2 * pi * p))) + e + depth


@surface(box=(-512, 512, -512, 512), start=(-150.0, 250.0), minima=[(512, 404.2318051137578)], smooth=False)
def eggholder(p: Point) -> Scalar:
    r"""Egg holder.

    $$-(y+47)\sin\sqrt{\left|\tfrac x2+y+47\right|} - x\sin\sqrt{\left|x-(y+47)\right|}$$

    Hills without an order that a slope could follow. The lowest point lies on the edge of the box and is no critical
    point: its gradient points out of the box.

    Source: Whitley, Rana, Dzubera and Mathias, Evaluating Evolutionary Algorithms, Artificial Intelligence 85, 1996.
    """
    x, y = p
    raised = y + 47
    return -raised * jnp.sin(safe_sqrt(jnp.abs(x / 2 + raised))) - x * jnp.sin(safe_sqrt(jnp.abs(x - raised)))


@surface(box=(-15, -5, -3, 3), start=(-13.0, -1.0), minima=[(-10, 1)], smooth=False)
def bukin_6(p: Point) -> Scalar:
    r"""Bukin's function number 6.

    $$100\sqrt{\left|y-0.01x^2\right|} + 0.01\,|x+10|$$

    A gorge whose walls grow steeper without bound towards its floor. Every step across overshoots, and along the floor
    the slope is ten thousand times gentler.

    Source: Bukin, New Minimization Strategy for Non-Smooth Functions, Budker Institute of Nuclear Physics, 1997.
    """
    x, y = p
    # The root takes in part of the 100: 0.01 has no exact binary value, and the root would magnify what y then misses.
    return 10 * safe_sqrt(jnp.abs(100 * y - x**2)) + 0.01 * jnp.abs(x + 10)


@surface(
    box=(-10, 10, -10, 10),
    start=(-6.0, 2.5),
    minima=[(sx * 1.349406617153911, sy * 1.349406617153911) for sx in (-1, 1) for sy in (-1, 1)],
    smooth=False,
)
def cross_in_tray(p: Point) -> Scalar:
    r"""Cross in a tray.

    $$-10^{-4}\left(\left|\sin x\,\sin y\; e^{\left|100-\sqrt{x^2+y^2}/\pi\right|}\right|+1\right)^{0.1}$$

    Razor-sharp creases part the plane into cells, one minimum in each. The four cells round the origin tie for the
    lowest.

    Source: Mishra, Some New Test Functions for Global Optimization and Performance of Repulsive Particle Swarm Method,
    2006.
    """
    x, y = p
    size = jnp.abs(jnp.sin(x) * jnp.sin(y))
    rising = size > float(np.finfo(p.dtype).tiny)
    # e¹⁰⁰ is beyond 32 bits: the power is taken through the logarithm of what stands in the brackets.
    power = jnp.abs(100 - safe_sqrt(x**2 + y**2) / pi) + jnp.log(jnp.where(rising, size, 1))
    return -1e-4 * jnp.exp(0.1 * jnp.where(rising, jnp.logaddexp(power, 0), 0))


@surface(
    box=(-10, 10, -10, 10),
    start=(5.0, 5.5),
    minima=[(sx * 8.055023475736563, sy * 9.664590019241273) for sx in (-1, 1) for sy in (-1, 1)],
    smooth=False,
)
def holder_table(p: Point) -> Scalar:
    r"""Hölder's table.

    $$-\left|\sin x\,\cos y\; e^{\left|1-\sqrt{x^2+y^2}/\pi\right|}\right|$$

    Creased cells that deepen outwards: the four lowest minima stand in the corners like the legs of a table, far from
    where a run started in the middle ends.

    Source: Mishra, Some New Test Functions for Global Optimization and Performance of Repulsive Particle Swarm Method,
    2006.
    """
    x, y = p
    return -jnp.abs(jnp.sin(x) * jnp.cos(y)) * jnp.exp(jnp.abs(1 - safe_sqrt(x**2 + y**2) / pi))
