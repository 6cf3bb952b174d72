"""One server and one Chromium for all browser tests, and a page that fails its test on anything out of order."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.browser.harness import chromium, serve, watch
from tests.browser.lesson import Lesson

HERE = Path(__file__).parent
SIZE: ViewportSize = {"width": 1280, "height": 800}
# What nobody has asked for yet is computed first, beside another test on the same two cores.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # A machine that stands still for seconds fails a test that waits for a picture. What fails twice is broken; what
    # was run twice is counted in the last line.
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of the running app."""
    with serve(WARM_UP_OPENINGS_ONLY="1") as address:
        yield address


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


@pytest.fixture
def page(context: BrowserContext, server: str) -> Iterator[Page]:
    """An empty page of 1280 × 800 pixels whose relative addresses lead to the app."""
    yield from watched(context, server)


class Visit:
    """A page that is kept from test to test, as of a student who goes from lesson to lesson."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.begin()

    def begin(self) -> None:
        """A new page."""
        self.page = self.context.new_page()
        self.faults = watch(self.page, self.address)

    def go_on(self) -> None:
        """The page as a new one is, but inside the app, on a page without a stage."""
        self.page.set_viewport_size(SIZE)
        self.page.emulate_media(color_scheme="light")
        if self.page.url.startswith(self.address):
            Lesson(self.page).leave()
        self.faults.clear()


@pytest.fixture(scope="session")
def visit(context: BrowserContext, server: str) -> Visit:
    return Visit(context, server)


@pytest.fixture
def lesson(visit: Visit, request: pytest.FixtureRequest) -> Iterator[Lesson]:
    """A stage, once it is opened, on a page that knows other tests; on a new page where the test is run again."""
    if getattr(request.node, "execution_count", 1) > 1:
        visit.page.close()
        visit.begin()
    visit.go_on()
    yield Lesson(visit.page)
    assert not visit.faults, "\n".join(visit.faults)


def new_context(browser: Browser, address: str) -> BrowserContext:
    # What a test waits for in the page is evaluated there, which the page's own policy forbids: test_security keeps it.
    return browser.new_context(base_url=address, viewport=SIZE, bypass_csp=True)


def watched_page(browser: Browser, address: str) -> Iterator[Page]:
    """The same in a browser that has never been there."""
    context = new_context(browser, address)
    try:
        yield from watched(context, address)
    finally:
        context.close()


def watched(context: BrowserContext, address: str) -> Iterator[Page]:
    page = context.new_page()
    faults = watch(page, address)
    try:
        yield page
    finally:
        # What a page was still loading is cut off by closing it: that is not a fault.
        seen = list(faults)
        page.close()
    assert not seen, "\n".join(seen)
