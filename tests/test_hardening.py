"""Whatever is sent to the server by hand, it has an answer and no traceback."""

from typing import Any

import orjson
import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from pages.parts import headers, live
from pages.parts.headers import Guard
from pages.parts.live import asked
from stage.component import request_of
from stage.maps import KINDS

JSON = {"content-type": "application/json"}


async def hello(_request: object) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


INSIDE = Route("/_stcore/{path:path}", hello, methods=["GET", "PUT"])
CORE = [INSIDE, WebSocketRoute("/_stcore/stream", greet), Route("/{page}", hello)]
GUARDED = Starlette(routes=[*live.routes(), Mount("/base", routes=CORE), *CORE], middleware=[Middleware(Guard)])
# An exception is an answer of 500, as with the real server.
CLIENT = TestClient(GUARDED, base_url="http://class.example", raise_server_exceptions=False)


def directives() -> dict[str, list[str]]:
    said = CLIENT.get("/convexity").headers["content-security-policy"]
    return {name: sources for name, *sources in (part.split() for part in said.split(";"))}


def test_every_answer_says_what_a_page_may_load() -> None:
    for path in ("/convexity", "/_stcore/health", "/_stcore/metrics", "/live/nowhere", "/a/b/c"):
        answer = CLIENT.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")


def test_the_policy_names_no_other_place_and_no_inline_script() -> None:
    said = directives()
    assert said["frame-ancestors"] == ["*"]
    own = {"'self'", "'none'", "data:", "blob:", "'unsafe-inline'", "'wasm-unsafe-eval'"}
    for name, sources in said.items():
        if name != "frame-ancestors":
            assert {source for source in sources if not source.startswith("'sha256-")} <= own, name
    assert "'unsafe-inline'" not in said["script-src"] and "'unsafe-eval'" not in said["script-src"]
    # The front end's one inline script is known by its digest.
    assert sum(source.startswith("'sha256-") for source in said["script-src"]) == 1


def test_who_may_frame_the_app_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(headers.EMBEDDERS, "https://slides.example")
    headers.policy.cache_clear()
    headers.headers.cache_clear()
    try:
        assert directives()["frame-ancestors"] == ["https://slides.example"]
    finally:
        monkeypatch.undo()
        headers.policy.cache_clear()
        headers.headers.cache_clear()


