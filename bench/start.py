"""From the start of a server, and from a visit, to the first painted path."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser

from bench.report import Row
from bench.servers import measured_page
from tests.browser.harness import healthy

LONGEST = 400
"""Seconds that a first start may take until all is computed."""
OURS = "/ill_conditioning"
PLAIN = "/?surface=ill_conditioned&optimizers=gd&steps=50"


@dataclass(frozen=True)
class Started:
    """Seconds until the server answered, had all computed, its first visitor saw a path, and later visits did."""

    address: str
    answered: float
    complete: float
    cold: float
    warm: list[float]
    again: float | None = None
    """Until a second start answered, with what the first one compiled kept on disk."""


@contextmanager
def started(
    browser: Browser, serve: Callable[[], AbstractContextManager[str]], path: str, visits: int
) -> Iterator[Started]:
    """A server and what its start took: yields while the server runs.

    Cold: a new process, a fresh profile, no compiled code on disk; counted from the command that starts the server.
    Warm: later loads of the same page in that profile, counted from the start of the navigation.
    """
    begin = time.time()
    with serve() as address:
        answered = time.time() - begin
        with measured_page(browser, address) as page:
            page.goto(path)
            cold = page.evaluate("probe.first") / 1000 - begin
            # What is computed behind the first visitor's back would be in every later figure.
            while not healthy(address, "ready"):
                if time.time() - begin > LONGEST:
                    raise RuntimeError("the server never had everything computed")
                time.sleep(0.5)
            complete = time.time() - begin
            warm = []
            for _ in range(visits):
                tab = page.context.new_page()
                tab.goto(path)
                warm.append(tab.evaluate("probe.first.then((time) => (time - performance.timeOrigin) / 1000)"))
                tab.close()
        yield Started(address, answered, complete, cold, warm)


def seconds_to_health(serve: Callable[[], AbstractContextManager[str]]) -> float:
    """Seconds until a server answers."""
    begin = time.monotonic()
    with serve():
        return time.monotonic() - begin


def start_rows(ours: Started, plain: Started) -> list[Row]:
    return [
        Row(
            "server start to first painted path, cold",
            "s",
            [ours.cold],
            [plain.cold],
            note=f"ours answers after {ours.answered:.1f} s, at the next start after {ours.again or math.nan:.1f} s, "
            f"and has all that links lead to after {ours.complete:.0f} s; plain answers after {plain.answered:.1f} s",
        ),
        Row(
            "page load to first painted path, second visit", "s", ours.warm, plain.warm, note="same profile, server up"
        ),
    ]
