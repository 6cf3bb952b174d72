"""A running app and a Chromium to look at it, for the browser tests, the benchmarks and the pictures in docs/."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebSocket, expect, sync_playwright

from tests.browser.chromium import find

ROOT = Path(__file__).parents[2]
START = 180
"""Seconds that a server may take to become healthy, warm-up included, on a busy machine."""
READY = 60_000
"""Milliseconds that a page may take until its stage has drawn."""
ARGUMENTS = [
    "--no-sandbox",
    # WebGL in software, so that the relief draws the same on a machine without a graphics card.
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # Compositing in the emulated card as well would show nine frames a second instead of sixty.
    "--disable-gpu-compositing",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(address: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers with lower-case names, and body of a GET."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()


@contextlib.contextmanager
def serve(**environment: str) -> Iterator[str]:
    """A server of its own for the app, from `streamlit run app.py`: yields its address once it is healthy.

    `environment`: variables that it sees beside those of this process.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + START
            while not healthy(address):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"the app did not start:\n{log.read()}")
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def healthy(address: str, check: str = "_stcore/health") -> bool:
    """True where the server answers its health check, or another one: `ready` says that all is computed."""
    try:
        return fetch(f"{address}/{check}")[0] == 200
    except OSError:
        return False


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium with WebGL; raises where there is none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def probing(address: str) -> bool:
    """True where Streamlit's front end asks below a page's address for the server, before it asks at the root."""
    return re.fullmatch(r"https?://[^/]+/\w+/_stcore/(health|host-config)", address) is not None


def watch(page: Page, address: str) -> list[str]:
    """A list that collects what must not happen on `page`: errors, and requests to anywhere but `address`."""
    faults: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not probing(message.location["url"]):
            faults.append(f"console: {message.text} {message.location['url']}")

    def on_socket(socket: WebSocket) -> None:
        if not socket.url.startswith(address.replace("http", "ws", 1)):
            faults.append(f"socket to elsewhere: {socket.url}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            faults.append(f"request to elsewhere: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"uncaught: {error}"))
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url} {request.failure}"))
    page.on("websocket", on_socket)
    # Looked at, not intercepted: a browser that is intercepted keeps nothing, and loads everything for every page.
    page.on("request", on_request)
    return faults


def ready(page: Page, timeout: float = READY) -> None:
    """Wait until the stage on `page` has drawn all that it was sent; `timeout` in milliseconds."""
    expect(page.locator("[data-stage][data-state=ready]")).to_be_visible(timeout=timeout)
