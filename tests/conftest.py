"""What holds for every test."""

from pathlib import Path

import hypothesis
import pytest

# The same examples in every run, and no deadline: the first example of a surface pays for its compilation.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.load_profile("suite")

BROWSER = Path(__file__).parent / "browser"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests share a server and a Chromium, so they stay in one worker; as the longest group they go first."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker("browser")
            item.add_marker(pytest.mark.xdist_group("browser"))
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
