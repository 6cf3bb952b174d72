"""Many starts: what counts as success, what it costs, and that the same starts give the same numbers."""

import numpy as np
import pytest

from landscapes import SURFACES, minima, value
from optim import descend
from optim.starts import attempt, goal, gridded, sampled
from optim.tournament import TOLERANCE


def test_a_success_is_the_first_point_low_enough() -> None:
    starts = sampled("himmelblau", 12, seed=3)
    found = attempt("himmelblau", "gd", starts, budget=100, learning_rate=0.01)
    for start, spent, lowest in zip(starts, found.evaluations, found.lowest, strict=True):
        run = descend("himmelblau", "gd", start, steps=100, learning_rate=0.01)
        reached = np.flatnonzero(run.values <= found.target)
        # Plain descent asks for one gradient a step.
        assert spent == (reached[0] if len(reached) else np.inf)
        if not len(reached):
            assert lowest == pytest.approx(run.values.min())


def test_hyperparameters_and_knobs_and_wrappers_decide() -> None:
    starts = sampled("ill_conditioned", 64)
    slow, fast = (attempt("ill_conditioned", "gd", starts, learning_rate=rate) for rate in (1e-4, 1e-2))
    assert slow.successes < fast.successes
    knobbed = attempt("ill_conditioned", "gd", starts, learning_rate=1e-2, knobs={"condition_number": 2.0})
    assert (knobbed.evaluations != fast.evaluations).any()
    clipped = attempt("ill_conditioned", "gd", starts, learning_rate=1e-2, clip_norm=0.1)
    assert clipped.successes < fast.successes


def test_every_run_draws_its_own_noise_and_the_same_again() -> None:
    same = np.tile([[1.0, 1.0]], (64, 1))
    runs = [attempt("himmelblau", "gd", same, budget=5, noise=5.0, seed=seed) for seed in (0, 0, 1)]
    assert len(np.unique(runs[0].lowest)) > 32
    np.testing.assert_array_equal(runs[0].lowest, runs[1].lowest)
    assert (runs[0].lowest != runs[2].lowest).any()


def test_starts_are_seeded_and_a_grid_is_even() -> None:
    box = SURFACES["himmelblau"].box
    for starts in (sampled("himmelblau", 64, 7), gridded("himmelblau", 8)):
        assert starts.shape == (64, 2)
        assert (starts > box[::2]).all() and (starts < box[1::2]).all()
    np.testing.assert_array_equal(sampled("himmelblau", 64, 7), sampled("himmelblau", 64, 7))
    assert (sampled("himmelblau", 64, 7) != sampled("himmelblau", 64, 8)).all()
    gaps = np.unique(np.diff(np.unique(gridded("himmelblau", 8)[:, 0])).round(12))
    assert gaps == [(box[1] - box[0]) / 8]


def test_the_goal_of_a_typed_surface_is_found() -> None:
    surface = "=x^2+2*y^2+a*sin(3*x)*cos(2*y)"
    found = attempt(surface, "adam", sampled(surface, 64), learning_rate=0.1)
    lowest, target = goal(SURFACES["himmelblau"])
    assert lowest == 0 < target
    known = minima(surface)
    assert found.target > value(surface, known[0])
    heights = [value(surface, p) for p in sampled(surface, 512, seed=5)]
    # The median of another sample of 512 is within a fifth.
    usual = np.median(heights) - value(surface, known[0])
    assert found.target - value(surface, known[0]) == pytest.approx(TOLERANCE * usual, rel=0.2)
    assert found.successes > 32


def test_starts_outside_of_the_domain_are_left_out() -> None:
    surface = "=x*log(x)+y^2"
    starts = sampled(surface, 64)
    found = attempt(surface, "gd", starts, learning_rate=0.1)
    assert len(found.starts) == len(found.evaluations) == (starts[:, 0] > 0).sum() < 64


def test_what_cannot_be_run_is_refused() -> None:
    starts = sampled("himmelblau", 4)
    with pytest.raises(ValueError, match="no minimum of saddle"):
        attempt("saddle", "gd", starts)
    with pytest.raises(ValueError, match="budget"):
        attempt("himmelblau", "gd", starts, budget=0)
    with pytest.raises(ValueError, match="learning_rate must be finite"):
        attempt("himmelblau", "gd", starts, learning_rate=np.nan)
    with pytest.raises(TypeError, match="beta1"):
        attempt("himmelblau", "gd", starts, beta1=0.5)