@pytest.mark.parametrize("base", ["", "/base"])
@pytest.mark.parametrize(
    "path", ["metrics", "metrics/", "metrics/x", "%6detrics", "agent/interact", "agent/openapi.json"]
)
def test_what_is_for_whoever_runs_the_server_is_not_there(base: str, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        assert CLIENT.request(method, f"{base}/_stcore/{path}").status_code == 404
    assert CLIENT.get(f"{base}/_stcore/health").text == "hello"


def test_a_visit_may_send_so_many_files_and_no_more() -> None:
    place = "/_stcore/upload_file/{}/file"
    assert [CLIENT.put(place.format("a")).status_code for _ in range(headers.UPLOADS)] == [200] * headers.UPLOADS
    refused = CLIENT.put(place.format("a"))
    assert refused.status_code == 429 and f"At most {headers.UPLOADS} files" in refused.text
    # Neither another visit nor looking at something is counted.
    assert CLIENT.put(place.format("b")).status_code == CLIENT.get(place.format("a")).status_code == 200


def opens(**said: str) -> bool:
    """True where a WebSocket with these headers is answered."""
    try:
        with CLIENT.websocket_connect("/_stcore/stream", headers=said) as socket:
            return bool(socket.receive_text() == "hello")
    except WebSocketDisconnect as refused:
        assert refused.code == 1008
        return False


def test_only_its_own_pages_open_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    host = {"host": "class.example:8501"}
    assert opens(**host, origin="https://class.example:8501")
    assert opens(**host)
    behind_a_proxy = {"x-forwarded-host": "public.example"}
    assert opens(**host, **behind_a_proxy, origin="https://public.example")
    strangers = ["http://evil.example", "null", "", "http://class.example", "http://localhost", "http://127.0.0.1:8501"]
    for stranger in [*strangers, "http://[", "http://class.example:8501.evil.example", "x" * 5000]:
        assert not opens(**host, origin=stranger), stranger
    listed = {"server.corsAllowedOrigins": ["http://evil.example"], "server.enableCORS": True}
    monkeypatch.setattr(st, "get_option", listed.__getitem__)
    assert opens(**host, origin="http://evil.example")


def nested(depth: int) -> Any:
    return b"[" * depth + b"]" * depth


GOOD = {"said": {}, "request": {"seq": 1}}
MALFORMED = [
    b"",
    b"null",
    b"\xff\xfe",
    b'{"said": {"x": "\xc3"}, "request": {"seq": 1}}',
    b'{"said": {"x": NaN}, "request": {"seq": 1}}',
    b'{"said": {"x": Infinity}, "request": {"seq": 1}}',
    b'{"said": {"x": "\\ud800"}, "request": {"seq": 1}}',
    b'{"said": {}, "request": {"seq": 1}',
    nested(5_000),
    b'{"said": {"x": ' + nested(5_000) + b'}, "request": {"seq": 1}}',
    b'{"said": {}, "request": {"seq": 1, "settings": "x"}}',
    b'{"said": {}, "request": {"seq": 1, "settings": [1]}}',
    b'{"said": {}, "request": {"seq": 1.5}}',
    b'{"said": {}, "request": {"seq": {}}}',
    b'{"said": {}, "request": {"seq": 1, "have": {}, "at": 5}}',
    b'{"said": {}, "request": {"seq": 1, "have": [[]]}}',
    b'{"said": {}, "request": {"seq": 1, "at": [1]}}',
    b'{"said": {}, "request": {"seq": 1, "at": [1, "2"]}}',
    b'{"said": {}, "request": {"seq": 1, "at": [1, 2, 3]}}',
    b'{"said": 1, "request": {"seq": 1}}',
    b'{"request": {"seq": 1}}',
    b'{"said": {}}',
]


@pytest.mark.parametrize("content", MALFORMED, ids=lambda content: repr(content[:40]))
def test_a_message_that_no_stage_sends_is_refused_with_words(content: bytes) -> None:
    for path in ("/live/ill_conditioning", "/live/ill_conditioning/facts"):
        answer = CLIENT.post(path, content=content, headers=JSON)
        assert answer.status_code == 400
        assert 10 < len(answer.text) < 200 and "Traceback" not in answer.text


@pytest.mark.parametrize(
    "said",
    [
        {"x": [[[1]]], "y": {"a": {"b": 1}}, "steps": True, "show": None, "seed": 2**63},
        {"x": -(2**63), "learning_rate": 1e308, "optimizers": ["gd"], "surface": {}, "step": False},
        {f"name{index}": index for index in range(2_000)},
        {"optimizers": "gd(" * 9_000},
        {"optimizers": "adam@" * 9_000, "show": "labels " * 2_000},
        {"surface": "=" + "sin(" * 5_000},
        {"x" * 30_000: "y" * 30_000},
    ],
    ids=["kinds", "extremes", "many", "brackets", "starts", "deep", "long"],
)
def test_settings_of_every_kind_are_read_as_in_an_address(said: dict[str, Any]) -> None:
    for question in (
        {"said": said, "request": {"seq": 1, "single": True}},
        {"said": {}, "request": {"seq": 1, "single": True, "settings": said, "over": ["x"]}},
    ):
        content = orjson.dumps(question)
        assert len(content) < live.LARGEST
        for page in ("ill_conditioning", "playground"):
            assert CLIENT.post(f"/live/{page}", content=content, headers=JSON).status_code == 200


def test_a_list_as_deep_as_json_allows_is_no_number() -> None:
    content = b'{"said": {"x": ' + nested(900) + b'}, "request": {"seq": 1, "single": true}}'
    assert CLIENT.post("/live/ill_conditioning", content=content, headers=JSON).status_code == 200


def test_pages_and_methods_that_are_not_there_are_named_as_such() -> None:
    good = orjson.dumps(GOOD)
    for path in (
        "/live/nowhere",
        "/live/contents",
        "/live/%2e%2e",
        "/live/%00",
        "/live/limits",
        "/live/ill_conditioning/x",
    ):
        assert CLIENT.post(path, content=good, headers=JSON).status_code == 404, path
    for method in ("GET", "PUT", "DELETE"):
        assert CLIENT.request(method, "/live/ill_conditioning").status_code == 405
    assert CLIENT.post("/live/ill_conditioning", content=good, headers=JSON | {"content-encoding": "gzip"}).is_success
    for kind in ("text/plain", "", "application/json-seq"):
        assert CLIENT.post("/live/ill_conditioning", content=good, headers={"content-type": kind}).status_code == 415
    for place in KINDS:
        assert CLIENT.post(f"/live/ill_conditioning/{place}", content=b"{}", headers=JSON).status_code == 400


@pytest.mark.parametrize(
    "state",
    [None, 5, "request", [], {}, {"request": None}, {"request": "x"}, {"request": [1]}, {"request": {}}]
    + [{"request": {"seq": wrong}} for wrong in ("1", None, 1.5, [])]
    + [{"request": {"seq": 1, name: 7}} for name in ("settings", "have", "at")]
    + [{"request": {"seq": 1, "have": [{}]}}, {"request": {"seq": 1, "at": ["a", "b"]}}],
)
def test_what_no_stage_asks_is_as_if_it_had_not_asked(state: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"key": state})
    assert request_of("key") == {}
    monkeypatch.setattr(st, "session_state", {"key": {"request": {"seq": 1, "settings": {"x": 1}, "have": ["a"]}}})
    assert request_of("key") == {"seq": 1, "settings": {"x": 1}, "have": ["a"]}


def test_half_a_character_does_not_reach_the_address() -> None:
    assert asked({"settings": {"x\ud800": "\udfff1", "y": float("nan")}}) == {"x?": "?1", "y": "nan"}
