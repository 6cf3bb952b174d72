"""Students of a class: each opens a page and moves its slider, as a browser's stage would, and checks the answers."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import orjson
from httpx2 import AsyncClient

from bench.protocol import ProtocolError, Run, Socket
from stage.bank import unpack

PLAIN_QUERY = "surface=ill_conditioned&optimizers=gd&steps=50"
KEEP = 8
"""Groups of arrays that a browser holds, as in assets/bank.js."""
DRAGGED = 5
"""Answers that a drag of the start point asks for before it is let go."""


@dataclass
class Opened:
    """What opening a page took: seconds to the first picture and until it is whole, and bytes by way."""

    first: float
    whole: float
    socket: int
    direct: int


@dataclass
class StageStudent:
    """One on a page with a stage. `number` decides where this one moves to, so that a class is all over the slider."""

    address: str
    page: str
    number: int
    http: AsyncClient
    drags: bool = False
    header: dict[str, Any] = field(default_factory=dict)
    held: OrderedDict[str, None] = field(default_factory=OrderedDict)
    seq: int = 0

    async def __aenter__(self) -> "StageStudent":
        self.socket = await Socket(self.address, self.page).__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.socket.__aexit__(*error)

    async def open(self) -> Opened:
        begin = time.perf_counter()
        run = await self.socket.open()
        self._take(self._message(run))
        direct = await self._complete()
        return Opened(run.seconds, time.perf_counter() - begin, run.sent, direct)

    async def move(self, k: int) -> float:
        """One move, let go: the thumb of the live slider, or with `drags` the start point on the map."""
        begin = time.perf_counter()
        changes = self._dragged(k) if self.drags else self._moved(k)
        if self.drags:
            for _ in range(DRAGGED):
                await self._ask(changes, single=True)
        request = self._request(changes, drag=False)
        run = await self.socket.set_component(self.page, "request", request)
        self._take(self._message(run), changes)
        said = parse_qs(self.socket.query)
        for name, value in changes.items():
            if float(said.get(name, ["nan"])[0]) != value and self._default(name) != value:
                raise ProtocolError(f"the address has {said.get(name)} for {name} = {value}")
        taken = time.perf_counter() - begin if self.drags else run.seconds
        await self._complete()
        return taken

    def _moved(self, k: int) -> dict[str, float]:
        live = self._live()
        positions = live["positions"]
        step = 1 + (self.number * 29 + k * 37) % (len(positions) - 1)
        return {live["name"]: positions[(live["index"] + step) % len(positions)]}

    def _dragged(self, k: int) -> dict[str, float]:
        x_low, x_high, y_low, y_high = self.header["surface"]["box"]
        across, up = (self.number * 0.381966 + k * 0.1) % 1, (self.number * 0.236068 + k * 0.37) % 1
        return {"x": round(x_low + across * (x_high - x_low), 4), "y": round(y_low + up * (y_high - y_low), 4)}

    def _live(self) -> dict[str, Any]:
        return next(live for live in self.header["lives"] if not live["local"])

    def _default(self, name: str) -> float | None:
        """Where the answer itself stands: a value that the page opens on is left out of the address."""
        if name in ("x", "y"):
            return float(self.header["start"]["xy".index(name)])
        return next((live["value"] for live in self.header["lives"] if live["name"] == name), None)

    def _request(self, changes: Mapping[str, float], drag: bool, single: bool = False) -> dict[str, Any]:
        header, view = self.header, self.header["view"]
        settings = {"x": header["start"][0], "y": header["start"][1]}
        if header.get("end"):
            settings["bx"], settings["by"] = header["end"]
        settings |= {live["name"]: live["value"] for live in header["lives"]}
        settings |= {"height": view["height"], "show": " ".join(view["show"])}
        settings["step"] = "play" if view["step"] is None else view["step"]
        self.seq = max(self.seq + 1, time.time_ns() // 1_000_000)
        return {
            "settings": settings | dict(changes),
            "over": self._live()["name"],
            "drag": drag,
            "single": single,
            "seq": self.seq,
            "have": list(self.held),
        }

    def _message(self, run: Run) -> bytes:
        if run.failures:
            raise ProtocolError("; ".join(run.failures))
        if self.page not in run.stage:
            raise ProtocolError("the run handed the stage no message")
        return run.stage[self.page]

    def _take(self, data: bytes, changes: Mapping[str, float] | None = None) -> None:
        """Reads a message as bank.js does; ``ProtocolError`` where a browser would show something else or ask again."""
        header, groups = unpack(data)
        if header["seq"] != self.seq:
            raise ProtocolError(f"the answer is to request {header['seq']}, not to {self.seq}")
        for key, arrays in groups.items():
            if arrays is None and key not in self.held:
                raise ProtocolError("the server left out arrays that this client does not have")
            self.held[key] = None
            self.held.move_to_end(key)
        while len(self.held) > KEEP:
            self.held.popitem(last=False)
        self.header = header
        for name, value in (changes or {}).items():
            if self._default(name) != value:
                raise ProtocolError(f"asked for {name} = {value}, was shown {self._default(name)}")

    async def _complete(self) -> int:
        """Asks for the rest of the slider where the answer had one position of it, as the stage does."""
        return 0 if self.header["whole"] else await self._ask({})

    async def _ask(self, changes: Mapping[str, float], single: bool = False) -> int:
        question = {"said": self.header["said"], "request": self._request(changes, drag=True, single=single)}
        answer = await self.http.post(
            f"{self.address}/live/{self.page}",
            content=orjson.dumps(question),
            headers={"content-type": "application/json", "accept-encoding": "gzip"},
        )
        if answer.status_code != 200:
            raise ProtocolError(f"a direct question was answered {answer.status_code}")
        self._take(answer.content, changes)
        return answer.num_bytes_downloaded


@dataclass
class PlainStudent:
    """One on the plain page of this bench: the slider is Streamlit's own."""

    address: str
    number: int
    drags: bool = False

    async def __aenter__(self) -> "PlainStudent":
        self.socket = await Socket(self.address, "", query=PLAIN_QUERY).__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.socket.__aexit__(*error)

    async def open(self) -> Opened:
        run = await self.socket.open()
        self._check(run)
        return Opened(run.seconds, run.seconds, run.sent, 0)

    async def move(self, k: int) -> float:
        run = await self.socket.set_slider("Learning rate", 0.0005 * (1 + (self.number * 29 + k * 37) % 199))
        self._check(run)
        return run.seconds

    def _check(self, run: Run) -> None:
        if run.failures or run.charts != 2:
            raise ProtocolError("; ".join(run.failures) or f"{run.charts} charts instead of 2")
