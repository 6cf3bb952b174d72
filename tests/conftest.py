"""What holds for every test."""

import gc
from pathlib import Path

import hypothesis
import pytest

from tests.compilations import compilations  # noqa: F401
from tests.workers import SharedApp

# The same examples in every run, and no deadline: the first example of a surface pays for its compilation.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.load_profile("suite")

HERE = Path(__file__).parent
BROWSER = HERE / "browser"


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SharedApp())


def pytest_collection_finish() -> None:
    # What was imported and collected stays to the end: frozen, it is not walked by every collection of garbage.
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A folder's tests stay in one worker, which has compiled for one of them what the next one calls; in the browser's
    folder a file's, which go on in one page, unless they name a group of their own. Where there is one worker only,
    browser tests go first: otherwise pytest-xdist begins with the largest groups, and a server finds on disk what these
    have compiled."""
    for item in items:
        place = item.path.relative_to(HERE)
        if item.path.is_relative_to(BROWSER):
            item.add_marker("browser")
            if not item.get_closest_marker("xdist_group"):
                item.add_marker(pytest.mark.xdist_group(place.name))
        else:
            item.add_marker(pytest.mark.xdist_group(place.parts[0]))
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
