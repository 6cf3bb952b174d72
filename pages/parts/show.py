"""Shows a lesson: its links, its choices, its stage, its code, and what the page says about the same state."""

from collections.abc import Callable, Collection
from datetime import timedelta

import streamlit as st

from pages.parts.code import show_code
from pages.parts.lesson import Lesson, Reading, address
from pages.parts.live import asked, read, respond
from pages.parts.menus import choices, links
from pages.parts.racers import editor
from pages.parts.settings import is_new, write
from pages.parts.share import bring_back, hidden, hide
from pages.parts.toolbar import toolbar
from stage import Setup, stage
from stage.component import request_of

Below = Callable[[Setup], None]


def nothing(setup: Setup) -> None:
    """Below the stage of a page that says nothing about its state."""


def show(lesson: Lesson, below: Below | None = None) -> Reading:
    """The lesson's links, its choices, its stage and its code; what the page says below is about the same state.

    With `below` a hand that lets go on the stage runs only the stage, the code and `below` again. Without it the whole
    page follows the state that is returned.
    """
    head = st.container(horizontal=True, horizontal_alignment="right", key="stage_head")
    before, tools = head.container(width="stretch"), head.container(horizontal=True, width="content", key="stage_tools")
    if not _put_down(lesson):
        # Following a link to the page one is on changes the state but not what the browser shows as its address.
        st.query_params.from_dict(st.query_params.to_dict())
    reading, settings = read(lesson, st.query_params.to_dict())
    without = hidden(settings)
    settings.warn()
    st.session_state[f"{lesson.key}_whole"] = below is None or bool(settings.messages)
    hide(without)
    with before:
        if "links" not in without:
            links(lesson)
    with tools:
        bring_back(without)
        if not st.context.is_embedded:
            toolbar(lesson, reading)
    if "menus" not in without:
        choices(lesson, reading)
        if lesson.races:
            editor(reading)
    _stage(lesson, below, without)
    if "text" in without:
        st.stop()
    return reading


# A page with something that runs by itself, however seldom, is run anew by the front end over a new connection. Another
# process behind the same link, or a new one, would not know this fragment otherwise, and would not answer the stage.
@st.fragment(run_every=timedelta(days=1))
def _stage(lesson: Lesson, below: Below | None, without: Collection[str]) -> None:
    put_down = _put_down(lesson)
    if put_down and _all_follows(lesson):
        st.rerun()
    reading = put_down or read(lesson, st.query_params.to_dict())[0]
    stage(lesson.key, respond(lesson, reading, request_of(lesson.key), brief=True))
    if "code" not in without:
        show_code(reading.setup)
    if below and "text" not in without:
        below(reading.setup)


def _all_follows(lesson: Lesson) -> bool:
    """True where something around the stage says what its state is: a complaint about the address, an open menu."""
    told = [f"{lesson.key}_whole", *(f"tool_{label}" for label in ("Share", "Export", "Open"))]
    return any(st.session_state.get(name) for name in told)


def _put_down(lesson: Lesson) -> Reading | None:
    """The state that the stage has asked for since the last run, once it is in the address; None without one."""
    request = request_of(lesson.key)
    if not is_new(lesson.key, request):
        return None
    reading, settings = read(lesson, {**st.query_params, **asked(request)})
    # The address keeps what it hides.
    hidden(settings)
    strangers = dict.fromkeys(set(st.query_params) - settings.known)
    write({**strangers, **address(lesson, reading)})
    return reading
