"""What is computed before anyone asks: first what every lesson opens on, then what its links lead to."""

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from threading import Event, Thread

from pages.parts.course import Sheet, course
from pages.parts.lesson import Lesson, Reading, lessons
from pages.parts.live import respond
from pages.parts.settings import Settings

log = logging.getLogger(__name__)
VARIABLE = "WARM_UP"
EXTENTS = ("all", "openings", "nothing")
"""What that variable of the environment may say; the rest is left to whoever asks first. A small machine may not hold
all, and tests start many servers and visit few pages."""
USED_WHERE_LOADED = ("pandas", "PIL.Image")
"""What Plotly looks for among the modules, where it also finds one that another thread has only begun to load."""
SWITCH = 5e-4
"""Seconds after which a thread gives the interpreter's lock to one that waits for it."""
COLLECTIONS = 100
"""Of the middle generation for one of everything."""


def extent() -> str:
    """How much is computed before anyone asks; ``ValueError`` where that is not one of `EXTENTS`."""
    told = os.environ.get(VARIABLE, EXTENTS[0])
    if told not in EXTENTS:
        raise ValueError(f"{VARIABLE} must be one of {', '.join(EXTENTS)}, not {told!r}")
    return told


def warm_up() -> None:
    """Compile and keep what the pages open on: no visitor waits for that."""
    told = extent()
    for module in USED_WHERE_LOADED:
        import_module(module)
    if told == "nothing":
        return
    for sheet in course().values():
        if isinstance(sheet, Sheet):
            for opening_of_sheet in sheet.prepare[:1]:
                opening_of_sheet()
    for lesson in lessons().values():
        opening = lesson.read(Settings({}))
        _look(lesson, opening, opening.served[0].name)
        respond(lesson, opening, {}, brief=True)


def take_turns() -> None:
    """Let no thread keep the interpreter to itself for long, while it traces a new function or collects garbage.

    A thread that waits for the interpreter's lock has it after half a millisecond, not five: a move passes from thread
    to thread some ten times. Collections of everything, which stop all threads for a quarter of a second, come ten
    times more seldom than by default; what runs leave behind is mostly collected by the smaller ones.
    """
    sys.setswitchinterval(SWITCH)
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, COLLECTIONS)


def freeze() -> None:
    """What was made until now lives as long as the server: frozen, it is never walked again by a collection."""
    gc.collect()
    gc.freeze()


class Rest:
    """Everything else, one piece after another in a thread of its own, while the first visitors come."""

    def __init__(self) -> None:
        self.done = Event()
        self._stop = Event()

    def start(self) -> None:
        if extent() != "all":
            self.done.set()
        else:
            Thread(target=self._run, name="warm-up", daemon=True).start()

    def stop(self) -> None:
        """Finish after the piece at work."""
        self._stop.set()

    def _run(self) -> None:
        for piece in _pieces():
            if self._stop.is_set():
                return
            try:
                piece()
            except Exception:
                # Its first visitor will see why; the other pieces are no worse for it.
                log.exception("the warm-up could not compute %s", piece)
        freeze()
        self.done.set()


def _pieces() -> Iterator[Callable[[], object]]:
    for lesson in lessons().values():
        opening = lesson.read(Settings({}))
        for live in opening.served:
            yield partial(_look, lesson, opening, live.name)
        for preset in lesson.presets:
            yield partial(_follow, lesson, preset.query)
    # Last, for some of it takes half a minute, behind a progress bar where a visitor was faster.
    for page in course().values():
        yield from page.prepare


def _follow(lesson: Lesson, query: dict[str, str]) -> None:
    reading = lesson.read(Settings(query))
    _look(lesson, reading, reading.served[0].name)


def _look(lesson: Lesson, reading: Reading, over: str) -> None:
    respond(lesson, reading, {"over": over}).gzip()
