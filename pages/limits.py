"""Limits: no optimizer is best everywhere, and some training problems are hard for all of them."""

import inspect

import streamlit as st

from landscapes import threshold
from optim import tournament
from pages.parts import limits, limits_hard, limits_meaning
from pages.parts.course import Preset, Sheet
from pages.parts.menus import menu, open_sheet, slider

LESSON = Sheet(
    key="limits",
    knobs=limits_hard.KNOBS,
    menus={**limits.MENUS, "labels": limits_hard.LABELS},
    prepare=(limits.opening, limits_hard.opening, limits_meaning.single_units),
    presets=(
        Preset("One of each kind", "", "Five surfaces, five rules, and no rule that wins them all."),
        Preset("Convex bowls", "set=convex", "The Hessian makes short work of them."),
        Preset("Many wells", "set=wells", "The same Hessian leads to the nearest well."),
        Preset("Not smooth", "set=nonsmooth", "Folds, where curvature says nothing."),
        Preset("Tuned", "rates=tuned", "A rate chosen for each surface changes the ranking once more."),
        Preset("Three nodes, two inputs", "examples=14", "Two lines, joined by AND or OR."),
        Preset("More inputs", "examples=14&inputs=5", "Some 23 million networks to try."),
        Preset("Labels from a coin", "examples=14&labels=coin", "There may be no network for all of them."),
    ),
)
QUIET = {"displayModeBar": False}


def page() -> None:
    st.title("Limits")
    st.markdown(
        "Which optimizer is best? On which surfaces? **Change the set of surfaces and the ranking changes.** And for "
        "some training problems, no rule is known that is always fast."
    )
    numbers, choices = open_sheet(LESSON)
    st.subheader("No free lunch, measured")
    contest(choices)
    st.subheader("NP-hardness, felt")
    tried = hardness(numbers, choices["labels"] == "planted")
    st.subheader("What it means for training")
    duration, failure = limits_meaning.implications(limits.opening())
    for box, (title, text) in zip(
        st.columns(3, gap="large"),
        (("Solution quality", limits_meaning.quality(tried)), ("Training time", duration), ("Failure", failure)),
        strict=True,
    ):
        box.markdown(f"##### {title}\n{text}")
    st.markdown(limits_meaning.NOTICE)
    with st.expander("Show the code", icon=":material/code:"):
        one, other = st.columns(2)
        one.caption("One pair of the tournament")
        one.code(inspect.getsource(tournament.compete), language="python")
        other.caption("The exhaustive search, and the linear programme for one unit")
        other.code("\n\n".join(map(inspect.getsource, (threshold.exhaustive, threshold.separate))), language="python")


def contest(choices: dict[str, str]) -> None:
    labels = ("Surfaces", "Rules", "Rates", "Budget for each run")
    for box, name, label in zip(st.columns([1.6, 1, 1.4, 1]), limits.MENUS, labels, strict=True):
        with box:
            menu(LESSON, name, choices[name], label)
    field, budget, tuned = choices["field"], int(choices["budget"]), choices["rates"] == "tuned"
    played = limits.watched(limits.KINDS[choices["set"]][1], field, budget, tuned)
    elsewhere = None
    if choices["set"] != "kinds":
        elsewhere = limits.watched(limits.KINDS["kinds"][1], field, budget, tuned)
    st.markdown(" ".join([limits.told(played), *([limits.moved(played, elsewhere)] if elsewhere else [])]))
    shares, places = st.columns([1.2, 1], gap="large")
    shares.plotly_chart(limits.success_figure(played), width="stretch", config=QUIET)
    places.plotly_chart(limits.ranks_figure(played), width="stretch", config=QUIET)
    st.dataframe(limits.summary(played, elsewhere), hide_index=True, width="stretch", column_config=limits.COLUMNS)
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


def hardness(numbers: dict[str, float], planted: bool) -> limits_hard.Tried:
    st.markdown(limits_meaning.NETWORK)
    boxes = st.columns(4, gap="medium")
    helps = ("Examples to be labelled.", "Numbers that describe an example.", "Draws the examples.")
    for box, knob, about in zip(boxes, limits_hard.KNOBS, helps, strict=False):
        with box:
            slider(knob, numbers[knob.name], about, whole=True)
    with boxes[3]:
        menu(LESSON, "labels", "planted" if planted else "coin", "Labels")
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


if __name__ == "__main__":
    page()
