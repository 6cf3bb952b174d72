"""A state of a page to take along and to bring back: a small file of JSON, or the link that it came from."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from pages.parts.course import course

KIND = "loss-landscapes state"
VERSION = 1
LARGEST = 20_000
"""Characters of a file or a link at most; the longest state that a page writes has about 3,000."""
MOST = 100
"""Settings at most."""
LONGEST = 2_000
"""Characters of one setting at most."""
OWN = ("embed", "embed_options")
"""Names in an address that are the server's own, and no settings."""


class StateError(ValueError):
    """What was brought is no state of a page here; the message quotes nothing of it."""


def as_json(page: str, settings: Mapping[str, str]) -> bytes:
    """The file."""
    state = {"kind": KIND, "version": VERSION, "page": page, "settings": dict(settings)}
    return json.dumps(state, indent=1, ensure_ascii=False).encode()


def link_to(base: str, settings: Mapping[str, str]) -> str:
    """The link to a page at `base` with its settings."""
    return f"{base}?{urlencode(settings)}" if settings else base


def read_state(text: str) -> tuple[str, dict[str, str]]:
    """Page and settings of a file's text or of a link, wherever the app that wrote it runs.

    ``StateError`` where there is neither, where it is too large, or where there is no such page.
    """
    text = text.strip().removeprefix("\ufeff")
    if len(text) > LARGEST:
        raise StateError(f"This has {len(text):,} characters; a state has at most {LARGEST:,}.")
    page, settings = _of_file(text) if text.startswith("{") else _of_link(text)
    if page not in course():
        raise StateError("It is of a page that is not here.")
    if len(settings) > MOST or any(len(part) > LONGEST for pair in settings.items() for part in pair):
        raise StateError(f"It has more than {MOST} settings, or one of more than {LONGEST:,} characters.")
    if any(not part.isprintable() for pair in settings.items() for part in pair):
        raise StateError("A setting has characters in it that cannot be shown.")
    return page, settings


def _of_file(text: str) -> tuple[str, dict[str, str]]:
    try:
        state = json.loads(text)
    # A thousand brackets within each other are no state either.
    except (json.JSONDecodeError, RecursionError):
        raise StateError("This is not JSON.") from None
    if state.get("kind") != KIND or state.get("version") != VERSION:
        raise StateError("This is JSON, but no state file of this app.")
    page, settings = state.get("page"), state.get("settings")
    if not isinstance(page, str) or not isinstance(settings, dict):
        raise StateError("The file names no page, or has no settings.")
    if not all(isinstance(value, str) for value in settings.values()):
        raise StateError("The settings of a state file are texts.")
    return page, settings


def _of_link(text: str) -> tuple[str, dict[str, str]]:
    try:
        parts = urlsplit(text)
        settings = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise StateError("This is neither a state file nor a link.") from None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise StateError("A link begins with https:// or http://.")
    last = parts.path.rstrip("/").rpartition("/")[2]
    # The first page is at the bare address as well.
    page = last if last in course() else "convexity" if not last else ""
    return page, {name: value for name, value in settings.items() if name not in OWN}
