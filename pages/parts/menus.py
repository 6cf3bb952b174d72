"""Menus that are views of the address: it is written when one changes, and they are set from it on every run."""

from collections.abc import Callable, Collection
from typing import Any

import streamlit as st

from landscapes import SURFACES
from landscapes.knobs import Knob
from optim import OPTIMIZERS
from pages.parts.lesson import RATES, STEPS, Lesson
from pages.parts.settings import Settings, write
from stage import Setup
from stage.scene import title_of


def choices(lesson: Lesson, setup: Setup) -> None:
    """What is raced on what, and how far."""
    columns = st.columns([2.2, 4, 1.6, 1])
    _menu(
        columns[0],
        "surface",
        setup.surface,
        lambda box, **menu: box.selectbox(
            "Surface", list(SURFACES), format_func=lambda key: SURFACES[key].title, **menu
        ),
        resets=True,
        others=lesson.others,
    )
    _menu(
        columns[1],
        "optimizers",
        [racer.key for racer in setup.racers],
        lambda box, **menu: box.multiselect(
            "Optimizers",
            list(dict.fromkeys((*OPTIMIZERS, *lesson.wrapped, *(racer.key for racer in setup.racers)))),
            format_func=title_of,
            max_selections=8,
            help="The sliders belong to the first.",
            **menu,
        ),
    )
    _menu(
        columns[2],
        "rates",
        "same" if setup.same_rate else "tuned",
        lambda box, **menu: box.selectbox(
            "Learning rates", list(RATES), format_func=RATES.__getitem__, disabled=len(setup.racers) < 2, **menu
        ),
    )
    _menu(
        columns[3], "steps", str(setup.steps), lambda box, **menu: box.selectbox("Steps", list(map(str, STEPS)), **menu)
    )


def _menu(
    box: Any, name: str, value: Any, make: Callable[..., Any], resets: bool = False, others: Collection[str] = ()
) -> None:
    key = f"menu_{name}"
    st.session_state[key] = value

    def changed() -> None:
        chosen = st.session_state[key]
        text = " ".join(chosen) if isinstance(chosen, list) else chosen
        kept = {"optimizers", "rates", "steps", "height", "show", *others}
        # Another surface has another box, other knobs, and another scale for the rate.
        dropped = [other for other in st.query_params if resets and other not in kept]
        write({**dict.fromkeys(dropped), name: text or None})

    make(box, key=key, on_change=changed)


def setting(knob: Knob, help: str) -> int:
    """A slider for a whole number of the page's own, in the address under the knob's name."""
    settings = Settings(st.query_params)
    now = round(settings.number(knob, knob.default))
    if settings.messages:
        st.warning("  \n".join(settings.messages), icon=":material/link_off:")
    key = f"setting_{knob.name}"
    st.session_state[key] = now

    def changed() -> None:
        chosen = st.session_state[key]
        write({knob.name: None if chosen == knob.default else str(chosen)})

    return int(st.slider(knob.label.capitalize(), int(knob.low), int(knob.high), key=key, help=help, on_change=changed))
