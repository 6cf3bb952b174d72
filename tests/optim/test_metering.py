"""What a step asks of the oracle is counted as it is asked, and nothing that cannot be counted is let through."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from landscapes import SURFACES
from optim import OPTIMIZERS
from optim.metering import COSTS, counted, metered
from optim.oracle import Oracle, exact

POINTS = np.array([[-1.2, 1.0], [0.4, 2.3], [1.7, -0.6]])


def rosenbrock(p: Any) -> Any:
    return SURFACES["rosenbrock"].f(p)


@pytest.mark.parametrize("key", OPTIMIZERS)
def test_the_meter_counts_what_python_sees(key: str) -> None:
    """Against a count in Python, with every loop run by Python: three steps of every rule, line searches included."""
    rule = OPTIMIZERS[key]
    hyper = rule.fill({})
    truth, seen = exact(rosenbrock), []

    def listening(name: str) -> Any:
        def ask(x: Any) -> Any:
            seen.append(name)
            return getattr(truth, name)(x)

        return ask

    heard = Oracle(**{name: listening(name) for name in COSTS})
    asked = metered(truth)
    step = jax.jit(lambda x, s: counted(lambda x, s: rule.step(asked, x, s, hyper), x, s))
    for start in POINTS[: 1 if key == "gradient_flow" else 3]:
        x, state = jnp.asarray(start), rule.init(jnp.asarray(start), hyper)
        for _ in range(2):
            seen.clear()
            with jax.disable_jit():
                plain, _ = rule.step(heard, x, state, hyper)
            (x, state), cost = step(x, state)
            assert float(cost) == sum(COSTS[name] for name in seen) > 0
            assert np.asarray(x) == pytest.approx(np.asarray(plain), rel=1e-9)


def test_a_loop_whose_condition_asks_is_refused() -> None:
    oracle = metered(exact(rosenbrock))

    def step(x: Any) -> Any:
        return jax.lax.while_loop(lambda x: oracle.value(x) > 1, lambda x: x / 2, x)

    with pytest.raises(NotImplementedError, match="condition"):
        counted(step, jnp.asarray(POINTS[0]))

    def branch(x: Any) -> Any:
        return jax.lax.cond(x[0] > 0, oracle.gradient, lambda x: x, x)

    with pytest.raises(NotImplementedError, match="cond"):
        counted(branch, jnp.asarray(POINTS[0]))
