"""Rules that divide each component of the step by a running size of its gradient."""

import jax.numpy as jnp

from optim.optimizer import Count, Decay, Epsilon, Rate, WeightDecay, optimizer
from optim.oracle import Oracle, Vector


@optimizer(order=1)
def adagrad(
    oracle: Oracle, x: Vector, s: Vector, *, learning_rate: Rate = 0.5, epsilon: Epsilon = 1e-8
) -> tuple[Vector, Vector]:
    r"""AdaGrad.

    $$s \leftarrow s + g^2, \qquad x \leftarrow x - \frac{\eta}{\sqrt{s} + \varepsilon}\, g$$

    The sum only grows, so that every step is shorter than it would have been before: safe, and in the end too slow.

    The sum starts from 0 and ε stands outside the root, as published; optax starts from 0.1 and puts ε inside.

    Source: Duchi, Hazan and Singer, Journal of Machine Learning Research 12, 2011, with diagonal matrices.
    """
    g = oracle.gradient(x)
    s = s + g**2
    return x - learning_rate * g / (jnp.sqrt(s) + epsilon), s


@optimizer(order=1)
def rmsprop(
    oracle: Oracle, x: Vector, v: Vector, *, learning_rate: Rate = 5e-2, decay: Decay = 0.9, epsilon: Epsilon = 1e-8
) -> tuple[Vector, Vector]:
    r"""RMSprop.

    $$v \leftarrow \beta v + (1 - \beta)\, g^2, \qquad x \leftarrow x - \frac{\eta}{\sqrt{v} + \varepsilon}\, g$$

    Old gradients fade, so that the steps do not die out as AdaGrad's do. The first ones are large, because the mean
    starts from 0.

    The lecture divides by the root alone; ε outside the root keeps a zero gradient harmless. optax puts it inside.

    Source: Tieleman and Hinton, Neural Networks for Machine Learning, lecture 6e, Coursera, 2012.
    """
    g = oracle.gradient(x)
    v = decay * v + (1 - decay) * g**2
    return x - learning_rate * g / (jnp.sqrt(v) + epsilon), v


@optimizer(order=1)
def adadelta(
    oracle: Oracle, x: Vector, v: Vector, u: Vector, *, decay: Decay = 0.95, epsilon: Epsilon = 1e-6
) -> tuple[Vector, Vector, Vector]:
    r"""AdaDelta.

    $$v \leftarrow \rho v + (1 - \rho)\, g^2, \qquad
    \Delta = -\frac{\sqrt{u + \varepsilon}}{\sqrt{v + \varepsilon}}\, g, \qquad
    u \leftarrow \rho u + (1 - \rho)\, \Delta^2, \qquad x \leftarrow x + \Delta$$

    There is no learning rate: the size of past steps takes its place, and ε decides how small the first ones are.

    Source: M. D. Zeiler, ADADELTA, arXiv 1212.5701, 2012.
    """
    g = oracle.gradient(x)
    v = decay * v + (1 - decay) * g**2
    step = -jnp.sqrt(u + epsilon) / jnp.sqrt(v + epsilon) * g
    return x + step, v, decay * u + (1 - decay) * step**2


@optimizer(order=1)
def adam(
    oracle: Oracle,
    x: Vector,
    m: Vector,
    v: Vector,
    t: Count,
    *,
    learning_rate: Rate = 0.1,
    beta1: Decay = 0.9,
    beta2: Decay = 0.999,
    epsilon: Epsilon = 1e-8,
) -> tuple[Vector, Vector, Vector, Count]:
    r"""Adam.

    $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \quad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2, \quad
    x \leftarrow x - \eta\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}$$

    The first step has the length of the learning rate in every coordinate, however steep the surface is.

    Source: Kingma and Ba, Adam, ICLR 2015, algorithm 1.
    """
    g, t = oracle.gradient(x), t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    step = m / (1 - beta1**t) / (jnp.sqrt(v / (1 - beta2**t)) + epsilon)
    return x - learning_rate * step, m, v, t


