"""Schedules: their values, against optax where it has them, and what the engine makes of them."""

import numpy as np
import optax
import pytest

from optim import SCHEDULES, descend, find_schedule

STEPS = np.arange(150)
HORIZON = 120


def factors(name: str) -> np.ndarray:
    return SCHEDULES[name](STEPS.astype(float), HORIZON)


def test_cosine_is_optax_s() -> None:
    schedule = optax.cosine_decay_schedule(1.0, HORIZON)
    np.testing.assert_allclose(factors("cosine"), [schedule(t) for t in STEPS], atol=1e-6)


def test_step_is_optax_s_with_equal_distances() -> None:
    schedule = optax.piecewise_constant_schedule(1.0, {30: 0.1, 60: 0.1, 90: 0.1})
    np.testing.assert_allclose(factors("step"), [schedule(t) for t in STEPS], rtol=1e-5)


def test_warm_up_is_optax_s_from_its_second_step() -> None:
    # optax's first rate is 0 and wastes a step.
    schedule = optax.linear_schedule(0.0, 1.0, HORIZON // 10)
    np.testing.assert_allclose(factors("warm_up"), [schedule(t + 1) for t in STEPS], rtol=1e-6)


def test_inverse_time_falls_as_one_over_the_step_number() -> None:
    values = factors("inverse_time")
    np.testing.assert_allclose(1 / values, 1 + 10 * STEPS / HORIZON)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("horizon", [0, 1, 7, 500])
def test_factors_lie_between_0_and_1(name: str, horizon: int) -> None:
    values = SCHEDULES[name](STEPS.astype(float), horizon)
    assert values.shape == STEPS.shape
    assert ((values >= 0) & (values <= 1)).all()


def test_the_horizon_is_the_number_of_steps() -> None:
    run = descend("sphere", "gd", (1.0, 0.0), steps=130, schedule="cosine", learning_rate=0.1)
    applied = -np.diff(run.points[:, 0]) / run.gradients[:-1, 0]
    np.testing.assert_allclose(applied, 0.1 * SCHEDULES["cosine"](np.arange(130.0), 130), rtol=1e-9)


def test_a_schedule_of_one_s_own() -> None:
    run = descend("sphere", "gd", (1.0, 0.0), steps=3, schedule=lambda t, horizon: t / horizon, learning_rate=0.3)
    np.testing.assert_allclose(-np.diff(run.points[:, 0]) / run.gradients[:-1, 0], [0, 0.1, 0.2])


def test_unknown_schedule() -> None:
    with pytest.raises(KeyError, match="cosine"):
        find_schedule("cosinus")
