"""Shows a lesson: its links, its choices, its stage and its code."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.parts.code import show_code
from pages.parts.lesson import Lesson, Reading, address
from pages.parts.live import asked, respond
from pages.parts.menus import choices, links
from pages.parts.settings import Settings, write
from stage import stage
from stage.component import request_of


def show(lesson: Lesson) -> Reading:
    """The lesson's links, its choices, its stage and its code; what the page says below is about the same state."""
    links(lesson)
    request = request_of(lesson.key)
    put_down = asked(request) if _is_new(lesson, request) else {}
    settings = Settings({**st.query_params, **put_down})
    reading = lesson.read(settings)
    if put_down:
        strangers = dict.fromkeys(set(st.query_params) - settings.known)
        write({**strangers, **address(lesson, reading)})
    else:
        # Following a link to the page one is on changes the state but not what the browser shows as its address.
        st.query_params.from_dict(st.query_params.to_dict())
        settings.warn()
    choices(lesson, reading.setup)
    stage(lesson.key, respond(lesson, reading, request, brief=True))
    show_code(reading.setup)
    return reading


def _is_new(lesson: Lesson, request: Mapping[str, Any]) -> bool:
    """True where the stage has asked for something since the last run: other reruns have another cause."""
    seen = f"{lesson.key}_seq"
    if not request or st.session_state.get(seen) == request.get("seq"):
        return False
    st.session_state[seen] = request.get("seq")
    return True
