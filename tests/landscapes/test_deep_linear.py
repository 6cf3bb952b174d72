"""Deep linear networks: plateaus on the way, saddles at the plateaus, and one loss at the end."""

import numpy as np
import pytest

from landscapes.deep_linear import STRENGTHS, count, eigenvalues, levels, loss, plateaus, shapes, train

ENDS = ((2, 4, 0.01), (2, 2, 0.01), (3, 2, 0.1), (2, 8, 0.1), (3, 1, 0.1))


def test_the_loss_is_that_of_the_product() -> None:
    weights = np.random.default_rng(0).standard_normal(count(3, 2))
    first, second, third = np.split(weights, [8, 12])
    product = third.reshape(4, 2) @ second.reshape(2, 2) @ first.reshape(2, 4)
    assert float(loss(weights, 3, 2)) == pytest.approx(((product - np.diag(STRENGTHS)) ** 2).sum() / 2)


def test_sizes() -> None:
    assert shapes(3, 5) == [(5, 4), (5, 5), (4, 5)]
    assert count(2, 4) == 32
    for layers, width in ((0, 3), (2, 0)):
        with pytest.raises(ValueError, match="no network"):
            shapes(layers, width)


def test_levels_leave_out_the_strongest_first() -> None:
    assert levels(4) == pytest.approx([10.625, 2.625, 0.625, 0.125, 0])
    assert levels(9) == pytest.approx(levels(4))
    assert levels(2) == pytest.approx([10.625, 2.625, 0.625])


@pytest.mark.parametrize(("layers", "width", "scale"), ENDS)
def test_many_seeds_end_at_the_same_loss(layers: int, width: int, scale: float) -> None:
    # 12 of 12: with 95 % confidence at least 77 % of all starts (Clopper and Pearson, one-sided 0.05^(1/12)).
    ends = train(layers, width, scale, runs=12).losses[:, -1]
    assert ends == pytest.approx(np.full(12, levels(width)[-1]), abs=1e-6)


def test_where_a_deep_one_has_not_arrived_it_is_on_a_plateau_and_no_minimum() -> None:
    runs = train(5, 4, 0.3, runs=12)
    late = np.flatnonzero(runs.losses[:, -1] > 1e-3)
    assert len(late)
    assert runs.losses[late, -1] == pytest.approx(np.full(len(late), 0.125), abs=1e-3)
    for run in late:
        assert eigenvalues(runs.weights[run, -1], 5, 4)[0] < -1e-6


def test_the_loss_stays_at_every_level_and_curves_down_there() -> None:
    runs = train(3, 4, 0.1, runs=1)
    stays = plateaus(runs.losses[0], runs.slopes[0], 4)
    records = [record for record in stays if record is not None]
    assert len(records) == len(stays) and records == sorted(set(records))
    slopes = runs.slopes[0]
    stops = zip(levels(4)[1:-1], records[:-2], records[1:-1], records[2:], strict=True)
    for level, before, record, after in stops:
        assert runs.losses[0, record] == pytest.approx(level, rel=0.03)
        curvatures = eigenvalues(runs.weights[0, record], 3, 4)
        assert curvatures[0] < -1e-3 * curvatures[-1]
        # Slower than on the way to it and from it.
        assert slopes[record] < 0.25 * slopes[before:record].max()
        assert slopes[record] < 0.4 * slopes[record:after].max()


def test_the_origin_of_two_layers_is_a_saddle() -> None:
    values = eigenvalues(np.zeros(32), 2, 4)
    # The Hessian pairs the layers: plus and minus every strength, once for each hidden unit.
    assert values == pytest.approx(np.sort(np.repeat([*STRENGTHS, *(-s for s in STRENGTHS)], 4)))


@pytest.mark.parametrize("layers", [3, 4, 5])
def test_the_origin_of_more_layers_is_flat(layers: int) -> None:
    assert not eigenvalues(np.zeros(count(layers, 3)), layers, 3).any()


def test_at_the_end_nothing_curves_down() -> None:
    runs = train(3, 4, 0.1, runs=1)
    values = eigenvalues(runs.weights[0, -1], 3, 4)
    assert values[0] > -1e-6 * values[-1]
    # Two invertible changes of basis between the layers leave the product: 2 × 4² flat directions.
    assert (np.abs(values) < 1e-6 * values[-1]).sum() == 32


def test_a_run_repeats() -> None:
    assert (train(2, 3, 0.1, 2, seed=4).losses == train(2, 3, 0.1, 2, seed=4).losses).all()
    assert (train(2, 3, 0.1, 2, seed=4).losses != train(2, 3, 0.1, 2, seed=5).losses).any()


def test_a_level_without_rest_has_no_plateau() -> None:
    assert plateaus(np.array([10.6, 2.6, 0.0]), np.array([3.0, 2.0, 0.0]), 4) == [None, None, None, None, 2]
