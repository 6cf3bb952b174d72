"""The two experiments of the page about limits, laid out: the tournament, and the network of three nodes."""

from collections.abc import Mapping

import streamlit as st

from pages.parts import limits, limits_hard, limits_meaning, successes
from pages.parts.course import Sheet
from pages.parts.menus import menu, slider

QUIET = {"displayModeBar": False}


def contest(sheet: Sheet, choices: Mapping[str, str]) -> None:
    """The tournament: its choices, its winners, every pair, and what was measured."""
    labels = ("Surfaces", "Rules", "Rates", "Budget for each run")
    for box, name, label in zip(st.columns([1.6, 1, 1.4, 1]), limits.MENUS, labels, strict=True):
        with box:
            menu(sheet, name, choices[name], label)
    field, budget, tuned = choices["field"], int(choices["budget"]), choices["rates"] == "tuned"
    played = limits.watched(limits.KINDS[choices["set"]][1], field, budget, tuned)
    elsewhere = None
    if choices["set"] != "kinds":
        elsewhere = limits.watched(limits.KINDS["kinds"][1], field, budget, tuned)
    st.markdown(" ".join([limits.told(played), *([limits.moved(played, elsewhere)] if elsewhere else [])]))
    shares, places = st.columns([1.2, 1], gap="large")
    shares.plotly_chart(limits.success_figure(played), width="stretch", config=QUIET)
    places.plotly_chart(limits.ranks_figure(played), width="stretch", config=QUIET)
    st.dataframe(
        limits.summary(played, elsewhere),
        hide_index=True,
        width="stretch",
        column_config=successes.COLUMNS,
        placeholder="–",
    )
    name = f"tournament-{choices['set']}-{field}-{choices['rates']}-{budget}.csv"
    # A function, so that nothing is written before someone asks for it.
    st.download_button(
        "Every pair as CSV",
        lambda: limits.pairs(played).to_csv(index=False),
        name,
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    st.caption(limits.terms(budget, tuned))
    st.markdown(limits_meaning.THEOREM)


def hardness(sheet: Sheet, numbers: Mapping[str, float], planted: bool) -> limits_hard.Tried:
    """The network of three nodes on an instance, and how the effort grows; returns what was tried on it."""
    st.markdown(limits_meaning.NETWORK)
    boxes = st.columns(4, gap="medium")
    helps = ("Examples to be labelled.", "Numbers that describe an example.", "Draws the examples.")
    for box, knob, about in zip(boxes, limits_hard.KNOBS, helps, strict=False):
        with box:
            slider(knob, numbers[knob.name], about, whole=True)
    with boxes[3]:
        menu(sheet, "labels", "planted" if planted else "coin", "Labels")
    examples, inputs, seed = (round(numbers[knob.name]) for knob in limits_hard.KNOBS)
    tried = limits_hard.tried(examples, inputs, seed, planted)
    st.markdown(limits_hard.outcome(tried))
    drawn, ends = st.columns(2, gap="large")
    drawn.plotly_chart(limits_hard.instance_figure(tried), width="stretch", config=QUIET)
    ends.plotly_chart(limits_hard.ends_figure(tried), width="stretch", config=QUIET)
    st.table(limits_hard.methods(tried))
    growth, thirds = st.columns(2, gap="large")
    with growth:
        st.markdown("##### Effort against size")
        st.plotly_chart(limits_hard.growth_figure(examples, inputs), width="stretch", config=QUIET)
        st.markdown(limits_meaning.grown())
    with thirds:
        st.markdown("##### Two thirds of the examples")
        known = limits_meaning.watched_study()
        st.plotly_chart(limits_meaning.study_figure(known), width="stretch", config=QUIET)
        st.markdown(limits_meaning.two_thirds(known))
    st.markdown(limits_meaning.SAYS)
    return tried
