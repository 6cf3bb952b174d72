"""Results that many people share: computed once however many ask at the same moment, and kept within bounds."""

from collections.abc import Callable, Hashable
from functools import cached_property
from threading import Condition, RLock
from typing import Any, ParamSpec, Protocol, TypeVar, cast, overload

import numpy as np
from cachetools import LRUCache, cached
from cachetools.keys import hashkey

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
V = TypeVar("V")
MEBIBYTE = 2**20
SMALL = 256
"""Bytes that a number, a name or the shell of an object is counted as."""


class Shared(Protocol[P, R_co]):
    """A function with a cache, as `functools.lru_cache` makes them."""

    @property
    def __wrapped__(self) -> Callable[P, R_co]: ...
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co: ...
    def cache_clear(self) -> None: ...
    def cache_info(self) -> Any: ...


def shared(
    entries: int = 0, *, mebibytes: int = 0, key: Callable[..., Hashable] = hashkey
) -> Callable[[Callable[P, R]], Shared[P, R]]:
    """Keeps the results used last, at most so many `entries` or so many `mebibytes` of them.

    `functools.lru_cache` computes as often as threads ask at once. Here the first one computes and the others wait for
    its result; where it raises, the next one tries. `key` makes of the arguments what equal results have in common.
    Results are shared objects: nobody may change one.
    """
    size = size_of if mebibytes else None
    cache: LRUCache[Any, Any] = LRUCache(mebibytes * MEBIBYTE if mebibytes else entries, size)

    def decorate(function: Callable[P, R]) -> Shared[P, R]:
        return cast(Shared[P, R], cached(cache, key, condition=Condition(), info=True)(function))

    return decorate


class once(cached_property[V]):
    """A `functools.cached_property` that the first thread computes while the others wait."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> "once[V]": ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> V: ...

    def __get__(self, instance: object, owner: type[Any] | None = None) -> "once[V] | V":
        if instance is None:
            return self
        with instance.__dict__.setdefault("_once", RLock()):
            return super().__get__(instance, owner)


def size_of(value: Any) -> int:
    """Bytes of the arrays and texts in a result, through containers and attributes."""
    if isinstance(value, np.ndarray):
        return value.nbytes + SMALL
    if isinstance(value, str | bytes):
        return len(value) + SMALL
    if isinstance(value, dict):
        return SMALL + sum(size_of(one) for one in value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return SMALL + sum(size_of(one) for one in value)
    return SMALL + sum(size_of(one) for one in getattr(value, "__dict__", {}).values())
