"""The box for a typed function of x and y: what it understands becomes the surface, what it cannot read stays in it."""

from collections.abc import Callable

import streamlit as st

from landscapes import ExpressionError, find_surface
from landscapes.grammar import FUNCTIONS

EXAMPLE = "x^2 + 2*y^2 + a*sin(3x)*cos(2y)"
AROUND = 14
"""Characters shown on each side of the place of an error."""


def typed_surface(key: str, said: str | None, choose: Callable[[str], None]) -> None:
    """The box. `said` is the surface's key in the address; `choose` is called with the key of a function that is read.

    A text that cannot be read stays in the box with its complaint below, and the picture stays what it was.
    """
    box, draft = f"{key}_typed", f"{key}_draft"
    kept = st.session_state.get(draft)
    if kept is not None and kept[1] != said:
        del st.session_state[draft]
        kept = None
    st.session_state[box] = kept[0] if kept else said[1:] if said and said.startswith("=") else ""

    def entered() -> None:
        text = st.session_state[box].strip()
        if not text:
            st.session_state.pop(draft, None)
            return
        if complaint(text):
            st.session_state[draft] = (text, said)
            return
        st.session_state.pop(draft, None)
        choose(find_surface(f"={text}").key)

    st.text_input(
        "Your own f(x, y)",
        key=box,
        placeholder=EXAMPLE,
        on_change=entered,
        help=f"Numbers, x, y, pi, e, sliders a to d, + - * / ^ and {', '.join(sorted(FUNCTIONS))}.",
    )
    # There on every run, so that a complaint does not move the stage to another place, where it would be drawn anew.
    below = st.container()
    if kept:
        # As code: what was typed is in it, and the mark below it needs letters of one width.
        below.code(complaint(kept[0]), language=None, wrap_lines=True)


def complaint(text: str) -> str:
    """Why a text cannot be read, under the part of it where that is; empty where it can."""
    try:
        find_surface(f"={text}")
    except ExpressionError as error:
        return pointed(text, error)
    return ""


def pointed(text: str, error: ExpressionError) -> str:
    """The error in words, under the place in the text that it is about."""
    message = error.message.replace("`", "'")
    if error.position is None:
        return f"Not drawn: {message}."
    first = max(0, error.position - AROUND)
    return f"{text[first : error.position + AROUND]}\n{' ' * (error.position - first)}^\nNot drawn: {message}."
