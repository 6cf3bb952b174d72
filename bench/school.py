"""The server that a class is on, as the system counts it, and classes of several sizes on it."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import psutil

from bench.lesson import Lesson, Used, hold, visit
from bench.servers import PLAIN_PAGE
from tests.browser.harness import ROOT, app_process, healthy, running

PAPER = ROOT / "docs" / "operations.md"
READY = 300.0
"""Seconds until all that links lead to is computed."""
FORGOTTEN = 60.0
"""Seconds after which the server may forget a session whose connection is gone, as .streamlit/config.toml says."""
HELD = 0.25
"""Seconds that the 95th percentile of steady moves may take for a class to be held."""
FINE = 1.15
"""The search for the largest class ends when the smallest that is not held is this much larger."""


class Server:
    """The process behind an address."""

    def __init__(self, address: str, process: psutil.Process, page: str | None) -> None:
        self.address, self.process, self.page = address, process, page

    def memory(self) -> int:
        """Bytes that are resident."""
        return int(self.process.memory_info().rss)

    @contextmanager
    def watched(self, lesson: Lesson, phase: str) -> Iterator[None]:
        """Notes what the server needs in a phase of a lesson."""
        begin, before = time.perf_counter(), self.process.cpu_times()
        yield
        after, seconds = self.process.cpu_times(), time.perf_counter() - begin
        spent = after.user + after.system - before.user - before.system
        lesson.used[phase] = Used(spent / seconds, self.memory())


def write(name: str, text: str) -> None:
    """Puts a table between its marks in docs/operations.md; ``ValueError`` where there are none."""
    before, begin, rest = PAPER.read_text("utf-8").partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->")
    if not end:
        raise ValueError(f"{PAPER.name} has no place for {name}")
    PAPER.write_text(f"{before}{begin}{text}\n{end}{after}", "utf-8")


@contextmanager
def school(page: str | None) -> Iterator[Server]:
    """A server of its own for the app, once everything is computed and someone has been there.

    Without a page it is the bench's plain one.
    """
    process = app_process(*(() if page else PLAIN_PAGE))
    with running(process):
        deadline = time.monotonic() + READY
        while page and not healthy(process.address, "ready"):
            if time.monotonic() > deadline:
                raise RuntimeError("the server never had everything computed")
            time.sleep(0.5)
        server = Server(process.address, psutil.Process(process.pid), page)
        asyncio.run(visit(server))
        yield server


def leave(server: Server) -> int:
    """Bytes that are resident when everyone has left, the server may have forgotten them, and the next one has come."""
    time.sleep(FORGOTTEN + 5)
    asyncio.run(visit(server))
    time.sleep(5)
    return server.memory()


@dataclass(frozen=True)
class Largest:
    """The largest class that was held: 95th percentile of steady moves within `HELD` and no error.

    `failed` is the smallest that was not, None where none was tried.
    """

    students: int
    seconds: float
    failed: int | None


def largest(server: Server, first: int, most: int, seconds: float) -> Largest:
    """By doubling and then halving the interval, from `first` up to `most` students, each trial `seconds` long."""
    held, late, failed = 0, 0.0, None
    trial = first
    while True:
        lesson = asyncio.run(hold(server, trial, seconds=seconds))
        slow = float(np.percentile(lesson.steady, 95)) if lesson.steady else np.inf
        if lesson.errors or slow > HELD:
            failed = trial
        else:
            held, late = trial, slow
        # Whoever has left is not this trial's load any more, but its last answers may be.
        time.sleep(3)
        if held >= most or (failed and (failed <= held * FINE or failed <= held + 1)):
            return Largest(held, late, failed)
        trial = (held + failed) // 2 if failed else min(2 * trial, most)
        if trial < 1:
            return Largest(0, 0.0, failed)
