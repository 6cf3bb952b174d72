"""What a step asks of the oracle, counted by its own trace, in gradients."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.extend.core import ClosedJaxpr, Literal

from optim.oracle import Oracle, Vector

COSTS = {"value": 0.25, "gradient": 1.0, "hessian": 2.0}
"""What one answer of the oracle costs, in gradients.

A gradient by reverse accumulation takes the time of three to four values (Griewank and Walther, Evaluating Derivatives,
2008, chapter 3). The Hessian of two variables is counted as two columns, each the difference of two gradients of which
one is known.
"""


def metered(oracle: Oracle) -> Oracle:
    """The oracle with its answers recognisable in a trace."""

    def named(name: str, answer: Callable[[Vector], Array]) -> Callable[[Vector], Array]:
        def ask(x: Vector) -> Any:
            return answer(x)

        ask.__name__ = f"asked_{name}"
        return jax.jit(ask)

    return Oracle(**{name: named(name, getattr(oracle, name)) for name in COSTS})


PRICES = {f"asked_{name}": cost for name, cost in COSTS.items()}


def counted(step: Callable[..., Any], *arguments: Any) -> tuple[Any, Array]:
    """What `step` answers, and what its questions to a metered oracle cost.

    The step is traced and its trace replayed with a meter, which runs along inside of loops as well: a line search
    pays for every trial that this run needed. ``NotImplementedError`` where the condition of a loop, or a branch, asks
    the oracle.
    """
    closed, shape = jax.make_jaxpr(step, return_shape=True)(*arguments)
    found, cost = _replay(closed, jax.tree.leaves(arguments))
    return jax.tree.unflatten(jax.tree.structure(shape), found), cost


def _asks(part: object) -> bool:
    """True where a part of a trace asks the oracle."""
    text = str(part)
    return any(name in text for name in PRICES)


def _replay(closed: ClosedJaxpr, arguments: Sequence[Any]) -> tuple[list[Any], Array]:
    jaxpr, cost = closed.jaxpr, jnp.zeros(())
    more: Any
    known: dict[Any, Any] = dict(zip(jaxpr.constvars, closed.consts, strict=True))
    known |= dict(zip(jaxpr.invars, arguments, strict=True))

    def read(variable: Any) -> Any:
        return variable.val if isinstance(variable, Literal) else known[variable]

    for equation in jaxpr.eqns:
        values, kind, settings = [read(v) for v in equation.invars], equation.primitive.name, equation.params
        if settings.get("name") not in PRICES and _asks(equation):
            if kind not in _LOOPS:
                raise NotImplementedError(f"the oracle must not be asked within {kind}")
            found, more = _LOOPS[kind](values, settings)
        else:
            answer = equation.primitive.bind(*values, **equation.primitive.get_bind_params(settings))
            found = answer if equation.primitive.multiple_results else [answer]
            more = PRICES.get(settings.get("name", ""), 0.0)
        cost = cost + more
        known |= dict(zip(equation.outvars, found, strict=True))
    return [read(v) for v in jaxpr.outvars], cost


def _call(values: list[Any], settings: Mapping[str, Any]) -> tuple[list[Any], Array]:
    return _replay(settings["jaxpr"], values)


def _while(values: list[Any], settings: Mapping[str, Any]) -> tuple[list[Any], Array]:
    first, second = settings["cond_nconsts"], settings["cond_nconsts"] + settings["body_nconsts"]
    tests, bodies, carried = values[:first], values[first:second], values[second:]
    if _asks(settings["cond_jaxpr"].jaxpr):
        raise NotImplementedError("the condition of a loop must not ask the oracle")

    def go_on(carry: tuple[list[Any], Array]) -> Any:
        return _replay(settings["cond_jaxpr"], [*tests, *carry[0]])[0][0]

    def body(carry: tuple[list[Any], Array]) -> tuple[list[Any], Array]:
        found, more = _replay(settings["body_jaxpr"], [*bodies, *carry[0]])
        return found, carry[1] + more

    return jax.lax.while_loop(go_on, body, (carried, jnp.zeros(())))


def _scan(values: list[Any], settings: Mapping[str, Any]) -> tuple[list[Any], Array]:
    first, second = settings["num_consts"], settings["num_consts"] + settings["num_carry"]

    def body(carry: tuple[list[Any], Array], now: list[Any]) -> tuple[tuple[list[Any], Array], list[Any]]:
        found, more = _replay(settings["jaxpr"], [*values[:first], *carry[0], *now])
        return (found[: second - first], carry[1] + more), found[second - first :]

    start = (values[first:second], jnp.zeros(()))
    (carried, cost), stacked = jax.lax.scan(body, start, values[second:], length=settings["length"])
    return [*carried, *stacked], cost


_LOOPS = {"jit": _call, "while": _while, "scan": _scan}
