"""Menus that are views of the address: it is written when one changes, and they are set from it on every run."""

from collections.abc import Callable, Collection
from typing import Any

import streamlit as st

from landscapes import SURFACES
from landscapes.knobs import Knob
from optim import OPTIMIZERS
from pages.parts.course import Page, Sheet
from pages.parts.lesson import RATES, STEPS, Lesson
from pages.parts.settings import Settings, write
from pages.parts.typed import typed_surface
from pages.parts.words import number
from stage import Setup
from stage.scene import title_of

POSITIONS = 61
"""Of a slider over powers of ten."""


def choices(lesson: Lesson, setup: Setup) -> None:
    """What is raced on what, and how far."""
    if lesson.typed:
        typed_surface(lesson.key, st.query_params.get("surface"), lambda key: _choose_surface(key, lesson.others))
    columns = st.columns([2.2, 4, 1.6, 1])
    _menu(
        columns[0],
        "surface",
        setup.surface,
        lambda box, **menu: box.selectbox(
            "Surface",
            list(dict.fromkeys((*SURFACES, setup.surface))),
            format_func=lambda key: SURFACES[key].title if key in SURFACES else f"typed: {key[1:]}",
            **menu,
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


def _choose_surface(key: str, others: Collection[str]) -> None:
    kept = {"optimizers", "rates", "steps", "height", "show", *others}
    # Another surface has another box, other knobs, and another scale for the rate.
    dropped = [name for name in st.query_params if name not in kept]
    write({**dict.fromkeys(dropped), "surface": key})


def _menu(
    box: Any, name: str, value: Any, make: Callable[..., Any], resets: bool = False, others: Collection[str] = ()
) -> None:
    key = f"menu_{name}"
    st.session_state[key] = value

    def changed() -> None:
        chosen = st.session_state[key]
        text = " ".join(chosen) if isinstance(chosen, list) else chosen
        if resets:
            _choose_surface(text, others)
        else:
            write({name: text or None})

    make(box, key=key, on_change=changed)


def links(page: Page) -> None:
    """The page's links, numbered in a teacher's order."""
    with st.container(horizontal=True, gap="small"):
        for number, preset in enumerate(page.presets, 1):
            st.page_link(
                st.Page(f"{page.key}.py"),
                label=f"{number}. {preset.label}",
                icon="",
                help=preset.about,
                query_params=preset.query,
            )


def open_sheet(sheet: Sheet) -> tuple[dict[str, float], dict[str, str]]:
    """The links of a page without a stage, and its numbers and choices by name, as its address has them."""
    links(sheet)
    settings = Settings(st.query_params)
    read = sheet.read(settings)
    # Following a link to the page one is on changes the state but not what the browser shows as its address.
    st.query_params.from_dict(st.query_params.to_dict())
    settings.warn()
    return read


def menu(sheet: Sheet, name: str, value: str, label: str, help: str | None = None) -> None:
    """A menu for one of the sheet's choices."""
    options = sheet.menus[name]
    _menu(
        st,
        name,
        value,
        lambda box, **menu: box.selectbox(label, list(options), format_func=options.__getitem__, help=help, **menu),
    )


def slider(knob: Knob, value: float, help: str | None = None, whole: bool = False) -> None:
    """A slider for a number of the page's own, in the address under the knob's name."""
    key = f"setting_{knob.name}"
    label = knob.label[:1].upper() + knob.label[1:]

    def changed() -> None:
        chosen = st.session_state[key]
        write({knob.name: None if chosen == knob.default else repr(chosen).removesuffix(".0")})

    if knob.log:
        spaced = {float(f"{position:.3g}") for position in knob.positions(POSITIONS)}
        st.session_state[key] = value
        positions = sorted(spaced | {knob.default, value})
        st.select_slider(label, positions, key=key, help=help, on_change=changed, format_func=number)
        return
    kind = int if whole else float
    st.session_state[key] = kind(value)
    st.slider(label, kind(knob.low), kind(knob.high), key=key, help=help, on_change=changed)


def setting(knob: Knob, help: str) -> int:
    """A slider for a whole number that belongs to one part of a page; returns it."""
    settings = Settings(st.query_params)
    now = round(settings.number(knob, knob.default))
    if settings.messages:
        st.warning("  \n".join(settings.messages), icon=":material/link_off:")
    slider(knob, now, help, whole=True)
    return now
