"""Rules that look along a direction before they step: how far is decided by trying."""

from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from landscapes.knobs import Knob
from optim.optimizer import optimizer
from optim.oracle import Matrix, Oracle, Scalar, Vector

TRIALS = 60
"""Steps that a search may try; more would only shorten a step that is already lost in rounding."""
LONGEST = 1024
"""Times the initial step that a search may lengthen it: a surface without a floor has no step that is long enough."""
SUFFICIENT = 1e-4
"""Share of the decrease that the slope promises which a step must bring. Source: Nocedal and Wright, 2006."""


def moves(x: Vector, step: Vector) -> Array:
    """Whether x + step differs from x by more than rounding; False where the step is not a number."""
    return jnp.any(jnp.abs(step) > np.finfo(x.dtype).eps * jnp.abs(x))


def armijo(
    oracle: Oracle, x: Vector, direction: Vector, slope: Scalar, initial: ArrayLike, shrink: ArrayLike, share: ArrayLike
) -> Scalar:
    """First of the steps initial, initial·shrink, … with f(x + t·direction) ≤ f(x) + share·t·slope; 0 if none has.

    Source: L. Armijo, Pacific Journal of Mathematics 16(1), 1966.
    """
    here = oracle.value(x)

    def enough(t: Array) -> Array:
        return oracle.value(x + t * direction) <= here + share * t * slope

    def search(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        t, _, trials = carry
        t = t * shrink
        return t, enough(t), trials + 1

    def unsure(carry: tuple[Array, Array, Array]) -> Array:
        t, found, trials = carry
        return ~found & (trials < TRIALS) & moves(x, t * direction)

    first = jnp.asarray(initial, x.dtype)
    t, found, _ = jax.lax.while_loop(unsure, search, (first, enough(first), jnp.int32(1)))
    return jnp.where(found, t, 0)


def wolfe(oracle: Oracle, x: Vector, direction: Vector, initial: ArrayLike, curvature: ArrayLike) -> Scalar:
    """A step t that meets the strong Wolfe conditions: f decreases by at least `SUFFICIENT` of what the slope
    promises, and the slope is flatter than `curvature` times the one at t = 0.

    The step is multiplied by 4 until it is too long, or longer than `LONGEST` times the first; then the bracket is cut
    by turns at the secant's zero of the slope, which is exact on a quadratic, and at its geometric mean, which always
    ends: a first step is wrong by powers of ten. While no step is known to be short, that is a tenth of the shortest.
    Where `TRIALS` are used up, or the bracket is lost in rounding, the longest step that is known to decrease f; 0 if
    none is.

    Source: Nocedal and Wright, Numerical Optimization, 2006, chapter 3, for the conditions.
    """

    def along(t: Array) -> tuple[Array, Array]:
        return oracle.value(x + t * direction), oracle.gradient(x + t * direction) @ direction

    zero, end = jnp.zeros((), x.dtype), jnp.asarray(jnp.inf, x.dtype)
    height, slope = along(zero)

    def search(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        t, _, (low, low_slope), (high, high_slope), trials = carry
        value, steep = along(t)
        decreases = value <= height + SUFFICIENT * t * slope
        found = decreases & (jnp.abs(steep) <= curvature * -slope)
        short = decreases & (steep < 0)
        low, low_slope = jnp.where(short, t, low), jnp.where(short, steep, low_slope)
        high, high_slope = jnp.where(short, high, t), jnp.where(short, high_slope, steep)
        cut = low - low_slope * (high - low) / (high_slope - low_slope)
        # The root of the product would be lost in 32 bits where both are small.
        middle = jnp.where(low > 0, jnp.sqrt(low) * jnp.sqrt(high), high / 10)
        inside = jnp.where((trials % 2 == 1) & (cut > low) & (cut < high), cut, middle)
        following = jnp.where(high < jnp.inf, inside, 4 * t)
        return jnp.where(found, t, following), found, (low, low_slope), (high, high_slope), trials + 1

    def unsure(carry: tuple[Any, ...]) -> Array:
        t, found, (low, _), (high, _), trials = carry
        bracketed = high < jnp.inf
        width = jnp.where(bracketed, high - low, t)
        promising = (bracketed | (t <= LONGEST * first)) & moves(x, width * direction)
        return jnp.asarray(~found & (trials < TRIALS) & promising)

    first = jnp.asarray(initial, x.dtype)
    unfinished = (first, jnp.bool_(False), (zero, slope), (end, zero), jnp.int32(0))
    carry = jax.lax.while_loop(unsure, search, unfinished)
    t, found, (low, _), _, _ = carry
    return jnp.where(found, t, low)


def downhill(direction: Vector, g: Vector) -> Vector:
    """`direction`, or the steepest descent where that leads uphill, as noise or rounding can bring about."""
    return jnp.where(direction @ g < 0, direction, -g)


@optimizer(order=1)
def gd_line_search(
    oracle: Oracle,
    x: Vector,
    *,
    initial_step: Annotated[float, Knob(1e-4, 10.0, log=True, symbol="t₀")] = 1.0,
    shrink: Annotated[float, Knob(0.1, 0.8, symbol="ρ")] = 0.5,
    sufficient_decrease: Annotated[float, Knob(1e-6, 0.5, log=True, symbol="c")] = SUFFICIENT,
) -> Vector:
    r"""Gradient descent with backtracking line search.

    $$x \leftarrow x - t\, g, \qquad t = \max \{t_0 \rho^k : f(x - t g) \le f(x) - c\, t\, \|g\|^2\}$$

    There is no learning rate to set, and the loss never rises. The path still zigzags: the step length was not the
    cause, the direction is.

    Source: L. Armijo, Pacific Journal of Mathematics 16(1), 1966; Nocedal and Wright, Numerical Optimization, 2006,
    algorithm 3.1.
    """
    g = oracle.gradient(x)
    return x - armijo(oracle, x, -g, -g @ g, initial_step, shrink, sufficient_decrease) * g


@optimizer(order=1)
def nonlinear_cg(
    oracle: Oracle,
    x: Vector,
    d: Vector,
    previous: Vector,
    *,
    initial_step: Annotated[float, Knob(1e-4, 10.0, log=True, symbol="t₀")] = 1.0,
    curvature: Annotated[float, Knob(1e-9, 0.9, log=True, symbol="c₂")] = 0.1,
) -> tuple[Vector, Vector, Vector]:
    r"""Nonlinear conjugate gradients (Polak–Ribière+).

    $$\beta = \max\left(0,\ \frac{g^\top (g - g^{\text{prev}})}{\|g^{\text{prev}}\|^2}\right), \qquad
    d \leftarrow -g + \beta d, \qquad x \leftarrow x + t\, d$$

    Each direction leaves alone what the last one has settled: a quadratic in two dimensions takes two exact steps,
    whatever its condition number.

    Source: Polak and Ribière, Revue française d'informatique et de recherche opérationnelle 3(R1), 1969; Nocedal and
    Wright, Numerical Optimization, 2006, chapter 5, for the maximum and the strong Wolfe conditions.
    """
    g = oracle.gradient(x)
    size = previous @ previous
    beta = jnp.maximum(0, g @ (g - previous) / jnp.where(size > 0, size, 1))
    d = downhill(-g + beta * d, g)
    return x + wolfe(oracle, x, d, initial_step, curvature) * d, d, g


@optimizer(order=1)
def bfgs(
    oracle: Oracle,
    x: Vector,
    inverse: Matrix,
    *,
    curvature: Annotated[float, Knob(1e-3, 0.9, log=True, symbol="c₂")] = 0.9,
) -> tuple[Vector, Matrix]:
    r"""BFGS.

    $$B \leftarrow (I - \rho\, s y^\top) B (I - \rho\, y s^\top) + \rho\, s s^\top, \qquad \rho = 1 / y^\top s, \qquad
    x \leftarrow x - t\, B g$$

    Newton's method without a Hessian: $B$ learns the inverse curvature from the change $y$ of the gradient over each
    step $s$. The first step is plain gradient descent, the last ones are nearly Newton's.

    $B$ starts from the identity, and stays as it is where the gradient shows no upward curvature along the step.

    Source: Broyden, Fletcher, Goldfarb and Shanno, 1970; Nocedal and Wright, Numerical Optimization, 2006,
    algorithm 6.1.
    """
    g = oracle.gradient(x)
    d = downhill(-inverse @ g, g)
    moved = x + wolfe(oracle, x, d, 1.0, curvature) * d
    s, y = moved - x, oracle.gradient(moved) - g
    limits = np.finfo(x.dtype)
    curved = s @ y > jnp.maximum(limits.eps * jnp.linalg.norm(s) * jnp.linalg.norm(y), limits.tiny)
    rho = jnp.where(curved, 1 / jnp.where(curved, s @ y, 1), 0)
    turn = jnp.eye(x.shape[0], dtype=x.dtype) - rho * jnp.outer(s, y)
    return moved, turn @ inverse @ turn.T + rho * jnp.outer(s, s)
