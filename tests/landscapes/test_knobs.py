"""Knobs: read from annotations, and the arithmetic of their sliders."""

import math
from typing import Annotated, TypedDict, Unpack

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscapes import SURFACES
from landscapes.knobs import Knob, fill, read_knobs

LINEAR = Knob(-2, 6, name="tilt", default=1.0)
LOGARITHMIC = Knob(1, 1000, log=True, symbol="κ", name="condition_number", default=100.0)


def test_knobs_are_the_keyword_only_arguments_in_order() -> None:
    def f(p: float, *, second_one: Annotated[float, Knob(0, 2)] = 1, a: Annotated[float, Knob(1, 9, log=True)] = 3.0):
        return p

    found = read_knobs(f)
    assert list(found) == ["second_one", "a"]
    assert found["second_one"] == Knob(0, 2, name="second_one", default=1.0)
    assert isinstance(found["second_one"].default, float)
    assert found["a"].log


def test_a_logarithmic_range_may_begin_with_an_exact_zero() -> None:
    knob = Knob(1e-12, 0.5, log=True, zero=True, name="y", default=1e-6)
    positions = knob.positions(12)
    assert positions[0] == 0
    assert positions[1:] == pytest.approx(np.geomspace(1e-12, 0.5, 11))
    assert knob.contains(0) and not knob.contains(-1) and not knob.contains(1e-13)
    assert [knob.clip(v) for v in (-3.0, 0.0, 1e-13, 1e-3, 9.0)] == [0, 0, 0, 1e-3, 0.5]


def test_an_argument_that_is_no_knob_is_refused() -> None:
    def bare(p: float, *, a: float = 1.0):
        return p

    def outside(p: float, *, a: Annotated[float, Knob(2, 3)] = 1.0):
        return p

    for function in (bare, outside):
        with pytest.raises(TypeError, match=f"a of {function.__name__} needs a Knob"):
            read_knobs(function)


class Shared(TypedDict, total=False):
    u: Annotated[float, Knob(-3, 3, datum=True, default=0.5)]
    v: Annotated[float, Knob(-3, 3, datum=True, default=-1)]


class Unset(TypedDict, total=False):
    u: Annotated[float, Knob(-3, 3)]


class NoKnob(TypedDict, total=False):
    u: float


def test_shared_knobs_follow_the_function_s_own() -> None:
    def f(p: float, *, a: Annotated[float, Knob(1, 9)] = 3.0, **data: Unpack[Shared]):
        return p

    found = read_knobs(f)
    assert {name: knob.default for name, knob in found.items()} == {"a": 3, "u": 0.5, "v": -1}
    assert list(found) == ["a", "u", "v"]
    assert [knob.datum for knob in found.values()] == [False, True, True]
    assert found["v"].name == "v"


def test_a_shared_knob_without_a_default_or_a_range_is_refused() -> None:
    def unset(p: float, **data: Unpack[Unset]):
        return p

    def no_knob(p: float, **data: Unpack[NoKnob]):
        return p

    for function in (unset, no_knob):
        with pytest.raises(TypeError, match=f"u of {function.__name__} needs a Knob"):
            read_knobs(function)


def test_defaults_of_the_surfaces_are_the_textbook_ones() -> None:
    defaults = {key: {name: knob.default for name, knob in s.knobs.items()} for key, s in SURFACES.items()}
    assert defaults["rosenbrock"] == {"b": 100}
    assert defaults["himmelblau"] == {"a": 11, "b": 7}
    assert defaults["rastrigin"] == {"amplitude": 10}
    assert defaults["michalewicz"] == {"steepness": 10}
    assert defaults["ackley"] == {"depth": 20, "decay": 0.2}
    assert defaults["tilted_double_well"] == {"tilt": 0.6}
    assert defaults["ill_conditioned"] == {"condition_number": 100, "angle": 0}
    tilt = SURFACES["tilted_double_well"].knobs["tilt"]
    assert tilt.low == -tilt.high


def test_fill_completes_and_names_the_unknown() -> None:
    knobs = {"tilt": LINEAR, "condition_number": LOGARITHMIC}
    assert fill(knobs, {"tilt": 3.0}, "f") == {"tilt": 3.0, "condition_number": 100.0}
    with pytest.raises(TypeError, match="f has no slope, width; it has tilt, condition_number"):
        fill(knobs, {"width": 1.0, "slope": 2.0}, "f")


def test_label_reads_as_words() -> None:
    assert LOGARITHMIC.label == "condition number κ"
    assert LINEAR.label == "tilt"


@pytest.mark.parametrize("knob", [LINEAR, LOGARITHMIC])
@given(value=st.floats(allow_nan=True, allow_infinity=True))
def test_clip_always_lands_in_range(knob: Knob, value: float) -> None:
    assert knob.contains(knob.clip(value))
    assert knob.clip(math.nan) == knob.default
    if knob.contains(value):
        assert knob.clip(value) == value


@pytest.mark.parametrize("knob", [LINEAR, LOGARITHMIC])
def test_positions_span_the_range_evenly_along_the_slider(knob: Knob) -> None:
    positions = knob.positions(5)
    assert (positions[0], positions[-1]) == pytest.approx((knob.low, knob.high))
    assert np.ptp(np.diff(np.log(positions) if knob.log else positions)) < 1e-12


def test_a_whole_knob_has_nothing_between_whole_numbers() -> None:
    knob = Knob(1, 100, log=True, whole=True, name="batch_size", default=10)
    assert knob.contains(7) and not knob.contains(7.5) and not knob.contains(0) and not knob.contains(math.inf)
    assert [knob.clip(v) for v in (0.2, 7.4, 7.6, 1000)] == [1, 7, 8, 100]
