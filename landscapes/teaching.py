"""Surfaces made for a lesson: the seeds' own examples and the shapes that the chapter names."""

# mypy: disable-error-code="no-any-return"
# Unpacking a JAX array gives Any to a type checker, and `x, y = p` is how every formula here begins.

from typing import Annotated

import jax.numpy as jnp
from jax import Array, lax, nn

from landscapes.knobs import Knob
from landscapes.surface import Point, Scalar, surface


@surface(box=(-3, 3, -2, 2), start=(0.5, 1.0), minima=[(0, 0)])
def ill_conditioned(
    p: Point,
    *,
    condition_number: Annotated[float, Knob(1, 1000, log=True, symbol="κ")] = 100.0,
    angle: Annotated[float, Knob(-90, 90, symbol="θ°")] = 0.0,
) -> Scalar:
    r"""Ill-conditioned bowl.

    $$\tfrac12\left(\kappa\,u^2 + v^2\right), \qquad (u, v) = R(-\theta)\,(x, y)$$

    Steep across, flat along: the step that is safe for one direction hardly moves the other.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.1; the chapter summary's worked example.
    """
    turn = jnp.deg2rad(jnp.asarray(angle, p.dtype))
    u = jnp.cos(turn) * p[0] + jnp.sin(turn) * p[1]
    v = jnp.cos(turn) * p[1] - jnp.sin(turn) * p[0]
    return (condition_number * u**2 + v**2) / 2


@surface(box=(-2, 2, -1.5, 1.5), start=(1.8, 1.0), minima=[(-1.067923013689697, 0)])
def tilted_double_well(p: Point, *, tilt: Annotated[float, Knob(-2, 2, symbol="c")] = 0.6) -> Scalar:
    r"""Tilted double well.

    $$(x^2-1)^2 + y^2 + c\,x$$

    Two wells, one lower than the other: a run that starts on the wrong side of the ridge settles in the worse one and
    its gradient vanishes there just as well. Untilted, at c = 0, the wells are equivalent; beyond |c| = 1.54 one of
    them is gone.

    Source: The chapter summary's example of a suboptimal local minimum, with c = 0.6.
    """
    x, y = p
    return (x**2 - 1) ** 2 + y**2 + tilt * x


@surface(box=(-1.5, 1.5, -1.5, 1.5), start=(1.3, 0.9), minima=[(0, 0)])
def quartic_bowl(p: Point) -> Scalar:
    r"""Quartic bowl.

    $$x^4 + y^4$$

    Convex, with one minimum, and yet slow: the curvature fades towards the bottom, so gradient descent crawls and
    Newton's method only takes off a third of the distance at each step.

    Source: Nocedal and Wright, Numerical Optimization, 2006, section 2.1, on strict minima with a singular Hessian.
    """
    return jnp.sum(p**4)


@surface(box=(-3, 3, -3, 3), start=(-2.5, 1.5), minima=[(0, 0)])
def flat_bottom(p: Point, *, radius: Annotated[float, Knob(0.1, 2, symbol="ρ")] = 1.0) -> Scalar:
    r"""Bowl with a flat bottom.

    $$\max\left(\sqrt{x^2+y^2}-\rho,\;0\right)^3$$

    Convex, with more than one minimum: the whole disk of radius ρ, rim included, is lowest, and any of its points is as
    good an answer as another. The cube makes slope and curvature vanish at the rim without a jump. The declared
    minimum, the origin, stands for all of them.

    Source: ours, after Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.2.
    """
    # Inside the disk the square is held at ρ², so the root never meets its singularity at the origin.
    return (jnp.sqrt(jnp.maximum(jnp.sum(p**2), radius**2)) - radius) ** 3


@surface(box=(-6, 6, -6, 6), start=(-3.0, 1.0), minima=[(0, 0)])
def plateau(p: Point, *, width: Annotated[float, Knob(0.5, 3, symbol="w")] = 1.0) -> Scalar:
    r"""Plateau.

    $$1-e^{-(x^2+y^2)/2w^2}$$

    A well in a plain. The loss is high and the gradient is next to nothing, so its size alone does not tell a plateau
    from a minimum. A start twice as far out takes not twice but thousands of times as many steps.

    Source: ours, after Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.3.
    """
    return -jnp.expm1(-jnp.sum(p**2) / (2 * width**2))


