"""Weight-space symmetry: every transform leaves the loss alone, and trained networks are found among the images."""

from functools import cache

import jax
import numpy as np
import pytest

from landscapes.symmetry import DATA, Family, count, loss, train, transforms


@cache
def trained(seed: int) -> Family:
    return train(seed=seed)


def test_loss_is_that_of_the_network() -> None:
    inputs, targets = np.array([0.5, -1.0, 2.0]), np.array([0.1, 0.2, -0.3])
    weights = np.array([0.3, -0.7, 0.2, 0.1, 1.5, -0.4, 0.25])
    outputs = [1.5 * np.tanh(0.3 * u + 0.2) - 0.4 * np.tanh(-0.7 * u + 0.1) + 0.25 for u in inputs]
    assert float(loss(weights, (inputs, targets))) == pytest.approx(np.mean((np.array(outputs) - targets) ** 2))


@pytest.mark.parametrize(("hidden", "expected"), [(1, 2), (2, 8), (3, 48), (4, 384), (5, 3840)])
def test_count_is_n_factorial_times_two_to_the_n(hidden: int, expected: int) -> None:
    assert count(hidden) == expected
    images = {tuple(symmetry(np.arange(1.0, 3 * hidden + 2))) for symmetry in transforms(hidden)}
    assert len(images) == expected


@pytest.mark.parametrize("hidden", [1, 2, 3, 4])
def test_every_transform_keeps_the_loss_of_any_weights(hidden: int) -> None:
    weights = np.random.default_rng(hidden).normal(size=3 * hidden + 1)
    images = np.array([symmetry(weights) for symmetry in transforms(hidden)])
    assert (images[0] == weights).all()
    losses = np.asarray(jax.vmap(lambda image: loss(image))(images))
    assert losses == pytest.approx(np.full(count(hidden), losses[0]), rel=1e-13)


def test_a_change_that_is_no_symmetry_changes_the_loss() -> None:
    weights = np.random.default_rng(0).normal(size=7)
    for entry in range(7):
        flipped = weights * np.where(np.arange(7) == entry, -1, 1)
        assert abs(float(loss(flipped)) - float(loss(weights))) > 1e-3


def test_transforms_form_a_group() -> None:
    weights = np.arange(1.0, 8)
    images = {tuple(symmetry(weights)) for symmetry in transforms(2)}
    twice = {tuple(second(first(weights))) for first in transforms(2) for second in transforms(2)}
    assert twice == images


def test_many_networks_are_transformed_at_once() -> None:
    weights = np.random.default_rng(0).normal(size=(5, 7))
    for symmetry in transforms(2):
        assert (symmetry(weights) == [symmetry(row) for row in weights]).all()


def test_no_hidden_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one hidden unit, not 0"):
        train(0)


def test_training_ends_in_a_strict_minimum_with_eight_images_of_equal_loss() -> None:
    family = trained(0)
    assert family.weights.shape == (8, 7)
    assert family.gradient_norm < 1e-7
    assert np.linalg.eigvalsh(jax.jit(jax.hessian(loss))(family.weights[0]))[0] > 1e-4
    assert family.losses[0] < 0.01 * np.var(DATA[1])
    assert np.ptp(family.losses) < 1e-15
    assert family.distances[0] == 0
    assert family.distances[1:].min() > 1
    assert family.distances == pytest.approx(np.linalg.norm(family.weights - family.weights[0], axis=1))


def test_training_from_other_starts_ends_in_other_images_of_the_same_solution() -> None:
    family = trained(0)
    reached = []
    for seed in (3, 4, 5):
        distances = np.linalg.norm(family.weights - trained(seed).weights[0], axis=1)
        assert distances.min() < 1e-4
        reached.append(int(distances.argmin()))
    assert len({0, *reached}) == 4


def test_between_two_images_the_loss_is_higher() -> None:
    family = trained(0)
    for image in family.weights[1:]:
        middle = float(loss((family.weights[0] + image) / 2))
        assert middle > 10 * family.losses[0]
