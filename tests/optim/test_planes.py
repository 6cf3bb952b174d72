"""Planes of two hyperparameters: their final losses are those of single runs, their contraction is what runs do."""

from typing import Any

import numpy as np
import pytest

from landscapes import hessian, minima
from optim import descend
from optim.planes import contraction, contracts, final_losses

OVER = ("learning_rate", "momentum")
RATES, DECAYS = np.geomspace(1e-4, 0.004, 5), np.array([0.0, 0.5, 0.9])


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov"])
def test_every_cell_is_a_run(optimizer: str) -> None:
    found = final_losses("himmelblau", optimizer, (1.0, 0.5), over=OVER, values=(RATES, DECAYS), steps=40)
    assert found.shape == (3, 5)
    for i, decay in enumerate(DECAYS):
        for j, rate in enumerate(RATES):
            run = descend("himmelblau", optimizer, (1.0, 0.5), steps=40, learning_rate=rate, momentum=decay)
            assert run.diverged_at is None
            assert found[i, j] == pytest.approx(run.values[-1], rel=1e-3, abs=1e-6)


def test_a_threshold_may_be_an_axis() -> None:
    found = final_losses(
        "rosenbrock", "gd", over=("learning_rate", "clip_norm"), values=([1e-3], [0.5, 5.0]), steps=30, clip_norm=1.0
    )
    for row, threshold in enumerate((0.5, 5.0)):
        run = descend("rosenbrock", "gd", steps=30, learning_rate=1e-3, clip_norm=threshold)
        assert found[row, 0] == pytest.approx(run.values[-1], rel=1e-3)


def test_runs_that_diverge_are_infinite() -> None:
    found = final_losses("himmelblau", "momentum", over=OVER, values=([1e-3, 10.0], [0.5]))
    assert np.isfinite(found[0, 0]) and found[0, 1] == np.inf


def test_descent_contracts_by_its_eigenvalues() -> None:
    curvatures = np.linalg.eigvalsh(hessian("ill_conditioned", (0.0, 0.0)))
    found = contraction("ill_conditioned", "momentum", (0.0, 0.0), over=OVER, values=(RATES, [0.0]))
    np.testing.assert_allclose(found[0], np.abs(1 - RATES[:, None] * curvatures).max(axis=1), rtol=1e-9)


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov"])
def test_a_long_run_contracts_as_it_says(optimizer: str) -> None:
    minimum, rate, decay = minima("himmelblau")[0], 2e-4, 0.9
    run = descend("himmelblau", optimizer, minimum + 1e-3, steps=400, learning_rate=rate, momentum=decay)
    distances = np.linalg.norm(run.points - minimum, axis=1)
    assert distances[400] > 1e-14
    # The phase of the spiral at both ends is worth a factor of ten at most, which over 300 steps is less than 1 %.
    mean = (distances[400] / distances[100]) ** (1 / 300)
    found = contraction("himmelblau", optimizer, minimum, over=OVER, values=([rate], [decay]))[0, 0]
    assert found == pytest.approx(mean, rel=0.01)
    assert found < 0.97


def test_only_rules_that_rest_like_a_linear_map_contract() -> None:
    resting = {"gd", "momentum", "nesterov", "gradient_flow", "newton"}
    others = {"adam", "adamw", "rmsprop", "adagrad", "lion", "sign_gd", "rprop", "damped_newton", "yogi"}
    assert {key for key in resting | others if contracts("himmelblau", key, (3.0, 2.0))} == resting
    # Away from a minimum nothing rests.
    assert not contracts("himmelblau", "gd", (1.0, 1.0))


@pytest.mark.parametrize(
    ("error", "how", "named"),
    [
        (TypeError, {"over": ("learning_rate", "beta1")}, "no beta1"),
        (TypeError, {"over": ("learning_rate", "clip_norm")}, "no clip_norm"),
        (ValueError, {"over": ("momentum", "momentum")}, "two different numbers"),
        (ValueError, {"values": ([np.nan], [0.5])}, "learning_rate must be finite"),
        (ValueError, {"steps": -1}, "steps must be 0 or more"),
        (TypeError, {"beta1": 0.5}, "beta1"),
    ],
)
def test_what_cannot_be_drawn_is_named(error: type[Exception], how: dict[str, Any], named: str) -> None:
    with pytest.raises(error, match=named):
        final_losses("himmelblau", "momentum", **{"over": OVER, "values": ([0.01], [0.5]), **how})


def test_no_contraction_where_there_is_none() -> None:
    with pytest.raises(ValueError, match="does not come to rest"):
        contraction("himmelblau", "adam", (3, 2), over=("learning_rate", "beta1"), values=([0.1], [0.9]))
