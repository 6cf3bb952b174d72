"""What holds for every test."""

from pathlib import Path

import hypothesis
import pytest

from tests.compilations import compilations  # noqa: F401

# The same examples in every run, and no deadline: the first example of a surface pays for its compilation.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.load_profile("suite")

HERE = Path(__file__).parent
BROWSER = HERE / "browser"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests go first. A file's tests stay in one worker, which has one server and one Chromium for them, and
    has compiled what the next one calls; so do those that say themselves what they share."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker("browser")
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(HERE))))
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
