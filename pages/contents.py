"""Table of contents: the lessons, in their order. The name of a lesson's file is also its address."""

from pathlib import Path
from typing import Literal

import streamlit as st

LESSONS = {
    "convexity": (
        "Convexity",
        ":material/line_end_circle:",
        "The chord inequality, live; where it holds; one neuron is convex, two layers are not.",
    ),
    "ill_conditioning": (
        "Ill-conditioning",
        ":material/trending_up:",
        "A step that makes things worse, predicted before it is taken.",
    ),
    "local_minima": (
        "Local minima",
        ":material/landscape_2:",
        "Which minimum you get depends on where you start and how; equivalent minima are harmless.",
    ),
    "saddles": (
        "Saddles",
        ":material/airline_seat_recline_normal:",
        "Zero gradient is not the end; how long escape takes, and why Newton walks in.",
    ),
    "cliffs": (
        "Cliffs",
        ":material/landslide:",
        "One huge gradient throws the work away; clipping keeps it.",
    ),
    "long_term": (
        "Long-term dependencies",
        ":material/all_inclusive:",
        "The same matrix many times: vanish, explode, or neither.",
    ),
    "noisy_gradients": (
        "Inexact gradients",
        ":material/grain:",
        "Descent with a gradient that can only be estimated.",
    ),
    "local_global": (
        "Local and global",
        ":material/explore:",
        "Downhill at every step, and still the wrong way.",
    ),
    "high_dimensions": (
        "High dimensions",
        ":material/scatter_plot:",
        "Saddles outnumber minima, and everything is far away.",
    ),
    "networks": (
        "Networks",
        ":material/hub:",
        "The real thing: train a small network here and look at its landscape.",
    ),
    "playground": (
        "Playground",
        ":material/sports_score:",
        "Any surface, also a typed one; any optimizers, raced and compared.",
    ),
    "limits": (
        "Limits",
        ":material/balance:",
        "No free lunch, measured; NP-hardness, felt.",
    ),
}

lessons = [st.Page(f"{name}.py", title=title, icon=icon, help=about) for name, (title, icon, about) in LESSONS.items()]


def all_lessons() -> None:
    """The list of lessons, with what each one makes obvious."""
    st.title("Loss landscapes")
    for lesson in lessons:
        st.page_link(lesson)
        st.caption(lesson.help)


# The default page is served at the bare address only, and no lesson may lose its own: the first one is there twice.
first, (title, *_) = next(iter(LESSONS.items()))
start = st.Page(f"{first}.py", title=title, url_path="start", default=True, visibility="hidden")
overview = st.Page(all_lessons, title="All lessons", icon=":material/list:")

# Said before the navigation: the browser would fetch a page's own icon from a font server for its tab.
st.set_page_config(page_icon=str(Path(__file__).parent / "icon.svg"), layout="wide")
position: Literal["hidden", "top"] = "hidden" if st.context.is_embedded else "top"
page = st.navigation([start, overview, *lessons], position=position)
st.html(Path(__file__).parent / "parts" / "page.css")
st.set_page_config(page_title=f"{page.title} · Loss landscapes")
page.run()
