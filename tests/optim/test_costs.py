"""What a run costs, and runs that stop before their last step."""

import numpy as np
import pytest

from optim import OPTIMIZERS, STOPS, descend, sweep
from optim.costs import bill, step_price

RATES = (0.005, 0.015, 0.03)


@pytest.mark.parametrize("key", [key for key, rule in OPTIMIZERS.items() if "learning_rate" in rule.knobs])
def test_every_step_of_a_rule_with_a_rate_has_one_price(key: str) -> None:
    spent = bill("rosenbrock", key, steps=20).spent
    assert np.diff(spent) == pytest.approx(np.full(20, step_price(key)))


@pytest.mark.parametrize("key", ["gd_line_search", "bfgs"])
def test_a_search_pays_for_its_trials_and_a_bill_covers_what_is_drawn(key: str) -> None:
    found = bill("himmelblau", key, steps=130)
    assert found.spent.shape == (131,) and found.spent[0] == 0 and found.seconds > 0
    assert (np.diff(found.spent) >= 1).all() and len(np.unique(np.diff(found.spent))) > 1
    # The hundredth step is the first of another block.
    again = bill("himmelblau", key, steps=50).spent
    assert found.spent[:51] == pytest.approx(again)


def test_a_run_ends_at_the_first_step_where_a_tolerance_is_met() -> None:
    whole = sweep("ill_conditioned", "gd", values=RATES, steps=300)
    norms = np.linalg.norm(whole.gradients, axis=-1)
    runs = sweep("ill_conditioned", "gd", values=RATES, steps=300, stop={"gradient": 0.5})
    for row in (0, 1):
        stopped = int(runs.stopped_at[row])
        assert norms[row, stopped] < 0.5 <= norms[row, :stopped].min()
        assert runs.run(row).values[-1] == whole.values[row, stopped] == runs.final_values[row]
        assert np.isnan(runs.points[row, stopped + 1 :]).all()
    # The third leaves the map before its gradient could be small.
    assert runs.diverged_at.tolist() == whole.diverged_at.tolist() and runs.stopped_at[2] == -1
    assert np.isinf(runs.final_values[2]) and runs.run(2).stopped_at is None


@pytest.mark.parametrize(("name", "tolerance"), [("loss", 1e-2), ("step", 1e-2)])
def test_the_change_of_the_loss_and_the_step_are_those_of_the_last_step(name: str, tolerance: float) -> None:
    whole, run = (descend("himmelblau", "gd", steps=200, stop=stop) for stop in ({}, {name: tolerance}))
    sizes = np.abs(np.diff(whole.values)) if name == "loss" else np.linalg.norm(np.diff(whole.points, axis=0), axis=1)
    assert run.stopped_by == name and run.stopped_at == 1 + int(np.argmax(sizes < tolerance))


def test_a_budget_is_never_exceeded_and_the_earliest_reason_counts() -> None:
    run = descend("rosenbrock", "bfgs", steps=100, stop={"evaluations": 60})
    spent = bill("rosenbrock", "bfgs", steps=100).spent
    assert run.stopped_by == "evaluations" and spent[run.stopped_at] <= 60 < spent[run.stopped_at + 1]
    both = descend("himmelblau", "gd", steps=100, stop={"evaluations": 90, "gradient": 1e-2})
    assert both.stopped_by == "gradient" and both.stopped_at < 90


def test_a_budget_ends_a_run_before_it_would_diverge() -> None:
    whole = descend("ill_conditioned", "gd", steps=100, learning_rate=0.1)
    assert whole.diverged_at is not None
    run = descend("ill_conditioned", "gd", steps=100, learning_rate=0.1, stop={"evaluations": whole.diverged_at - 2})
    assert run.diverged_at is None and run.stopped_at == whole.diverged_at - 2


@pytest.mark.parametrize("stop", [{"gradient": 0.0}, {"loss": -1.0}, {"step": float("nan")}, {"time": 1.0}])
def test_a_tolerance_that_is_none_is_refused(stop: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=", ".join(STOPS)):
        descend("sphere", "gd", steps=5, stop=stop)
