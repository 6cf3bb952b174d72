"""Limits: no optimizer is best everywhere, and some training problems are hard for all of them."""

import inspect
from functools import partial

import streamlit as st

from landscapes import threshold
from optim import tournament
from pages.parts import limits, limits_hard, limits_meaning, limits_show
from pages.parts.course import Preset, Sheet
from pages.parts.menus import open_sheet

LESSON = Sheet(
    key="limits",
    knobs=limits_hard.KNOBS,
    menus={**limits.MENUS, "labels": limits_hard.LABELS},
    prepare=(
        limits.opening,
        limits_hard.opening,
        limits_meaning.single_units,
        *(partial(limits_meaning.studied, examples) for examples in limits_meaning.SIZES),
    ),
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


def page() -> None:
    st.title("Limits")
    st.markdown(
        "Which optimizer is best? On which surfaces? **Change the set of surfaces and the ranking changes.** And for "
        "some training problems, no rule is known that is always fast."
    )
    numbers, choices = open_sheet(LESSON)
    st.subheader("No free lunch, measured")
    limits_show.contest(LESSON, choices)
    st.subheader("NP-hardness, felt")
    tried = limits_show.hardness(LESSON, numbers, choices["labels"] == "planted")
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


if __name__ == "__main__":
    page()
