"""Nothing that one student may ask for is large enough to matter to the others: too much is refused in words."""

import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.parts import live
from pages.parts.course import Sheet, course
from pages.parts.entries import MOST
from pages.parts.lesson import STEPS, Lesson, lessons
from pages.parts.live import respond
from pages.parts.settings import Settings
from stage.maps import MAPS

SERVER = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())["server"]
SHEETS = {key: page for key, page in course().items() if isinstance(page, Sheet)}
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("key", SHEETS)
@pytest.mark.parametrize("text", ["1e300", "-1e300", "inf", "-inf"])
def test_no_number_of_a_page_goes_beyond_its_range(key: str, text: str) -> None:
    page = SHEETS[key]
    assert page.knobs
    settings = Settings(dict.fromkeys((knob.name for knob in page.knobs), text))
    numbers, _ = page.read(settings)
    assert all(np.isfinite([knob.low, knob.high]).all() and knob.contains(numbers[knob.name]) for knob in page.knobs)
    assert len(settings.messages) == len(page.knobs)
    assert all("is outside" in message and "is used" in message for message in settings.messages)


@pytest.mark.parametrize("key", lessons())
def test_no_lesson_runs_longer_or_more_than_its_menus_offer(key: str) -> None:
    lesson = lessons()[key]
    # Some pages have sliders for a start; every number that is live has an end.
    greedy = {"steps": "1000000", "optimizers": "gd " * 20, "seed": "1e12", "stop_evaluations": "1e12"}
    settings = Settings(greedy)
    reading = lesson.read(settings)
    assert reading.setup.steps in STEPS and len(reading.setup.racers) == MOST
    assert all(np.isfinite([one.knob.low, one.knob.high]).all() for one in reading.lives)
    said = " ".join(settings.messages)
    for complaint in ("There is no step called `1000000`", f"At most {MOST} optimizers", "seed = `1e12` is outside"):
        assert complaint in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x+" * 200 + "y", "cannot be read"),
        ("sin(" * 70 + "x" + ")" * 70, "cannot be read"),
        ("(" * 140 + "x" + ")" * 140, None),
        ("-" * 280 + "x", None),
        ("x^2^2^2^2^2^2", None),
        ("*".join(["(x+y+1)"] * 30) + "^9", None),
    ],
)
def test_a_typed_function_is_bounded_in_length_and_depth(typed: str, said: str | None) -> None:
    settings = Settings({"surface": f"={typed}", "optimizers": "gd"})
    surface = settings.surface("sphere", typed=True)
    if said is None:
        assert surface.startswith("=") or settings.messages
    else:
        assert surface == "sphere" and said in settings.messages[0]


def test_the_largest_slider_of_the_longest_runs_fits_into_a_message() -> None:
    racers = " ".join(f"gd({rate})" for rate in np.linspace(0.001, 0.01, MOST))
    reading = lessons()["playground"].read(Settings({"optimizers": racers, "steps": str(max(STEPS)), "rates": "same"}))
    assert len(reading.setup.racers) == MOST
    largest = max(len(respond(lessons()["playground"], reading, {"over": one.name})) for one in reading.served[:2])
    assert 1e6 < largest < SERVER["maxMessageSize"] * 1e6
    # The server's own message is not larger than a click with everything that a page keeps.
    assert SERVER["maxWidgetStateSize"] * 1e6 > live.LARGEST


def test_a_question_of_too_many_bytes_is_refused_before_it_is_read() -> None:
    client = TestClient(Starlette(routes=live.routes()))
    sent = 0

    def endless() -> Any:
        nonlocal sent
        while sent < 100 * live.LARGEST:
            sent += 1000
            yield b"[" * 1000

    answer = client.post("/live/ill_conditioning", content=endless(), headers=JSON)
    assert answer.status_code == 413
    assert f"at most {live.LARGEST} bytes" in answer.text


def test_maps_wait_for_each_other_while_a_dragged_start_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, most = 0, 0
    watch, free = threading.Lock(), threading.Event()
    drawn = live._drawn

    def slow(lesson: Lesson, kind: str | None, *rest: Any) -> bytes:
        nonlocal at_work, most
        if kind is None:
            return drawn(lesson, kind, *rest)
        with watch:
            at_work += 1
            most = max(most, at_work)
        free.wait(60)
        with watch:
            at_work -= 1
        return b""

    monkeypatch.setattr(live, "_drawn", slow)
    good = orjson.dumps({"said": {}, "request": {"seq": 1, "single": True}})
    with TestClient(Starlette(routes=live.routes())) as client, ThreadPoolExecutor(20) as pool:
        maps = [pool.submit(client.post, f"/live/ill_conditioning/{kind}", content=good, headers=JSON) for kind in MAPS]
        maps += [pool.submit(client.post, "/live/saddles/basins", content=good, headers=JSON) for _ in range(12)]
        # Answered although every map that was asked for is still being made.
        dragged = client.post("/live/ill_conditioning", content=good, headers=JSON)
        assert dragged.status_code == 200 and not any(one.done() for one in maps)
        free.set()
        assert [one.result().status_code for one in maps] == [200] * len(maps)
    assert most == live.MAPS_AT_ONCE
