"""Answers to the stage: within a run of its page, or directly to a hand that drags and would wait for a run."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.parts.lesson import Lesson, Reading, address, lessons
from pages.parts.settings import Settings
from stage.component import bank_key, live_bank, message
from stage.maps import KINDS, map_message

LARGEST = 64_000
"""Bytes of a question at most; the stage's own have about a thousand."""


def respond(lesson: Lesson, reading: Reading, request: Mapping[str, Any], *, brief: bool = False) -> bytes:
    """The stage's bytes for a state of the page. `request` says which slider is live, and what the browser holds.

    A `brief` answer has only the present position of that slider, unless the browser holds all of them.
    """
    live = {live.name: live for live in reading.served}
    over = request.get("over") if request.get("over") in list(live) else next(iter(live))
    known = bank_key(reading.setup, over, live[over].positions().tolist()) in (request.get("have") or ())
    single = request.get("single") is True or (brief and not known)
    bank = live_bank(reading.setup, reading.lives, over, single=single)
    return message(
        reading.setup,
        reading.lives,
        bank,
        panels=lesson.panels,
        view=reading.view.__dict__,
        texts=[lesson.narrate(reading.setup, bank, v) for v in range(len(bank.positions))],
        page=lesson.key,
        said={name: value for name, value in address(lesson, reading).items() if value is not None},
        request=request,
        end=reading.end,
    )


def asked(request: Mapping[str, Any]) -> dict[str, str]:
    """The settings that a request of the stage brings, as an address would have them."""
    sent = request.get("settings") or {}
    return {str(name): _plain(value) for name, value in sent.items() if value is not None}


def _plain(value: Any) -> str:
    return repr(float(value)) if isinstance(value, int | float) else str(value)


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
    data = await to_thread.run_sync(_drawn, lesson, kind, question["said"], question["request"])
    return Response(data, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})


def _drawn(lesson: Lesson, kind: str | None, said: Mapping[str, Any], request: Mapping[str, Any]) -> bytes:
    reading = lesson.read(Settings({**asked({"settings": said}), **asked(request)}))
    return respond(lesson, reading, request) if kind is None else map_message(reading.setup, kind, request.get("at"))


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
    checks: dict[str, Callable[[Any], bool]] = {
        "said": lambda value: isinstance(value, dict),
        "request": lambda value: (
            isinstance(value, dict)
            and isinstance(value.get("settings", {}), dict)
            and isinstance(value.get("seq"), int)
            and isinstance(value.get("have", []), list)
            and all(isinstance(one, str) for one in value.get("have", []))
            and _is_point(value.get("at", [0.0, 0.0]))
        ),
    }
    for name, right in checks.items():
        if not right(question.get(name)):
            raise HTTPException(400, f"{name} is missing or malformed.")
    return question


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(one, int | float) for one in value)
