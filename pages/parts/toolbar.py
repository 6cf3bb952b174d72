"""What is done with a state as a whole: it is shared, taken along, or brought back."""

import streamlit as st

from pages.parts.export import export_menu
from pages.parts.lesson import Lesson, Reading
from pages.parts.share import link, share_menu
from pages.parts.state import StateError, read_state

TEXT, FILE, WRONG, FOUND = "open_text", "open_file", "open_wrong", "open_found"


def toolbar(lesson: Lesson, reading: Reading) -> None:
    """A row of buttons; what is behind one is made when it is opened."""
    _follow(lesson)
    for label, icon, fill in (
        ("Share", "link", share_menu),
        ("Export", "download", lambda: export_menu(lesson, reading, link())),
        ("Open", "folder_open", _open_menu),
    ):
        box = st.popover(label, icon=f":material/{icon}:", key=f"tool_{label}", on_change="rerun")
        if box.open:
            with box:
                fill()


def _open_menu() -> None:
    with st.form("open_form", border=False):
        st.text_area("A link, of any host, or the text of a state file", key=TEXT, height=100)
        st.file_uploader("Or a state file", "json", key=FILE, max_upload_size=1)
        st.form_submit_button("Open", on_click=_opened)
    if WRONG in st.session_state:
        st.error(st.session_state[WRONG], icon=":material/error:")


def _opened() -> None:
    """Read what was brought; what cannot be read changes nothing but the message."""
    st.session_state.pop(WRONG, None)
    file = st.session_state.get(FILE)
    try:
        text = file.getvalue().decode("utf-8-sig") if file else st.session_state[TEXT]
        if not text.strip():
            raise StateError("Paste a link, or choose a file.")
        st.session_state[FOUND] = read_state(text)
    except UnicodeDecodeError:
        st.session_state[WRONG] = "The file is not text."
    except StateError as error:
        st.session_state[WRONG] = str(error)


def _follow(lesson: Lesson) -> None:
    """Go to a state that was brought."""
    if FOUND not in st.session_state:
        return
    page, settings = st.session_state.pop(FOUND)
    if page != lesson.key:
        st.switch_page(st.Page(f"{page}.py"), query_params=settings)
    st.query_params.from_dict(settings)
    st.rerun()
