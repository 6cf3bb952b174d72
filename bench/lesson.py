"""A class on one server: everyone opens a page, everyone moves at once, then a steady stream of moves."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

from httpx2 import AsyncClient, Limits

from bench.students import Opened, PlainStudent, StageStudent

OPENING = 5.0
"""Seconds within which everyone opens the page; a class of more than `TOGETHER` takes longer, at the same pace."""
TOGETHER = 60
BURST = 1.0
"""Seconds within which everyone makes the same move."""
EVERY = 3.0
"""Seconds between two moves of one student."""
PATIENCE = 60.0
"""Seconds after which an answer counts as an error."""


@dataclass
class Used:
    """What the server needed meanwhile: seconds of processor time a second, and bytes in memory at the end."""

    cores: float
    memory: int


@dataclass
class Lesson:
    """What was measured of one class: seconds of every answer by phase, and what went wrong."""

    students: int
    opened: list[Opened] = field(default_factory=list)
    burst: list[float] = field(default_factory=list)
    steady: list[float] = field(default_factory=list)
    drags: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    used: dict[str, Used] = field(default_factory=dict)
    before: int = 0


class Watched(Protocol):
    """A server whose needs are noted phase by phase; `page` is None on the plain one."""

    address: str
    page: str | None

    def memory(self) -> int: ...
    def watched(self, lesson: Lesson, phase: str) -> AbstractContextManager[None]: ...


async def hold(
    server: Watched,
    students: int,
    *,
    seconds: float,
    drags: float = 0.0,
    beside: Coroutine[Any, Any, None] | None = None,
    every_minute: Callable[[Lesson], None] | None = None,
) -> Lesson:
    """One lesson with that many students, `seconds` of steady moves in it.

    `drags` is the share of students who drag the start point instead of the slider. During the steady moves `beside`
    runs, until they are over, and `every_minute` is called with the lesson as it stands.
    """
    lesson = Lesson(students, before=server.memory())
    chance = random.Random(students)
    async with AsyncExitStack() as stack:
        limits = Limits(max_connections=None, max_keepalive_connections=None)
        http = await stack.enter_async_context(AsyncClient(limits=limits, timeout=PATIENCE, trust_env=False))
        everyone: list[StageStudent | PlainStudent] = []
        moved = [0] * students

        async def opening(k: int) -> None:
            await asyncio.sleep(OPENING * k / min(students, TOGETHER))
            student = student_of(server, k, http, drags=k < drags * students)
            await stack.enter_async_context(student)
            lesson.opened.append(await student.open())
            everyone.append(student)

        async def one_move(student: StageStudent | PlainStudent, samples: list[float], due: float) -> None:
            late = time.perf_counter() - due
            k = moved[student.number] = moved[student.number] + 1
            taken = await student.move(k)
            # Whoever still waits for the last answer when the next move is due waits for both.
            (lesson.drags if student.drags else samples).append(taken + max(late, 0.0))

        async def bursting(student: StageStudent | PlainStudent) -> None:
            wait = chance.uniform(0, BURST)
            await asyncio.sleep(wait)
            await one_move(student, lesson.burst, time.perf_counter())

        async def steadily(student: StageStudent | PlainStudent) -> None:
            due = time.perf_counter() + chance.uniform(0, EVERY)
            end = time.perf_counter() + seconds
            while due < end:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                await one_move(student, lesson.steady, due)
                due = max(due + EVERY, time.perf_counter() - EVERY)

        with server.watched(lesson, "opening"):
            await _all(lesson, [opening(k) for k in range(students)])
        with server.watched(lesson, "burst"):
            await _all(lesson, [bursting(student) for student in everyone])
        with server.watched(lesson, "steady"):
            meanwhile = [asyncio.create_task(part) for part in (_minutes(lesson, every_minute), beside) if part]
            await _all(lesson, [steadily(student) for student in everyone], seconds)
            for task in meanwhile:
                task.cancel()
            ended = await asyncio.gather(*meanwhile, return_exceptions=True)
            lesson.errors += [f"{type(one).__name__}: {one}" for one in ended if isinstance(one, Exception)]
    return lesson


def student_of(server: Watched, number: int, http: AsyncClient, drags: bool = False) -> StageStudent | PlainStudent:
    """One student of a class on a server's page."""
    if server.page is None:
        return PlainStudent(server.address, number)
    return StageStudent(server.address, server.page, number, http, drags)


async def visit(server: Watched) -> None:
    """One student who opens the page, moves twice, drags once, and leaves."""
    async with AsyncClient(timeout=PATIENCE, trust_env=False) as http:
        for drags in (False, True):
            async with student_of(server, 0, http, drags) as student:
                await student.open()
                for k in (1, 2):
                    await student.move(k)


async def _minutes(lesson: Lesson, call: Callable[[Lesson], None] | None) -> None:
    while call:
        await asyncio.sleep(60)
        call(lesson)


async def _all(lesson: Lesson, parts: Sequence[Awaitable[None]], seconds: float = 0.0) -> None:
    """Runs the parts at once; what one of them raises is one error, and the others go on."""

    async def guarded(part: Awaitable[None]) -> None:
        try:
            await asyncio.wait_for(part, PATIENCE + seconds)
        except Exception as error:
            lesson.errors.append(f"{type(error).__name__}: {error}")

    await asyncio.gather(*(guarded(part) for part in parts))
