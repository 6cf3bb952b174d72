"""Maps under the paths: their bytes, what their labels stand for, and who shares one."""

from dataclasses import replace

import numpy as np
import pytest

from landscapes import find_surface, hessian, value
from optim import basins, descend
from stage import Racer, Setup
from stage.bank import unpack
from stage.maps import COARSE, FINE, MAPS, NOWHERE, map_message
from stage.scene import make_scene

BASINS = Setup("himmelblau", (Racer("gd", (("learning_rate", 0.01),)), Racer("adam")), (0.5, 0.5), 200)
WELL = Setup("tilted_double_well", (Racer("gd", (("learning_rate", 0.05),)),), (1.8, 1.0), 200, (("tilt", 0.6),))


def labels(setup: Setup, kind: str = "basins") -> np.ndarray:
    return MAPS[kind](setup).pixels >> 4


def grid(setup: Setup, n: int) -> tuple[np.ndarray, np.ndarray]:
    x_low, x_high, y_low, y_high = setup.found.box
    return np.linspace(x_low, x_high, n), np.linspace(y_low, y_high, n)


def test_a_label_is_the_place_where_the_run_from_there_ends() -> None:
    made = MAPS["basins"](BASINS)
    found = labels(BASINS)
    x, y = grid(BASINS, FINE)
    for i, j in ((10, 10), (10, 245), (245, 10), (200, 230), (128, 60)):
        end = descend("himmelblau", "gd", (x[j], y[i]), steps=200, learning_rate=0.01).points[-1]
        place = made.places[found[i, j]]
        assert end == pytest.approx((place["x"], place["y"]), abs=0.05)
        assert place["z"] == pytest.approx(value("himmelblau", (place["x"], place["y"])))


def test_the_lowest_minimum_is_the_first_and_saddles_are_the_last() -> None:
    places = MAPS["basins"](WELL).places
    assert [place["kind"] for place in places] == ["minimum", "minimum", "saddle"]
    assert places[0]["z"] < places[1]["z"]
    assert set(np.unique(labels(WELL))) == {0, 1}


def test_newton_has_starts_that_end_in_saddles() -> None:
    newton = replace(BASINS, racers=(Racer("newton"),), steps=50)
    made = MAPS["basins"](newton)
    kinds = np.array([place["kind"] for place in made.places] + ["nowhere"] * 16)
    assert (kinds[made.pixels >> 4] == "saddle").mean() > 0.3


def test_shades_grow_with_the_steps_taken() -> None:
    made = MAPS["basins"](BASINS)
    steps = basins("himmelblau", "gd", n=FINE, steps=200, saddles=True, learning_rate=0.01).steps
    shades = made.pixels & 15
    inside = (made.pixels >> 4) != NOWHERE
    order = np.argsort(steps[inside], kind="stable")
    assert (np.diff(shades[inside][order].astype(int)) >= 0).all()
    assert shades.max() > 5


def test_runs_that_end_nowhere_have_no_label() -> None:
    wild = replace(BASINS, racers=(Racer("gd", (("learning_rate", 0.5),)),))
    assert (MAPS["basins"](wild).pixels == NOWHERE * 16).mean() > 0.9


def test_a_clipped_racer_has_another_map() -> None:
    clipped = replace(BASINS, racers=(Racer("gd", (("learning_rate", 0.03),), "norm"),), threshold=5.0)
    free = replace(clipped, racers=(Racer("gd", (("learning_rate", 0.03),)),))
    assert (labels(clipped) != labels(free)).mean() > 0.05


@pytest.mark.parametrize("surface", ["saddle", "tilted_double_well", "himmelblau", "quartic_bowl", "one_neuron"])
def test_curvature_is_negative_where_the_map_says(surface: str) -> None:
    knobs = tuple(find_surface(surface).fill({}).items())
    setup = Setup(surface, (Racer("gd"),), find_surface(surface).start, 10, knobs)
    found = labels(setup, "curvature")
    x, y = grid(setup, COARSE)
    for i in range(3, COARSE, 41):
        for j in range(5, COARSE, 37):
            smallest = np.linalg.eigvalsh(hessian(surface, (x[j], y[i]), **dict(knobs)))[0]
            assert found[i, j] == (smallest < -1e-6) or abs(smallest) < 1e-6
    assert (found == 1).any() == (surface in ("saddle", "tilted_double_well", "himmelblau"))


def test_the_line_of_the_curvature_map_is_where_the_eigenvalue_vanishes() -> None:
    made = MAPS["curvature"](WELL)
    points = np.concatenate(made.lines)
    # The well is bent downwards for 3x² < 1.
    assert np.abs(points[:, 0]) == pytest.approx(np.sqrt(1 / 3), abs=0.01)


def test_equal_questions_share_one_map_and_others_do_not() -> None:
    first = map_message(BASINS, "basins")
    header, groups = unpack(first)
    (pixels,) = groups.values()
    assert pixels is not None and pixels["pixels"].shape == (FINE, FINE)
    assert len(first) < FINE * FINE + 4000
    assert map_message(replace(BASINS, start=(-2.0, 1.0), seed=4, racers=BASINS.racers[:1]), "basins") is first
    assert map_message(replace(BASINS, steps=50), "basins") is not first
    assert header["places"][0]["kind"] == "minimum"
    curved = map_message(BASINS, "curvature")
    assert map_message(replace(BASINS, steps=50, racers=(Racer("adam"),)), "curvature") is curved


def test_facts_are_those_of_the_scene() -> None:
    moved = replace(WELL, knobs=(("tilt", -0.4),))
    header, groups = unpack(map_message(moved, "facts"))
    assert groups == {}
    assert header["facts"] == make_scene("tilted_double_well", moved.knobs)[1]
    assert len(header["facts"]["critical"]) == 3


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        map_message(WELL, "weather")


def test_the_final_loss_has_its_best_and_its_worst() -> None:
    setup = replace(WELL, racers=(Racer("gd", (("learning_rate", 0.05),)),), steps=100)
    made = MAPS["final"](setup)
    low, high = (place["z"] for place in made.places)
    x_low, x_high, y_low, y_high = setup.found.box
    rows, columns = [0, 40, 128, 255], [3, 90, 140, 255]
    for row, column in zip(rows, columns, strict=True):
        start = (x_low + column / 255 * (x_high - x_low), y_low + row / 255 * (y_high - y_low))
        end = descend(setup.surface, "gd", start, steps=100, knobs=dict(setup.knobs), learning_rate=0.05).values[-1]
        assert low + made.pixels[row, column] / 255 * (high - low) == pytest.approx(end, abs=(high - low) / 200)
    assert made.pixels.min() == 0 and made.pixels.max() == 255


def test_diverged_runs_are_the_worst_of_the_final_losses() -> None:
    made = MAPS["final"](replace(WELL, racers=(Racer("gd", (("learning_rate", 5.0),)),), steps=100))
    assert (made.pixels == 255).mean() > 0.9
