"""Rules that ask for the Hessian."""

from typing import Annotated

import jax.numpy as jnp
import numpy as np
from jax import Array

from landscapes.knobs import Knob
from optim.optimizer import Rate, optimizer
from optim.oracle import Matrix, Oracle, Scalar, Vector


def principal(hessian: Matrix) -> tuple[Vector, Matrix]:
    """Curvatures (n,) in no order, and their axes as the columns of a matrix (n, n)."""
    if hessian.shape != (2, 2):
        curvatures, axes = jnp.linalg.eigh(hessian)
        return curvatures, axes
    # One call of LAPACK for each of 256² runs takes twenty times as long as one of Jacobi's rotations, which is all
    # that two dimensions need. Source: Golub and Van Loan, Matrix Computations, Jacobi eigenvalue methods.
    (a, b), (_, d) = hessian
    slope = (d - a) / (2 * jnp.where(b == 0, 1, b))
    tangent = jnp.where(b == 0, 0, jnp.where(slope < 0, -1, 1) / (jnp.abs(slope) + jnp.sqrt(1 + slope**2)))
    cosine = 1 / jnp.sqrt(1 + tangent**2)
    sine = tangent * cosine
    return jnp.stack([a - tangent * b, d + tangent * b]), jnp.stack([cosine, sine, -sine, cosine]).reshape(2, 2)


def inverted(curvatures: Array) -> Array:
    """1 / curvatures (n,), and 0 for those that are 0 up to rounding, as in the Moore–Penrose inverse."""
    limits = np.finfo(curvatures.dtype)
    rounding = curvatures.size * limits.eps * jnp.max(jnp.abs(curvatures))
    flat = jnp.abs(curvatures) <= jnp.maximum(rounding, limits.tiny)
    return jnp.where(flat, 0, 1 / jnp.where(flat, 1, curvatures))


@optimizer(order=2)
def newton(oracle: Oracle, x: Vector) -> Vector:
    r"""Newton's method.

    $$x \leftarrow x - H^{+} g$$

    Jumps to the critical point of the local quadratic model, whichever kind it is: one step on a quadratic, and
    straight into saddles and maxima elsewhere.

    $H^{+}$ is the inverse where there is one. Along a direction without curvature the model has no critical point,
    and the pseudo-inverse takes no step.

    Source: Nocedal and Wright, Numerical Optimization, 2006, chapter 3; R. Penrose, 1955, for the pseudo-inverse.
    """
    curvatures, axes = principal(oracle.hessian(x))
    return x - axes @ (inverted(curvatures) * (axes.T @ oracle.gradient(x)))


@optimizer(order=2)
def jacobi(oracle: Oracle, x: Vector, *, learning_rate: Rate = 0.9) -> Vector:
    r"""Diagonally preconditioned gradient descent.

    $$x \leftarrow x - \eta\, |D|^{+} g, \qquad D = \operatorname{diag}(H)$$

    Gives every coordinate its own scale. That undoes bad conditioning along the axes and nothing else: turn the
    valley by 45°, and the diagonal no longer tells steep from flat.

    The magnitude keeps it descending where a curvature is negative, and a coordinate without curvature stays.

    Source: Saad, Iterative Methods for Sparse Linear Systems, 2003, chapter 10, for the Jacobi preconditioner;
    Becker and LeCun, 1988, for the magnitude of the diagonal.
    """
    return x - learning_rate * inverted(jnp.abs(jnp.diagonal(oracle.hessian(x)))) * oracle.gradient(x)


@optimizer(order=2)
def damped_newton(
    oracle: Oracle,
    x: Vector,
    power: Scalar,
    *,
    damping: Annotated[float, Knob(1e-6, 1e6, log=True, symbol="λ₀")] = 1e-2,
) -> tuple[Vector, Scalar]:
    r"""Damped Newton (Levenberg–Marquardt).

    $$x \leftarrow x - (H + \lambda I)^{-1} g, \qquad \lambda = \lambda_0 10^k$$

    Between Newton's method, λ small, and a short step of gradient descent, λ large. A step counts only where
    $H + \lambda I$ is positive definite and the loss falls: λ is then divided by 10. Otherwise the point stays and λ
    is multiplied by 10, which shows as a pause.

    Source: D. W. Marquardt, SIAM Journal 11(2), 1963, for the factor; Goldfeld, Quandt and Trotter, Econometrica
    34(3), 1966, for the shifted Hessian.
    """
    curvatures, axes = principal(oracle.hessian(x))
    raised = curvatures + damping * 10.0**power
    moved = x - axes @ (inverted(raised) * (axes.T @ oracle.gradient(x)))
    better = (jnp.min(raised) > 0) & (oracle.value(moved) < oracle.value(x))
    # The bounds keep the power of ten finite in 32 bits.
    return jnp.where(better, moved, x), jnp.clip(power + jnp.where(better, -1, 1), -30, 30)


@optimizer(order=2)
def saddle_free_newton(
    oracle: Oracle, x: Vector, *, damping: Annotated[float, Knob(0.0, 10.0, symbol="λ")] = 0.0
) -> Vector:
    r"""Saddle-free Newton.

    $$x \leftarrow x - (|H| + \lambda I)^{-1} g, \qquad |H| = \textstyle\sum_i |\lambda_i|\, v_i v_i^\top$$

    Newton's step lengths with gradient descent's directions: along negative curvature it runs away from the saddle
    that Newton's method walks into.

    λ shortens the steps where the curvature nearly vanishes. The paper searches for it; here it is set.

    Source: Dauphin, Pascanu, Gulcehre, Cho, Ganguli and Bengio, NeurIPS 2014.
    """
    curvatures, axes = principal(oracle.hessian(x))
    return x - axes @ (inverted(jnp.abs(curvatures) + damping) * (axes.T @ oracle.gradient(x)))
