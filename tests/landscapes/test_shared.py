"""What is shared is computed once, however many threads ask at the same moment, and stays within its bounds."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import numpy as np
import pytest

from landscapes.shared import MEBIBYTE, once, shared, size_of

THREADS = 60


def at_once(act: Callable[[], object]) -> list[object]:
    """The answers of sixty threads that begin at the same moment."""
    start = Barrier(THREADS)

    def begin(_: int) -> object:
        start.wait()
        return act()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


class Counter:
    """Counts calls that take their time; `failing` of them raise."""

    def __init__(self, failing: int = 0) -> None:
        self.calls, self.failing, self.lock = 0, failing, Lock()

    def __call__(self, size: int = 1) -> np.ndarray:
        with self.lock:
            self.calls += 1
            fails = self.calls <= self.failing
        time.sleep(0.05)
        if fails:
            raise ValueError("not this time")
        return np.zeros(size, np.uint8)


def test_sixty_threads_compute_once_and_share_the_result() -> None:
    count = Counter()
    cached = shared(4)(count)
    answers = at_once(lambda: cached(3))
    assert count.calls == 1
    assert all(answer is answers[0] for answer in answers)
    assert (cached.cache_info().misses, cached.cache_info().currsize) == (1, 1)
    cached.cache_clear()
    cached(3)
    assert count.calls == 2


def test_different_questions_do_not_wait_for_each_other() -> None:
    inside = Barrier(2, timeout=10)

    @shared(4)
    def meet(number: int) -> int:
        # Both have to be in here at once, or the barrier breaks.
        inside.wait()
        return number

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(meet, (1, 2))) == [1, 2]


def test_a_failure_reaches_who_computed_and_the_next_one_tries() -> None:
    count = Counter(failing=2)
    cached = shared(4)(count)

    def ask() -> object:
        try:
            return cached()
        except ValueError as error:
            return str(error)

    answers = at_once(ask)
    assert count.calls == 3
    assert [answer for answer in answers if isinstance(answer, str)] == ["not this time"] * 2


def test_a_key_of_its_own_says_what_equal_results_have_in_common() -> None:
    count = Counter()
    cached = shared(4, key=lambda size: size % 2)(count)
    assert len(cached(3)) == len(cached(5)) == 3
    assert count.calls == 1


def test_the_oldest_results_make_room_by_count_and_by_bytes() -> None:
    few, small = Counter(), Counter()
    by_count, by_bytes = shared(2)(few), shared(mebibytes=2)(small)
    for size in (1, 2, 3, 1):
        by_count(size)
    assert few.calls == 4
    third = MEBIBYTE * 3 // 4
    for size in (third, third + 1, third, third + 2, third, third + 1):
        by_bytes(size)
    assert small.calls == 4
    assert by_bytes.cache_info().currsize <= 2 * MEBIBYTE


def test_what_is_too_large_to_keep_is_answered_all_the_same() -> None:
    count = Counter()
    cached = shared(mebibytes=1)(count)
    assert len(cached(2 * MEBIBYTE)) == len(cached(2 * MEBIBYTE)) == 2 * MEBIBYTE
    assert count.calls == 2 and cached.cache_info().currsize == 0


@pytest.mark.parametrize(
    "value", [np.zeros(1000), {"a": np.zeros(500), "b": (np.zeros(500),)}, [b"x" * 8000], Counter()]
)
def test_size_counts_what_is_inside(value: object) -> None:
    inside = 0 if isinstance(value, Counter) else 8000
    assert inside <= size_of(value) <= inside + 2000


def test_a_property_is_computed_once_for_each_object() -> None:
    count = Counter()

    class Thing:
        @once
        def part(self) -> np.ndarray:
            return count()

    one, other = Thing(), Thing()
    answers = at_once(lambda: one.part)
    assert count.calls == 1
    assert all(answer is answers[0] for answer in answers)
    assert other.part is not one.part
