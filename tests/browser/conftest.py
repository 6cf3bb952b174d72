"""One server, one Chromium and one page for all browser tests of a worker; it fails a test on anything out of order."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.harness import READY, answering, chromium, running, watch
from tests.browser.lesson import Lesson
from tests.browser.visit import SIZE, Visit
from tests.workers import SHARED, app

HERE = Path(__file__).parent
# What nobody has asked for yet is computed first, beside another test on the same two cores.
expect.set_options(timeout=READY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # A machine that stands still for seconds fails a test that waits for a picture. What fails twice is broken; what
    # was run twice is counted in the last line.
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of the running app: of the one that all workers share, or of one of our own where there are no others."""
    shared = getattr(request.config, "workerinput", {}).get(SHARED)
    if shared:
        answering(shared)
        yield shared
    else:
        with running(server := app()):
            yield server.address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def context(browser: Browser, server: str) -> Iterator[BrowserContext]:
    """One visitor's browser: what it has loaded for one page it has for the next."""
    context = new_context(browser, server)
    yield context
    context.close()


@pytest.fixture(scope="session")
def visit(context: BrowserContext, server: str) -> Visit:
    return Visit(context, server)


@pytest.fixture
def page(visit: Visit, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of 1280 × 800 pixels where motion is not wanted, and that knows other tests; relative addresses lead to
    the app. A new one where the test is run again."""
    if getattr(request.node, "execution_count", 1) > 1:
        visit.restart()
    with visit.turn() as page:
        yield page


@pytest.fixture
def sent(visit: Visit) -> list[str | bytes]:
    """Everything that this page has told the server."""
    return visit.sent


@pytest.fixture
def lesson(page: Page) -> Lesson:
    """A stage on that page, once it is opened."""
    return Lesson(page)


def new_context(browser: Browser, address: str, **options: Any) -> BrowserContext:
    """A visitor's browser; `options` as Playwright has them."""
    context = browser.new_context(base_url=address, **{"viewport": SIZE} | options)
    context.set_default_timeout(READY)
    return context


@contextmanager
def watched_page(browser: Browser, address: str) -> Iterator[Page]:
    """An empty page in a browser that has never been there; fails its test on anything out of order."""
    context = new_context(browser, address)
    page = context.new_page()
    faults = watch(page, address)
    try:
        yield page
    finally:
        # What a page was still loading is cut off by closing it: that is not a fault.
        seen = list(faults)
        context.close()
    assert not seen, "\n".join(seen)