@surface(box=(-4, 4, -4, 4), start=(-3.5, 2.5), minima=[(-0.539966657473612, 0)])
def cliff(p: Point, *, steepness: Annotated[float, Knob(1, 1000, log=True, symbol="k")] = 200.0) -> Scalar:
    r"""Cliff.

    $$\tfrac18(x^2+y^2) + \frac{2}{1+e^{-k(x+1/2)}}$$

    A gentle bowl with a wall across it: the lowest point lies at the foot of the wall, where slopes of about 1 meet a
    gradient of k/2. One step that touches the wall is thrown out of the picture; with the gradient clipped, it is not.

    Source: ours, after the cliffs of Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.4, and Pascanu,
    Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks, ICML 2013, section 2.3.
    """
    return jnp.sum(p**2) / 8 + 2 * nn.sigmoid(steepness * (p[0] + 0.5))


@surface(box=(-8, 6, -5, 5), start=(-0.6, 0.3), minima=[(3.094503269416424, 0)])
def mountain(p: Point, *, reach: Annotated[float, Knob(0.8, 4, symbol="s")] = 1.3) -> Scalar:
    r"""Mountain and hollow.

    $$\frac{2}{1+x^2+y^2} - \frac{1}{1+\left((x-3)^2+y^2\right)/s^2}$$

    The only minimum lies behind the mountain. A run that starts on the wrong side goes downhill at every step and away
    from it, for ever: the ground falls towards a height that it reaches nowhere. A wider hollow, beyond s = √2, draws
    such runs back around the mountain, on a long way over flat ground.

    Source: ours, after Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.7, figure 8.4.
    """
    x, y = p
    return 2 / (1 + x**2 + y**2) - 1 / (1 + ((x - 3) ** 2 + y**2) / reach**2)


@surface(box=(3, 6.5, -3.5, -1), start=(5.8, -2.4))
def recurrent_cliff(
    p: Point,
    *,
    target: Annotated[float, Knob(0.05, 0.95)] = 0.7,
    time_steps: Annotated[float, Knob(1, 50, symbol="T")] = 50.0,
) -> Scalar:
    r"""Cliff of a recurrent unit.

    $$\left(\sigma(h_T)-\text{target}\right)^2, \qquad h_t = x\,\sigma(h_{t-1}) + y, \quad h_0 = \tfrac12$$

    The error of one recurrent unit with weight x and bias y after T steps. Where the unit can remember either of two
    states, a wall parts them, and every further step in time makes it steeper: a small change of the weights changes
    which state the unit ends in. All points of a curve in the gentle part fit the target exactly; none is singled out.

    Source: Pascanu, Mikolov and Bengio, On the Difficulty of Training Recurrent Neural Networks, ICML 2013, equation 8
    and figure 6.
    """
    weight, bias = p

    def advance(t: Array, state: Scalar) -> Scalar:
        return jnp.where(t < time_steps, weight * nn.sigmoid(state) + bias, state)

    return (nn.sigmoid(lax.fori_loop(0, 50, advance, jnp.full_like(weight, 0.5))) - target) ** 2


@surface(box=(-2, 2, 0.4 - 2 / 3, 0.4 + 2 / 3), start=(-1.21, 0.853), minima=[(1, 1 / 3)])
def banana(p: Point, *, b: Annotated[float, Knob(1, 200, log=True)] = 20.0) -> Scalar:
    r"""Distill's banana.

    $$(1-x)^2 + b\,(3y-x^2)^2$$

    Rosenbrock's valley made milder and pressed flat to fit a page. Gradient descent stops short in the bend, momentum
    carries the run round it, and too much momentum swings up the walls.

    Source: Goh, Why Momentum Really Works, Distill, 2017, the opening figure, whose code has b = 20.
    """
    x, y = p
    return (1 - x) ** 2 + b * (3 * y - x**2) ** 2
