"""What holds for every test."""

from pathlib import Path

import hypothesis
import pytest

from tests.compilations import compilations  # noqa: F401

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
