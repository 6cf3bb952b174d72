"""The stage's direct questions: the same answer as a run of the page gives, and a refusal of what makes no sense."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.parts import live
from pages.parts.lesson import lessons
from pages.parts.live import respond
from pages.parts.settings import Settings
from stage import Setup, scene
from stage.bank import unpack
from stage.component import live_bank
from stage.maps import KINDS, map_message
from stage.scene import make_bank, without

CLIENT = TestClient(Starlette(routes=live.routes()))
JSON = {"content-type": "application/json"}


def ask(page: str = "ill_conditioning", said: Any = (), **request: Any) -> Any:
    question = {"said": dict(said), "request": {"seq": 7, "have": [], **request}}
    return CLIENT.post(f"/live/{page}", content=orjson.dumps(question), headers=JSON)


@pytest.mark.parametrize("page", lessons())
def test_a_dragged_start_has_the_runs_from_there(page: str) -> None:
    lesson = lessons()[page]
    answer = ask(page, settings={"x": 0.7, "y": 0.55, "step": 3}, single=True)
    assert answer.status_code == 200
    header, groups = unpack(answer.content)
    reading = lesson.read(Settings({"x": "0.7", "y": "0.55"}))
    bank = live_bank(reading.setup, reading.lives, reading.lives[0].name, single=True)
    assert (header["seq"], header["page"], header["start"]) == (7, page, [0.7, 0.55])
    sent, run = groups[header["bank"]], bank.trajectory(0, 0).points
    assert sent is not None
    assert sent["0.points"][0, : len(run)] == pytest.approx(run, rel=1e-6)
    assert header["texts"] == [lesson.narrate(reading.setup, bank, 0)]
    assert header["said"].keys() >= {"x", "y"}


def test_what_is_said_is_kept_and_the_newer_setting_wins() -> None:
    said = {"optimizers": "momentum gd", "steps": "25", "x": "1"}
    header, _ = unpack(ask(said=said, settings={"x": 0.5, "condition_number": 40}, over="condition_number").content)
    assert [racer["key"] for racer in header["racers"]] == ["momentum", "gd"]
    assert (header["steps"], header["start"][0], header["over"]) == (25, 0.5, "condition_number")
    assert next(live["value"] for live in header["lives"] if live["name"] == "condition_number") == 40


@pytest.mark.parametrize("kind", KINDS)
def test_maps_and_facts_are_answered_for_the_settings_that_are_sent(kind: str) -> None:
    question = {"said": {}, "request": {"seq": 0, "settings": {"learning_rate": 0.015, "angle": 20}}}
    answer = CLIENT.post(f"/live/ill_conditioning/{kind}", content=orjson.dumps(question), headers=JSON)
    assert answer.status_code == 200
    reading = lessons()["ill_conditioning"].read(Settings({"learning_rate": "0.015", "angle": "20"}))
    assert answer.content == map_message(reading.setup, kind)


def test_there_is_no_map_of_the_weather() -> None:
    assert CLIENT.post("/live/ill_conditioning/weather", content=b"{}", headers=JSON).status_code == 404


def test_groups_that_the_browser_has_are_not_sent_again() -> None:
    first = ask()
    header, _ = unpack(first.content)
    second = ask(have=[header["scene"], header["bank"]])
    assert unpack(second.content)[1] == {header["scene"]: None, header["bank"]: None}
    assert len(second.content) < len(first.content) / 5


@pytest.mark.parametrize(
    "settings",
    [{"x": 1e300}, {"x": "nan"}, {"surface": "nowhere"}, {"learning_rate": -1}, {"steps": [1, 2]}, {"<b>": {"a": 1}}],
)
def test_settings_that_make_no_sense_are_read_as_in_an_address(settings: dict[str, Any]) -> None:
    answer = ask(settings=settings, over=["x"], single="yes")
    assert answer.status_code == 200
    header, _ = unpack(answer.content)
    assert header["surface"]["key"] == "ill_conditioned"


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{}", JSON, 400),
        (b"[1]", JSON, 400),
        (b"{", JSON, 400),
        (b'{"said": {}, "request": []}', JSON, 400),
        (b'{"said": {}, "request": {"seq": "1"}}', JSON, 400),
        (b'{"said": {}, "request": {"seq": 1, "settings": 3}}', JSON, 400),
        (b'{"said": {}, "request": {"seq": 1, "have": [1]}}', JSON, 400),
        (b'{"said": {}, "request": {"seq": 1}}', {"content-type": "text/plain"}, 415),
        (b" " * (live.LARGEST + 1), JSON, 413),
    ],
)
def test_a_malformed_question_is_refused(content: bytes, headers: dict[str, str], status: int) -> None:
    answer = CLIENT.post("/live/ill_conditioning", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.text


def test_there_is_no_answer_for_a_page_that_is_none() -> None:
    assert ask("contents").status_code == ask("../app").status_code == 404
    assert CLIENT.get("/live/ill_conditioning").status_code == 405


LARGEST = 300_000
"""Bytes that a page may send to each of a class that opens it."""


@pytest.mark.parametrize("page", lessons())
def test_a_page_opens_with_one_run_and_the_browser_asks_for_the_slider(page: str) -> None:
    lesson = lessons()[page]
    reading = lesson.read(Settings({}))
    opening = respond(lesson, reading, {}, brief=True)
    header, groups = unpack(opening)
    assert len(opening) < LARGEST
    assert not header["whole"] and len(header["texts"]) == 1
    assert len(groups[header["bank"]]["positions"]) == 1
    whole, arrays = unpack(respond(lesson, reading, {"have": [header["scene"]]}))
    assert whole["whole"] and len(arrays[whole["bank"]]["positions"]) == len(whole["texts"]) > 30
    # Who holds the whole slider is not sent a part of it.
    again, empty = unpack(respond(lesson, reading, {"have": [whole["scene"], whole["bank"]]}, brief=True))
    assert again["whole"] and again["bank"] == whole["bank"] and empty[whole["bank"]] is None


@pytest.mark.parametrize(("over", "value"), [("learning_rate", "0.015"), ("condition_number", "30"), ("angle", "20")])
def test_whoever_moves_a_slider_shares_its_bank(over: str, value: str) -> None:
    lesson = lessons()["ill_conditioning"]
    banks = []
    for said in ({}, {over: value}):
        reading = lesson.read(Settings(said))
        positions = tuple(lesson.read(Settings({})).lives[0].positions().tolist())
        banks.append(make_bank(without(reading.setup, over), over, positions))
    assert banks[0] is banks[1]


def test_sixty_who_ask_the_same_at_once_wait_for_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    swept: Counter[tuple[str, int]] = Counter()
    told: Counter[int] = Counter()
    sweep = scene.sweep
    lesson = lessons()["ill_conditioning"]
    reading = lesson.read(Settings({"optimizers": "gd adam", "x": "0.123"}))

    def counted(surface: str, optimizer: str, **how: Any) -> Any:
        swept[optimizer, len(how["values"])] += 1
        return sweep(surface, optimizer, **how)

    def narrate(setup: Setup, bank: scene.Bank, position: int) -> str:
        told[position] += 1
        return lesson.narrate(setup, bank, position)

    monkeypatch.setattr(scene, "sweep", counted)
    asked_of = replace(lesson, narrate=narrate)
    start = Barrier(60)

    def ask(seq: int) -> bytes:
        start.wait()
        return respond(asked_of, reading, {"seq": seq})

    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(ask, range(60)))
    assert [unpack(answer)[0]["seq"] for answer in answers] == list(range(60))
    assert len({answer.groups[-1].data for answer in answers}) == 1
    count = len(unpack(answers[0])[0]["texts"])
    # Besides, the single run that a drag would ask for next may have been made ahead.
    assert {racer: swept[racer, count] for racer in ("gd", "adam")} == {"gd": 1, "adam": 1}
    assert set(swept.values()) == {1}
    assert told == {position: 1 for position in range(count)}
