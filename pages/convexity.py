"""Convexity: the chord inequality, where it holds and where not; one neuron is convex, two layers are not."""

import streamlit as st

from pages.parts import chords, convexity
from pages.parts.course import Preset
from pages.parts.lesson import Lesson, View
from pages.parts.show import show
from stage import Setup

LESSON = Lesson(
    key="convexity",
    surface="tilted_double_well",
    optimizers=("gd",),
    rate=0.05,
    steps=200,
    start=(-1.1, 0.6),
    end=(0.9, -0.4),
    lead="share",
    panels=("cut", "loss", "final"),
    narrate=convexity.explain,
    marks=convexity.marks,
    others=chords.SETTINGS,
    prepare=(chords.prepare,),
    view=View("linear", ("curvature", "critical"), 0),
    presets=(
        Preset("Two wells", "", "The chord passes below the ridge: not convex."),
        Preset("A bowl", "surface=ill_conditioned&condition_number=5", "Every chord lies above it."),
        Preset("A flat bottom", "surface=flat_bottom&step=play", "Many minima, all of them global."),
        Preset("A saddle", "surface=saddle&x=0&y=-1.6&bx=0&by=1.6", "Along y every chord breaks the inequality."),
        Preset(
            "One neuron", "surface=one_neuron&learning_rate=1&step=play", "Convex in its two weights. Drag the data."
        ),
        Preset(
            "A hidden layer",
            "surface=hidden_layer&learning_rate=1&x=-0.5&y=2.6&bx=1&by=-2.8",
            "The same data, and two minima.",
        ),
        Preset("Soft margin", "surface=soft_margin_svm&learning_rate=0.1&step=play", "Convex with folds."),
        Preset("Linear regression", "surface=linear_regression&step=play", "A quadratic bowl for any data."),
    ),
)


def page() -> None:
    st.title("Convexity")
    st.markdown(
        "A function is convex when no chord dips below it: "
        r"$f(\alpha x + (1-\alpha)y) \le \alpha f(x) + (1-\alpha) f(y)$. Then every local minimum is global."
    )
    chords.chord_test(LESSON.key)
    st.subheader("In two dimensions")
    show(LESSON, below)


def below(setup: Setup) -> None:
    st.subheader("Three tests that agree")
    st.markdown(
        "A smooth function is convex if every chord lies above it, if every tangent plane lies below it, or if its "
        "Hessian has no negative eigenvalue: each says the same. Tried on this surface, all over the map:"
    )
    st.table(convexity.three_tests(setup.surface, setup.knobs))
    st.markdown(f"**Start anywhere.** {convexity.same_loss(setup)}")
    st.markdown(
        """
#### What to notice

- One chord that dips below is a proof. A thousand that do not are only a hint; the Hessian settles it.
- Convex does not mean one minimum: the flat bottom has a disk of them. It means that none is worse than another.
- The logistic loss of one neuron is convex whatever the data. Send the same data through a hidden layer and it is not.

Sources: the chapter summary, *Convex function*; *The hard thing about deep learning*, on one neuron and many; Boyd and
Vandenberghe, *Convex Optimization*, 2004, section 3.1; Goodfellow, Bengio and Courville, *Deep Learning*, 2016, 8.2.
"""
    )


if __name__ == "__main__":
    page()
