"""One visitor who asks for whatever is heavy, again and again, while a class is at work."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import count, islice

from httpx2 import AsyncClient

from bench.protocol import Socket

KINDS = ("functions", "maps", "trainings")
PATIENCE = 120.0
"""Seconds that an answer may take, which nobody but this visitor waits for."""


async def plague(address: str, kinds: Sequence[str], answered: Counter[str], rounds: int | None = None) -> None:
    """Draws new functions, maps of basins and trains networks, of each of the `kinds` the next once the last is there.

    Goes on for so many `rounds`, or until it is cancelled. `answered` counts by kind what was answered, and by
    ``refused`` what was not.
    """
    async with AsyncClient(timeout=PATIENCE, trust_env=False) as http:

        async def ask(path: str, settings: dict[str, object]) -> bool:
            question = {"said": {}, "request": {"settings": settings, "seq": 1, "have": []}}
            return (await http.post(f"{address}/live/playground{path}", json=question)).is_success

        async def function(k: int) -> bool:
            return await ask("", {"surface": f"=x^2+{k}*y^2+sin({k}*x)", "optimizers": "adam bfgs"})

        async def basins(k: int) -> bool:
            return await ask("/basins", {"optimizers": "gradient_flow", "learning_rate": 0.01 + 1e-5 * k})

        async def training(k: int) -> bool:
            # A page of its own each time: its first run trains what the address asks for.
            async with Socket(address, "networks", f"seed={k % 100}&width={2 + k % 63}&hidden_layers=4") as socket:
                return not (await socket.open()).failures

        async def without_end(kind: str, one: Callable[[int], Awaitable[bool]]) -> None:
            for k in islice(count(1), rounds):
                answered[kind if await one(k) else "refused"] += 1

        known = dict(zip(KINDS, (function, basins, training), strict=True))
        await asyncio.gather(*(without_end(kind, known[kind]) for kind in kinds))
