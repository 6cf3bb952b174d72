"""Basins: their labels, their steps, and what they cost."""

from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscapes import SURFACES
from optim import OPTIMIZERS, basins, descend
from optim.basins import NEAR, SETTLED, TILE, nearest, run_all, run_grid
from tests.compilations import Compilations, variants

DIAGONAL = float(np.hypot(10, 10))
COUNTING = [key for key, rule in OPTIMIZERS.items() if None in jax.tree.leaves(rule.axes, is_leaf=lambda a: a is None)]
"""Rules with a count of steps that the runs of a grid share."""


def ends_of(key: str, starts: np.ndarray, steps: int) -> np.ndarray:
    """In 64 bits, so that they can be compared with the engine's."""
    rule = OPTIMIZERS[key]
    settings = {"knobs": {}, "hyper": rule.fill({}), "clip_norm": None, "clip_value": None}
    return run_all(SURFACES["himmelblau"], rule, starts, settings, steps, 0.1)[0]


@pytest.mark.parametrize("key", [*COUNTING, "gd", "rprop", "bfgs", "damped_newton", "radam"])
def test_a_grid_of_runs_is_many_runs(key: str) -> None:
    starts = np.array([[0.5, 0.25], [-2.0, 3.0], [4.0, -1.0]])
    ends = ends_of(key, starts, 30)
    for start, end in zip(starts, ends, strict=True):
        np.testing.assert_allclose(end, descend("himmelblau", key, start, steps=30).points[-1], rtol=1e-6, atol=1e-6)


@given(st.data())
def test_runs_end_where_their_label_says(data: st.DataObject) -> None:
    how = data.draw(st.sampled_from([{}, {"clip_norm": 5.0}, {"clip_value": 5.0}]))
    found = basins("himmelblau", "adam", n=64, steps=200, **how)
    i, j = data.draw(st.integers(1, 62)), data.draw(st.integers(1, 62))
    around = found.labels[i - 1 : i + 2, j - 1 : j + 2]
    # On a basin's edge the grid's 32 bits may decide for the other side.
    if (around == around[1, 1]).all() and around[1, 1] >= 0:
        run = descend("himmelblau", "adam", (found.x[j], found.y[i]), steps=200, **how)
        minimum = found.minima[found.labels[i, j]]
        assert np.linalg.norm(run.points[-1] - minimum) < NEAR * DIAGONAL
        longer = np.flatnonzero(np.abs(run.moves).max(axis=1) > SETTLED * DIAGONAL)
        assert abs(found.steps[i, j] - (longer[-1] + 1)) <= 3


def test_saddles_are_places_to_end_in_where_they_are_asked_for() -> None:
    plain = basins("himmelblau", "newton", n=48, steps=100)
    asked = basins("himmelblau", "newton", n=48, steps=100, saddles=True)
    assert not len(plain.saddles) and len(asked.saddles) == 4
    places = np.concatenate([asked.minima, asked.saddles])
    inside = asked.labels >= 0
    distance = np.linalg.norm(asked.ends[inside] - places[asked.labels[inside]], axis=1)
    assert distance.max() < NEAR * DIAGONAL
    caught = asked.labels >= len(asked.minima)
    assert caught.any() and (plain.labels[caught] == -1).all()
    np.testing.assert_array_equal(plain.labels[~caught], asked.labels[~caught])


def test_rules_that_count_steps_share_the_count() -> None:
    own, optax = ["adam", "adamax", "nadam", "adamw"], ["radam", "adan", "adabelief", "yogi", "lamb"]
    assert [*own, *optax] == COUNTING


def test_rows_are_y_and_columns_are_x() -> None:
    found = basins("himmelblau", "gd", n=40, learning_rate=0.005)
    for label, (x, y) in enumerate(found.minima):
        assert found.labels[np.abs(found.y - y).argmin(), np.abs(found.x - x).argmin()] == label
    assert found.labels.shape == found.steps.shape == (40, 40)
    assert (found.labels.dtype, found.steps.dtype) == (np.int32, np.int32)
    np.testing.assert_allclose([found.x[0], found.x[-1], found.y[0], found.y[-1]], [-5, 5, -5, 5])


def test_a_zoomed_box_keeps_the_minima_outside_of_it() -> None:
    found = basins("himmelblau", "gd", (0, 1, 0, 1), n=8, learning_rate=0.005, steps=500)
    np.testing.assert_allclose(found.minima[found.labels.max()], (3, 2), atol=1e-6)
    assert (found.labels == found.labels.max()).all()


def test_steps_count_until_the_run_rests() -> None:
    # Each step halves the distance: the step from 2 · 2⁻ᵏ is 2⁻ᵏ long.
    found = basins("sphere", "gd", (-2, 2, -2, 2), n=3, learning_rate=0.25, steps=60)
    settled = SETTLED * np.hypot(4, 4)
    assert found.steps[1, 1] == 0
    assert found.steps[1, 2] == sum(0.5**k > settled for k in range(60))
    assert (found.labels == 0).all()


