"""A page that goes from test to test, as a student goes from lesson to lesson, without starting the app again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from tests.browser.harness import idle, until, watch

SIZE: ViewportSize = {"width": 1280, "height": 800}
ELSEWHERE = "/all_lessons"
"""A page without a figure: nothing is drawn there, and nothing plays on."""
TITLE = re.compile("^All lessons")
FOLLOW = """path => {
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate", { state: null })); }"""


def go(page: Page, path: str) -> None:
    """Go to an address of the app: inside it where it is open on `page`, as by a link, else by loading it.

    What was on the page is gone then, though what comes may still be on its way. The browser does not start the app
    again, which would take four fifths of the time.
    """
    if not page.url.startswith("http"):
        page.goto(path)
        return
    leave(page)
    if path != ELSEWHERE:
        page.evaluate(FOLLOW, path)
        until(page, lambda: not TITLE.match(page.title()), f"{ELSEWHERE} has stayed")


def leave(page: Page) -> None:
    """Go to a page without a figure."""
    if not page.url.endswith(ELSEWHERE):
        page.evaluate(FOLLOW, ELSEWHERE)
    until(page, lambda: bool(TITLE.match(page.title())), f"{ELSEWHERE} has not come")
    expect(page.locator("[data-stage]")).to_have_count(0)
    idle(page)


class Visit:
    """One visitor of the app at `address`, with a page that is kept from test to test."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.sent: list[str | bytes] = []
        """Everything that the page has told the server since the test began."""
        self.begin()

    def begin(self) -> None:
        """A new page."""
        self.page = self.context.new_page()
        self.faults = watch(self.page, self.address)
        self.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(frame)))
        self.page.on("request", lambda request: self.sent.append(request.url))

    @contextmanager
    def turn(self) -> Iterator[Page]:
        """The page as a new one is, though inside the app; ``AssertionError`` says what went wrong meanwhile.

        Nothing is left on it that would use the processor beside other tests.
        """
        self.page.set_viewport_size(SIZE)
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.sent.clear()
        self.faults.clear()
        yield self.page
        if self.page.url.startswith(self.address):
            leave(self.page)
        assert not self.faults, "\n".join(self.faults)

    def restart(self) -> None:
        """Go on with a new page."""
        self.page.close()
        self.begin()
