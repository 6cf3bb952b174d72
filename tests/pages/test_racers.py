"""Racers in an address, and what the forms of the playground make of it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optim import OPTIMIZERS, find_optimizer
from pages.ill_conditioning import LESSON as BOWL
from pages.parts.entries import MOST, Entry, read_entries
from pages.parts.lesson import RACERS, RATE, Reading, address
from pages.parts.lineup import arranged, judged, once_more, renumbered, replaced, restarted, written
from pages.parts.settings import Settings
from pages.playground import LESSON
from stage.setup import concerns, describe
from tests.pages.opened import opened
from tests.pages.states import state

BOX = (-5.0, 5.0, -5.0, 5.0)


def read(text: str) -> tuple[tuple[Entry, ...], list[str]]:
    settings = Settings({"optimizers": text})
    return read_entries(settings, RACERS, BOX, ("gd",)), settings.messages


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    key = draw(st.sampled_from(RACERS))
    entry = Entry(key)
    for name, knob in find_optimizer(entry.optimizer).knobs.items():
        if draw(st.booleans()):
            entry = entry.having(name, draw(st.floats(knob.low, knob.high)))
    start = draw(st.none() | st.tuples(st.floats(-5, 5), st.floats(-5, 5)))
    return Entry(entry.key, entry.numbers, start)


@given(st.lists(entries(), min_size=1, max_size=MOST), st.sampled_from([" ", ",", ", "]))
def test_what_is_written_is_read_again(racers: list[Entry], between: str) -> None:
    assert read(between.join(entry.written() for entry in racers)) == (tuple(racers), [])


def test_an_address_of_eight_is_short_enough_to_paste() -> None:
    eight = [Entry("adam:noise").having(RATE, 0.0123).having("beta1", 0.95)] * MOST
    assert len(written(eight) or "") < 300


@pytest.mark.parametrize(
    ("text", "racers", "said"),
    [
        ("gd adam", "gd adam", []),
        ("gd:norm,adam", "gd:norm adam", []),
        ("gd(learning_rate=0.1)", "gd(0.1)", []),
        ("momentum( 0.02 , momentum = 0.5 )@-1,2,adam", "momentum(0.02,momentum=0.5)@-1,2 adam", []),
        ("foo(0.1) gd", "gd", ["no optimizer called `foo`"]),
        ("gd(0.1 adam", "gd(0.1) adam", ["bracket"]),
        ("gd(foo=3) adam", "gd adam", ["no number `foo`"]),
        ("gd(x) adam", "gd adam", ["not a number; it is left out"]),
        ("newton(3)", "newton", ["no number `3`"]),
        ("gd(99)", "gd(10)", ["outside"]),
        ("gd@1 adam", "gd adam", ["is no start"]),
        ("gd@9,1", "gd@5,1", ["outside"]),
        ("gd@a,1", "gd", ["x = `a` is not a number"]),
        ("gd(0.1)(0.2)", "gd(0.1)", ["no optimizer"]),
        ("<b>(1)`", "gd", ["`<b>`"]),
        ("", "gd", []),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_kept(text: str, racers: str, said: list[str]) -> None:
    found, messages = read(text)
    assert written(found) == racers
    assert len(messages) >= len(said)
    for words in said:
        assert any(words in message for message in messages), messages


@given(st.text(alphabet="gd adam(),@:=.-+1e9πx`<", max_size=60))
def test_any_text_gives_racers_that_can_run(text: str) -> None:
    found, messages = read(text)
    assert 1 <= len(found) <= MOST and all(len(message) < 250 for message in messages)
    for entry in found:
        knobs = find_optimizer(entry.optimizer).knobs
        assert all(knobs[name].contains(value) for name, value in entry.numbers)
        assert entry.start is None or all(math.isfinite(c) and -5 <= c <= 5 for c in entry.start)


def test_more_than_eight_are_not_raced() -> None:
    found, messages = read(" ".join(OPTIMIZERS))
    assert len(found) == MOST and "At most 8" in messages[0]


@pytest.mark.parametrize("lesson", [LESSON, BOWL])
@pytest.mark.parametrize("rates", ["same", "tuned", "defaults"])
def test_an_address_with_numbers_comes_back_on_every_page(lesson: object, rates: str) -> None:
    said = {"optimizers": "gd(0.02)@1,0.5 momentum(0.01,momentum=0.5)@-1,1 gd adam:noise(0.03)", "rates": rates}
    reading = lesson.read(Settings(said))  # type: ignore[attr-defined]
    kept = {name: value for name, value in address(lesson, reading).items() if value is not None}  # type: ignore[arg-type]
    again = Settings(kept)
    assert lesson.read(again) == reading  # type: ignore[attr-defined]
    assert not again.messages
    assert reading.setup.start == (1.0, 0.5)
    assert [racer.start for racer in reading.setup.racers] == [None, (-1.0, 1.0), None, None]


def test_a_racer_with_a_rate_of_its_own_does_not_follow_the_slider() -> None:
    setup = state(LESSON, optimizers="gd(0.02) momentum(0.01) adam newton").reading.setup
    assert [dict(racer.hyper).get(RATE) for racer in setup.racers] == [0.02, 0.01, 0.02, None]
    assert [concerns(setup, racer, RATE) for racer in range(4)] == [True, False, True, False]
    away = state(LESSON, optimizers="gd adam@1,1").reading.setup
    assert [concerns(away, racer, "x") for racer in range(2)] == [True, False]


def test_equal_optimizers_have_keys_and_titles_of_their_own() -> None:
    setup = state(LESSON, optimizers="gd(0.02) gd(0.01) gd gd").reading.setup
    racers = describe(setup)
    assert [racer["key"] for racer in racers] == ["gd", "gd~2", "gd~3", "gd~4"]
    assert racers[1]["title"] == "Gradient descent, η 0.01" and "parts" not in racers[1]
    # The stage puts in the value of the thumb.
    assert racers[0]["parts"] == ["Gradient descent", {"name": RATE, "label": "η"}]


def moved(reading: Reading, changes: dict[str, str | None]) -> Reading:
    """The reading once the changes are in the address."""
    before = {name: value for name, value in address(LESSON, reading).items() if value is not None}
    settings = Settings({name: value for name, value in {**before, **changes}.items() if value is not None})
    after = LESSON.read(settings)
    assert not settings.messages
    return after


def runs(reading: Reading) -> list[tuple[object, ...]]:
    """What decides each racer's path."""
    setup = reading.setup
    return [
        (racer.key, *sorted(find_optimizer(racer.optimizer).fill(dict(racer.hyper)).items()), setup.start_of(racer))
        for racer in setup.racers
    ]


