"""A real nginx with the configuration of deploy/ in front of small processes that say who they are."""

import gzip
import hashlib
import http.client
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.front import MISSING, Front, configuration, front, program
from bench.moving import homes, strayed
from tests.browser.harness import free_port

BUNDLE = "export const digits = [" + ",".join(str(k * k) for k in range(4000)) + "];\n"
needs_nginx = pytest.mark.skipif(program() is None, reason=MISSING)


@dataclass
class Process:
    """An HTTP server on loopback that can be stopped and started at the same address."""

    name: str
    port: int = field(default_factory=free_port)
    asked: list[str] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        process = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                process.asked.append(self.path)
                process.last = dict(self.headers.items())
                if self.headers.get("Upgrade") == "websocket":
                    # The handshake is all that nginx looks at: what follows is bytes to it, and these say who is there.
                    self.send_response(101)
                    self.send_header("Upgrade", "websocket")
                    self.send_header("Connection", "Upgrade")
                    self.end_headers()
                    self.wfile.write(process.name.encode())
                    self.close_connection = True
                    return
                bundle = self.path.startswith(("/static/", "/assets/"))
                body = (BUNDLE if bundle else process.name).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/javascript" if bundle else "text/plain")
                self.send_header("Content-Length", str(len(body)))
                if bundle:
                    self.send_header("Cache-Control", "public, max-age=31536000, immutable")
                    self.send_header("ETag", f'"{hashlib.blake2s(body).hexdigest()}"')
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Answer)
        self.server.daemon_threads = True
        # What nginx keeps open for the next request must not keep a stopped process alive.
        self.server.block_on_close = False
        self.connections: list[socket.socket] = []
        accept = self.server.get_request

        def noted() -> tuple[socket.socket, tuple[str, int]]:
            connection, where = accept()
            self.connections.append(connection)
            return connection, where

        self.server.get_request = noted  # type: ignore[method-assign]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        for connection in self.connections:
            # One whose other end is gone already cannot be shut down again.
            if connection.fileno() >= 0:
                connection.shutdown(socket.SHUT_RDWR)


class Visitor:
    """A browser as far as nginx can tell: it keeps its cookie."""

    def __init__(self, address: str) -> None:
        self.place = urlsplit(address).netloc
        self.cookie = ""
        self.set: list[str] = []

    def ask(self, path: str = "/", method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, bytes]:
        """Status and body; `headers` have _ for -. What came with it is in `came`."""
        connection = http.client.HTTPConnection(self.place, timeout=10)
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            said["Cookie"] = self.cookie
        connection.request(method, path, body, said)
        answer = connection.getresponse()
        self.came = answer.headers
        self.set = answer.headers.get_all("Set-Cookie") or []
        if self.set:
            self.cookie = self.set[-1].split(";")[0]
        found = answer.status, answer.read() if answer.status != 101 else answer.fp.read()
        connection.close()
        return found


@contextmanager
def running(*processes: Process) -> Iterator[None]:
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.stop()


@pytest.fixture
def processes() -> Iterator[tuple[Process, Process, Process]]:
    three = Process("one"), Process("two"), Process("three")
    with running(*three):
        yield three


@pytest.fixture
def proxy(processes: tuple[Process, ...], tmp_path: Path) -> Iterator[Front]:
    # The path of a socket has about a hundred characters at most.
    with front([process.place for process in processes], tmp_path) as running_nginx:
        yield running_nginx


def soon(right: Callable[[], bool]) -> None:
    """Waits for what nginx notes, which it does after its answer."""
    end = time.monotonic() + 5
    while not right():
        assert time.monotonic() < end
        time.sleep(0.01)


UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec_WebSocket_Version": "13",
}


@needs_nginx
def test_visitors_are_spread_and_each_stays(proxy: Front) -> None:
    first = Counter()
    for _ in range(12):
        visitor = Visitor(proxy.address)
        _, home = visitor.ask()
        first[home] += 1
        assert visitor.set and "HttpOnly" in visitor.set[0] and "SameSite=Lax" in visitor.set[0]
        for path in ("/saddles", "/_stcore/health", "/media/picture.png"):
            assert visitor.ask(path) == (200, home)
            assert not visitor.set
        assert visitor.ask("/live/saddles", "POST", "{}", Content_Type="application/json") == (200, home)
        assert visitor.ask("/_stcore/stream", **UPGRADE) == (101, home)
    assert first == {b"one": 4, b"two": 4, b"three": 4}
    soon(lambda: homes(proxy) == {1: 4, 2: 4, 3: 4})
    assert strayed(proxy) == 0


@needs_nginx
def test_a_process_that_dies_hands_its_visitors_on_for_good(
    proxy: Front, processes: tuple[Process, Process, Process]
) -> None:
    by_name = {process.name.encode(): process for process in processes}
    visitor = Visitor(proxy.address)
    _, home = visitor.ask()
    dead = by_name[home]
    dead.stop()
    # The question that finds nobody home is answered all the same, and so is the socket.
    status, next_home = visitor.ask("/live/saddles", "POST", "{}", Content_Type="application/json")
    assert status == 200
    assert next_home in set(by_name) - {home}
    assert visitor.set
    soon(lambda: strayed(proxy) == 1)
    assert visitor.ask("/_stcore/stream", **UPGRADE) == (101, next_home)
    dead.start()
    for _ in range(6):
        assert visitor.ask() == (200, next_home)
    # One whose socket is the first to come back learns the new process from the handshake.
    other = Visitor(proxy.address)
    while other.ask()[1] != home:
        other.cookie = ""
    dead.stop()
    status, moved = other.ask("/_stcore/stream", **UPGRADE)
    assert (status, bool(other.set)) == (101, True)
    assert other.ask() == (200, moved)
    dead.start()


