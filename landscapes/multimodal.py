"""Smooth test functions with many minima, or with one that is hard to find."""

# mypy: disable-error-code="no-any-return"
# Unpacking a JAX array gives Any to a type checker, and `x, y = p` is how every formula here begins.

from math import pi
from typing import Annotated

import jax.numpy as jnp

from landscapes.guards import cos_sqrt
from landscapes.knobs import Knob
from landscapes.surface import Point, Scalar, surface


@surface(box=(-5.12, 5.12, -5.12, 5.12), start=(-3.4, 2.7), minima=[(0, 0)])
def rastrigin(p: Point, *, amplitude: Annotated[float, Knob(0, 20, symbol="A")] = 10.0) -> Scalar:
    r"""Rastrigin's egg box.

    $$2A + x^2 - A\cos 2\pi x + y^2 - A\cos 2\pi y$$

    A bowl under a regular ripple: at A = 10 there are 121 minima in the box, and a small step ends in the nearest one
    whatever its depth. At A = 0 only the bowl is left.

    Source: Rastrigin, Systems of Extremal Control, 1974 (in Russian).
    """
    return 2 * amplitude + jnp.sum(p**2 - amplitude * jnp.cos(2 * pi * p))


@surface(box=(-10, 10, -10, 10), start=(-8.0, 6.0), minima=[(0, 0)])
def griewank(p: Point) -> Scalar:
    r"""Griewank's function.

    $$1 + \tfrac{1}{4000}(x^2+y^2) - \cos x\,\cos\tfrac{y}{\sqrt2}$$

    The ripple hides a bowl so shallow that it hardly shows at this scale: the neighbours of the global minimum are
    only 0.0074 higher, and the gradient nowhere says which of them is the best.

    Source: Griewank, Generalized Descent for Global Optimization, Journal of Optimization Theory and Applications
    34(1), 1981.
    """
    x, y = p
    return 1 + (x**2 + y**2) / 4000 - jnp.cos(x) * jnp.cos(y / 2**0.5)


@surface(box=(-10, 10, -10, 10), start=(-7.0, 8.0), minima=[(1, 1)])
def levy(p: Point) -> Scalar:
    r"""Lévy's function.

    $$\sin^2\pi w_1 + (w_1-1)^2\left(1+10\sin^2(\pi w_1+1)\right) + (w_2-1)^2\left(1+\sin^2 2\pi w_2\right),
    \qquad w = 1 + \tfrac{(x,y)-1}{4}$$

    Long parallel furrows: a run slides along one of them without seeing that the next is deeper.

    Source: Levy and Montalvo, The Tunneling Algorithm for the Global Minimization of Functions, SIAM Journal on
    Scientific and Statistical Computing 6(1), 1985.
    """
    u, v = 1 + (p - 1) / 4
    return (
        jnp.sin(pi * u) ** 2
        + (u - 1) ** 2 * (1 + 10 * jnp.sin(pi * u + 1) ** 2)
        + (v - 1) ** 2 * (1 + jnp.sin(2 * pi * v) ** 2)
    )


@surface(box=(-10, 10, -10, 10), start=(-4.0, 5.0), minima=[(1, 1)])
def levy_13(p: Point) -> Scalar:
    r"""Lévy's function number 13.

    $$\sin^2 3\pi x + (x-1)^2(1+\sin^2 3\pi y) + (y-1)^2(1+\sin^2 2\pi y)$$

    The bowl is plain from afar and corrugated from near: the ripples are three to the unit and grow with the distance,
    so a small step is caught far out.

    Source: Surjanovic and Bingham, Virtual Library of Simulation Experiments, 2013, Levy function N. 13.
    """
    x, y = p
    return (
        jnp.sin(3 * pi * x) ** 2
        + (x - 1) ** 2 * (1 + jnp.sin(3 * pi * y) ** 2)
        + (y - 1) ** 2 * (1 + jnp.sin(2 * pi * y) ** 2)
    )


@surface(box=(-100, 100, -100, 100), start=(-60.0, 45.0), minima=[(0, 0)])
def bohachevsky_1(p: Point) -> Scalar:
    r"""Bohachevsky's first function.

    $$x^2 + 2y^2 - 0.3\cos 3\pi x - 0.4\cos 4\pi y + 0.7$$

    From afar a smooth bowl; within a unit of the minimum a ripple parts it into several. The scale at which one looks
    decides whether the problem seems convex.

    Source: Bohachevsky, Johnson and Stein, Generalized Simulated Annealing for Function Optimization, Technometrics
    28(3), 1986.
    """
    x, y = p
    return x**2 + 2 * y**2 - 0.3 * jnp.cos(3 * pi * x) - 0.4 * jnp.cos(4 * pi * y) + 0.7


