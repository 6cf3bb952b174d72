"""One server and one Chromium for all browser tests, and a page that fails its test on anything out of order."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.harness import chromium, serve, watch
from tests.browser.lesson import Lesson


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of the running app."""
    with serve() as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """An empty page of 1280 × 800 pixels whose relative addresses lead to the app."""
    yield from watched_page(browser, server)


@pytest.fixture
def lesson(page: Page) -> Lesson:
    """The stage on that page, once it is opened."""
    return Lesson(page)


def watched_page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    faults = watch(page, address)
    try:
        yield page
    finally:
        # What a page was still loading is cut off by closing it: that is not a fault.
        seen = list(faults)
        context.close()
    assert not seen, "\n".join(seen)