@needs_nginx
def test_a_process_that_is_starting_keeps_nobody_waiting(tmp_path: Path) -> None:
    well = Process("well")
    with socket.create_server(("127.0.0.1", 0)) as starting, running(well):
        # It takes connections, and says nothing.
        place = f"127.0.0.1:{starting.getsockname()[1]}"
        with front([place, well.place], tmp_path) as proxy:
            for _ in range(3):
                visitor = Visitor(proxy.address)
                assert visitor.ask() == (200, b"well")
            # One whose process it was is moved by the first question about its health.
            visitor.cookie = "replica=1"
            assert visitor.ask("/_stcore/health") == (200, b"well")
            assert visitor.cookie == "replica=2"
            assert visitor.ask("/_stcore/stream", **UPGRADE) == (101, b"well")


@needs_nginx
def test_a_process_that_has_just_come_back_is_found_when_the_other_goes(tmp_path: Path) -> None:
    one, two = Process("one"), Process("two")
    with running(one, two), front([one.place, two.place], tmp_path) as proxy:
        visitor = Visitor(proxy.address)
        visitor.cookie = "replica=1"
        one.stop()
        assert visitor.ask() == (200, b"two")
        assert visitor.ask("/assets/0123456789ab/other.js")[0] == 200
        # For three seconds nginx would ask the first no more.
        one.start()
        two.stop()
        visitor.cookie = "replica=1"
        assert visitor.ask() == (200, b"one")
        assert visitor.ask("/live/saddles", "POST", "{}", Content_Type="application/json") == (200, b"one")
        assert visitor.ask("/_stcore/stream", **UPGRADE) == (101, b"one")
        assert visitor.ask("/assets/0123456789ab/stage.js") == (200, BUNDLE.encode())
        two.start()


@needs_nginx
def test_bundles_are_packed_once_and_kept(proxy: Front, processes: tuple[Process, ...]) -> None:
    for path in ("/static/js/main.1a2b3c.js", "/assets/0123456789ab/stage.js"):
        for k in range(4):
            visitor = Visitor(proxy.address)
            status, body = visitor.ask(path, Accept_Encoding=("gzip, deflate, br", "gzip")[k % 2])
            assert status == 200
            assert visitor.came["Content-Encoding"] == "gzip"
            assert gzip.decompress(body).decode() == BUNDLE
            assert len(body) < len(BUNDLE) / 2
            assert "immutable" in visitor.came["Cache-Control"]
            assert visitor.came["X-Cache"] == ("HIT" if k else "MISS")
            assert "Accept-Encoding" in visitor.came["Vary"]
            # What is kept for everyone sets nobody's cookie.
            assert not visitor.set
        again = Visitor(proxy.address)
        assert again.ask(path, Accept_Encoding="gzip", If_None_Match=visitor.came["ETag"])[0] == 304
        assert again.ask(path) == (200, BUNDLE.encode())
        assert sum(process.asked.count(path) for process in processes) == 2


@needs_nginx
def test_bundles_outlive_the_processes(proxy: Front, processes: tuple[Process, ...]) -> None:
    visitor = Visitor(proxy.address)
    assert visitor.ask("/assets/0123456789ab/stage.js")[0] == 200
    for process in processes:
        process.stop()
    assert visitor.ask("/assets/0123456789ab/stage.js")[0] == 200
    assert visitor.ask("/")[0] == 502
    for process in processes:
        process.start()


@needs_nginx
def test_what_is_not_for_everyone_is_not_passed_on(proxy: Front, processes: tuple[Process, ...]) -> None:
    visitor = Visitor(proxy.address)
    assert visitor.ask("/_stcore/metrics")[0] == 404
    assert visitor.ask("/saddles/_stcore/metrics")[0] == 404
    assert visitor.ask("/live/saddles", "POST", "x" * 3_000_000)[0] == 413
    assert [path for process in processes for path in process.asked] == []
    assert visitor.ask("/_stcore/health")[0] == 200


@needs_nginx
def test_a_process_is_told_who_asks(proxy: Front, processes: tuple[Process, ...]) -> None:
    visitor = Visitor(proxy.address)
    visitor.ask("/", X_Forwarded_Proto="https")
    # A frame on another site's page keeps its cookie too, where there is TLS in front.
    assert {"Secure", "SameSite=None", "Partitioned"} <= set(visitor.set[0].split("; "))
    (asked,) = (process for process in processes if process.asked)
    # Streamlit compares this with a socket's origin.
    assert asked.last["Host"] == visitor.place
    assert asked.last["X-Forwarded-Proto"] == "https"


@pytest.mark.parametrize("name", ["app:8501", "10.0.0.1", "10.0.0.1:8501;}", "1.2.3.4:80\n1.2.3.4:81", "$(id):80"])
def test_only_addresses_become_configuration(name: str) -> None:
    with pytest.raises(ValueError, match=r"is not an IPv4 address and a port"):
        configuration(["10.0.0.2:8501", name])


def test_one_process_needs_no_proxy() -> None:
    with pytest.raises(ValueError, match="at least two processes"):
        configuration(["10.0.0.2:8501"])


def test_nothing_is_left_to_fill_in() -> None:
    made = configuration(["10.0.0.2:8501", "10.0.0.3:8501"], LISTEN="9000")
    assert not re.search("@[A-Z]+@", made)
    assert "listen 9000 " in made
    assert made.count("10.0.0.3:8501") == 5
