"""Settings in the address: every state of a page is a link, and whatever a link says is checked here.

A value that cannot be shown is replaced by the nearest one that can, and `messages` tells the visitor so.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from landscapes import SURFACES, ExpressionError, find_surface
from landscapes.knobs import Knob
from landscapes.surface import Box
from pages.parts.words import number

LONGEST = 24
PLAY = "play"
EMBEDDING = ("embed", "embed_options")
"""What Streamlit keeps to itself of an address."""


def quoted(text: str) -> str:
    """A visitor's text within a message: shortened, and as code, so that nothing in it is read as Markdown."""
    # An empty line would end the code.
    text = " ".join(text.split())
    short = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return f"`{short.replace('`', '′')}`"


@dataclass
class Settings:
    """What the address says, name by name; `messages` collects what had to be replaced."""

    said: Mapping[str, str]
    messages: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    def text(self, name: str) -> str | None:
        """What the address says under a name; None where it says nothing."""
        self.known.add(name)
        return self.said.get(name)

    def choices(self, name: str, options: Collection[str], default: Sequence[str], most: int = 8) -> tuple[str, ...]:
        """The space- or comma-separated keys under `name`: those that exist, each once, at most `most`."""
        text = self.text(name)
        if text is None:
            return tuple(default)
        wanted = list(dict.fromkeys(text.replace(",", " ").split()))
        for unknown in [key for key in wanted if key not in options][:3]:
            self.messages.append(f"There is no {name.removesuffix('s')} called {quoted(unknown)}.")
        known = [key for key in wanted if key in options]
        if len(known) > most:
            self.messages.append(f"At most {most} {name} at once: the first {most} are shown.")
        return tuple(known[:most]) or tuple(default)

    def choice(self, name: str, options: Collection[str], default: str) -> str:
        """The key under `name`, the default where it is not among `options`."""
        return self.choices(name, options, (default,))[0]

    def surface(self, default: str, *, typed: bool) -> str:
        """The key of a surface; where that is allowed, of a typed one, which is ``=`` and its text."""
        text = self.text("surface")
        if text is None or not (typed and text.startswith("=")):
            return self.choice("surface", SURFACES, default)
        try:
            return find_surface(text).key
        except ExpressionError:
            self.messages.append(f"{quoted(text[1:])} cannot be read as a function of x and y.")
            return default

    def flags(self, name: str, options: Collection[str], default: Sequence[str]) -> tuple[str, ...]:
        """Like `choices`, but nothing at all is an answer too."""
        return () if self.text(name) == "" else self.choices(name, options, default)

    def number(self, knob: Knob, default: float) -> float:
        """The number under the knob's name, moved into its range."""
        text = self.text(knob.name)
        found = default if text is None else self.value(knob, text, default)
        return default if found is None else found

    def value(self, knob: Knob, text: str, default: float | None) -> float | None:
        """The number that a text is, moved into the knob's range; `default` where it is none."""
        value = _parse(text)
        if value is None:
            instead = "it is left out" if default is None else f"{number(default)} is used"
            self.messages.append(f"{knob.label} = {quoted(text)} is not a number; {instead}.")
            return default
        if knob.contains(value):
            return value
        nearest = knob.clip(value)
        self.messages.append(
            f"{knob.label} = {quoted(text)} is {'not a whole number in' if knob.whole else 'outside'} "
            f"{number(knob.low)} … {number(knob.high)}; "
            f"{number(nearest)} is used."
        )
        return nearest

    def step(self, steps: int, default: int | None) -> int | None:
        """The step at the cursor, moved into the run; None for ``play``."""
        text = self.text("step")
        if text is None or text == PLAY:
            return default if text is None else None
        value = _parse(text)
        if value is None:
            self.messages.append(f"step = {quoted(text)} is neither a step from 0 to {steps} nor “{PLAY}”.")
            return default
        nearest = int(min(max(value, 0), steps))
        if nearest != value:
            self.messages.append(f"step = {quoted(text)} is not a step from 0 to {steps}; {nearest} is shown.")
        return nearest

    def point(self, box: Box, default: tuple[float, float], names: tuple[str, str] = ("x", "y")) -> tuple[float, float]:
        """The point under two names, by default the start's, moved into the box."""
        knobs = (Knob(*box[:2], name=names[0]), Knob(*box[2:], name=names[1]))
        return (self.number(knobs[0], default[0]), self.number(knobs[1], default[1]))

    def warn(self) -> None:
        """Show what had to be replaced, and what the page does not know."""
        # There on every run: what follows is mounted anew by the browser wherever its place among the others changes.
        place = st.container()
        strangers = sorted(set(self.said) - self.known)
        if strangers:
            self.messages.append(f"This page has no setting {', '.join(quoted(name) for name in strangers[:3])}.")
        if self.messages:
            place.warning("  \n".join(self.messages), icon=":material/link_off:")


def short(value: float) -> str:
    """A number as the address has it."""
    return repr(value).removesuffix(".0")


def _parse(text: str) -> float | None:
    try:
        value = float(text.replace("−", "-"))
    except ValueError:
        return None
    return None if math.isnan(value) else value


def write(values: Mapping[str, str | None]) -> None:
    """Put settings into the address in one go; None takes one out."""
    before = dict(st.query_params)
    after = {k: v for k, v in {**before, **values}.items() if v is not None}
    if after != before:
        st.query_params.from_dict(after)


def is_new(key: str, request: Mapping[str, Any]) -> bool:
    """True where the stage under `key` has asked for something since the last run: other reruns have another cause.

    To a session that begins, the browser repeats what it asked last. The process before may have answered that, and the
    visitor gone on: it counts only while the address is the one that it was asked under.
    """
    seen = f"{key}_seq"
    begins, before = seen not in st.session_state, st.session_state.get(seen)
    st.session_state[seen] = request.get("seq")
    if not request or request["seq"] == before:
        return False
    now = {name: value for name, value in (request.get("address") or {}).items() if name not in EMBEDDING}
    return not begins or now == st.query_params.to_dict()
