"""What is computed before anyone asks, and when the server says so."""

import gc
import sys
from threading import Event
from typing import Any

import pytest
from _plotly_utils import optional_imports

from pages.parts import warm
from pages.parts.course import course
from pages.parts.lesson import lessons


def test_every_page_and_every_link_has_its_piece() -> None:
    pieces = list(warm._pieces())
    wanted = sum(len(page.prepare) for page in course().values())
    for lesson in lessons().values():
        moving = [live for live in lesson.read(warm.Settings({})).lives if not live.moves_nothing]
        wanted += len(lesson.presets) + len(moving)
    assert len(pieces) == wanted


def test_all_pieces_are_computed_and_a_broken_one_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made: list[Any] = []
    monkeypatch.delenv(warm.VARIABLE, raising=False)
    monkeypatch.setattr(warm, "_pieces", lambda: iter([lambda: made.append(1), lambda: 1 / 0, lambda: made.append(2)]))
    rest = warm.Rest()
    assert not rest.done.is_set()
    rest.start()
    assert rest.done.wait(10)
    assert made == [1, 2]
    assert "could not compute" in caplog.text


def test_threads_take_turns_and_all_garbage_is_collected_seldom() -> None:
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    try:
        warm.take_turns()
        assert sys.getswitchinterval() == pytest.approx(warm.SWITCH)
        assert gc.get_threshold() == (*thresholds[:2], warm.COLLECTIONS)
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)


def test_it_stops_after_the_piece_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    began, go_on, made = Event(), Event(), []
    monkeypatch.delenv(warm.VARIABLE, raising=False)

    def slow() -> None:
        began.set()
        go_on.wait(10)

    monkeypatch.setattr(warm, "_pieces", lambda: iter([slow, lambda: made.append(1)]))
    rest = warm.Rest()
    rest.start()
    assert began.wait(10)
    rest.stop()
    go_on.set()
    assert not rest.done.wait(0.3) and made == []


@pytest.mark.parametrize(("told", "openings"), [("openings", True), ("nothing", False)])
def test_a_server_may_be_told_to_compute_less(monkeypatch: pytest.MonkeyPatch, told: str, openings: bool) -> None:
    looked: list[Any] = []
    monkeypatch.setenv(warm.VARIABLE, told)
    monkeypatch.setattr(warm, "course", dict)
    monkeypatch.setattr(warm, "respond", lambda *of, **how: looked.append(of))
    monkeypatch.setattr(warm, "_look", lambda *of: looked.append(of))
    monkeypatch.setattr(warm, "_pieces", lambda: pytest.fail("nothing more is to be computed"))
    warm.warm_up()
    rest = warm.Rest()
    rest.start()
    assert rest.done.is_set()
    assert bool(looked) == openings


def test_the_first_visitors_meet_no_module_that_is_still_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(warm.VARIABLE, "nothing")
    # Only its own file is run anew; what it is made of stays.
    monkeypatch.delitem(sys.modules, "pandas")
    warm.warm_up()
    assert optional_imports.get_module("pandas", should_load=False).Series
    assert optional_imports.get_module("PIL.Image", should_load=False).Image


def test_what_a_server_does_not_know_to_compute_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(warm.VARIABLE, "some")
    with pytest.raises(ValueError, match="WARM_UP must be one of all, openings, nothing, not 'some'"):
        warm.warm_up()


@pytest.mark.parametrize("key", sorted(lessons()))
def test_a_page_opens_with_a_slider_that_moves_something(key: str) -> None:
    reading = lessons()[key].read(warm.Settings({}))
    name = reading.served[0].name
    assert not next(live for live in reading.lives if live.name == name).moves_nothing
