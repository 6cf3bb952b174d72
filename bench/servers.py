"""The two servers that are compared, and the browser pages that are measured on them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, Request

from tests.browser.harness import serve

PROBE = Path(__file__).with_name("probe.js")
PLAIN_PAGE = ("bench/plain_page.py", "--runner.postScriptGC", "true")
"""The plain page's script, with Streamlit's own default where the app's settings tune the runner."""
SIZE = (1280, 900)
"""Width and height of the measured page in pixels."""


def serve_plain() -> contextlib.AbstractContextManager[str]:
    """The plain page's address, once it is healthy."""
    return serve(*PLAIN_PAGE)


@contextlib.contextmanager
def measured_page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of a fresh profile with probe.js in it; raises where it asked any other server for anything."""
    width, height = SIZE
    context = browser.new_context(base_url=address, viewport={"width": width, "height": height}, bypass_csp=True)
    context.add_init_script(path=PROBE)
    page = context.new_page()
    elsewhere: list[str] = []
    ours = (address, address.replace("http", "ws", 1), "data:", "blob:")

    def look(request: Request) -> None:
        if not request.url.startswith(ours):
            elsewhere.append(request.url)

    # Only looked at, not intercepted: that would slow every request down.
    page.on("request", look)
    try:
        yield page
    finally:
        context.close()
    if elsewhere:
        raise RuntimeError(f"a measured page left this machine: {', '.join(elsewhere)}")
