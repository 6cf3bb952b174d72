"""What holds for every test."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import hypothesis
import jax
import pytest

# The same examples in every run, and no deadline: the first example of a surface pays for its compilation.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.load_profile("suite")

BROWSER = Path(__file__).parent / "browser"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go first, a file at a time: each worker has one server and one Chromium for all that it gets."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker("browser")
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


BACKEND_COMPILE = "/jax/core/compile/backend_compile_duration"
_compiled = [0]


def _listen(event: str, duration: float, **_: object) -> None:
    _compiled[0] += event == BACKEND_COMPILE


# JAX has no public way to take a listener away, so that there is one for the whole run.
jax.monitoring.register_event_duration_secs_listener(_listen)


@contextmanager
def _count() -> Iterator[list[int]]:
    before, found = _compiled[0], [0]
    yield found
    found[0] = _compiled[0] - before


@pytest.fixture
def compilations() -> Callable[[], AbstractContextManager[list[int]]]:
    """``with compilations() as found:`` leaves the number of compilations in ``found[0]``."""
    return _count
