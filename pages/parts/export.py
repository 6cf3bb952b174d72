"""What can be taken along: the stage as a file that works offline, pictures, numbers, the state, and a script."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import streamlit as st

from landscapes import SURFACES
from pages.parts.colors import theme
from pages.parts.lesson import Lesson, Reading, lessons
from pages.parts.live import respond
from pages.parts.paths import as_csv, as_npz
from pages.parts.picture import gif, png, svg
from pages.parts.script import make_script
from pages.parts.settings import Settings
from pages.parts.state import as_json
from stage.maps import MAPS, map_message
from stage.scene import make_scene
from stage.standalone import standalone

LICENCE = "Made with the loss landscape app (MIT licence) and plotly.js (MIT licence)."


def export_menu(lesson: Lesson, reading: Reading, link: str) -> None:
    """A button for every form. Each is made when it is asked for, and not before."""
    setup, kind, paper = reading.setup, reading.view.height, theme()
    name = f"{lesson.key}_{setup.surface if setup.surface in SURFACES else 'typed'}"
    state = st.query_params.to_dict()
    said = tuple(sorted(state.items()))
    stage, pictures, numbers, rest = st.columns(2), st.columns(3), st.columns(2), st.columns(2)
    _button(
        stage[0], "Interactive page", f"{name}.html", "text/html", lambda: page_file(lesson.key, said, link), "html"
    )
    stage[1].caption("One file that works offline: all sliders, all steps.")
    _button(pictures[0], "PNG", f"{name}.png", "image/png", lambda: png(setup, kind, paper), "image")
    _button(pictures[1], "SVG", f"{name}.svg", "image/svg+xml", lambda: svg(setup, kind, paper), "polyline")
    _button(pictures[2], "GIF", f"{name}.gif", "image/gif", lambda: gif(setup, kind, paper), "gif_box")
    _button(numbers[0], "CSV", f"{name}.csv", "text/csv", lambda: as_csv(setup), "table")
    _button(numbers[1], "NPZ", f"{name}.npz", "application/octet-stream", lambda: as_npz(setup), "dataset")
    _button(rest[0], "Script", f"{name}.py", "text/x-python", lambda: make_script(setup), "code")
    _button(rest[1], "State", f"{name}.json", "application/json", lambda: as_json(lesson.key, state), "save")
    st.caption(
        "The script runs without the app and prints the paths to the last digit. A state can be opened here again."
    )


def _button(box: Any, label: str, file: str, kind: str, make: Callable[[], bytes | str], icon: str) -> None:
    box.download_button(
        label, make, file, kind, key=f"export_{label}", on_click="ignore", icon=f":material/{icon}:", width="stretch"
    )


@lru_cache(maxsize=2)
def page_file(page: str, said: tuple[tuple[str, str], ...], link: str) -> bytes:
    """The stage of a page with these settings as a file of HTML: banks of all sliders, and the maps that are shown."""
    lesson = lessons()[page]
    reading = lesson.read(Settings(dict(said)))
    setup = reading.setup
    caption = setup.found.caption
    messages = {live.name: respond(lesson, reading, {"over": live.name}) for live in reading.served}
    maps = {kind: map_message(setup, kind) for kind in MAPS if kind in reading.view.show}
    facts = {
        live.name: [_facts(setup.surface, live.name, float(value), setup.knobs) for value in live.positions()]
        for live in reading.served
        if live.moves_surface
    }
    title = f"{caption.title.removesuffix('.')}: {', '.join(setup.titles)}"
    return standalone(title, [f"Surface: {caption.source}", LICENCE], link, messages, maps, facts)


@lru_cache(maxsize=512)
def _facts(surface: str, knob: str, value: float, knobs: Any) -> dict[str, Any]:
    """What is marked on the surface at one position of a slider, beside the cache of what is being looked at."""
    moved = tuple((name, value if name == knob else now) for name, now in knobs)
    return make_scene.__wrapped__(surface, moved)[1]
