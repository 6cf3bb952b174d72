"""One update opened up: it is a step of the engine's run, and its terms are the rule's own."""

import numpy as np
import pytest

from optim import OPTIMIZERS, descend
from optim.one_update import open_update


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_is_a_step_of_the_run(optimizer: str) -> None:
    found = open_update("himmelblau", optimizer, (1.0, -0.5), step=7)
    run = descend("himmelblau", optimizer, (1.0, -0.5), steps=7)
    np.testing.assert_allclose(found.point, run.points[6], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.moved, run.points[7], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.gradient, run.gradients[6], rtol=1e-8, atol=1e-8)
    assert found.terms


def test_noise_and_clipping_are_those_of_the_run() -> None:
    how = {"learning_rate": 0.005, "noise": 3.0, "cooling": 0.01, "clip_norm": 20.0, "seed": 5}
    found = open_update("himmelblau", "gd", (0.0, 0.0), step=130, **how)
    run = descend("himmelblau", "gd", (0.0, 0.0), steps=130, **how)
    np.testing.assert_allclose(found.moved, run.points[130], rtol=1e-9)
    assert found.descent is not None
    np.testing.assert_allclose(found.descent, run.moves[129], rtol=1e-9)
    assert np.linalg.norm(found.gradient - run.gradients[129]) > 1e-3


def test_a_schedule_is_that_of_the_run() -> None:
    how = {"learning_rate": 5e-4, "schedule": "cosine", "steps": 150}
    found = open_update("himmelblau", "gd", (1.0, -0.5), step=120, **how)
    run = descend("himmelblau", "gd", (1.0, -0.5), **how)
    np.testing.assert_allclose(found.point, run.points[119], rtol=1e-9)
    np.testing.assert_allclose(found.moved, run.points[120], rtol=1e-9)
    assert found.descent is not None
    np.testing.assert_allclose(found.descent, run.moves[119], rtol=1e-9)
    assert np.linalg.norm(found.descent) < 0.2 * how["learning_rate"] * np.linalg.norm(found.gradient)


def test_the_terms_of_adam_are_its_moments_and_their_corrections() -> None:
    step, start = 12, (1.0, -0.5)
    found = open_update("himmelblau", "adam", start, step=step, learning_rate=0.05, beta1=0.8, beta2=0.95)
    run = descend("himmelblau", "adam", start, steps=step, learning_rate=0.05, beta1=0.8, beta2=0.95)
    terms = {term.name or term.code: term.value for term in found.terms}
    # The moments are sums over all gradients so far: the paper's own unrolled form, not the recursion of the rule.
    ages = np.arange(step)[::-1, None]
    g = run.gradients[:step]
    m, v = ((1 - beta) * (beta**ages * g**power).sum(axis=0) for beta, power in ((0.8, 1), (0.95, 2)))
    np.testing.assert_allclose(terms["m"], m, rtol=1e-9)
    np.testing.assert_allclose(terms["v"], v, rtol=1e-9)
    assert terms["t"] == step
    np.testing.assert_allclose(terms["m / (1 - beta1 ** t)"], m / (1 - 0.8**step), rtol=1e-9)
    np.testing.assert_allclose(terms["v / (1 - beta2 ** t)"], v / (1 - 0.95**step), rtol=1e-9)
    np.testing.assert_allclose(terms["x"], run.points[step], rtol=1e-9)


@pytest.mark.parametrize("optimizer", ["momentum", "nesterov"])
def test_memory_alone_is_momentum_times_the_last_step(optimizer: str) -> None:
    found = open_update("himmelblau", optimizer, (1.0, -0.5), step=9, learning_rate=0.002, momentum=0.7)
    run = descend("himmelblau", optimizer, (1.0, -0.5), steps=9, learning_rate=0.002, momentum=0.7)
    np.testing.assert_allclose(found.memory, 0.7 * run.moves[7], rtol=1e-8)
    if optimizer == "momentum":
        assert found.descent is not None
        np.testing.assert_allclose(found.memory + found.descent, run.moves[8], rtol=1e-8)


def test_rules_without_a_memory_have_none() -> None:
    for optimizer in ("gd", "newton", "gd_line_search"):
        assert (open_update("himmelblau", optimizer, step=3).memory == 0).all()
    assert open_update("himmelblau", "newton", step=3).descent is None


def test_an_optax_rule_shows_its_state() -> None:
    found = open_update("himmelblau", "yogi", step=4)
    assert [term.value for term in found.terms if term.name == "count"] == [3, 4]


def test_there_is_no_update_before_the_first_or_after_the_last() -> None:
    for step in (0, 12):
        with pytest.raises(ValueError, match=f"the last 11: there is no number {step}"):
            open_update("himmelblau", "gd", step=step, steps=11)
    with pytest.raises(TypeError, match="beta1"):
        open_update("himmelblau", "gd", beta1=0.5)
