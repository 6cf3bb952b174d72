"""Counting compilations: a slider that recompiles anything, however small, makes everybody wait."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import current_thread
from typing import Any, TypeAlias

import jax
import pytest

from landscapes import programs

BACKEND_COMPILE = "/jax/core/compile/backend_compile_duration"
OURS = ("MainThread", "basins")
"""Threads that work for the test itself: a page of an earlier test may still compute ahead in one of its own."""
_compiled = [0]


def _listen(event: str, duration: float, **_: object) -> None:
    _compiled[0] += event == BACKEND_COMPILE and current_thread().name.startswith(OURS)


# JAX has no public way to take a listener away, so that there is one for the whole run.
jax.monitoring.register_event_duration_secs_listener(_listen)


Compilations: TypeAlias = Callable[[], AbstractContextManager[list[int]]]


@contextmanager
def _count() -> Iterator[list[int]]:
    before, found = _compiled[0], [0]
    yield found
    found[0] = _compiled[0] - before


@pytest.fixture
def compilations() -> Compilations:
    """``with compilations() as found:`` leaves the number of compilations in ``found[0]``."""
    return _count


def variants(program: Callable[..., Any], *of: Any) -> int:
    """Calls of a program that differ in shapes or types, as JAX counts them; `of` is what it is compiled for."""
    options = inspect.getclosurevars(program).nonlocals["given"]
    return int(programs._compiled(inspect.unwrap(program), of, options)._cache_size())
