"""Classic test functions with few stationary points: bowls, valleys, camels and saddles."""

# mypy: disable-error-code="no-any-return"
# Unpacking a JAX array gives Any to a type checker, and `x, y = p` is how every formula here begins.

from math import pi
from typing import Annotated

import jax.numpy as jnp

from landscapes.knobs import Knob
from landscapes.surface import Point, Scalar, surface


@surface(box=(-5.12, 5.12, -5.12, 5.12), start=(-4.0, 3.0), minima=[(0, 0)])
def sphere(p: Point) -> Scalar:
    r"""Sphere.

    $$x^2 + y^2$$

    The easiest surface there is: every direction curves alike, so the negative gradient points straight at the minimum
    and one step with learning rate 1/2 lands on it.

    Source: De Jong, An Analysis of the Behavior of a Class of Genetic Adaptive Systems, thesis, 1975, function F1.
    """
    x, y = p
    return x**2 + y**2


@surface(box=(-2, 2, -1, 3), start=(-1.2, 1.0), minima=[(1, 1)], log_height=True)
def rosenbrock(p: Point, *, b: Annotated[float, Knob(1, 1000, log=True)] = 100.0) -> Scalar:
    r"""Rosenbrock's valley.

    $$(1-x)^2 + b\,(y-x^2)^2$$

    Falling into the curved valley is quick; following its floor to the minimum is slow, because the floor is nearly
    flat while the walls are steep. At b = 100 the Hessian at the minimum has condition number 2508.

    Source: Rosenbrock, An Automatic Method for Finding the Greatest or Least Value of a Function, The Computer Journal
    3(3), 1960.
    """
    x, y = p
    return (1 - x) ** 2 + b * (y - x**2) ** 2


@surface(box=(-10, 10, -10, 10), start=(-8.0, -6.0), minima=[(1, 3)])
def booth(p: Point) -> Scalar:
    r"""Booth's bowl.

    $$(x+2y-7)^2 + (2x+y-5)^2$$

    A tilted elliptic bowl, exactly quadratic: Newton's method needs one step from anywhere, gradient descent feels the
    condition number of 9.

    Source: Jamil and Yang, A Literature Survey of Benchmark Functions for Global Optimisation Problems, 2013.
    """
    x, y = p
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


@surface(box=(-10, 10, -10, 10), start=(-8.0, 2.0), minima=[(0, 0)])
def matyas(p: Point, *, coupling: Annotated[float, Knob(0, 0.6)] = 0.48) -> Scalar:
    r"""Matyas' valley.

    $$0.26\,(x^2+y^2) - c\,xy$$

    The coupling c pulls the bowl into a valley along the diagonal: the curvatures are 0.52 − c and 0.52 + c. At
    c = 0.52 the floor is level, beyond it the valley has turned into a saddle.

    Source: Matyas, Random Optimization, Automation and Remote Control 26, 1965.
    """
    x, y = p
    return 0.26 * (x**2 + y**2) - coupling * x * y


@surface(box=(-4.5, 4.5, -4.5, 4.5), start=(1.0, 1.5), minima=[(3, 0.5)], log_height=True)
def beale(p: Point) -> Scalar:
    r"""Beale's function.

    $$(1.5-x+xy)^2 + (2.25-x+xy^2)^2 + (2.625-x+xy^3)^2$$

    A wide flat shelf with steep corners. A rate that is safe in the corners crawls on the shelf, and from the left
    half the way down runs off along y = 1 without ever arriving.

    Source: Beale, On an Iterative Method for Finding a Local Minimum of a Function of More than One Variable,
    Technical Report 25, Princeton, 1958.
    """
    x, y = p
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


@surface(box=(-2, 2, -2, 2), start=(-1.5, 0.5), minima=[(0, -1)], log_height=True)
def goldstein_price(p: Point) -> Scalar:
    r"""Goldstein and Price's function.

    $$\begin{aligned}
    &\left[1+(x+y+1)^2(19-14x+3x^2-14y+6xy+3y^2)\right] \\
    &\cdot\left[30+(2x-3y)^2(18-32x+12x^2+48y-36xy+27y^2)\right]
    \end{aligned}$$

    Four minima, and heights from 3 to a million within one box: no single learning rate suits the top and the bottom.

    Source: Goldstein and Price, On Descent from Local Minima, Mathematics of Computation 25(115), 1971.
    """
    x, y = p
    near = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    far = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return near * far


@surface(
    box=(-5, 5, -5, 5),
    start=(-0.5, -2.5),
    minima=[
        (3, 2),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ],
)
def himmelblau(p: Point, *, a: Annotated[float, Knob(0, 20)] = 11.0, b: Annotated[float, Knob(0, 14)] = 7.0) -> Scalar:
    r"""Himmelblau's function.

    $$(x^2+y-a)^2 + (x+y^2-b)^2$$

    Four minima of the same depth round one hill, with a saddle between each two neighbours. Which one a run finds is
    decided by its start, and near the ridges by the size of its first step.

    Source: Himmelblau, Applied Nonlinear Programming, 1972.
    """
    x, y = p
    return (x**2 + y - a) ** 2 + (x + y**2 - b) ** 2


