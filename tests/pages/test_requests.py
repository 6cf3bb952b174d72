"""What the stage asked for counts once, and in a session that begins only where nobody has gone on since."""

from types import SimpleNamespace
from typing import Any

import pytest

from pages.parts import settings

ADDRESS = {"learning_rate": "0.015"}
ASKED = {"seq": 7, "settings": {"learning_rate": 0.016}, "address": ADDRESS}


class Session:
    """A session of a browser with an address."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, address: dict[str, str]) -> None:
        query = SimpleNamespace(to_dict=lambda: dict(address))
        monkeypatch.setattr(settings, "st", SimpleNamespace(session_state={}, query_params=query))

    def takes(self, request: dict[str, Any]) -> bool:
        return settings.is_new("stage", request)


def test_a_request_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(monkeypatch, {})
    assert not session.takes({})
    assert session.takes(ASKED)
    assert not session.takes(ASKED)
    assert session.takes(ASKED | {"seq": 8})


def test_a_new_process_answers_what_the_one_before_did_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Session(monkeypatch, ADDRESS).takes(ASKED)
    assert Session(monkeypatch, ADDRESS).takes(ASKED | {"address": ADDRESS | {"embed": "true"}})


def test_a_new_process_does_not_go_back_to_what_the_one_before_has_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(monkeypatch, {"learning_rate": "0.016"})
    assert not session.takes(ASKED)
    assert not session.takes(ASKED)
    assert session.takes(ASKED | {"seq": 8})
