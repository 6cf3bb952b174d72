"""Menus that are views of the address: it is written when one changes, and they are set from it on every run."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from landscapes import SURFACES
from landscapes.knobs import Knob
from optim import OPTIMIZERS
from pages.parts.course import Page, Sheet
from pages.parts.entries import MOST, Entry
from pages.parts.lesson import RATES, STEPS, STOPPING, Lesson, Reading
from pages.parts.lineup import arranged, fresh, judged
from pages.parts.settings import Settings, short, write
from pages.parts.typed import typed_surface
from pages.parts.words import number
from stage.setup import describe, title_of

RATES_HELP = (
    "As set: racers without a rate of their own have that of the slider. Tuned: each has the best of a sweep over the "
    "whole slider from this start, with equal budgets. A slider that is moved by hand holds in every case."
)
STOP_NAMES = [knob.name for knob in STOPPING.values()]
POSITIONS = 61
"""Of a slider over powers of ten."""


def choices(lesson: Lesson, reading: Reading) -> None:
    """What is raced on what, and how far."""
    setup = reading.setup
    others = {**dict.fromkeys(lesson.others), "optimizers": fresh(reading.entries, lesson.optimizers)}

    def now() -> Reading:
        # A slider may have moved since this part of the page was run.
        return lesson.read(Settings(st.query_params.to_dict()))

    if lesson.typed:
        typed_surface(lesson.key, st.query_params.get("surface"), lambda key: _choose_surface(key, others))
    columns = st.columns([2.2, 4, 1.6, 1])
    bound(
        columns[0],
        "surface",
        setup.surface,
        lambda box, **menu: box.selectbox(
            "Surface",
            list(dict.fromkeys((*SURFACES, setup.surface))),
            format_func=lambda key: SURFACES[key].title if key in SURFACES else f"typed: {key[1:]}",
            **menu,
        ),
        changes=lambda key: _choose_surface(key, others),
    )
    keys = [racer["key"] for racer in describe(setup)]
    titles = dict(zip(keys, setup.titles, strict=True))
    bound(
        columns[1],
        "optimizers",
        keys,
        lambda box, **menu: box.multiselect(
            "Optimizers",
            list(dict.fromkeys((*OPTIMIZERS, *lesson.wrapped, *keys))),
            format_func=lambda key: titles[key] if key in titles else title_of(key),
            max_selections=MOST,
            help="The sliders belong to the first.",
            **menu,
        ),
        changes=lambda chosen: write(
            arranged(now(), [keys.index(key) if key in keys else Entry(key) for key in chosen])
        ),
    )
    bound(
        columns[2],
        "rates",
        reading.rates,
        lambda box, **menu: box.selectbox(
            "Learning rates", list(RATES), format_func=RATES.__getitem__, help=RATES_HELP, **menu
        ),
        changes=lambda chosen: write(judged(now(), chosen)),
    )
    bound(
        columns[3], "steps", str(setup.steps), lambda box, **menu: box.selectbox("Steps", list(map(str, STEPS)), **menu)
    )


def _choose_surface(key: str, others: Mapping[str, str | None]) -> None:
    kept = {"rates", "steps", "height", "show", "hide", *STOP_NAMES, *others}
    # Another surface has another box, other knobs, and another scale for the rate.
    dropped = [name for name in st.query_params if name not in kept]
    write({**dict.fromkeys(dropped), "optimizers": others["optimizers"], "surface": key})


def bound(
    box: Any, name: str, value: Any, make: Callable[..., Any], changes: Callable[[Any], None] | None = None
) -> None:
    """A widget that shows `value` on every run; what is chosen goes to `changes`, by default into the address."""
    key = f"menu_{name}"
    st.session_state[key] = value

    def changed() -> None:
        chosen = st.session_state[key]
        if changes:
            changes(chosen)
        else:
            write({name: chosen or None})

    make(box, key=key, on_change=changed)


def links(page: Page) -> None:
    """The page's links, numbered in a teacher's order."""
    # What a link hides stays hidden on the way through a lesson.
    hidden = {"hide": st.query_params["hide"]} if "hide" in st.query_params else {}
    with st.container(horizontal=True, gap="small"):
        for number, preset in enumerate(page.presets, 1):
            st.page_link(
                st.Page(f"{page.key}.py"),
                label=f"{number}. {preset.label}",
                icon="",
                help=preset.about,
                query_params={**hidden, **preset.query},
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
    bound(
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
        write({knob.name: None if chosen == knob.default else short(chosen)})

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