@surface(box=(-5, 5, -5, 5), start=(0.0, -0.5), minima=[(-2.903534027771177, -2.903534027771177)])
def styblinski_tang(p: Point, *, tilt: Annotated[float, Knob(-10, 10)] = 5.0) -> Scalar:
    r"""Styblinski and Tang's function.

    $$\tfrac12\left(x^4-16x^2+cx + y^4-16y^2+cy\right)$$

    Two wells along each axis give four minima. The tilt c makes them unequal; at c = 0 they are mirror images of the
    same depth.

    Source: Styblinski and Tang, Experiments in Nonconvex Optimization: Stochastic Approximation with Function
    Smoothing and Simulated Annealing, Neural Networks 3(4), 1990.
    """
    return jnp.sum(p**4 - 16 * p**2 + tilt * p) / 2


@surface(
    box=(-3, 3, -2, 2),
    start=(2.5, 1.5),
    minima=[(0.08984201310031806, -0.7126564030207396), (-0.08984201310031806, 0.7126564030207396)],
)
def six_hump_camel(p: Point) -> Scalar:
    r"""Six-hump camel.

    $$\left(4-2.1x^2+\tfrac{x^4}{3}\right)x^2 + xy + (4y^2-4)\,y^2$$

    Six minima in three pairs, the two deepest in the middle. From the rim most runs stop in one of the four others.

    Source: Dixon and Szegö, The Global Optimization Problem: An Introduction, Towards Global Optimisation 2, 1978.
    """
    x, y = p
    return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2


@surface(box=(-5, 5, -5, 5), start=(2.5, 2.0), minima=[(0, 0)], log_height=True)
def three_hump_camel(p: Point) -> Scalar:
    r"""Three-hump camel.

    $$2x^2 - 1.05x^4 + \tfrac{x^6}{6} + xy + y^2$$

    The global minimum sits between two shallow ones of height 0.2986; the saddles that part them are only 0.58 higher,
    so a little noise or momentum carries a run across.

    Source: Jamil and Yang, A Literature Survey of Benchmark Functions for Global Optimisation Problems, 2013.
    """
    x, y = p
    return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2


@surface(box=(-1.5, 4, -3, 4), start=(3.5, 3.5), minima=[(0.5 - pi / 3, -0.5 - pi / 3)])
def mccormick(p: Point) -> Scalar:
    r"""McCormick's function.

    $$\sin(x+y) + (x-y)^2 - 1.5x + 2.5y + 1$$

    A bent sheet with one minimum in view and a shallow one to its right. Along the diagonal it keeps falling from
    wave to wave: outside the box there is no lowest point.

    Source: McCormick's problem as given by Jamil and Yang, A Literature Survey of Benchmark Functions for Global
    Optimisation Problems, 2013.
    """
    x, y = p
    return jnp.sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1


@surface(box=(-5, 10, 0, 15), start=(0.0, 13.0), minima=[(-pi, 12.275), (pi, 2.275), (3 * pi, 2.475)])
def branin(p: Point) -> Scalar:
    r"""Branin's function.

    $$\left(y-\tfrac{5.1}{4\pi^2}x^2+\tfrac5\pi x-6\right)^2 + 10\left(1-\tfrac1{8\pi}\right)\cos x + 10$$

    Three minima of the same depth strung along a parabolic valley: different starts, different answers, equal worth.

    Source: Branin, Widely Convergent Method for Finding Multiple Solutions of Simultaneous Nonlinear Equations, IBM
    Journal of Research and Development 16(5), 1972.
    """
    x, y = p
    return (y - 5.1 / (4 * pi**2) * x**2 + 5 / pi * x - 6) ** 2 + 10 * (1 - 1 / (8 * pi)) * jnp.cos(x) + 10


@surface(box=(-2, 2, -2, 2), start=(-1.5, 0.001))
def saddle(p: Point, *, escape: Annotated[float, Knob(0.01, 2, log=True, symbol="c")] = 1.0) -> Scalar:
    r"""Saddle.

    $$x^2 - c\,y^2$$

    Up along x, down along y: the gradient vanishes at the origin and yet nothing is solved. Started on the ridge,
    y = 0, gradient descent stops there; a hair beside it, the distance grows by the same factor at every step. Newton's
    method jumps onto the saddle from anywhere.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 8.2.3; the chapter summary's example.
    """
    x, y = p
    return x**2 - escape * y**2


@surface(box=(-1.5, 1.5, -1.5, 1.5), start=(1.0, 0.2))
def monkey_saddle(p: Point) -> Scalar:
    r"""Monkey saddle.

    $$x^3 - 3xy^2$$

    Three ways down and three up, one more than a rider's legs need. At the origin the whole Hessian is zero, so second
    derivatives cannot tell what kind of point it is and gradient descent arrives ever more slowly.

    Source: Hilbert and Cohn-Vossen, Geometry and the Imagination, 1952, section 29.
    """
    x, y = p
    return x**3 - 3 * x * y**2
