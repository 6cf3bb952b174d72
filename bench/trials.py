"""What `make class` and `make soak` measure, as rows."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from bench.hostile import KINDS, plague
from bench.lesson import BURST, EVERY, OPENING, TOGETHER, Lesson, hold
from bench.pages import intervals
from bench.report import Row, short
from bench.school import HELD, Largest, Server, largest, leave, school
from bench.servers import measured_page
from tests.browser.harness import chromium, ready

PLAIN = 10
"""Students on the plain page, which holds no more."""
MOST, MOST_PLAIN = 1200, 80
"""Students that the searches for the largest class try at most."""
TRIAL = 15.0
"""Seconds of steady moves in one trial of such a search."""
DRAGS = 0.1
"""Share of a class who drag the start point while the others move the slider."""
MEGABYTE = 1e6
SOAKED = 1.05
"""Memory at the end of a soak over that after its first third, at most."""


def class_rows(page: str, students: int, seconds: float, browsers: int, compare: bool) -> list[Row]:
    """A class of `TOGETHER` that opens a page, one of `students`, and one in which some drag the start point.

    With `compare` also the plain page, and the largest class that either holds.
    """
    plain, plain_most = plain_class() if compare else (Lesson(0), None)
    with school(page) as server:
        small = asyncio.run(hold(server, TOGETHER, seconds=TRIAL))
        left = leave(server)
        large = asyncio.run(hold(server, students, seconds=seconds))
        after = leave(server)
        drags = asyncio.run(hold(server, TOGETHER, seconds=seconds / 2, drags=DRAGS))
        shown = frames(server, students, browsers, seconds / 3) if browsers else []
        most = largest(server, students, MOST, TRIAL) if compare else None
    rows = opening_rows(small, plain) + moving_rows(large, plain) + [dragging_row(drags)]
    rows += [against(row) for row in needs_rows(large, left, after)]
    if shown:
        rows.append(against(Row(f"interval between frames in {browsers} Chromiums meanwhile", "ms", shown)))
    return [*rows, most_row(most, plain_most)] if most and plain_most else rows


def plain_class() -> tuple[Lesson, Largest]:
    """The same lesson on the plain page, with as few students as it can bear."""
    with school(None) as server:
        return asyncio.run(hold(server, PLAIN, seconds=TRIAL)), largest(server, PLAIN, MOST_PLAIN, TRIAL)


def hostile_rows(page: str, seconds: float) -> list[Row]:
    """What `TOGETHER` students notice of one who asks for what is heavy without a pause: of one kind, then of all."""
    rows = []
    with school(page) as server:
        for kinds in (*((kind,) for kind in KINDS), KINDS):
            answered: Counter[str] = Counter()
            beside = plague(server.address, kinds, answered)
            lesson = asyncio.run(hold(server, TOGETHER, seconds=seconds, beside=beside))
            name = f"{TOGETHER} students, a move each {EVERY:.0f} s, beside one with {', '.join(kinds)} without a pause"
            row = timed(name, lesson.steady, 150.0, errors=len(lesson.errors) + answered["refused"])
            said = ", ".join(f"{answered[kind]} {kind}" for kind in kinds)
            rows.append(replace(row, note=f"{row.note}; {said} in {seconds:.0f} s"))
    return rows


def milliseconds(seconds: Sequence[float]) -> list[float]:
    return [1000 * one for one in seconds]


def against(row: Row) -> Row:
    """The row with the name of what it is compared with, if with anything."""
    return replace(row, against=f"the plain page, {PLAIN} students" if row.plain else "")


def timed(
    name: str, samples: Sequence[float], limit: float | None, plain: Sequence[float] = (), errors: int = 0
) -> Row:
    """Seconds as a row in milliseconds. With an error nothing was reached: it counts as an answer that never came."""
    taken = milliseconds(samples) + [np.inf] * errors
    late = np.percentile(taken, 99, method="inverted_cdf") if taken else np.nan
    return against(Row(name, "ms", taken, milliseconds(plain), (None, limit), note=f"p99 {short(late)}"))


def opening_rows(small: Lesson, plain: Lesson) -> list[Row]:
    """What it takes that `TOGETHER` students open a page within `OPENING` seconds."""
    who = f"{small.students} students open the page within {OPENING:.0f} s"
    first, whole = [one.first for one in small.opened], [one.whole for one in small.opened]
    late = len(small.errors)
    sent = Row(
        "sent to each on opening, socket",
        "kB",
        [one.socket / 1000 for one in small.opened],
        [one.socket / 1000 for one in plain.opened],
        (None, 300.0),
    )
    direct = Row("sent to each on opening, bank, compressed", "kB", [one.direct / 1000 for one in small.opened])
    return [
        timed(f"{who}: the page with its first picture", first, 1000.0, [one.first for one in plain.opened], late),
        timed(f"{who}: all positions of the slider too", whole, None),
        against(sent),
        against(direct),
    ]


def moving_rows(large: Lesson, plain: Lesson) -> list[Row]:
    """Moves of a large class: all within a second, and one a student every few seconds."""
    late = len(large.errors)
    size = large.students
    return [
        timed(f"{size} moves within {BURST:.0f} s, to the last byte", large.burst, 1500.0, plain.burst, late),
        timed(f"{size} students, a move each {EVERY:.0f} s, to the last byte", large.steady, 150.0, plain.steady, late),
        Row(
            f"errors, {size} students",
            "",
            [float(late)],
            (),
            (0.0, None),
            note="; ".join(sorted(set(large.errors)))[:80],
        ),
    ]


def dragging_row(lesson: Lesson) -> Row:
    name = f"{lesson.students} students, {DRAGS:.0%} of them drag the start: 5 answers, put down, to the last byte"
    return timed(name, lesson.drags, None, errors=len(lesson.errors))


def needs_rows(large: Lesson, left: int, after: int) -> list[Row]:
    """Processor and memory of the server: `left` bytes before the class came, `after` once it had left."""
    cores = [large.used[phase].cores for phase in ("opening", "burst", "steady")]
    peak = max(used.memory for used in large.used.values())
    phases = "opening {:.2f}, burst {:.2f}, steady {:.2f}".format(*cores)
    return [
        Row(f"server, cores in use, {large.students} students", "", cores, note=phases),
        Row(
            "memory for each student",
            "MB",
            [(peak - left) / MEGABYTE / large.students],
            (),
            (1.0, None),
            note=f"{left / MEGABYTE:.0f} MB before, {peak / MEGABYTE:.0f} at most",
        ),
        Row("memory once they have left, over that before", "", [after / left], (), (1.1, None)),
    ]


def most_row(ours: Largest, plain: Largest) -> Row:
    beyond = f"{ours.failed} were not" if ours.failed else "more were not tried"
    name = f"largest class held: steady p95 ≤ {1000 * HELD:.0f} ms, no error"
    note = f"at p95 {1000 * ours.seconds:.0f} ms; {beyond}"
    return Row(name, "students", [float(ours.students)], [float(plain.students)], note=note)


def frames(server: Server, students: int, browsers: int, seconds: float) -> list[float]:
    """Milliseconds between the frames of playing stages, in Chromiums that join a class of that many."""

    def watch() -> list[float]:
        with chromium() as browser, measured_page(browser, server.address) as page:
            page.goto(f"/{server.page}?steps=500&step=play")
            ready(page)
            page.evaluate("probe.countFrames()")
            page.wait_for_timeout(1000 * seconds)
            return intervals(page.evaluate("probe.frames"))

    with ThreadPoolExecutor(browsers) as pool:
        shown = [pool.submit(watch) for _ in range(browsers)]
        asyncio.run(hold(server, students, seconds=seconds))
        return [one for watched in shown for one in watched.result()]


def soak_rows(page: str, students: int, minutes: float) -> list[Row]:
    """Steady moves for many minutes: what the server's memory does meanwhile."""
    memory: list[int] = []
    with school(page) as server:
        asyncio.run(hold(server, students, seconds=TRIAL))
        leave(server)
        lesson = asyncio.run(
            hold(server, students, seconds=60 * minutes, every_minute=lambda _: memory.append(server.memory()))
        )
    memory.append(lesson.used["steady"].memory)
    third = max(1, len(memory) // 3)
    growth = float(np.median(memory[-third:]) / np.median(memory[:third]))
    who = f"{students} students for {minutes:g} minutes"
    row = timed(f"{who}, a move each {EVERY:.0f} s, to the last byte", lesson.steady, 150.0, errors=len(lesson.errors))
    return [
        replace(row, note=f"{row.note}; {len(lesson.errors)} errors"),
        Row("memory, minute by minute", "MB", [one / MEGABYTE for one in memory]),
        Row("memory in the last third over that in the first", "", [growth], (), (SOAKED, None)),
    ]
