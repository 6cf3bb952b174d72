r"""Optimizers out of optax: one call turns a factory of gradient transformations into a registered optimizer.

```python
from_optax(
    optax.noisy_sgd,
    Caption(title="Noisy gradient descent", formula=r"x \leftarrow x - \eta\,(g + \xi)", notice="…", source="…"),
    knobs={"learning_rate": Knob(1e-4, 1.0, log=True), "eta": Knob(0.0, 1.0)},
    learning_rate=0.05,
)
```

It is then in `OPTIMIZERS` under the factory's name, with a slider for each knob, and runs in the engine like any other:
hyperparameters are traced, so that moving a slider does not recompile it.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, get_args

import jax
import jax.numpy as jnp
import optax

from landscapes.caption import Caption
from landscapes.knobs import Knob
from optim.optimizer import Decay, Optimizer, Rate, State, register
from optim.oracle import Oracle, Vector


def from_optax(
    factory: Callable[..., optax.GradientTransformation],
    caption: Caption,
    *,
    key: str | None = None,
    knobs: Mapping[str, Knob] | None = None,
    **defaults: float,
) -> Optimizer:
    """Register what `factory` makes, under `key` or the factory's own name.

    `knobs` gives the range of each argument that is to be a slider; without it, every argument that is a float unlike
    0 is one (see `factory_knobs`). Arguments that are no knobs keep the factory's defaults. `defaults` replace the
    factory's: they are needed where it has none, as for most learning rates. ``TypeError`` names a knob that the
    factory does not take or that has no default; ``ValueError`` a key that is taken.
    """
    ranges = factory_knobs(factory, defaults) if knobs is None else _with_defaults(factory, knobs, defaults)

    def init(x: Vector, hyper: Mapping[str, Any]) -> State:
        return factory(**hyper).init(x)

    def step(oracle: Oracle, x: Vector, state: State, hyper: Mapping[str, Any]) -> tuple[Vector, State]:
        transformation = optax.with_extra_args_support(factory(**hyper))
        g = oracle.gradient(x)
        # What a line search of optax's asks for; what it does not use is never computed.
        extra = {"value": oracle.value(x), "grad": g, "value_fn": oracle.value}
        updates, state = transformation.update(g, state, x, **extra)
        return x + updates, state

    state = jax.eval_shape(init, jnp.zeros(2), {name: knob.default for name, knob in ranges.items()})
    return register(
        Optimizer(
            key=key or factory.__name__,
            caption=caption,
            order=1,
            knobs=MappingProxyType(ranges),
            init=init,
            step=step,
            source=inspect.getsource(factory),
            axes=jax.tree.map(_axis, state),
        )
    )


def _axis(leaf: jax.ShapeDtypeStruct) -> int | None:
    """Where a part of the state has its batch axis: a whole number counts steps, which all runs share."""
    return None if jnp.issubdtype(leaf.dtype, jnp.integer) and not leaf.shape else 0


def _default(factory: Callable[..., Any], name: str, defaults: Mapping[str, float]) -> float:
    parameters = inspect.signature(factory).parameters
    if name not in parameters:
        raise TypeError(f"{factory.__name__} takes no {name}; it takes {', '.join(parameters)}")
    default = defaults.get(name, parameters[name].default)
    if isinstance(default, bool) or not isinstance(default, int | float):
        raise TypeError(f"{name} of {factory.__name__} has no number for a default: give one, {name}=…")
    return float(default)


def _with_defaults(
    factory: Callable[..., Any], knobs: Mapping[str, Knob], defaults: Mapping[str, float]
) -> dict[str, Knob]:
    if loose := sorted(set(defaults) - set(knobs)):
        raise TypeError(f"a default for {', '.join(loose)} of {factory.__name__}, but no knob")
    made = {name: replace(knob, name=name, default=_default(factory, name, defaults)) for name, knob in knobs.items()}
    if outside := [name for name, knob in made.items() if not knob.contains(knob.default)]:
        raise TypeError(f"the default of {', '.join(outside)} of {factory.__name__} is out of the knob's range")
    return made


def factory_knobs(factory: Callable[..., Any], defaults: Mapping[str, float]) -> dict[str, Knob]:
    """A knob for every float argument of `factory`, with a range guessed from its default.

    A learning rate ranges as it does for the rules written out here. A default from one half to below one is taken for
    a decay; any other positive one ranges over three powers of ten on either side. A zero means that something is
    switched off, and is left so unless `defaults` say otherwise.
    """
    rate: Knob = get_args(Rate)[1]
    decay: Knob = get_args(Decay)[1]

    def guess(name: str, default: float) -> Knob:
        if name == "learning_rate":
            return rate
        return decay if 0.5 <= default < 1 else Knob(default / 1e3, default * 1e3, log=True)

    taken = inspect.signature(factory).parameters
    floats = {name: defaults.get(name, p.default) for name, p in taken.items()}
    positive = {name: value for name, value in floats.items() if type(value) is float and value > 0}
    return _with_defaults(factory, {name: guess(name, value) for name, value in positive.items()}, defaults)


from_optax(
    optax.radam,
    Caption(
        title="Rectified Adam (RAdam)",
        formula=r"x \leftarrow x - \eta\, r_t\, \frac{\hat m}{\sqrt{\hat v}}, \qquad r_t = \sqrt{\frac{(\rho_t - 4)"
        r"(\rho_t - 2)\rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2)\rho_t}}",
        notice="Starts as plain momentum and turns into Adam once enough gradients were seen to trust their size: a "
        "warm-up that nobody has to set. On a steep surface those first steps are as long as gradient descent's.",
        source="Liu, Jiang, He et al., On the Variance of the Adaptive Learning Rate and Beyond, ICLR 2020.",
    ),
    learning_rate=0.01,
)

from_optax(
    optax.adan,
    Caption(
        title="Adan (adaptive Nesterov momentum)",
        formula=r"x \leftarrow x - \eta\, \frac{m + (1 - \beta_2) v}{\sqrt{n} + \varepsilon}, \qquad "
        r"m \approx \mathbb{E}\,g, \quad v \approx \mathbb{E}\,\Delta g, \quad "
        r"n \approx \mathbb{E}\,(g + (1 - \beta_2) \Delta g)^2",
        notice="Averages the change of the gradient beside the gradient, and so looks ahead as Nesterov's momentum "
        "does without asking for the gradient elsewhere. optax counts its decays as one minus the paper's but weighs "
        "the change by 1 − β₂ all the same, where the authors' code has β₂: it looks less far ahead.",
        source="Xie, Zhou, Li, Lin and Yan, Adan, arXiv 2208.06677, 2022; optax's form.",
    ),
    learning_rate=0.1,
)

from_optax(
    optax.adabelief,
    Caption(
        title="AdaBelief",
        formula=r"s \leftarrow \beta_2 s + (1 - \beta_2)(g - m)^2 + \varepsilon, \qquad "
        r"x \leftarrow x - \eta\, \frac{\hat m}{\sqrt{\hat s} + \varepsilon}",
        notice="Divides by how much the gradient differs from its running mean, not by its size: long steps where the "
        "slope is as expected, short ones where it is a surprise.",
        source="Zhuang, Tang, Ding et al., AdaBelief Optimizer, NeurIPS 2020.",
    ),
    learning_rate=0.1,
)

from_optax(
    optax.yogi,
    Caption(
        title="Yogi",
        formula=r"v \leftarrow v - (1 - \beta_2)\, \operatorname{sign}(v - g^2)\, g^2, \qquad "
        r"x \leftarrow x - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}",
        notice="Adam whose divisor changes by at most the size of the new gradient: after a cliff it forgets slowly, "
        "where Adam's steps soon grow again. optax starts both means at one millionth, which makes it wander a "
        "little even from where the gradient is 0.",
        source="Zaheer, Reddi, Sachan, Kale and Kumar, Adaptive Methods for Nonconvex Optimization, NeurIPS 2018.",
    ),
    learning_rate=0.1,
)

from_optax(
    optax.lamb,
    Caption(
        title="LAMB (layer-wise adaptive moments)",
        formula=r"x \leftarrow x - \eta\, \frac{\|x\|}{\|u\|}\, u, \qquad u = \frac{\hat m}{\sqrt{\hat v} + "
        r"\varepsilon} + \lambda x",
        notice="The length of every step is the learning rate times the distance from the origin, whatever the "
        "gradient is: made for layers of weights, and on a surface a rule to which the origin is special.",
        source="You, Li, Reddi et al., Large Batch Optimization for Deep Learning, ICLR 2020.",
    ),
    learning_rate=0.02,
)
