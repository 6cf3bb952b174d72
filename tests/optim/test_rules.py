"""The rules as written against optax, or against sequences worked out by hand from their sources."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax import Array

from landscapes import SURFACES
from optim import OPTIMIZERS, descend

STEPS = 100

# Hyperparameters of ours, and optax's optimizer of the same form.
SAME_FORM: dict[str, tuple[dict[str, float], Any]] = {
    "gd": ({"learning_rate": 1e-3}, optax.sgd(1e-3)),
    "momentum": ({"learning_rate": 2e-4, "momentum": 0.8}, optax.sgd(2e-4, momentum=0.8)),
    "sign_gd": ({"learning_rate": 0.013}, optax.sign_sgd(0.013)),
    "lion": ({"learning_rate": 0.013, "weight_decay": 0.1}, optax.lion(0.013, 0.9, 0.99, weight_decay=0.1)),
    "adagrad": ({"learning_rate": 0.3, "epsilon": 0.0}, optax.adagrad(0.3, initial_accumulator_value=0.0, eps=0.0)),
    "rmsprop": (
        {"learning_rate": 2e-3, "decay": 0.8, "epsilon": 1e-3},
        optax.rmsprop(2e-3, decay=0.8, eps=1e-3, eps_in_sqrt=False),
    ),
    "adadelta": ({"decay": 0.9, "epsilon": 1e-4}, optax.adadelta(1.0, rho=0.9, eps=1e-4)),
    "adam": ({"learning_rate": 0.07, "beta1": 0.8}, optax.adam(0.07, b1=0.8)),
    "adamax": ({"learning_rate": 0.07, "beta2": 0.99}, optax.adamax(0.07, b2=0.99, eps=0.0)),
    "nadam": ({"learning_rate": 0.07, "epsilon": 1e-4}, optax.nadam(0.07, eps=1e-4)),
    "amsgrad": (
        {"learning_rate": 0.07, "beta2": 0.9},
        optax.amsgrad(0.07, b2=0.9, bias_correction_mu=False, bias_correction_nu=False),
    ),
    "adamw": ({"learning_rate": 0.07, "weight_decay": 0.2}, optax.adamw(0.07, weight_decay=0.2)),
    "radam": ({"learning_rate": 1e-3, "b2": 0.9}, optax.radam(1e-3, b2=0.9)),
    "adan": ({"learning_rate": 0.05, "b1": 0.9}, optax.adan(0.05, b1=0.9)),
    "adabelief": ({"learning_rate": 0.05, "eps": 1e-8}, optax.adabelief(0.05, eps=1e-8)),
    "yogi": ({"learning_rate": 0.05, "b2": 0.9}, optax.yogi(0.05, b2=0.9)),
    "lamb": ({"learning_rate": 0.01, "b1": 0.8}, optax.lamb(0.01, b1=0.8)),
}


def optax_path(surface: str, transformation: Any) -> np.ndarray:
    """Points (STEPS + 1, 2) of optax's own loop from the surface's start."""
    f = SURFACES[surface].f

    def step(carry: tuple[Array, Any], _: None) -> tuple[tuple[Array, Any], Array]:
        x, state = carry
        updates, state = transformation.update(jax.grad(f)(x), state, x)
        x = optax.apply_updates(x, updates)
        return (x, state), x

    start = jnp.asarray(SURFACES[surface].start, jnp.float64)
    _, path = jax.jit(lambda x: jax.lax.scan(step, (x, transformation.init(x)), length=STEPS))(start)
    return np.concatenate([start[None], path])


@pytest.mark.parametrize("surface", ["himmelblau", "rosenbrock"])
@pytest.mark.parametrize("key", SAME_FORM)
def test_same_sequence_as_optax(key: str, surface: str) -> None:
    hyper, transformation = SAME_FORM[key]
    run = descend(surface, key, steps=STEPS, **hyper)
    assert run.diverged_at is None
    np.testing.assert_allclose(run.points, optax_path(surface, transformation), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("surface", ["himmelblau", "rosenbrock"])
def test_nesterov_is_the_path_whose_look_ahead_point_optax_keeps(surface: str) -> None:
    x = descend(surface, "nesterov", steps=STEPS, learning_rate=2e-4, momentum=0.9).points
    velocity = np.diff(x, axis=0, prepend=x[:1])
    np.testing.assert_allclose(
        x + 0.9 * velocity, optax_path(surface, optax.sgd(2e-4, momentum=0.9, nesterov=True)), rtol=1e-10, atol=1e-10
    )


def test_rprop_steps_worked_out_by_hand() -> None:
    run = descend("sphere", "rprop", (0.15, -1.0), steps=7)
    # x: size .1, .12, back over .12 and half the size, .06, back over .06, .03, .036.
    np.testing.assert_allclose(run.points[:, 0], [0.15, 0.05, -0.07, 0.05, -0.01, 0.05, 0.02, -0.016], atol=1e-12)
    # y never changes its sign: every step is 1.2 times the last.
    np.testing.assert_allclose(run.points[:, 1], -1 + np.concatenate([[0], np.cumsum(0.1 * 1.2 ** np.arange(7))]))


def test_rprop_keeps_its_steps_within_their_bounds() -> None:
    run = descend("sphere", "rprop", (5.0, 5.0), steps=200, initial_step=0.01, largest_step=0.5, smallest_step=1e-3)
    sizes = np.abs(np.diff(run.points, axis=0))
    np.testing.assert_allclose([sizes.max(), sizes[-50:].min()], [0.5, 1e-3], rtol=1e-12)


def test_published_forms_that_differ_from_optax() -> None:
    # AdaGrad's sum starts from 0 and AdaMax has no ε: both first steps are exactly the learning rate long.
    for key in ("adagrad", "adamax"):
        first = np.diff(descend("himmelblau", key, steps=1, learning_rate=0.25).points, axis=0)[0]
        np.testing.assert_allclose(np.abs(first), 0.25, rtol=1e-9)
    # AMSGrad corrects no bias: its first step is (1 − β₁) / √(1 − β₂) times the learning rate.
    first = np.diff(descend("himmelblau", "amsgrad", steps=1, learning_rate=0.25).points, axis=0)[0]
    np.testing.assert_allclose(np.abs(first), 0.25 * 0.1 / np.sqrt(0.001), rtol=1e-6)


def test_adamw_ends_where_its_pull_to_the_origin_balances_the_step() -> None:
    pulled = descend("sphere", "adamw", (0.0, 2.0), steps=1000, learning_rate=0.01, weight_decay=0.5).points[-1]
    assert np.abs(pulled).max() < 1e-3
    free = descend("booth", "adam", steps=1000, learning_rate=0.05).points[-1]
    pulled = descend("booth", "adamw", steps=1000, learning_rate=0.05, weight_decay=0.1).points[-1]
    assert np.linalg.norm(pulled) < np.linalg.norm(free) - 0.01


@pytest.mark.parametrize("key", ["gd", "momentum", "nesterov"])
def test_first_step_is_the_gradient_times_the_rate(key: str) -> None:
    run = descend("himmelblau", key, steps=1, learning_rate=1e-3)
    np.testing.assert_allclose(run.moves[0], -1e-3 * run.gradients[0], rtol=1e-12)


def test_every_rule_is_tested_against_optax_or_by_hand() -> None:
    elsewhere = {"nesterov", "rprop", "gradient_flow"}  # above, and test_flow.py
    searches = {"gd_line_search", "nonlinear_cg", "bfgs"}  # test_line_search.py
    second_order = {"newton", "jacobi", "damped_newton", "saddle_free_newton"}  # test_second_order.py
    assert set(OPTIMIZERS) - set(SAME_FORM) - elsewhere - searches - second_order == set()
