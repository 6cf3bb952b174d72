"""Compiled programs, of which a process keeps those used last: each takes a megabyte or more until it is let go."""

import inspect
from collections.abc import Callable
from functools import lru_cache, partial, wraps
from typing import Any, TypeVar

import jax

R = TypeVar("R")

PROGRAMS = 160
"""Programs that are kept, each for the few shapes it is asked for. One more takes the place of the one that was not
used for the longest time, which comes back from the cache on disk within 0.1 s."""

BRIEF = {"xla_backend_optimization_level": 0}
"""Options of a program of which no run takes nearly as long as its compilation: that takes a fraction of the time, and
a run two or three times as long."""


@lru_cache(maxsize=PROGRAMS)
def _compiled(function: Callable[..., Any], of: tuple[Any, ...], options: tuple[tuple[str, Any], ...]) -> Any:
    return jax.jit(partial(function, *of), compiler_options=dict(options))


def program(*names: str, **options: Any) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """A function compiled anew for each value of its first parameters, whose `names` these are.

    That is `jax.jit` with `static_argnames`, except for what it keeps: JAX bounds that by the number of calls that
    differ in any way, which is thousands. All arguments are given by position. `options` are XLA's. ``TypeError`` where
    the function does not begin with those parameters.
    """

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        if list(inspect.signature(function).parameters)[: len(names)] != list(names):
            raise TypeError(f"{function.__name__} must begin with {', '.join(names)}")

        given = tuple(options.items())

        @wraps(function)
        def call(*args: Any) -> R:
            compiled = _compiled(function, args[: len(names)], given)
            answer: R = compiled(*args[len(names) :])
            return answer

        return call

    return decorate