FIVE = "gd(0.02) momentum(0.01,momentum=0.5)@-3,3 adam nesterov(momentum=0.3) newton"


@pytest.mark.parametrize("order", [(1, 0, 2, 3, 4), (2, 0, 1), (3, 1, 0), (4, 0, 2), (1, 2, 3, 4), (0, 2), (0, 3, 1)])
def test_another_order_or_a_racer_less_changes_no_path(order: tuple[int, ...]) -> None:
    before = state(LESSON, optimizers=FIVE).reading
    after = moved(before, arranged(before, order))
    assert runs(after) == [runs(before)[one] for one in order]


def test_a_number_goes_to_the_slider_of_the_first_and_into_the_brackets_of_the_others() -> None:
    reading = state(LESSON, optimizers="gd momentum").reading
    assert renumbered(reading, 0, RATE, 0.5) == {RATE: "0.5"}
    assert renumbered(reading, 1, "momentum", 0.5) == {"optimizers": "gd momentum(momentum=0.5)"}
    there = moved(reading, restarted(reading, 1, 0, 2.0))
    assert there.setup.racers[1].start == (2.0, reading.setup.start[1])
    assert moved(there, restarted(there, 1, 1, None)).setup.racers[1].start is None


def test_the_way_to_tuned_rates_and_back_loses_nothing() -> None:
    before = state(LESSON, optimizers="gd(0.02) momentum(momentum=0.5)").reading
    tuned = moved(before, judged(before, "tuned"))
    assert tuned.rates == "tuned" and runs(tuned) != runs(before)
    assert tuned.lives[0].open and tuned.lives[0].value == tuned.lives[0].knob.default
    assert runs(moved(tuned, judged(tuned, "same"))) == runs(before)


def test_once_more_is_another_run_of_the_same_rule() -> None:
    reading = state(LESSON, optimizers="gd(0.02) newton").reading
    assert once_more(reading, 0) == Entry("gd", ((RATE, 0.01),))
    again = once_more(reading, 1)
    assert again.key == "newton" and again.start == tuple(-c for c in reading.setup.start)
    swapped = moved(reading, replaced(reading, 0, Entry("adam")))
    assert [racer.optimizer for racer in swapped.setup.racers] == ["adam", "newton"]


def test_a_form_writes_into_the_address() -> None:
    app = opened("playground", optimizers="gd momentum adam:noise")
    assert not app.exception
    app.session_state["racer_1"] = True
    app = app.run()
    assert not app.exception
    app = app.number_input(key="menu_racer_1_momentum").set_value(0.25).run()
    assert not app.exception
    assert app.query_params["optimizers"] == "gd momentum(momentum=0.25) adam:noise"
    app = app.button(key="racer_1_again").click().run()
    assert not app.exception
    assert app.query_params["optimizers"].count("momentum(") == 2
    assert app.multiselect(key="menu_optimizers").value == ["gd", "momentum", "momentum~2", "adam:noise"]


def test_the_rules_of_the_race_are_in_the_address() -> None:
    app = opened("playground", optimizers="gd gd:noise")
    app.session_state["racer_rules"] = True
    app = app.run()
    app = app.number_input(key="menu_stop_gradient").set_value(0.01).run()
    app = app.number_input(key="menu_tolerance").set_value(0.1).run()
    app = app.number_input(key="menu_seed").set_value(7.0).run()
    assert not app.exception
    assert {name: app.query_params[name] for name in ("stop_gradient", "tolerance", "seed")} == {
        "stop_gradient": "0.01",
        "tolerance": "0.1",
        "seed": "7",
    }
    app = app.number_input(key="menu_stop_gradient").set_value(None).run()
    assert "stop_gradient" not in app.query_params
