"""What holds for every test."""

from pathlib import Path

import hypothesis
import pytest

# The same examples in every run, and no deadline: the first example of a surface pays for its compilation.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.load_profile("suite")

BROWSER = Path(__file__).parent / "browser"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Browser tests share a server and a Chromium, so they stay in one worker.

    Told as each is collected: the workers read the groups before any conftest is asked to modify the list.
    """
    if BROWSER in item.path.parents:
        item.add_marker("browser")
        item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest group goes first."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
