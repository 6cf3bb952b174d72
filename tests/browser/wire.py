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
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        threading.Thread(target=self._loop.run_forever, name="wire", daemon=True).start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._met, "127.0.0.1", 0), self._loop
        ).result()
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

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
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _abort(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            return writer.transport.abort()
        place = urlsplit(self.to)
        try:
            there, back = await asyncio.open_connection(place.hostname, place.port)
        except OSError:
            return writer.transport.abort()
        self._open |= {writer, back}
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        self._open -= {writer, back}

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