def test_runs_that_end_nowhere_have_no_label() -> None:
    for found in (
        basins("himmelblau", "gd", n=5, learning_rate=10.0),
        basins("saddle", "gd", n=5),
        basins("himmelblau", "gd", n=6, steps=0),
    ):
        assert (found.labels == -1).all()
        assert (found.steps == -1).all()
    assert basins("saddle", "gd", n=5).minima.shape == (0, 2)


def test_nearest_reaches_as_far_as_it_is_told() -> None:
    found = np.array([[0.0, 0.0], [1.0, 0.0]])
    ends = np.array([[0.4, 0], [0.9, 0], [5, 5], [np.nan, 0], [np.inf, -np.inf], [3e38, -3e38]], np.float32)
    np.testing.assert_array_equal(nearest(ends, found, 0.45), [0, 1, -1, -1, -1, -1])
    np.testing.assert_array_equal(nearest(ends, found[:0], 0.45), -1)


def test_clipping_decides_who_survives() -> None:
    how: dict[str, Any] = {"n": 12, "steps": 10_000, "learning_rate": 1.5e-3}
    thrown, kept, bent = (
        basins("rosenbrock", "gd", **clip, **how) for clip in ({}, {"clip_norm": 20.0}, {"clip_value": 20.0})
    )
    assert (kept.labels == 0).all()
    assert (thrown.labels == 0).sum() < 144
    # Clipped by value, the steps across the valley and along it are as long: many runs bounce between its walls.
    assert (bent.labels == 0).sum() < 144
    assert not np.array_equal(bent.labels, thrown.labels)


def test_no_slider_recompiles(compilations: Compilations) -> None:
    basins("ill_conditioned", "adam", n=16)
    basins("ill_conditioned", "adam", n=16, clip_norm=1.0)
    # Numbers that no other test asks for: minima that are known already would leave their search uncompiled.
    basins("ill_conditioned", "adam", n=16, knobs={"condition_number": 31.75})
    of = SURFACES["ill_conditioned"], OPTIMIZERS["adam"]
    kept = variants(run_grid, *of)
    with compilations() as found:
        basins("ill_conditioned", "adam", n=16, steps=77, learning_rate=0.3, beta1=0)
        basins("ill_conditioned", "adam", n=16, clip_norm=7)
        basins("ill_conditioned", "adam", (-1, 2, -1, 1), n=16, knobs={"condition_number": 7, "angle": 30})
    assert found[0] == 0
    assert variants(run_grid, *of) == kept > 0


@pytest.mark.parametrize(
    ("how", "named"),
    [
        ({"n": 1}, "n must be 2 or more"),
        ({"steps": -1}, "steps 0 or more"),
        ({"clip_norm": 0.0}, "clip_norm must be greater than 0"),
        ({"clip_value": np.nan}, "clip_value must be finite"),
        ({"learning_rate": np.nan}, "learning_rate must be finite"),
        ({"box": (0, np.nan, 0, 1)}, "box must be finite"),
        ({"knobs": {"angle": np.inf}}, "angle must be finite"),
    ],
)
def test_numbers_that_cannot_be_used_are_named(how: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        basins("ill_conditioned", "gd", **how)  # type: ignore[arg-type]


def test_tiles_and_rest_change_nothing() -> None:
    # Newton's runs rest long before step 90, and 6400 starts are more than one tile, but not two.
    found = basins("himmelblau", "newton", n=80, steps=90)
    assert TILE < 80 * 80 < 2 * TILE
    starts = np.stack(np.meshgrid(found.x, found.y), axis=-1).reshape(-1, 2)
    # Those that move for longest change their tile most often.
    rows = [0, 777, TILE - 1, TILE, 6399, *found.steps.ravel().argsort()[-5:]]
    single = np.array([descend("himmelblau", "newton", start, steps=90).points[-1] for start in starts[rows]])
    np.testing.assert_allclose(found.ends.reshape(-1, 2)[rows], single, atol=1e-3)


def test_a_rule_that_waits_is_not_at_rest() -> None:
    # Damped Newton stands still for several steps while its damping grows: its state changes, and it goes on.
    how: dict[str, Any] = {"damping": 1e-6}
    found = basins("rosenbrock", "damped_newton", n=8, steps=120, **how)
    for i, j in ((0, 0), (3, 5), (7, 2)):
        run = descend("rosenbrock", "damped_newton", (found.x[j], found.y[i]), steps=120, **how)
        assert (run.moves[:20] == 0).all(axis=1).any()
        np.testing.assert_allclose(found.ends[i, j], run.points[-1], atol=2e-2)


def test_tiles_of_any_length_compile_nothing(compilations: Compilations) -> None:
    basins("himmelblau", "gradient_flow", n=100)
    with compilations() as found:
        for rate in (0.003, 0.008, 0.02):
            basins("himmelblau", "gradient_flow", n=100, learning_rate=rate)
    assert found[0] == 0
