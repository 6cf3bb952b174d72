"""What the lesson on convexity says is what is computed: its links' claims, its three tests, its ends."""

import numpy as np
import pytest

from landscapes import critical_points, hessian, value
from pages.convexity import LESSON
from pages.parts.convexity import bent, same_loss, three_tests
from pages.parts.live import respond
from stage.bank import unpack
from stage.scene import CUT, make_cut
from tests.pages.states import State, linked, state


def cut(shown: State) -> np.ndarray:
    setup, end = shown.reading.setup, shown.reading.end
    assert end is not None
    return make_cut(setup.surface, setup.knobs, setup.start, end)


def above_chord(shown: State) -> float:
    """How far the surface rises above the chord at most."""
    heights = cut(shown)
    return float((heights - np.linspace(heights[0], heights[-1], CUT)).max())


def verdicts(shown: State) -> set[str]:
    return {row["verdict"] for row in three_tests(shown.reading.setup.surface, shown.reading.setup.knobs)}


def test_link_two_wells() -> None:
    shown = linked(LESSON, "Two wells")
    assert above_chord(shown) > 0.5
    assert verdicts(shown) == {"not convex"}
    # Between the inflections, |x| < 1/√3: that share of the map's width.
    share, smallest = bent("tilted_double_well", shown.reading.setup.knobs, 401)
    assert share == pytest.approx(2 / np.sqrt(3) / 4, abs=5e-3)
    assert smallest == pytest.approx(-4)
    assert "not convex" in shown.text
    assert "Where they start decides" in same_loss(shown.reading.setup)


def test_link_a_bowl() -> None:
    shown = linked(LESSON, "A bowl")
    assert above_chord(shown) <= 0
    assert verdicts(shown) == {"no violation"}
    assert shown.text.startswith("No eigenvalue of the Hessian is negative on this map: convex here.")


def test_link_a_flat_bottom() -> None:
    shown = linked(LESSON, "A flat bottom")
    assert verdicts(shown) == {"no violation"}
    for point in ((0, 0), (0.5, 0.5), (-0.9, 0.2)):
        assert value("flat_bottom", point) == 0
    assert "the same loss" in same_loss(shown.reading.setup)


def test_link_a_saddle() -> None:
    shown = linked(LESSON, "A saddle")
    heights = cut(shown)
    chord = np.linspace(heights[0], heights[-1], CUT)
    assert (heights[1:-1] > chord[1:-1]).all()
    assert verdicts(shown) == {"not convex"}
    assert "no lowest one" in same_loss(shown.reading.setup)


def test_link_one_neuron() -> None:
    shown = linked(LESSON, "One neuron")
    assert verdicts(shown) == {"no violation"}
    assert "the same loss" in same_loss(shown.reading.setup)
    moved = state(LESSON, surface="one_neuron", u1="-2.5", v4="2.1", u6="3")
    assert verdicts(moved) == {"no violation"}
    assert cut(moved)[0] != cut(shown)[0]


def test_link_a_hidden_layer() -> None:
    shown = linked(LESSON, "A hidden layer")
    assert verdicts(shown) == {"not convex"}
    assert above_chord(shown) > 0
    minima = [p.value for p in critical_points("hidden_layer") if p.kind == "minimum"]
    assert len(minima) == 2 and minima[1] - minima[0] > 0.05
    assert "Where they start decides" in same_loss(shown.reading.setup)


def test_link_soft_margin() -> None:
    shown = linked(LESSON, "Soft margin")
    rows = three_tests(shown.reading.setup.surface, shown.reading.setup.knobs)
    assert [row["test"] for row in rows] == ["chord", "tangent plane"]
    assert verdicts(shown) == {"no violation"}
    assert "folds" in shown.text


def test_link_linear_regression() -> None:
    shown = linked(LESSON, "Linear regression")
    assert verdicts(shown) == {"no violation"}
    hessians = [hessian("linear_regression", p) for p in ((0, 0), (1, -1))]
    assert hessians[0] == pytest.approx(hessians[1])


@pytest.mark.parametrize("surface", ["himmelblau", "rosenbrock", "ackley", "saddle", "six_hump_camel"])
def test_the_three_tests_agree(surface: str) -> None:
    assert len(verdicts(state(LESSON, surface=surface))) == 1


def test_the_cut_is_the_surface_along_the_segment() -> None:
    shown = state(LESSON)
    heights = cut(shown)
    a, b = np.array(shown.reading.setup.start), np.array(shown.reading.end)
    for k in (0, 37, 100, CUT - 1):
        t = k / (CUT - 1)
        expected = value("tilted_double_well", (1 - t) * a + t * b, **dict(shown.reading.setup.knobs))
        assert heights[k] == pytest.approx(expected, rel=1e-6)
    header, groups = unpack(respond(LESSON, shown.reading, {"seq": 1}))
    sent = groups[header["cut"]]
    assert sent is not None
    assert (sent["heights"] == heights).all()
    assert header["end"] == list(b)


def test_the_share_is_a_slider_that_asks_for_nothing() -> None:
    shown = state(LESSON, share="0.3")
    (share,) = (live for live in shown.reading.lives if live.name == "share")
    assert share.moves_nothing and share.value == 0.3
    # Every position is one of the cut's own points, so that nothing between them is guessed.
    assert share.positions() * (CUT - 1) == pytest.approx(np.round(share.positions() * (CUT - 1)), abs=1e-9)
    header, _ = unpack(respond(LESSON, shown.reading, {"seq": 1, "over": "share"}))
    assert header["over"] != "share"
