"""What the running app lets in and lets out: every page under its own Content-Security-Policy, and no other socket."""

import asyncio
import threading
import urllib.error
import urllib.request
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from bench.protocol import Socket
from tests.browser.harness import fetch, idle, until
from tests.browser.lesson import Lesson
from tests.browser.visit import Visit, go

HOSTILE = "%0A%0A![](//a.example/x)%0A%0A<img src=//a.example/y onerror=alert(1)>"


def test_a_test_fails_where_its_page_is_refused_something_or_asks_elsewhere(page: Page, visit: Visit) -> None:
    go(page, "/all_lessons")
    page.evaluate("document.body.append(Object.assign(new Image(), { src: '//a.example/x' }))")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))")
    asked = ("request to elsewhere: http://a.example/x", "failed: http://a.example/x")
    for said in (*asked, "console: Loading the image", "console: Executing inline"):
        until(page, lambda said=said: any(fault.startswith(said) for fault in visit.faults), said)
    assert page.evaluate("window.ran") is None
    visit.faults.clear()


def test_what_the_browser_makes_is_made_under_the_policy(lesson: Lesson, sent: list[str | bytes]) -> None:
    # Pictures to save, the code of the link, all overlays. Every page by itself: test_accessibility.
    lesson.open("/ill_conditioning?show=basins+curvature+arrows&optimizers=gd+adam")
    for name in ("Share", "Export", "Open"):
        box = lesson.tool(name)
        idle(lesson.page)
        sent.clear()
        lesson.page.keyboard.press("Escape")
        expect(box).to_have_count(0)
        until(lesson.page, lambda: bool(sent), "the box has not said that it is closed")
    idle(lesson.page)


def test_an_address_brings_no_markup_into_the_page(page: Page, visit: Visit) -> None:
    for key in ("ill_conditioning", "networks", "limits"):
        names = ("learning_rate", "surface", "optimizers", "seed", "steps", "hide", "nowhere", HOSTILE)
        # Loaded, as by a link in a letter.
        page.goto(f"/{key}?{'&'.join(f'{name}={HOSTILE}' for name in names)}")
        page.get_by_role("heading", level=1).first.wait_for()
        idle(page)
        alert = page.get_by_test_id("stAlert")
        expect(alert.first).to_be_visible()
        assert alert.locator("img").count() == 0
    # What a page was still loading is cut off by going on to the next one: that is not a fault.
    visit.faults[:] = [fault for fault in visit.faults if "ERR_ABORTED" not in fault]


@pytest.fixture
def slides(server: str) -> Iterator[str]:
    """Address of another site, with a page that shows the app in a frame."""
    body = f"<iframe src='{server}/ill_conditioning?embed=true' width=900 height=600></iframe>".encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()


def test_the_app_can_be_framed_and_is_then_the_stage_alone(context: BrowserContext, server: str, slides: str) -> None:
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(slides)
    frame = page.frame_locator("iframe")
    frame.locator("[data-stage][data-state=ready]").wait_for()
    assert frame.get_by_test_id("stTopNavLink").count() == 0
    assert all(url.startswith((server, slides, "data:", "blob:")) for url in asked)
    page.close()


def test_routes_for_the_operator_are_closed_and_errors_say_nothing(server: str) -> None:
    assert fetch(f"{server}/_stcore/health")[0] == 200
    for path in ("metrics", "metrics/", "%6detrics", "agent/openapi.json"):
        assert fetch(f"{server}/_stcore/{path}")[0] == 404, path
    asked = urllib.request.Request(f"{server}/_stcore/metrics", b"{}", {"content-type": "application/json"})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(asked, timeout=10)
    for path in ("/%2e%2e/%2e%2e/etc/passwd", "/static/..%2f..%2fapp.py", "/assets/%2e%2e/scene.py", "/app.py"):
        status, _, body = fetch(server + path)
        assert status in (400, 403, 404) or b'<div id="root">' in body, path
        assert b"import " not in body and b"root:" not in body


def apart(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end: in a thread of its own, because Playwright has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def knock(server: str, origin: str | None, *frames: bytes | str) -> int | None:
    """The status or the code with which the server ends a socket after these frames; None where it does not."""
    address = server.replace("http", "ws", 1) + "/_stcore/stream"
    named = Origin(origin) if origin is not None else None
    try:
        async with connect(address, origin=named, subprotocols=[Subprotocol("streamlit")], proxy=None) as socket:
            for frame in frames:
                await socket.send(frame)
            if not frames:
                return None
            async with asyncio.timeout(20):
                while True:
                    await socket.recv()
    except InvalidStatus as refused:
        return refused.response.status_code
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def test_a_page_of_another_site_opens_no_socket(server: str) -> None:
    async def knock_all() -> None:
        assert await knock(server, server) is None
        for stranger in ("https://evil.example", "null", "http://localhost:1", "http://127.0.0.1", f"{server}.example"):
            assert await knock(server, stranger) == 403, stranger

    apart(knock_all())


def test_frames_that_are_no_messages_end_their_own_socket_only(server: str) -> None:
    async def knock_all() -> None:
        async with Socket(server, "ill_conditioning") as neighbour:
            assert not (await neighbour.open()).failures
            assert await knock(server, server, b"\xff" * 100) == 1002
            assert await knock(server, server, b"\0" * 2_000_000) == 1009
            assert await knock(server, server, "text") in (1000, 1006, 1011)
            assert not (await neighbour.rerun()).failures

    apart(knock_all())


BROKEN = [
    *("null", "5", '"x"', "[]", "{}", "{", "\0", "[" * 3000),
    *('{"request": 5}', '{"request": {"seq": "1"}}', '{"request": {"seq": 1, "have": 3}}'),
    *('{"request": {"seq": 2, "settings": [1]}}', '{"request": {"seq": 3, "settings": {"x": [[1]], "\\ud800": NaN}}}'),
    '{"request": {"seq": 4, "over": {}, "settings": {"x": "Infinity", "surface": "\\udfff"}}}',
]


def test_component_states_that_no_stage_sends_change_nothing_for_anyone(server: str) -> None:
    async def send_all() -> None:
        async with Socket(server, "ill_conditioning") as hostile, Socket(server, "ill_conditioning") as neighbour:
            assert not (await hostile.open()).failures and not (await neighbour.open()).failures
            identity = hostile.components["ill_conditioning"]
            for state in BROKEN:
                hostile.widgets[identity] = WidgetState(id=identity, json_value=state)
                async with asyncio.timeout(30):
                    run = await hostile.rerun(hostile.fragments[identity])
                assert not [failure for failure in run.failures if "Traceback" in failure], state
                assert not (await neighbour.rerun()).failures
            # What a session broke is broken for itself until it is opened anew.
            async with Socket(server, "ill_conditioning") as anew:
                assert not (await anew.open()).failures

    apart(send_all())
