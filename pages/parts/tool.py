"""What a tool of the playground is: its settings in the address, and what it shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from landscapes.knobs import Knob
from pages.parts.course import Sheet
from pages.parts.lesson import Reading
from pages.parts.menus import bound
from pages.parts.settings import Settings

Show = Callable[[Reading, Sheet, Mapping[str, float], Mapping[str, str]], None]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """`show(reading, sheet, numbers, choices)` draws it, from the numbers and choices that `knobs` and `menus` name.

    `names` are settings whose values depend on what is raced: the tool reads them itself.
    """

    show: Show
    knobs: tuple[Knob, ...] = ()
    menus: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: tuple[str, ...] = ()


def option(name: str, options: Mapping[str, str], label: str, default: str) -> str:
    """A menu whose options depend on what is raced; the key that is chosen. What the address has not is the default."""
    settings = Settings(st.query_params)
    found = settings.choice(name, options, default)
    if settings.messages:
        st.warning("  \n".join(settings.messages), icon=":material/link_off:")
    bound(
        st,
        name,
        found,
        lambda box, **menu: box.selectbox(label, list(options), format_func=lambda key: options[key], **menu),
    )
    return found


def racer_option(reading: Reading, which: Callable[[int], bool] = lambda place: True) -> int | None:
    """The menu of the racers that a tool can be used on; the place of the chosen one, None where there is none."""
    titles = reading.setup.titles
    able = {str(place + 1): title for place, title in enumerate(titles) if which(place)}
    return int(option("racer", able, "Racer", next(iter(able)))) - 1 if able else None
