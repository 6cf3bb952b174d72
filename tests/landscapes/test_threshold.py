"""The list of threshold units is complete, the search finds the best network, and training is what it says."""

import jax
import numpy as np
import pytest

from landscapes.threshold import (
    MOST_INPUTS,
    MOST_POINTS,
    bits,
    cover_count,
    dichotomies,
    exhaustive,
    instance,
    labels_of,
    network_loss,
    search_size,
    separate,
    train,
)

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
EXCLUSIVE = np.array([False, True, True, False])


@pytest.mark.parametrize(("points", "inputs"), [(3, 2), (4, 2), (6, 2), (7, 3), (5, 4)])
def test_the_list_is_what_linear_programming_finds(points: int, inputs: int) -> None:
    x, _ = instance(points, inputs, 0, planted=False)
    found = dichotomies(x)
    feasible = [mask for mask in range(2**points) if separate(x, labels_of(mask, points)).exact]
    assert found.tolist() == feasible
    assert len(found) == cover_count(points, inputs)


@pytest.mark.parametrize("inputs", [2, 3, 5])
def test_the_list_has_covers_count(inputs: int) -> None:
    x, _ = instance(MOST_POINTS, inputs, 3, planted=False)
    found = dichotomies(x)
    assert len(set(found.tolist())) == cover_count(MOST_POINTS, inputs)
    # With a unit, its opposite.
    assert set((found ^ (2**MOST_POINTS - 1)).tolist()) == set(found.tolist())


def test_exclusive_or_needs_three_nodes() -> None:
    search = exhaustive(CORNERS, EXCLUSIVE)
    assert search.wrong == 0 and search.single == 1
    assert search.candidates == search_size(4, 2) == 14 * 15
    assert not separate(CORNERS, EXCLUSIVE).exact
    both = [labels_of(unit, 4) for unit in search.units]
    answer = both[0] & both[1] if search.gate == "AND" else both[0] | both[1]
    assert (answer == EXCLUSIVE).all()


@pytest.mark.parametrize("seed", range(4))
def test_no_network_is_better_than_the_search_says(seed: int) -> None:
    """Against every pair of units under every output unit, both listed by linear programming alone."""
    x, labels = instance(6, 2, seed, planted=False)
    units = [labels_of(mask, 6) for mask in range(64) if separate(x, labels_of(mask, 6)).exact]
    gates = [labels_of(mask, 4) for mask in range(16) if separate(CORNERS, labels_of(mask, 4)).exact]
    assert len(gates) == 14
    fewest = min(int((gate[a + 2 * b] != labels).sum()) for a in units for b in units for gate in gates)
    search = exhaustive(x, labels)
    assert search.wrong == fewest
    assert search.single == min(int((unit != labels).sum()) for unit in units)


def test_linear_programming_separates_what_can_be_separated() -> None:
    random = np.random.default_rng(0)
    x, normal = random.standard_normal((200, 20)), random.standard_normal(20)
    found = separate(x, x @ normal > 0.3)
    assert found.exact and ((x @ found.weights + found.bias > 0) == (x @ normal > 0.3)).all()
    assert not separate(x, random.random(200) < 0.5).exact
    assert found.iterations == separate(x, x @ normal > 0.3).iterations > 0


@pytest.mark.parametrize("inputs", [2, 3, 4])
def test_planted_labels_need_and_allow_three_nodes(inputs: int) -> None:
    for seed in range(5):
        x, labels = instance(10, inputs, seed, planted=True)
        search = exhaustive(x, labels)
        assert search.wrong == 0 < search.single
        again = instance(10, inputs, seed, planted=True)
        assert (x == again[0]).all() and (labels == again[1]).all()


def test_training_descends_and_never_beats_the_search() -> None:
    x, labels = instance(12, 2, 6, planted=True)
    short, long = (train(x, labels, restarts=32, steps=steps) for steps in (1, 500))
    assert long.losses.mean() < short.losses.mean()
    assert long.wrong.min() == 0 and long.wrong.max() > 0
    other, coin = instance(12, 2, 1, planted=False)
    assert train(other, coin, restarts=32).wrong.min() >= exhaustive(other, coin).wrong
    # What the hidden units became are threshold units.
    assert set(long.units.ravel().tolist()) <= set(dichotomies(x).tolist())


def test_padding_does_not_change_training() -> None:
    x, labels = instance(9, 2, 0, planted=True)
    found = train(x, labels, restarts=3, steps=20, rate=0.5, seed=5)
    starts = 2 * np.random.default_rng(5).standard_normal((3, 3, MOST_INPUTS + 1))
    slope = jax.jit(jax.grad(network_loss))
    for k, start in enumerate(starts):
        hidden = np.column_stack([start[:2, :2], start[:2, -1:]])
        output = np.array([[*start[2, :2], start[2, -1]]])
        weights = np.concatenate([hidden, output])
        for _ in range(20):
            weights = weights - 0.5 * np.asarray(slope(weights, x, labels, np.ones(9)))
        assert float(network_loss(weights, x, labels, np.ones(9))) == pytest.approx(found.losses[k], rel=1e-4)


def test_what_cannot_be_searched_is_refused() -> None:
    line = np.column_stack([np.arange(5.0), np.arange(5.0)])
    with pytest.raises(ValueError, match="general position"):
        dichotomies(line)
    with pytest.raises(ValueError, match="general position"):
        dichotomies(line[:3])
    for shape in ((MOST_POINTS + 1, 2), (5, MOST_INPUTS + 1)):
        with pytest.raises(ValueError, match="points must be"):
            dichotomies(np.zeros(shape))
    with pytest.raises(ValueError, match="one label"):
        exhaustive(CORNERS, EXCLUSIVE[:3])
    with pytest.raises(ValueError, match="finite"):
        separate(np.full((4, 2), np.nan), EXCLUSIVE)


def test_masks() -> None:
    for mask in range(16):
        assert bits(labels_of(mask, 4)) == mask
