"""The gradient flow against the exponentials that it has on quadratics, and against small steps elsewhere."""

import numpy as np
import pytest

from optim import descend


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5])
def test_on_a_saddle_it_is_an_exponential(rate: float) -> None:
    run = descend("saddle", "gradient_flow", (1.5, 1e-9), steps=20, learning_rate=rate)
    time = rate * np.arange(len(run.points))
    assert run.points[:, 0] == pytest.approx(1.5 * np.exp(-2 * time), rel=1e-4)
    assert run.points[:, 1] == pytest.approx(1e-9 * np.exp(2 * time), rel=1e-4)


def test_it_is_what_small_steps_approach() -> None:
    flow = descend("rosenbrock", "gradient_flow", steps=20, learning_rate=0.001)
    errors = []
    for finer in (100, 200):
        steps = descend("rosenbrock", "gd", steps=20 * finer, learning_rate=0.001 / finer)
        errors.append(np.abs(steps.points[::finer] - flow.points).max())
    # The error of Euler's method is proportional to its step.
    assert errors[0] < 0.02
    assert errors[1] == pytest.approx(errors[0] / 2, rel=0.05)


def test_no_step_of_it_is_too_long_for_the_bowl_that_throws_gradient_descent() -> None:
    flow = descend("ill_conditioned", "gradient_flow", steps=50, learning_rate=0.05)
    assert flow.diverged_at is None
    assert np.all(np.diff(flow.values) < 0)
