"""Whatever an address says, a page has an answer: the value, or the nearest one with a message."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscapes import SURFACES
from landscapes.knobs import Knob
from optim import OPTIMIZERS
from pages.ill_conditioning import LESSON
from pages.parts.lesson import HEIGHTS, OVERLAYS, STEPS, Reading, address
from pages.parts.settings import Settings

RATE = Knob(0.001, 0.1, log=True, name="learning_rate", default=0.05)


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("0.02", 0.02, None),
        ("1e-2", 0.01, None),
        ("−1", 0.001, "outside"),
        ("0", 0.001, "outside"),
        ("-1", 0.001, "outside"),
        ("1e300", 0.1, "outside"),
        ("inf", 0.1, "outside"),
        ("-inf", 0.001, "outside"),
        ("nan", 0.05, "not a number"),
        ("", 0.05, "not a number"),
        ("abc", 0.05, "not a number"),
        ("0.02;drop", 0.05, "not a number"),
        ("9" * 100_000, 0.1, "outside"),
    ],
)
def test_a_number_is_taken_or_replaced_with_a_message(text: str, value: float, said: str | None) -> None:
    settings = Settings({"learning_rate": text})
    assert settings.number(RATE, 0.05) == value
    assert len(settings.messages) == (said is not None)
    assert said is None or said in settings.messages[0]
    assert all(len(message) < 200 for message in settings.messages)


def test_keys_that_are_unknown_or_too_many_are_named() -> None:
    settings = Settings({"optimizers": "adam,foo adam gd", "surface": "<b>x</b>`"})
    assert settings.choices("optimizers", OPTIMIZERS, ("gd",)) == ("adam", "gd")
    assert settings.choice("surface", SURFACES, "sphere") == "sphere"
    assert settings.messages == ["There is no optimizer called `foo`.", "There is no surface called `<b>x</b>′`."]
    many = Settings({"optimizers": " ".join(OPTIMIZERS)})
    assert len(many.choices("optimizers", OPTIMIZERS, ("gd",))) == 8
    assert "At most 8 optimizers" in many.messages[0]


@pytest.mark.parametrize(
    ("text", "step", "messages"),
    [("3", 3, 0), ("play", None, 0), ("-5", 0, 1), ("1e9", 50, 1), ("2.5", 2, 1), ("x", 7, 1), ("inf", 50, 1)],
)
def test_a_step_is_moved_into_the_run(text: str, step: int | None, messages: int) -> None:
    settings = Settings({"step": text})
    assert settings.step(50, 7) == step
    assert len(settings.messages) == messages


def check(reading: Reading) -> None:
    """A reading that can be shown: known keys, and every number in its range."""
    setup, box = reading.setup, reading.setup.found.box
    assert setup.surface in SURFACES and all(racer.optimizer in OPTIMIZERS for racer in setup.racers)
    assert 1 <= len(setup.racers) <= 8 and setup.steps in STEPS
    assert box[0] <= setup.start[0] <= box[1] and box[2] <= setup.start[1] <= box[3]
    assert all(live.knob.contains(live.value) for live in reading.lives)
    assert reading.view.height in HEIGHTS and set(reading.view.show) <= set(OVERLAYS)
    assert reading.view.step is None or 0 <= reading.view.step <= setup.steps


NAMES = ["x", "y", "learning_rate", "condition_number", "angle", "steps", "step", "rates", "height", "show", "foo"]
VALUES = st.one_of(
    st.text(max_size=40),
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.integers().map(str),
    st.sampled_from(["same", "tuned", "log", "arrows labels", "25", "play", ""]),
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_any_address_gives_a_state_that_can_be_shown(said: dict[str, str]) -> None:
    settings = Settings(said)
    reading = LESSON.read(settings)
    check(reading)
    again = Settings({name: value for name, value in address(LESSON, reading).items() if value is not None})
    assert LESSON.read(again) == reading
    assert not again.messages


@pytest.mark.parametrize("surface", ["himmelblau", "rosenbrock", "saddle", "eggholder"])
def test_every_surface_can_be_put_on_the_page(surface: str) -> None:
    settings = Settings({"surface": surface, "optimizers": "gd newton", "rates": "tuned", "steps": "10"})
    reading = LESSON.read(settings)
    check(reading)
    assert not settings.messages
    assert all(math.isfinite(value) for racer in reading.setup.racers for _, value in racer.hyper)
