"""The tools of the playground: one at a time, from the address, with the numbers of the engine."""

import io

import numpy as np
import pytest
from PIL import Image

from landscapes import SURFACES
from optim import basins, descend
from pages import playground
from pages.parts import basin_maps, many_starts, one_update, two_numbers
from pages.parts.lesson import Reading
from pages.parts.settings import Settings
from pages.parts.tools import NAMES, TOOLS
from stage.scene import Racer, Setup

BOX = SURFACES["himmelblau"].start


def reading(**said: str) -> Reading:
    """The playground at an address."""
    settings = Settings(said)
    found = playground.LESSON.read(settings)
    assert not settings.messages
    return found


def test_every_setting_of_the_tools_is_one_of_the_page() -> None:
    assert set(NAMES) <= set(playground.LESSON.others)
    for _, tool in TOOLS.values():
        assert {*tool.menus, *tool.names, *(knob.name for knob in tool.knobs)} <= set(NAMES)


def test_many_starts_have_a_row_for_each_racer_with_its_own_numbers() -> None:
    setup = reading(optimizers="gd gd(0.0001) adam:norm").setup
    rows = many_starts.rows(setup, "sample", 64, 100)
    assert [row["Racer"] for row in rows] == list(setup.titles)
    for row in rows:
        assert 0 <= row["from"] <= row["Success, %"] <= row["to"] <= 100  # type: ignore[operator]
        assert row["Starts"] == 64
    # A rate of a ten-thousandth gets nowhere in a hundred steps.
    assert rows[0]["Success, %"] > rows[1]["Success, %"]  # type: ignore[operator]
    assert many_starts.rows(setup, "sample", 64, 100) == rows
    assert many_starts.rows(setup, "grid", 64, 100) != rows
    figure = many_starts.intervals(rows, 100)
    assert {trace.y[0] for trace in figure.data} == set(setup.titles)


def test_a_basin_map_has_the_labels_and_their_shares() -> None:
    setup = Setup("himmelblau", (Racer("adam"),), BOX, 120)
    picture, parts, places, saddled = basin_maps.drawn(basin_maps.essence(setup, setup.racers[0]))
    found = basins("himmelblau", "adam", n=basin_maps.FINE, steps=120)
    pixels = np.asarray(Image.open(io.BytesIO(picture)))[::-1]
    # Four equal minima: their order is by height, which is zero up to rounding.
    for rank, (x, y, _) in enumerate(places):
        label = int(np.argmin(np.hypot(*(found.minima - (x, y)).T)))
        np.testing.assert_array_equal(pixels >> 4 == rank, found.labels == label)
        assert dict(parts)[rank] == (found.labels == label).mean()
    assert sum(share for _, share in parts) == pytest.approx(1) and not saddled


def test_minima_beyond_the_labels_use_them_again() -> None:
    setup = Setup("rastrigin", (Racer("gd"),), SURFACES["rastrigin"].start, 100)
    _, parts, places, _ = basin_maps.drawn(setup)
    assert len(places) > basin_maps.SADDLE
    assert {label for label, _ in parts} <= {-1, *range(basin_maps.SADDLE + 1)}


def test_a_map_is_shared_by_all_who_only_differ_in_what_it_does_not_show() -> None:
    one, other = reading(optimizers="gd:noise").setup, reading(optimizers="gd:noise", noise="2", x="1", seed="4").setup
    assert basin_maps.essence(one, one.racers[0]) == basin_maps.essence(other, other.racers[0])
    clipped = [reading(optimizers="gd:norm", threshold=tau).setup for tau in ("1", "2")]
    assert basin_maps.essence(clipped[0], clipped[0].racers[0]) != basin_maps.essence(clipped[1], clipped[1].racers[0])


def test_a_plane_is_the_same_wherever_its_two_numbers_are() -> None:
    setups = [reading(optimizers="momentum", learning_rate=rate, momentum="0.5").setup for rate in ("0.001", "0.002")]
    keys = [two_numbers.essence(setup, setup.racers[0], "learning_rate", "momentum") for setup in setups]
    assert keys[0] == keys[1]
    found = two_numbers.losses(keys[0], "learning_rate", "momentum")
    rate, decay = (
        two_numbers.values_of(two_numbers.knobs_of(setups[0], keys[0].racers[0])[n])[k]
        for n, k in (("learning_rate", 40), ("momentum", 60))
    )
    run = descend("himmelblau", "momentum", setups[0].start, steps=200, learning_rate=rate, momentum=decay)
    assert found[60, 40] == pytest.approx(run.values[-1], rel=1e-2, abs=1e-6)


def test_the_minimum_of_a_contraction_is_where_the_run_ends() -> None:
    found = reading(optimizers="momentum", x="-3", y="3", learning_rate="0.005")
    assert two_numbers.nearby(found.setup, 0) == pytest.approx((-2.805118, 3.131312), abs=1e-5)
    assert two_numbers.nearby(reading(surface="saddle", optimizers="momentum").setup, 0) is None


def test_a_threshold_is_an_axis_only_of_a_clipped_racer() -> None:
    setup = reading(optimizers="gd gd:norm adam").setup
    assert [("threshold" in two_numbers.knobs_of(setup, racer)) for racer in setup.racers] == [False, True, False]


def test_arrows_have_the_true_vectors_unless_they_say_otherwise() -> None:
    setup = reading(optimizers="momentum", learning_rate="0.002").setup
    update = one_update.opened(setup, setup.racers[0], 6)
    drawn = one_update.arrows(update)
    np.testing.assert_array_equal(drawn["step"][1], update.moved - update.point)
    assert set(drawn) == {"descent", "memory", "step"}
    for name, vector in (("descent", update.descent), ("memory", update.memory)):
        if "cut" not in drawn[name][0]:
            np.testing.assert_array_equal(drawn[name][1], vector)
    along = drawn["descent"][1] @ update.gradient
    assert along == pytest.approx(-np.linalg.norm(drawn["descent"][1]) * np.linalg.norm(update.gradient))
    assert "gradient" in one_update.arrows(one_update.opened(setup, Racer("newton"), 2))
    table = one_update.rows(update)
    assert {"v", "x", "step"} <= {row["Term"] for row in table}
    assert one_update.figure(setup, update, "light").layout.annotations


def test_the_update_of_a_racer_with_a_start_and_numbers_of_its_own() -> None:
    setup = reading(optimizers="gd adam(0.05)@1,2").setup
    update = one_update.opened(setup, setup.racers[1], 1)
    np.testing.assert_array_equal(update.point, (1, 2))
    assert np.abs(update.moved - update.point) == pytest.approx([0.05, 0.05], rel=1e-6)


def test_a_run_at_rest_and_a_start_outside_of_the_domain_are_drawn() -> None:
    setup = reading(surface="sphere", optimizers="gd", x="0", y="0").setup
    update = one_update.opened(setup, setup.racers[0], 1)
    low, high = one_update.figure(setup, update, "dark").layout.xaxis.range
    assert low < 0 < high
    outside = reading(surface="=x*log(x)+y^2", optimizers="momentum", x="-1", y="1").setup
    assert two_numbers.nearby(outside, 0) == pytest.approx((np.exp(-1), 0), abs=1e-6)
