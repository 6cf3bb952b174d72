"""Training repeats exactly, is what the rules say step by step, and can be left and taken up again."""

from dataclasses import replace

import jax
import numpy as np
import optax
import pytest

from landscapes.datasets import two_moons
from landscapes.mlp import MLP
from optim.training import RECORDS, Recipe, Training, measure, train

DATA = two_moons()
NET = MLP(2, 2, 6, 2)
FULL = Recipe(NET, DATA, "gd", 0.3, 0, 200)
BATCHED = replace(FULL, optimizer="adam", rate=0.01, batch=16)


@pytest.mark.parametrize("recipe", [FULL, BATCHED])
def test_the_same_recipe_gives_the_same_weights_bit_by_bit(recipe: Recipe) -> None:
    one, same = train(recipe), train(recipe)
    assert one.weights.dtype == np.float32 and one.complete and one.diverged_at is None
    assert one.weights.shape == (RECORDS + 1, NET.size) and one.steps.tolist() == list(range(0, 201, 2))
    assert (one.weights == same.weights).all() and (one.losses == same.losses).all()
    other = train(replace(recipe, seed=1))
    assert (other.weights[-1] != one.weights[-1]).any()


def test_full_batches_are_gradient_descent_as_a_loop() -> None:
    run, w = train(FULL), NET.start(0)
    slope = jax.jit(jax.grad(NET.value))
    for step in range(201):
        if step % 2 == 0:
            assert run.weights[step // 2] == pytest.approx(w, abs=2e-4)
        w = w - np.float32(0.3) * np.asarray(slope(w, *DATA.part))


@pytest.mark.parametrize(("rule", "theirs"), [("momentum", optax.sgd(0.05, 0.9)), ("adam", optax.adam(0.01))])
def test_rules_are_optax_s_on_the_weights(rule: str, theirs: optax.GradientTransformation) -> None:
    run = train(replace(FULL, optimizer=rule, rate=0.05 if rule == "momentum" else 0.01, steps=100))
    w, slope = np.asarray(NET.start(0)), jax.jit(jax.grad(NET.value))
    state = theirs.init(w)
    for step in range(30):
        assert run.weights[step] == pytest.approx(w, abs=1e-4)
        updates, state = theirs.update(slope(w, *DATA.part), state, w)
        w = w + np.asarray(updates)


def test_minibatch_gradients_are_unbiased() -> None:
    # One step of size 1 from each of 400 seeds: minus its update is a minibatch gradient.
    start, gradients = NET.start(0), []
    net = replace(NET, depth=1, width=3)
    start = net.start(0)
    full = np.asarray(jax.jit(jax.grad(net.value))(start, *DATA.part), np.float64)
    for seed in range(400):
        training = Training(Recipe(net, DATA, "gd", 1.0, 8, 1, seed))
        # The same start for all: only the draw of the examples differs.
        training._carry = (jax.numpy.asarray(start), *training._carry[1:])
        training.advance()
        gradients.append(start - training.run.weights[1])
    drawn = np.array(gradients, np.float64)
    error = drawn.std(axis=0, ddof=1) / np.sqrt(len(drawn))
    # 99.9 % for each of the weights together (Bonferroni), two-sided.
    assert (np.abs(drawn.mean(axis=0) - full) < 4.3 * error + 1e-6).all()


def test_a_run_can_be_left_and_taken_up_again() -> None:
    training = Training(BATCHED)
    for _ in range(7):
        training.advance()
    part = training.run
    assert training.done == pytest.approx(0.07) and not part.complete and part.steps[-1] == 14
    whole = train(BATCHED)
    assert (part.weights == whole.weights[:8]).all()
    while training.done < 1:
        training.advance()
    assert (training.run.weights == whole.weights).all()
    assert training.run is training.run
    training.advance()
    assert len(training.run.steps) == RECORDS + 1


def test_a_diverging_run_is_cut_and_says_where() -> None:
    run = train(replace(FULL, net=replace(NET, activation="relu", loss="squared"), rate=30.0))
    assert run.complete and run.diverged_at is not None
    assert run.diverged_at == FULL.stride * len(run.steps)
    assert np.isfinite(run.weights).all() and np.isfinite(run.losses).all()


def test_steps_are_rounded_up_to_the_records() -> None:
    assert train(replace(FULL, steps=150)).steps[-1] == 200


def test_measures_are_those_of_the_weights() -> None:
    run = train(FULL)
    found = measure(run)
    x, y = DATA.part[0].astype(float), DATA.part[1]
    gradient, hessian = jax.jit(jax.grad(NET.value)), jax.jit(jax.hessian(NET.value))
    for k in (0, 40, 100):
        w = run.weights[k].astype(float)
        g, h = np.asarray(gradient(w, x, y)), np.asarray(hessian(w, x, y))
        assert found.loss[k] == pytest.approx(float(NET.value(w, x, y)), rel=1e-4)
        assert run.losses[k] == pytest.approx(found.loss[k], rel=1e-5)
        assert found.gradient_norm[k] == pytest.approx(np.linalg.norm(g), rel=1e-3)
        assert found.curvature[k] == pytest.approx(g @ h @ g, rel=1e-2, abs=1e-6)
        assert found.error[k] == pytest.approx(float(NET.error(w, x, y)))
        assert found.held_out[k] == pytest.approx(float(NET.error(w, *DATA.held_out)))
    part = Training(FULL)
    part.advance()
    assert measure(part.run).loss == pytest.approx(found.loss[:2])


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(KeyError, match="unknown optimizer"):
        Training(replace(FULL, optimizer="nothing"))
