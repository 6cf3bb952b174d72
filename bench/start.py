"""From the start of a server, and from a visit, to the first painted path."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser

from bench.report import Row
from bench.servers import measured_page

OURS = "/ill_conditioning"
PLAIN = "/?surface=ill_conditioned&optimizers=gd&steps=50"


@dataclass(frozen=True)
class Started:
    """Seconds until the server answered, until its first visitor saw a path, and the same for later page loads."""

    address: str
    healthy: float
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
        healthy = time.time() - begin
        with measured_page(browser, address) as page:
            page.goto(path)
            cold = page.evaluate("probe.first") / 1000 - begin
            warm = []
            for _ in range(visits):
                tab = page.context.new_page()
                tab.goto(path)
                warm.append(tab.evaluate("probe.first.then((time) => (time - performance.timeOrigin) / 1000)"))
                tab.close()
        yield Started(address, healthy, cold, warm)


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
            note=f"ours answers after {ours.healthy:.1f} s, compiled for everyone, at the next start after "
            f"{ours.again or math.nan:.1f} s; plain after {plain.healthy:.1f} s",
        ),
        Row(
            "page load to first painted path, second visit", "s", ours.warm, plain.warm, note="same profile, server up"
        ),
    ]
