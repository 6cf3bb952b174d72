"""Rules that use only the signs of the gradient, so that its size cannot hurt."""

from typing import Annotated

import jax.numpy as jnp

from landscapes.knobs import Knob
from optim.optimizer import Decay, Rate, WeightDecay, optimizer
from optim.oracle import Oracle, Vector


@optimizer(order=1)
def sign_gd(oracle: Oracle, x: Vector, *, learning_rate: Rate = 2e-2) -> Vector:
    r"""Sign descent.

    $$x \leftarrow x - \eta\, \operatorname{sign} \nabla f(x)$$

    Every step has the same length: steep and flat directions move alike, a cliff is harmless, and near the minimum
    the path never settles.

    Source: Bernstein, Wang, Azizzadenesheli and Anandkumar, signSGD, ICML 2018.
    """
    return x - learning_rate * jnp.sign(oracle.gradient(x))


@optimizer(order=1)
def rprop(
    oracle: Oracle,
    x: Vector,
    size: Vector,
    previous: Vector,
    move: Vector,
    *,
    initial_step: Annotated[float, Knob(1e-4, 10.0, log=True, symbol="Δ₀")] = 0.1,
    grow: Annotated[float, Knob(1.0, 2.0, symbol="η⁺")] = 1.2,
    shrink: Annotated[float, Knob(0.1, 1.0, symbol="η⁻")] = 0.5,
    smallest_step: Annotated[float, Knob(1e-12, 1e-2, log=True)] = 1e-6,
    largest_step: Annotated[float, Knob(1e-1, 1e3, log=True)] = 50.0,
) -> tuple[Vector, Vector, Vector, Vector]:
    r"""Resilient backpropagation (Rprop).

    $$\Delta_i \leftarrow \begin{cases} \eta^+ \Delta_i & g_i g_i^{\text{prev}} > 0 \\
    \eta^- \Delta_i & g_i g_i^{\text{prev}} < 0 \end{cases}, \qquad
    x_i \leftarrow \begin{cases} x_i - \Delta_i \operatorname{sign} g_i & g_i g_i^{\text{prev}} \ge 0 \\
    x_i^{\text{prev}} & g_i g_i^{\text{prev}} < 0 \end{cases}$$

    Each coordinate has its own step size, which grows while the slope keeps its sign. A change of sign means that a
    minimum was jumped over: that coordinate goes back, and tries again with a smaller step.

    optax takes the step back to be no step at all; this is the original, with backtracking.

    Source: Riedmiller and Braun, IEEE International Conference on Neural Networks, 1993.
    """
    g = oracle.gradient(x)
    same = jnp.sign(g) * jnp.sign(previous)
    size = jnp.where(size == 0, initial_step, size)
    size = jnp.clip(size * jnp.where(same > 0, grow, jnp.where(same < 0, shrink, 1)), smallest_step, largest_step)
    move = jnp.where(same < 0, -move, -size * jnp.sign(g))
    # Forgetting the gradient after a step back keeps the next step from adapting the size a second time.
    return x + move, size, jnp.where(same < 0, 0, g), move


@optimizer(order=1)
def lion(
    oracle: Oracle,
    x: Vector,
    m: Vector,
    *,
    learning_rate: Rate = 2e-2,
    beta1: Decay = 0.9,
    beta2: Decay = 0.99,
    weight_decay: WeightDecay = 0.0,
) -> tuple[Vector, Vector]:
    r"""Lion (evolved sign momentum).

    $$x \leftarrow x - \eta \left(\operatorname{sign}(\beta_1 m + (1 - \beta_1) g) + \lambda x\right), \qquad
    m \leftarrow \beta_2 m + (1 - \beta_2) g$$

    Every step goes along a diagonal. The momentum remembers longer than the step that it decides.

    Source: Chen, Liang, Huang et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023.
    """
    g = oracle.gradient(x)
    x = x - learning_rate * (jnp.sign(beta1 * m + (1 - beta1) * g) + weight_decay * x)
    return x, beta2 * m + (1 - beta2) * g
