"""One palette for paths, curves and points: `.streamlit/config.toml` has it, for light pages and for dark ones.

Okabe and Ito's colours, told apart with every common kind of colour blindness; lighter where the page is dark.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import streamlit as st

Theme = Literal["light", "dark"]

PALETTE = tuple(f"#{place:06}" for place in range(1, 9))
"""Places in it. Streamlit's own figures have such places too: the browser puts the colours of its theme there."""
ORANGE, BLUE, GREEN, PINK, OCHRE, SKY, OLIVE, GREY = PALETTE
FAINT = "#8a9199"
"""For what is beside the point, on both kinds of page."""


def theme() -> Theme:
    """What the visitor's page is."""
    return "dark" if st.context.theme.type == "dark" else "light"


@dataclass(frozen=True)
class Look:
    """A page's colours themselves, for pictures that are made here; `halo` sets a path off from what it crosses."""

    paper: str
    ink: str
    faint: str
    edge: str
    level: str
    halo: str
    racers: tuple[str, ...]


@cache
def look(theme: Theme) -> Look:
    """How a light or a dark page looks."""

    def option(name: str) -> str:
        return str(st.get_option(f"theme.{theme}.{name}"))

    quiet = {
        "light": ("#5a6675", "#aab4c0", "#7f8fa6", "#ffffff"),
        "dark": ("#9aa7b4", "#4b5967", "#61788f", "#080c14"),
    }
    racers = tuple(st.get_option(f"theme.{theme}.chartCategoricalColors"))
    return Look(option("backgroundColor"), option("textColor"), *quiet[theme], racers)
