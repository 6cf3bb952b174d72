"""Answers to the stage: within a run of its page, or directly to a hand that drags and would wait for a run."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any

import orjson
from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from landscapes.shared import shared
from pages.parts.lesson import Lesson, Reading, address, lessons
from pages.parts.settings import Settings
from stage import Setup
from stage.bank import Message
from stage.component import Body, answer, bank_key, live_bank, make_body, well_formed
from stage.maps import KINDS, MAPS, map_message
from stage.scene import Bank, without

Narrator = Callable[[Setup, Bank, int], str]
LARGEST = 64_000
"""Bytes of a question at most; the stage's own have about a thousand."""
MAPS_AT_ONCE = 2
"""Maps that are made at the same time: whoever asks for many keeps no one waiting who drags."""
_maps = CapacityLimiter(MAPS_AT_ONCE)


def read(lesson: Lesson, said: Mapping[str, str]) -> tuple[Reading, Settings]:
    """The state that an address, or what a stage says, decides; the settings have what was wrong with it."""
    reading, settings = _read_state(lesson, said)
    return reading, replace(settings, messages=list(settings.messages), known=set(settings.known))


@shared(1024, key=lambda lesson, said: (lesson.key, frozenset(said.items())))
def _read_state(lesson: Lesson, said: Mapping[str, str]) -> tuple[Reading, Settings]:
    settings = Settings(said)
    return lesson.read(settings), settings


def respond(lesson: Lesson, reading: Reading, request: Mapping[str, Any], *, brief: bool = False) -> Message:
    """The stage's bytes for a state of the page. `request` says which slider is live, and what the browser holds.

    A `brief` answer has only the present position of that slider, unless the browser holds all of them.
    """
    live = {live.name: live for live in reading.served}
    over = request.get("over") if request.get("over") in list(live) else next(iter(live))
    known = bank_key(reading.setup, over, live[over].positions().tolist()) in (request.get("have") or ())
    single = request.get("single") is True or (brief and not known)
    return answer(_body(lesson, reading, over, single), request)


def _same_body(lesson: Lesson, reading: Reading, over: str, single: bool) -> Hashable:
    parts = (tuple(part) if isinstance(part, list) else part for part in vars(reading).values())
    return lesson.key, *parts, over, single


@shared(mebibytes=128, key=_same_body)
def _body(lesson: Lesson, reading: Reading, over: str, single: bool) -> Body:
    bank = live_bank(reading.setup, reading.lives, over, single=single)
    return make_body(
        reading.setup,
        reading.lives,
        bank,
        panels=lesson.panels,
        view=reading.view.__dict__,
        texts=_texts(lesson.narrate, reading.setup, bank),
        page=lesson.key,
        said={name: value for name, value in address(lesson, reading).items() if value is not None},
        end=reading.end,
    )


def _same_texts(narrate: Narrator, setup: Setup, bank: Bank) -> Hashable:
    # What its own slider says is in the bank; the surface as it stands is the narrator's too.
    still = setup if bank.over in setup.found.knobs else without(setup, bank.over)
    return narrate, still, bank.over, bank.positions.tobytes()


@shared(1024, key=_same_texts)
def _texts(narrate: Narrator, setup: Setup, bank: Bank) -> tuple[str, ...]:
    """The narrator's sentence for every position of a bank."""
    return tuple(narrate(setup, bank, position) for position in range(len(bank.positions)))


def asked(request: Mapping[str, Any]) -> dict[str, str]:
    """The settings that a request of the stage brings, as an address would have them."""
    sent = request.get("settings") or {}
    return {_plain(name): _plain(value) for name, value in sent.items() if value is not None}


def _plain(value: Any) -> str:
    if isinstance(value, int | float):
        return repr(float(value))
    # No setting is a list: what is wrong with it is said as of a text. Half a character cannot be in an address.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else "…"


def routes() -> list[Route]:
    """Where the stage asks directly: a POST of JSON with ``said`` and ``request``.

    ``/live/<page>`` answers with the paths while something is dragged, ``/live/<page>/<kind>`` with one of `KINDS`.
    """
    return [Route("/live/{page}", _answer, methods=["POST"]), Route("/live/{page}/{kind}", _answer, methods=["POST"])]


async def _answer(http: Request) -> Response:
    kind = http.path_params.get("kind")
    if kind is not None and kind not in KINDS:
        raise HTTPException(404, "There is nothing of that kind.")
    lesson = lessons().get(http.path_params["page"])
    if lesson is None:
        raise HTTPException(404, "There is no such lesson.")
    question = await _read(http)
    zipped = "gzip" in http.headers.get("accept-encoding", "")
    heavy = _maps if kind in MAPS else None
    data = await to_thread.run_sync(_drawn, lesson, kind, question["said"], question["request"], zipped, limiter=heavy)
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"} | (
        {"Content-Encoding": "gzip"} if zipped else {}
    )
    return Response(data, media_type="application/octet-stream", headers=headers)


def _drawn(
    lesson: Lesson, kind: str | None, said: Mapping[str, Any], request: Mapping[str, Any], zipped: bool
) -> bytes:
    reading, _ = read(lesson, {**asked({"settings": said}), **asked(request)})
    answer = respond(lesson, reading, request) if kind is None else map_message(reading.setup, kind, request.get("at"))
    # Here and not in the server's own middleware: that one compresses the same bytes for everyone, on the event loop.
    return answer.gzip() if zipped else answer


async def _read(http: Request) -> Mapping[str, Any]:
    """The question, checked: ``HTTPException`` says what is wrong with it."""
    # Another site's page cannot send this type without being asked first, and nobody here answers that.
    if http.headers.get("content-type") != "application/json":
        raise HTTPException(415, "A question is sent as application/json.")
    body = b""
    async for chunk in http.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413, f"A question has at most {LARGEST} bytes.")
    try:
        question = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, f"This is not JSON: {error}.") from None
    if not isinstance(question, dict):
        raise HTTPException(400, "A question has said and request.")
    if not isinstance(question.get("said"), dict):
        raise HTTPException(400, "said is missing or malformed.")
    if not well_formed(question.get("request")):
        raise HTTPException(400, "request is missing or malformed.")
    return question
