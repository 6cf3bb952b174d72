"""The two servers that are compared, and the browser pages that are measured on them."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, Request

from tests.browser.harness import ROOT, START, free_port, healthy

PLAIN = ROOT / "bench" / "plain_page.py"
PROBE = Path(__file__).with_name("probe.js")
SIZE = (1280, 900)
"""Width and height of the measured page in pixels."""


@contextlib.contextmanager
def serve_plain() -> Iterator[str]:
    """A server for the plain page, with Streamlit's own default where the app's settings tune the runner."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", str(PLAIN), "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
    command += ["--runner.postScriptGC", "true"]
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, stdin=silent, stdout=silent, stderr=silent)
    try:
        deadline = time.monotonic() + START
        while not healthy(address):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the plain page's server did not start")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


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
