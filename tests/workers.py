"""What the workers of one run of the tests share: a running app, by the process that hands out the tests."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.browser.harness import Process, app_process

SHARED = "server"
"""Under this name a worker is told the app's address."""


def app() -> Process:
    """The app for browser tests, not started."""
    return app_process(WARM_UP="openings")


class SharedApp:
    """A plugin. The app starts once a worker has found browser tests, while the others are still looking."""

    def __init__(self) -> None:
        self.app = app()

    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput[SHARED] = self.app.address

    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        if self.app.process is None and any(one.startswith("tests/browser/") for one in ids):
            self.app.start()

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        if self.app.process and self.app.process.poll() is not None:
            config.get_terminal_writer().line(f"the app had ended:\n{self.app.said()}")
        self.app.stop()
