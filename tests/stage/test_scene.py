"""What a stage shows: positions of a live slider, the bank over them, the drawn surface."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscapes import SURFACES, find_surface, on_grid, value
from landscapes.knobs import Knob
from optim import OPTIMIZERS, STOPS, descend, find_optimizer
from stage.scene import (
    EXACT,
    GRID,
    MOVING_GRID,
    MOVING_POSITIONS,
    POSITIONS,
    Live,
    Racer,
    Setup,
    bank_arrays,
    concerns,
    describe,
    key_of,
    make_bank,
    make_scene,
    stop_words,
)

RATE = Knob(0.001, 0.1, log=True, name="learning_rate", default=0.05)
ALL_KNOBS = {
    f"{owner.key}.{k.name}": k for owner in (*SURFACES.values(), *OPTIMIZERS.values()) for k in owner.knobs.values()
}
# 1.5 leaves the box within a few steps, 0.015 stays for all of them: the bowl's limit is 0.02.
RATES = (0.005, 0.015, 0.05, 1.5)
STEPS = 12
RACE = Setup(
    "ill_conditioned",
    (Racer("gd", (("learning_rate", 0.015),)), Racer("momentum", (("learning_rate", 0.015),)), Racer("newton")),
    (2.0, 1.0),
    STEPS,
    (("condition_number", 100.0), ("angle", 0.0)),
)


def lengths(setup: Setup, over: str, positions: tuple[float, ...]) -> list[int]:
    return [len(run.positions) for run in make_bank(setup, over, positions).runs]


@st.composite
def lives(draw: st.DrawFn) -> Live:
    log = draw(st.booleans())
    low = draw(st.floats(1e-6, 1.0) if log else st.floats(-100, 100))
    high = low * draw(st.floats(2, 1e6)) if log else low + draw(st.floats(0.1, 1e3))
    inside = st.floats(low, high)
    knob = Knob(low, high, log=log, name="k", default=draw(inside))
    marks = draw(st.lists(inside, max_size=EXACT - 2))
    return Live(knob, draw(inside), tuple((mark, "here") for mark in marks), draw(st.booleans()))


@given(lives())
def test_positions_are_in_order_few_and_meet_what_must_be_met_exactly(live: Live) -> None:
    positions = live.positions()
    assert (np.diff(positions) > 0).all()
    assert len(positions) <= (MOVING_POSITIONS if live.moves_surface else POSITIONS)
    assert {live.knob.default, live.value, *(mark for mark, _ in live.marks)} <= set(positions.tolist())
    assert positions[live.index()] == live.value


@pytest.mark.parametrize("moves", [False, True])
def test_two_marks_one_percent_apart_keep_their_own_values(moves: bool) -> None:
    live = Live(RATE, 0.02, ((0.0198, "best"), (0.02, "limit")), moves)
    positions = live.positions().tolist()
    assert positions.index(0.0198) < positions.index(0.02) == live.index()
    assert replace(live, value=0.0198).index() == positions.index(0.0198)


def test_a_mark_off_the_slider_is_no_position() -> None:
    assert not {0.5, 1e-5} & set(Live(RATE, 0.02, ((0.5, "far"), (1e-5, "near"))).positions().tolist())


@pytest.mark.parametrize("name", ALL_KNOBS)
def test_every_slider_there_is_stays_within_its_knob(name: str) -> None:
    knob = ALL_KNOBS[name]
    for moves in (False, True):
        positions = Live(knob, knob.default, moves_surface=moves).positions()
        assert [p for p in positions.tolist() if not knob.contains(p)] == []
        # Rounding to four digits may move an end by half of the last one, not more.
        assert positions[[0, -1]] == pytest.approx([knob.low, knob.high], rel=5e-4)
        # A slider that rounding had merged would jump.
        assert len(positions) >= (MOVING_POSITIONS if moves else POSITIONS) - EXACT


def test_who_is_concerned_by_which_slider() -> None:
    race = replace(RACE, racers=(Racer("gd"), Racer("momentum"), Racer("newton"), Racer("momentum")))

    def concerned(over: str, setup: Setup = race) -> list[bool]:
        return [concerns(setup, racer, over) for racer in range(4)]

    for over in ("condition_number", "angle", "x", "y"):
        assert concerned(over) == [True] * 4, over
    wrapped = replace(race, racers=(Racer("gd"), *(Racer("gd", (), wrapper) for wrapper in ("norm", "value", "noise"))))
    assert concerned("threshold", wrapped) == [False, True, True, False]
    assert concerned("noise", wrapped) == [False, False, False, True]
    assert concerned("learning_rate") == [True, True, False, True]
    assert concerned("learning_rate", replace(race, same_rate=False)) == [True, False, False, False]
    # A hyperparameter other than the rate belongs to the first racer alone, which has none here.
    assert concerned("momentum") == [False] * 4
    heavy_ball_first = replace(race, racers=(race.racers[1], *race.racers[1:]))
    assert concerned("momentum", heavy_ball_first) == [True, False, False, False]


def test_a_racer_is_swept_only_over_a_slider_that_concerns_it() -> None:
    assert lengths(RACE, "learning_rate", RATES) == [4, 4, 1]
    assert lengths(replace(RACE, same_rate=False), "learning_rate", RATES) == [4, 1, 1]
    assert lengths(RACE, "angle", (0.0, 30.0)) == [2, 2, 2]
    first = replace(RACE, racers=(RACE.racers[1], RACE.racers[0], RACE.racers[2]))
    assert lengths(first, "momentum", (0.0, 0.5, 0.9)) == [3, 1, 1]


def test_a_racer_that_is_not_concerned_has_the_run_of_its_own_settings_everywhere() -> None:
    apart = replace(RACE, same_rate=False)
    bank = make_bank(apart, "learning_rate", RATES)
    own = make_bank(RACE, "learning_rate", RATES)
    for position in range(len(RATES)):
        # Batches of another size may round otherwise in the last place.
        points = own.trajectory(1, RATES.index(0.015)).points
        np.testing.assert_allclose(bank.trajectory(1, position).points, points, rtol=1e-12, atol=1e-12)
        np.testing.assert_array_equal(bank.trajectory(0, position).points, own.trajectory(0, position).points)


@pytest.mark.parametrize(
    ("wrapper", "over", "argument"),
    [("norm", "threshold", "clip_norm"), ("value", "threshold", "clip_value"), ("noise", "noise", "noise")],
)
def test_a_wrapped_racer_runs_as_the_engine_does_with_that_argument(wrapper: str, over: str, argument: str) -> None:
    rate = (("learning_rate", 0.015),)
    setup = replace(RACE, racers=(Racer("gd", rate), Racer("gd", rate, wrapper)), seed=3)
    amounts = (0.5, 2.0)
    bank = make_bank(setup, over, amounts)
    assert [len(run.positions) for run in bank.runs] == [1, 2]
    for position, amount in enumerate(amounts):
        run = descend(
            RACE.surface,
            "gd",
            RACE.start,
            steps=RACE.steps,
            seed=3,
            knobs=dict(RACE.knobs),
            learning_rate=0.015,
            **{argument: amount},
        )
        np.testing.assert_allclose(bank.trajectory(1, position).points, run.points, rtol=1e-12, atol=1e-12)
    plain = bank.trajectory(0, 0).points
    assert not np.allclose(bank.trajectory(1, 0).points, plain)
    assert describe(setup)[1]["key"] == f"gd:{wrapper}"


def test_a_minibatch_racer_draws_where_there_are_examples_and_is_exact_elsewhere() -> None:
    rate = (("learning_rate", 0.2),)
    racers = (Racer("gd", rate), Racer("gd", rate, "batch"))
    drawing = Setup("generated_regression", racers, (-1.0, 1.8), 40, batch_size=3, seed=2)
    bank = make_bank(drawing, "batch_size", (1.0, 3.0, 50.0))
    assert [len(run.positions) for run in bank.runs] == [1, 3]
    own = descend("generated_regression", "gd", steps=40, batch_size=3, seed=2, learning_rate=0.2)
    np.testing.assert_allclose(bank.trajectory(1, 1).points, own.points, rtol=1e-12, atol=1e-12)
    assert [concerns(drawing, racer, "batch_size") for racer in (0, 1)] == [False, True]
    assert describe(drawing)[1] == {"key": "gd:batch", "title": "Gradient descent, minibatch"}
    elsewhere = replace(drawing, surface="sphere")
    assert not concerns(elsewhere, 1, "batch_size")
    paths = make_bank(elsewhere, "learning_rate", (0.1,)).runs
    np.testing.assert_array_equal(paths[0].points, paths[1].points)


def test_the_grids_of_a_bank_follow_the_knob_of_the_surface() -> None:
    angles = (-30.0, 0.0, 45.0)
    bank = make_bank(RACE, "angle", angles)
    assert bank.grids.shape == (3, MOVING_GRID, MOVING_GRID)
    for grid, angle in zip(bank.grids, angles, strict=True):
        z = on_grid(RACE.surface, None, MOVING_GRID, condition_number=100.0, angle=angle)[2]
        np.testing.assert_array_equal(grid, z)
    assert not np.array_equal(bank.grids[0], bank.grids[1])
    assert make_bank(RACE, "learning_rate", RATES).grids.size == 0


def test_equal_setups_share_one_bank() -> None:
    twin = replace(RACE, racers=tuple(replace(racer) for racer in RACE.racers))
    assert twin is not RACE
    assert make_bank(twin, "learning_rate", RATES) is make_bank(RACE, "learning_rate", RATES)
    for other in (replace(RACE, steps=STEPS + 1), replace(RACE, start=(2.0, 1.5)), replace(RACE, seed=1)):
        assert make_bank(other, "learning_rate", RATES) is not make_bank(RACE, "learning_rate", RATES)
        assert key_of("bank", other) != key_of("bank", RACE) == key_of("bank", twin)


def test_a_bank_as_the_browser_holds_it() -> None:
    bank = make_bank(RACE, "learning_rate", RATES)
    arrays = bank_arrays(bank)
    points, detail = STEPS + 1, {"gradients", "hessians", "terms"}
    assert set(arrays) == {"positions", "grids"} | {
        f"{racer}.{name}"
        for racer in range(3)
        for name in {"points", "values", "norms", "diverged_at"} | (detail if racer == 0 else set())
    }
    assert (arrays["positions"].dtype, arrays["positions"].tolist()) == (np.dtype(np.float64), list(RATES))
    for racer, count in enumerate((4, 4, 1)):
        shapes = {"points": (count, points, 2), "values": (count, points), "norms": (count, points)}
        if racer == 0:
            shapes |= {
                "gradients": (count, points, 2),
                "hessians": (count, points, 3),
                "terms": (count, points - 1, 3),
            }
        for name, shape in shapes.items():
            array = arrays[f"{racer}.{name}"]
            assert (array.dtype, array.shape) == (np.dtype(np.float32), shape), name
        diverged_at = arrays[f"{racer}.diverged_at"]
        assert (diverged_at.dtype, diverged_at.shape) == (np.dtype(np.int32), (count,))


def test_a_run_is_blank_exactly_from_the_step_at_which_it_diverged() -> None:
    arrays = bank_arrays(make_bank(RACE, "learning_rate", RATES))
    assert {0, 1, 2} == {int(name[0]) for name in arrays if name.endswith(".points")}
    diverged = arrays["0.diverged_at"].tolist()
    assert diverged[:2] == [-1, -1] and 0 < diverged[3] < STEPS
    for racer in range(3):
        for row, cut in enumerate(arrays[f"{racer}.diverged_at"].tolist()):
            gone = np.arange(STEPS + 1) >= (STEPS + 1 if cut < 0 else cut)
            for name in ("points", "values", "norms", *(("gradients", "hessians") if racer == 0 else ())):
                array = arrays[f"{racer}.{name}"][row].reshape(STEPS + 1, -1)
                np.testing.assert_array_equal(np.isnan(array), np.broadcast_to(gone[:, None], array.shape), name)
            if racer == 0:
                # A step is known while both of its ends are.
                terms = np.isnan(arrays["0.terms"][row])
                np.testing.assert_array_equal(terms, np.broadcast_to(gone[1:, None], terms.shape))


def test_the_numbers_of_a_bank_are_those_of_its_runs() -> None:
    tilted = replace(RACE, knobs=(("condition_number", 100.0), ("angle", 30.0)))
    bank = make_bank(tilted, "learning_rate", RATES)
    arrays, run = bank_arrays(bank), bank.trajectory(0, 1)
    assert run.diverged_at is None
    np.testing.assert_allclose(arrays["0.norms"][1], np.linalg.norm(run.gradients, axis=1), rtol=1e-6)
    a, b, c = arrays["0.hessians"][1, 0]
    np.testing.assert_allclose([[a, b], [b, c]], run.hessians[0], rtol=1e-6)
    linear, quadratic, change = arrays["0.terms"][1].T
    np.testing.assert_allclose(change, np.diff(run.values), rtol=1e-6)
    # The bowl is a quadratic: its second-order Taylor expansion is exact, up to what 32 bits keep.
    np.testing.assert_allclose(linear + quadratic, change, rtol=1e-4, atol=1e-6 * np.abs(change).max())


def test_the_scene_is_the_surface_under_its_knobs() -> None:
    knobs = (("condition_number", 10.0), ("angle", 30.0))
    scene, facts = make_scene("ill_conditioned", knobs)
    assert {name: array.shape for name, array in scene.items()} == {"x": (GRID,), "y": (GRID,), "z": (GRID, GRID)}
    assert {array.dtype for array in scene.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(scene["z"], on_grid("ill_conditioned", None, GRID, **dict(knobs))[2])
    assert [point["kind"] for point in facts["critical"]] == ["minimum"]
    assert [facts["critical"][0][name] for name in "xyz"] == pytest.approx([0, 0, 0], abs=1e-9)
    assert facts["lowest"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("surface", ["himmelblau", "styblinski_tang", "six_hump_camel", "eggholder"])
def test_the_lowest_value_is_that_of_the_lowest_minimum(surface: str) -> None:
    scene, facts = make_scene(surface, ())
    known = find_surface(surface).minima
    assert len(facts["minima"]) >= len(known) > 0
    for minimum in known:
        assert np.abs(np.array(facts["minima"]) - minimum).max(axis=1).min() < 1e-4, minimum
    assert facts["lowest"] == min(value(surface, point) for point in facts["minima"])
    assert facts["lowest"] <= scene["z"].min() + 1e-6 * np.ptp(scene["z"])


def test_a_surface_without_a_minimum_measures_from_the_lowest_point_drawn() -> None:
    scene, facts = make_scene("monkey_saddle", ())
    assert facts["minima"] == []
    assert facts["lowest"] == scene["z"].min()


@pytest.mark.parametrize("surface", ["monkey_saddle", "quartic_bowl", "flat_bottom"])
def test_a_critical_point_without_curvature_is_marked_where_it_is_the_only_one(surface: str) -> None:
    (point,) = make_scene(surface, ())[1]["critical"]
    assert (point["x"], point["y"], point["kind"]) == (
        pytest.approx(0, abs=1e-6),
        pytest.approx(0, abs=1e-6),
        "degenerate",
    )


def test_a_kinked_surface_has_no_critical_points_marked() -> None:
    assert make_scene("ackley", ())[1]["critical"] == []


def test_only_critical_points_that_can_be_seen_are_marked() -> None:
    # Easom's plain is level to 1e-40 and full of critical points; Rastrigin's bumps are all there to see.
    easom = make_scene("easom", ())[1]["critical"]
    assert len(easom) < 60
    assert any(point["z"] == pytest.approx(-1) and point["kind"] == "minimum" for point in easom)
    rastrigin = make_scene("rastrigin", ())[1]["critical"]
    assert len(rastrigin) >= 441
    kinds = [point["kind"] for point in rastrigin]
    assert {"minimum", "maximum", "saddle"} <= set(kinds)
    assert kinds.count("minimum") >= 121


def test_racers_are_described_in_order() -> None:
    assert describe(RACE) == [{"key": r.optimizer, "title": find_optimizer(r.optimizer).title} for r in RACE.racers]


def test_a_run_that_stopped_early_ends_there_in_the_browser_too() -> None:
    early = replace(RACE, stop=(("gradient", 3.0),))
    bank = make_bank(early, "learning_rate", RATES)
    arrays, plain = bank_arrays(bank), bank_arrays(make_bank(RACE, "learning_rate", RATES))
    stopped, reason = arrays["2.stopped"][0]
    # Newton's first step lands on the minimum of a bowl.
    assert (stopped, STOPS[reason]) == (1, "gradient")
    assert np.isnan(arrays["2.points"][0, 2:]).all()
    np.testing.assert_array_equal(arrays["2.points"][0, :2], plain["2.points"][0, :2])
    assert not any(name.endswith(".stopped") for name in plain)
    assert stop_words(early)[reason] == "gradient below 3"
