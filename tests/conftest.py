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
    """A file's tests stay in one worker, which has one Chromium and one page for them, and has compiled what the next
    one calls; so do those that say themselves what they share. Where there is one worker only, browser tests go first:
    otherwise pytest-xdist begins with the largest files."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker("browser")
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(HERE))))
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