@optimizer(order=1)
def adamax(
    oracle: Oracle,
    x: Vector,
    m: Vector,
    u: Vector,
    t: Count,
    *,
    learning_rate: Rate = 0.1,
    beta1: Decay = 0.9,
    beta2: Decay = 0.999,
) -> tuple[Vector, Vector, Vector, Count]:
    r"""AdaMax.

    $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \quad u \leftarrow \max(\beta_2 u, |g|), \quad
    x \leftarrow x - \frac{\eta}{1 - \beta_1^t}\, \frac{m}{u}$$

    Adam with a fading maximum in place of the root mean square: one large gradient shortens many later steps.

    There is no ε, as published, and a component whose gradient has always been 0 does not move; optax adds an ε.

    Source: Kingma and Ba, Adam, ICLR 2015, algorithm 2.
    """
    g, t = oracle.gradient(x), t + 1
    m = beta1 * m + (1 - beta1) * g
    u = jnp.maximum(beta2 * u, jnp.abs(g))
    step = m / (1 - beta1**t) / jnp.where(u > 0, u, 1)
    return x - learning_rate * step, m, u, t


@optimizer(order=1)
def nadam(
    oracle: Oracle,
    x: Vector,
    m: Vector,
    v: Vector,
    t: Count,
    *,
    learning_rate: Rate = 0.1,
    beta1: Decay = 0.9,
    beta2: Decay = 0.999,
    epsilon: Epsilon = 1e-8,
) -> tuple[Vector, Vector, Vector, Count]:
    r"""Nadam.

    $$\hat m = \frac{\beta_1 m}{1 - \beta_1^{t+1}} + \frac{(1 - \beta_1)\, g}{1 - \beta_1^t}, \qquad
    x \leftarrow x - \eta\, \frac{\hat m}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}$$

    Adam that looks one step ahead, as Nesterov's momentum does, with Adam's $m$ and $v$.

    The decay of the mean is constant here, as in optax; the paper lets it follow a schedule.

    Source: T. Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop, 2016.
    """
    g, t = oracle.gradient(x), t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    ahead = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t)
    return x - learning_rate * ahead / (jnp.sqrt(v / (1 - beta2**t)) + epsilon), m, v, t


@optimizer(order=1)
def amsgrad(
    oracle: Oracle,
    x: Vector,
    m: Vector,
    v: Vector,
    largest: Vector,
    *,
    learning_rate: Rate = 0.1,
    beta1: Decay = 0.9,
    beta2: Decay = 0.999,
    epsilon: Epsilon = 1e-8,
) -> tuple[Vector, Vector, Vector, Vector]:
    r"""AMSGrad.

    $$\hat v \leftarrow \max(\hat v, v), \qquad x \leftarrow x - \eta\, \frac{m}{\sqrt{\hat v} + \varepsilon}$$

    Adam's $m$ and $v$, but the divisor never shrinks: the repair of the case in which Adam fails to converge.

    No bias correction, as published; ε is added so that a zero gradient is harmless. optax corrects by default.

    Source: Reddi, Kale and Kumar, On the Convergence of Adam and Beyond, ICLR 2018.
    """
    g = oracle.gradient(x)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    largest = jnp.maximum(largest, v)
    return x - learning_rate * m / (jnp.sqrt(largest) + epsilon), m, v, largest


@optimizer(order=1)
def adamw(
    oracle: Oracle,
    x: Vector,
    m: Vector,
    v: Vector,
    t: Count,
    *,
    learning_rate: Rate = 0.1,
    beta1: Decay = 0.9,
    beta2: Decay = 0.999,
    epsilon: Epsilon = 1e-8,
    weight_decay: WeightDecay = 1e-2,
) -> tuple[Vector, Vector, Vector, Count]:
    r"""AdamW (decoupled weight decay).

    $$x \leftarrow x - \eta \left(\frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon} +
    \lambda x\right)$$

    The pull towards the origin is not divided by the gradient's size, as it would be if it were part of the loss. The
    path ends beside the surface's minimum, not in it.

    The paper's λ is ηλ here, as in optax and PyTorch, so that the two scale together.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019.
    """
    g, t = oracle.gradient(x), t + 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    step = m / (1 - beta1**t) / (jnp.sqrt(v / (1 - beta2**t)) + epsilon)
    return x - learning_rate * (step + weight_decay * x), m, v, t
