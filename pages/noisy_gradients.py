"""Inexact gradients: descent with a gradient that can only be estimated."""

import streamlit as st

from pages.parts import noisy_gradients as noisy
from pages.parts import noisy_measured as measured
from pages.parts.course import Preset
from pages.parts.lesson import Lesson, View
from pages.parts.menus import setting
from pages.parts.show import show
from pages.parts.words import number
from stage import Setup

LESSON = Lesson(
    key="noisy_gradients",
    surface="generated_regression",
    optimizers=("gd", "gd:batch"),
    rate=0.2,
    steps=200,
    lead="batch_size",
    panels=("loss", "gradient_norm", "distance", "final"),
    narrate=noisy.explain,
    marks=noisy.marks,
    ranges={"learning_rate": (0.01, 1.5)},
    wrapped=("gd:batch", "momentum:batch", "adam:batch"),
    prepare=(measured.ball, measured.errors, noisy.coverage, noisy.first_look),
    view=View("linear", ("critical", "labels"), None),
    others=(noisy.DRAW.name,),
    presets=(
        Preset("Full and minibatch", "step=play", "The same rule; one asks 100 examples a step, the other 10 of them."),
        Preset("One example a step", "batch_size=1&step=200", "Cheap, quick to arrive, and never at rest."),
        Preset(
            "A smaller rate",
            "batch_size=1&learning_rate=0.05&steps=500&step=500",
            "The same noise, averaged over more and shorter steps: a smaller ball, and a slower way to it.",
        ),
        Preset(
            "Too large a rate",
            "learning_rate=1.5&steps=25&step=25",
            "Beyond 2/λ₁ the full gradient diverges, and the estimate with it: this is not the noise.",
        ),
        Preset(
            "Other rules",
            "optimizers=gd:batch+momentum:batch+adam:batch&learning_rate=0.05&step=play",
            "Momentum and Adam get the same estimates, and wander too.",
        ),
        Preset("Diabetes", "surface=diabetes_regression&learning_rate=0.2&step=200", "Real data: 442 patients."),
        Preset(
            "Logistic regression",
            "surface=generated_logistic&learning_rate=2&steps=500&step=500",
            "Two clouds of points to tell apart.",
        ),
        Preset("Irises", "surface=iris_logistic&learning_rate=5&steps=500&step=500", "Real data: 100 flowers."),
    ),
)
PLAIN = {"width": "stretch", "config": {"displayModeBar": False}}


def page() -> None:
    st.title("Inexact gradients")
    st.markdown(
        "The gradient of a loss is a mean over all examples. A **minibatch** asks a few and takes what they say for "
        "the whole: cheap, and never quite right. Drag the batch size m."
    )
    show(LESSON, below)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("The noise ball, and the ways out")
        ball = measured.ball()
        st.plotly_chart(measured.ball_figure(ball), key="ball", **PLAIN)
        st.markdown(measured.ball_text(ball))
        st.table(measured.ball_table(ball))
    with right:
        st.subheader("Numerical gradients")
        errors = measured.errors()
        st.plotly_chart(measured.errors_figure(errors), key="errors", **PLAIN)
        st.markdown(f"{measured.errors_text(errors)} {measured.DIFFERENCES}")
    st.markdown(noisy.NOTICE)


def below(setup: Setup) -> None:
    if setup.found.examples:
        place, size = (setup.surface, setup.start), int(setup.batch_size)
        left, right = st.columns(2, gap="large")
        with left:
            st.subheader("Right on average")
            draw = setting(noisy.DRAW, "Draws the minibatches of the cloud anew.")
            cloud = noisy.cloud(place, size, draw)
            st.plotly_chart(noisy.cloud_figure(cloud), key="cloud", **PLAIN)
            st.markdown(
                f"{noisy.cloud_text(cloud)} Over 1000 draws at this page's first start, the ellipse held it in "
                f"{number(100 * noisy.coverage(), 3)} %."
            )
        with right:
            st.subheader("The error falls like 1/√m")
            st.markdown(
                r"""
$$\hat g = \frac1m\,\nabla_\theta\sum_{i=1}^m L\big(f(x^{(i)};\theta),\,t^{(i)}\big)\qquad(8.9)$$
"""
            )
            spread = noisy.spread(place, setup.seed)
            st.plotly_chart(noisy.spread_figure(spread), key="spread", **PLAIN)
            st.markdown(noisy.spread_text(spread))
    else:
        st.info(noisy.no_examples(), icon=":material/casino:")


if __name__ == "__main__":
    page()
