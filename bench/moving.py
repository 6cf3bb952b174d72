"""Students and browsers behind nginx: where they are sent, and what is left when their process goes."""

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from httpx2 import AsyncClient, Client
from playwright.sync_api import Browser, Page, TimeoutError, expect

from bench.front import Front
from bench.lesson import PATIENCE
from bench.protocol import Socket
from bench.students import StageStudent
from tests.browser.lesson import Lesson

SOCKET = "/_stcore/stream"
PACKED_FROM = 1000
"""Bytes from which nginx packs an answer."""
WAIT = 40_000
"""Milliseconds that a browser may take to be back."""


@dataclass
class RoutedStudent(StageStudent):
    """A student with one cookie for the socket and the direct questions, as a browser has."""

    async def __aenter__(self) -> "RoutedStudent":
        await self.http.get(f"{self.address}/{self.page}")
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        self.socket = await Socket(self.address, self.page, cookie=cookie).__aenter__()
        return self


async def visit_all(address: str, page: str, count: int) -> None:
    """That many students, one after the other: each opens the page, moves twice and stays until all have."""
    clients = [AsyncClient(timeout=PATIENCE, trust_env=False) for _ in range(count)]
    students = [RoutedStudent(address, page, number, http) for number, http in enumerate(clients)]
    try:
        for student in students:
            await student.__aenter__()
            await student.open()
            for move in (1, 2):
                await student.move(move)
    finally:
        for student in students:
            if hasattr(student, "socket"):
                await student.__aexit__()
        for http in clients:
            await http.aclose()


def homes(front: Front) -> Counter[int]:
    """How many sockets each process had."""
    return Counter(one.by for one in front.noted() if one.path == SOCKET and one.status == 101)


def strayed(front: Front) -> int:
    """Requests that another process answered than the one that their cookie named."""
    return sum(one.by not in (0, int(one.cookie)) for one in front.noted() if one.cookie.isdigit())


@dataclass
class Bundles:
    """What a first visit loads besides its page, in bytes, and what was not packed, kept or known again."""

    count: int = 0
    plain: int = 0
    packed: int = 0
    wrong: list[str] = field(default_factory=list)


def bundles(front: Front) -> Bundles:
    """Asks for all of /static and /assets that was ever asked for: packed, not packed, and once more by its tag."""
    found = Bundles()
    paths = sorted({one.path for one in front.noted() if one.path.startswith(("/static/", "/assets/"))})
    with Client(base_url=front.address, trust_env=False, timeout=PATIENCE) as http:
        for path in paths:
            plain = http.get(path, headers={"accept-encoding": "identity"})
            packed = http.get(path, headers={"accept-encoding": "gzip"})
            again = http.get(path, headers={"accept-encoding": "gzip", "if-none-match": packed.headers.get("etag", "")})
            found.count += 1
            found.plain += plain.num_bytes_downloaded
            found.packed += packed.num_bytes_downloaded
            # A font is packed by its own format.
            text = "font" not in packed.headers["content-type"] and len(plain.content) >= PACKED_FROM
            checks = {
                "status": plain.status_code == packed.status_code == 200,
                "the same": plain.content == packed.content,
                "packed": not text or packed.headers.get("content-encoding") == "gzip",
                "immutable": "immutable" in packed.headers.get("cache-control", ""),
                "known again": again.status_code == 304,
                "kept": again.headers.get("x-cache") == "HIT",
            }
            found.wrong += [f"{path}: {name}" for name, right in checks.items() if not right]
    return found


class Visitor:
    """A real browser with a page open, and what its student has set there; `touched` moves the slider once."""

    def __init__(self, browser: Browser, address: str, path: str, slider: str, touched: bool) -> None:
        # What is waited for here is evaluated in the page, which its own policy forbids: the browser tests keep that.
        self.context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}, bypass_csp=True)
        self.page: Page = self.context.new_page()
        self.sockets: list[str] = []
        self.uncaught: list[str] = []
        # A socket that nothing comes from is an attempt.
        self.page.on("websocket", lambda new: new.once("framereceived", lambda _: self.sockets.append(new.url)))
        self.page.on("pageerror", lambda error: self.uncaught.append(str(error)))
        self.lesson = Lesson(self.page)
        self.lesson.open(path)
        self.slider = slider
        self.lesson.settled()
        if touched:
            self.turn()

    def turn(self) -> float:
        """Two positions further with the live slider, let go: seconds until the address has it and all is drawn.

        Infinite where that never comes.
        """
        before, begin = self.page.url, time.monotonic()
        self.lesson.slider(self.slider).focus()
        for _ in range(2):
            self.page.keyboard.press("ArrowRight")
        try:
            self.page.wait_for_function("before => location.href !== before", arg=before, timeout=WAIT)
            self.lesson.settled()
        except TimeoutError:
            return math.inf
        return time.monotonic() - begin

    @property
    def home(self) -> int:
        """Number of the process that the cookie names."""
        return next(int(one["value"]) for one in self.context.cookies() if one["name"] == "replica")

    def state(self) -> dict[str, Any]:
        """What the student has set and sees: the address, every slider, every reading, the paths."""
        rows = "[...document.querySelectorAll('[data-readout]')].map((cell) => cell.textContent)"
        return {
            "address": self.page.url,
            "sliders": self.lesson.ask("S.header.lives.map(({ name }) => [name, S.valueOf(name)])"),
            "readings": self.page.evaluate(rows),
            "paths": self.lesson.ask("S.runs.map((run) => [...run.points])"),
        }

    def back(self, sockets: int, since: float) -> float:
        """Seconds from a moment until there is a new socket and nothing on the page says otherwise."""
        while len(self.sockets) <= sockets:
            if time.monotonic() - since > WAIT / 1000:
                return math.inf
            self.page.wait_for_timeout(20)
        expect(self.page.get_by_test_id("stConnectionStatus")).to_have_count(0, timeout=WAIT)
        seconds = time.monotonic() - since
        # What a new session sends by itself comes a moment later.
        self.page.wait_for_timeout(1000)
        self.lesson.settled()
        return seconds

    def close(self) -> None:
        self.context.close()


def but_for(state: dict[str, Any], slider: str) -> dict[str, Any]:
    """What was set besides one slider."""
    page, _, query = state["address"].partition("?")
    return {
        "page": page,
        "rest of the address": sorted(pair for pair in parse_qsl(query) if pair[0] != slider),
        "other sliders": [pair for pair in state["sliders"] if pair[0] != slider],
    }


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Names of what is not as it was."""
    return [name for name in before if before[name] != after[name]]


@dataclass
class Through:
    """What an event did to browsers: seconds until each was back, seconds its next move took, and what it lost."""

    back: list[float] = field(default_factory=list)
    next: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def through(visitors: Sequence[Visitor], act: Callable[[], None]) -> Through:
    """Lets something happen to browsers whose sockets it cuts. Each then moves its slider once."""
    found = Through()
    before = [(visitor, visitor.state(), len(visitor.sockets)) for visitor in visitors]
    begin = time.monotonic()
    act()
    for visitor, state, sockets in before:
        found.back.append(visitor.back(sockets, begin))
        found.lost += [f"{state['address']}: {name}" for name in differing(state, visitor.state())]
    for visitor, state, _ in before:
        found.next.append(visitor.turn())
        was, now = (but_for(one, visitor.slider) for one in (state, visitor.state()))
        found.lost += [f"{name}, with the next move: {was[name]}, {now[name]}" for name in differing(was, now)]
    return found
