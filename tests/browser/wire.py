"""A wire between a browser and a server that can be slow, be cut, and lead to another server afterwards."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit


class Wire:
    """Listens at `address` and passes bytes on to the server at `to`, `delay` seconds late in each direction."""

    def __init__(self, to: str) -> None:
        self.to = to
        self.delay = 0.0
        self.whole = True
        self._open: set[asyncio.StreamWriter] = set()
        self._listens = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._listen(),), name="wire", daemon=True)
        self._thread.start()
        self._listens.wait()

    def cut(self) -> None:
        """End all connections, and take no new ones until it is mended."""
        self.whole = False
        self._loop.call_soon_threadsafe(self._abort)

    def mend(self, to: str | None = None) -> None:
        """Take connections again, to another server where one is named."""
        self.to = to or self.to
        self.whole = True

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def _abort(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _listen(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self._met, "127.0.0.1", 0) as server:
            self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self._listens.set()
            await self._end.wait()
        while self._open:
            await asyncio.sleep(0.01)

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            return writer.transport.abort()
        place = urlsplit(self.to)
        try:
            there, back = await asyncio.open_connection(place.hostname, place.port)
        except OSError:
            return writer.transport.abort()
        both = {writer, back}
        self._open |= both
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        for one in both:
            one.transport.abort()
        self._open -= both

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if self.delay:
                    self._loop.call_later(self.delay, writer.write, data)
                else:
                    writer.write(data)
        self._loop.call_later(self.delay, writer.close)


@contextlib.contextmanager
def wired(to: str) -> Iterator[Wire]:
    """A wire to the server at that address."""
    wire = Wire(to)
    try:
        yield wire
    finally:
        wire.close()
