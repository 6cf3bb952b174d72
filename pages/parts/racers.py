"""What a race is made of, under a hand: a small form for each racer, and the rules that all of them run by."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from landscapes.knobs import Knob
from optim import OPTIMIZERS, find_optimizer
from pages.parts.entries import MOST, Entry
from pages.parts.lesson import RATE, SEED, STOPPING, Reading
from pages.parts.lineup import arranged, once_more, renumbered, replaced, restarted, written
from pages.parts.menus import bound
from pages.parts.settings import Settings, short, write
from pages.parts.words import number
from stage.setup import WRAPPERS, wrapper_of

TOLERANCE = Knob(1e-15, 1.0, log=True, name="tolerance", default=1e-3)
"""A racer has arrived when its loss above the lowest known value is this share of the first one."""
RANDOM = ("noise", "batch")
"""Wrappers by which chance decides a path."""
STOP_LABELS = {
    "gradient": "gradient norm below",
    "loss": "change of loss below",
    "step": "step length below",
    "evaluations": "after evaluations",
}
GRADIENTS = {"": "exact", **{key: words for key, (_, words) in WRAPPERS.items()}}


def editor(reading: Reading) -> None:
    """A row of buttons that open the form of each racer, and that of the race."""
    with st.container(horizontal=True, gap="small"):
        for place, title in enumerate(reading.setup.titles):
            form = st.popover(f"{place + 1}. {title}", key=f"racer_{place}", on_change="rerun", icon=":material/tune:")
            if form.open:
                with form:
                    _racer(reading, place)
        rules = st.popover("Rules of the race", key="racer_rules", on_change="rerun", icon=":material/flag:")
        if rules.open:
            with rules:
                _rules(reading)


def tolerance() -> float:
    """The share of the first loss at which a racer has arrived, as the address has it."""
    settings = Settings(st.query_params)
    found = settings.number(TOLERANCE, TOLERANCE.default)
    if settings.messages:
        st.warning("  \n".join(settings.messages), icon=":material/link_off:")
    return found


def _racer(reading: Reading, place: int) -> None:
    setup, entry = reading.setup, reading.entries[place]
    rule, running = find_optimizer(entry.optimizer), setup.racers[place]
    key = f"racer_{place}"

    def other(optimizer: str, wrapper: str) -> None:
        new = Entry(f"{optimizer}:{wrapper}" if wrapper else optimizer, (), entry.start)
        if optimizer == entry.optimizer:
            rest = [*reading.entries[:place], replace(entry, key=new.key), *reading.entries[place + 1 :]]
            write({"optimizers": written(rest)})
        else:
            write(replaced(reading, place, new))

    left, right = st.columns(2)
    titles = {name: known.title for name, known in OPTIMIZERS.items()}
    choice(left, f"{key}_rule", entry.optimizer, "Optimizer", titles, lambda new: other(new, running.wrapper))
    choice(right, f"{key}_gradients", running.wrapper, "Gradients", GRADIENTS, lambda new: other(entry.optimizer, new))
    filled = rule.fill(dict(running.hyper))
    own = dict(running.hyper) if place == 0 else dict(entry.numbers)
    columns = st.columns(2)
    for count, (name, knob) in enumerate(rule.knobs.items()):
        decided = place > 0 and (reading.rates == "defaults" or (reading.rates == "tuned" and name == RATE))
        field(
            columns[count % 2],
            f"{key}_{name}",
            knob,
            None if decided else own.get(name),
            knob.label,
            number(filled[name]),
            partial(_renumber, reading, place, name),
            disabled=decided,
        )
    if place:
        start = entry.start or (None, None)
        for axis, column in enumerate(st.columns(2)):
            knob = Knob(*setup.found.box[2 * axis : 2 * axis + 2], name="xy"[axis])
            field(
                column,
                f"{key}_{knob.name}",
                knob,
                start[axis],
                f"start {knob.name}",
                number(setup.start[axis]),
                partial(_restart, reading, place, axis),
            )
    else:
        st.caption("Its numbers are on the sliders, and its start is the handle on the map.")
    _buttons(reading, place)


def _renumber(reading: Reading, place: int, name: str, value: float | None) -> None:
    write(renumbered(reading, place, name, value))


def _restart(reading: Reading, place: int, axis: int, value: float | None) -> None:
    write(restarted(reading, place, axis, value))


def _buttons(reading: Reading, place: int) -> None:
    count = len(reading.setup.racers)
    others = [one for one in range(count) if one != place]
    doubled: list[int | Entry] = [*range(place + 1), once_more(reading, place), *range(place + 1, count)]
    row = st.container(horizontal=True, gap="small")
    for name, label, icon, possible, picked in (
        ("first", "To the sliders", "vertical_align_top", place > 0, [place, *others]),
        ("again", "Once more", "content_copy", count < MOST, doubled),
        ("remove", "Remove", "delete", count > 1, others),
    ):
        if possible:
            row.button(
                label,
                key=f"racer_{place}_{name}",
                icon=f":material/{icon}:",
                on_click=lambda picked=picked: write(arranged(reading, picked)),
            )


def _rules(reading: Reading) -> None:
    setup = reading.setup
    now = {**dict.fromkeys(STOPPING), **dict(setup.stop)}

    def put(knob: Knob, value: float | None) -> None:
        write({knob.name: None if value is None or value == knob.default else short(value)})

    st.caption("A run stops early")
    columns = st.columns(2)
    for count, (name, knob) in enumerate(STOPPING.items()):
        field(columns[count % 2], knob.name, knob, now[name], STOP_LABELS[name], "never", partial(put, knob))
    st.caption("A racer has arrived when its loss above the lowest known one is this share of the first")
    field(st, TOLERANCE.name, TOLERANCE, tolerance(), "tolerance", "", partial(put, TOLERANCE))
    if any(racer.wrapper in RANDOM and wrapper_of(setup, racer) for racer in setup.racers):
        st.caption("The same seed draws the same noise: a race is replayed exactly")
        field(st, SEED.name, SEED, float(setup.seed), "seed", "", partial(put, SEED))


def choice(box: Any, name: str, now: str, label: str, options: Mapping[str, str], put: Callable[[str], None]) -> None:
    """A menu of options with their titles."""
    bound(
        box,
        name,
        now,
        lambda box, **menu: box.selectbox(label, list(options), format_func=options.__getitem__, **menu),
        put,
    )


def field(
    box: Any,
    name: str,
    knob: Knob,
    now: float | None,
    label: str,
    otherwise: str,
    put: Callable[[float | None], None],
    disabled: bool = False,
) -> None:
    """A box for a number in a knob's range; empty, which is None, it shows what holds `otherwise`."""
    usual = knob.default if knob.default > 0 else 1e-3
    step = (
        1.0 if knob.whole else 10.0 ** (math.floor(math.log10(usual)) - 1) if knob.log else (knob.high - knob.low) / 100
    )
    bound(
        box,
        name,
        now,
        lambda box, **menu: box.number_input(
            label,
            0.0 if knob.zero else float(knob.low),
            float(knob.high),
            step=step,
            format="%.12g",
            placeholder=otherwise,
            disabled=disabled,
            **menu,
        ),
        lambda value: put(None if value is None else knob.clip(value)),
    )
