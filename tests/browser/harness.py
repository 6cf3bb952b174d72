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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebSocket, sync_playwright

from tests.browser.chromium import find

ROOT = Path(__file__).parents[2]
START = 180
"""Seconds that a server may take to become healthy, warm-up included, on a busy machine."""
HEALTH = "_stcore/health"
READY = 60_000
"""Milliseconds that a page may take until it shows what it was asked for, on a busy machine that compiles it first."""
IDLE = """() => !document.querySelector("[data-testid=stApp][data-test-script-state=running]")
  && ![...document.querySelectorAll("[data-state=busy]")].length"""
OFF = (
    # Two lists below the address bar, which every new window would build as pages of their own.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    # The switch counts once: what Playwright turns off with it, to keep the browser to itself.
    *("AimEnabled", "LensOverlay", "PreconnectToSearch", "OptimizationHints", "NetworkTimeServiceQuerying"),
    *("HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "MediaRouter", "DestroyProfileOnBrowserClose"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "AvoidCorsURLLoaderRestartOnRedirect", "PaintHolding"),
    "ThirdPartyStoragePartitioning",
)
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
    f"--disable-features={','.join(OFF)}",
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


@dataclass
class Process:
    """A server at an address that it keeps when it is ended and started again.

    `check`: what it answers there once it is up. `environment`: variables that it sees beside those of this process.
    """

    command: Sequence[str | Path]
    address: str
    check: str = HEALTH
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    log: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    def start(self) -> None:
        """Starts it without waiting."""
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def wait(self) -> float:
        """Seconds until it answers; ``RuntimeError`` with what it said where it ends before."""
        try:
            return answering(self.address, self.check, lambda: self.process is not None and self.process.poll() is None)
        except RuntimeError as error:
            raise RuntimeError(f"{self.command[0]}: {error}:\n{self.said()}") from None

    def said(self) -> str:
        """All that it has printed."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def stop(self, *, kill: bool = False) -> None:
        """Ends it as a container's engine does, or with `kill` as a machine that loses its power."""
        if self.process is None:
            return
        if not kill:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                kill = True
        if kill:
            self.process.kill()
            self.process.wait()
        self.process = None


@contextlib.contextmanager
def running(*processes: Process) -> Iterator[None]:
    """Processes that all answer, until the context is left."""
    with contextlib.ExitStack() as stack:
        for process in processes:
            stack.callback(process.log.close)
            stack.callback(process.stop)
            process.start()
        for process in processes:
            process.wait()
        yield


def app_process(script: str = "app.py", *options: str, **environment: str) -> Process:
    """A server of its own, from `streamlit run`."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), *options]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
    return Process(command, f"http://127.0.0.1:{port}", environment=environment)


@contextlib.contextmanager
def serve(script: str = "app.py", *options: str, **environment: str) -> Iterator[str]:
    """The address of such a server, once it is healthy."""
    process = app_process(script, *options, **environment)
    with running(process):
        yield process.address


def healthy(address: str, check: str = HEALTH) -> bool:
    """True where the server answers its health check, or another one: `ready` says that all is computed."""
    try:
        return fetch(f"{address}/{check}")[0] == 200
    except OSError:
        return False


def answering(address: str, check: str = HEALTH, runs: Callable[[], bool] = lambda: True) -> float:
    """Seconds until the server there answers; ``RuntimeError`` where it never does, or where it `runs` no longer."""
    begin = time.monotonic()
    while not healthy(address, check):
        if not runs() or time.monotonic() - begin > START:
            raise RuntimeError(f"nothing answers at {address}/{check}")
        time.sleep(0.1)
    return time.monotonic() - begin


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

    def on_failure(request: Request) -> None:
        # Going on to another address cuts off a question under way; nothing in the app takes one back itself.
        if (request.method, request.failure) != ("POST", "net::ERR_ABORTED"):
            faults.append(f"failed: {request.url} {request.failure}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"uncaught: {error}"))
    page.on("requestfailed", on_failure)
    page.on("websocket", on_socket)
    # Looked at, not intercepted: a browser that is intercepted keeps nothing, and loads everything for every page.
    page.on("request", on_request)
    return faults


def until(page: Page, true: Callable[[], bool], what: str) -> None:
    """Wait until something is true; ``AssertionError`` says what never was.

    Playwright's `expect` would describe all of the page to a blind reader, for its message, whenever it has looked for
    something in vain: a fifth of a second of the processor each time.
    """
    deadline = time.monotonic() + READY / 1000
    while not true():
        assert time.monotonic() < deadline, what
        page.wait_for_timeout(50)


def until_true(page: Page, expression: str, argument: Any = None) -> None:
    """Wait until a JavaScript expression, or a function of the argument, is true in the page.

    Asked from outside: Playwright's `wait_for_function` evaluates a text, which the app's own policy forbids.
    """
    until(page, lambda: bool(page.evaluate(expression, argument)), f"never true: {expression}")


def idle(page: Page) -> None:
    """Wait until the server has said all and every figure is drawn."""
    until_true(page, IDLE)


def ready(page: Page, timeout: float = READY) -> None:
    """Wait until the stage on `page` has drawn all that it was sent; `timeout` in milliseconds."""
    page.locator("[data-stage][data-state=ready]").wait_for(timeout=timeout)


def choose(page: Page, menu: str, option: str) -> None:
    """Choose an option of a menu by typing its name: an option that its list has to scroll to may miss the click."""
    page.get_by_role("combobox", name=re.compile(menu)).fill(option)
    page.get_by_role("option", name=option, exact=True).click()