@surface(box=(-5.12, 5.12, -5.12, 5.12), start=(-2.5, 1.5), minima=[(0, 0)])
def drop_wave(p: Point, *, frequency: Annotated[float, Knob(1, 24, symbol="ω")] = 12.0) -> Scalar:
    r"""Drop wave.

    $$-\frac{1+\cos\left(\omega\sqrt{x^2+y^2}\right)}{\tfrac12(x^2+y^2)+2}$$

    Ring troughs round one deep hole. Each ring is a circle of equally good points: the run stops on the ring it started
    in, and the gradient there is zero all the way round.

    Source: Molga and Smutnicki, Test Functions for Optimization Needs, 2005.
    """
    square = jnp.sum(p**2)
    return -(1 + cos_sqrt(frequency**2 * square)) / (square / 2 + 2)


@surface(box=(-100, 100, -100, 100), start=(5.0, 6.0), minima=[(pi, pi)])
def easom(p: Point, *, sharpness: Annotated[float, Knob(0.0001, 10, log=True, symbol="s")] = 1.0) -> Scalar:
    r"""Easom's needle.

    $$-\cos x\,\cos y\; e^{-s\left((x-\pi)^2+(y-\pi)^2\right)}$$

    A hole two units wide in a floor of two hundred by two hundred. Beyond thirty units from it the gradient is zero to
    the last bit of a 64-bit number: no method that asks only for gradients can move at all.

    Source: Easom, A Survey of Global Optimization Techniques, thesis, University of Louisville, 1990.
    """
    x, y = p
    return -jnp.cos(x) * jnp.cos(y) * jnp.exp(-sharpness * ((x - pi) ** 2 + (y - pi) ** 2))


@surface(box=(0, pi, 0, pi), start=(1.2, 2.0), minima=[(2.202905520172609, pi / 2)])
def michalewicz(p: Point, *, steepness: Annotated[float, Knob(2, 20, symbol="m")] = 10.0) -> Scalar:
    r"""Michalewicz's function.

    $$-\sin x\,\sin^{2m}\tfrac{x^2}{\pi} - \sin y\,\sin^{2m}\tfrac{2y^2}{\pi}$$

    Narrow crossing gorges in a plain. The larger m, the narrower they are, and outside of them the gradient vanishes.

    Source: Michalewicz, Genetic Algorithms + Data Structures = Evolution Programs, 1992.
    """
    x, y = p
    # The square is taken first: a power with a traced exponent needs a base that is never negative.
    along_x = jnp.sin(x) * (jnp.sin(x**2 / pi) ** 2) ** steepness
    along_y = jnp.sin(y) * (jnp.sin(2 * y**2 / pi) ** 2) ** steepness
    return -along_x - along_y


@surface(
    box=(-100, 100, -100, 100),
    start=(8.0, 5.0),
    minima=[(0, 1.253131831463733), (0, -1.253131831463733), (1.253131831463733, 0), (-1.253131831463733, 0)],
)
def schaffer_4(p: Point) -> Scalar:
    r"""Schaffer's function number 4.

    $$\frac12 + \frac{\cos^2\left(\sin|x^2-y^2|\right)-\frac12}{\left(1+0.001\,(x^2+y^2)\right)^2}$$

    Hyperbolic ripples that grow finer outwards: near the corners of the box they are narrower than any grid that can be
    drawn, and what the picture shows there is the grid.

    Source: Surjanovic and Bingham, Virtual Library of Simulation Experiments, 2013, Schaffer function N. 4.
    """
    x, y = p
    # cos² is even, so the modulus changes no value; without it the surface is visibly smooth on the diagonals.
    ripple = jnp.cos(jnp.sin(x**2 - y**2)) ** 2
    return 0.5 + (ripple - 0.5) / (1 + 0.001 * (x**2 + y**2)) ** 2


@surface(box=(-2, 2, -2, 2), start=(0.75, 1.4), minima=[(-0.9363006340109187, 0)])
def two_gaussians(p: Point, *, width: Annotated[float, Knob(0.02, 2, log=True)] = 0.2) -> Scalar:
    r"""Bowl with two holes.

    $$x^2+y^2 - 2e^{-\left((x-1)^2+y^2\right)/w} - 3e^{-\left((x+1)^2+y^2\right)/w}$$

    The bowl leads to the middle, the holes are beside it and unequally deep. Follow the slope and the start decides
    which one swallows the run; widen the holes and they flow together.

    Source: Dupont, Interactive Visualization of Optimization Algorithms in Deep Learning, 2018.
    """
    x, y = p
    right = 2 * jnp.exp(-((x - 1) ** 2 + y**2) / width)
    left = 3 * jnp.exp(-((x + 1) ** 2 + y**2) / width)
    return x**2 + y**2 - right - left
