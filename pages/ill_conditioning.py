"""Ill-conditioning: a step that makes things worse, predicted by the Taylor expansion before it is taken."""

import streamlit as st

from pages.parts.conditioning import convergence_figure, explain, growth, rate_marks, steps_needed
from pages.parts.course import Preset
from pages.parts.lesson import Lesson, View
from pages.parts.show import nothing, show

LESSON = Lesson(
    key="ill_conditioning",
    surface="ill_conditioned",
    optimizers=("gd",),
    rate=0.05,
    steps=50,
    panels=("taylor", "loss", "gradient_norm", "squares", "curvature", "final"),
    narrate=explain,
    marks=rate_marks,
    ranges={"learning_rate": (0.001, 0.1)},
    prepare=(steps_needed,),
    view=View("linear", ("arrows", "labels", "critical"), 0),
    presets=(
        Preset(
            "The step that makes it worse",
            "learning_rate=0.05&step=1",
            "Two and a half times the stable rate: loss 13 becomes 200.45.",
        ),
        Preset(
            "At the edge, 2/λmax", "learning_rate=0.02&step=play", "x jumps from side to side and never comes closer."
        ),
        Preset(
            "The best fixed rate",
            f"learning_rate={2 / 101:.4g}&steps=200&step=play",
            "2/(λmin + λmax): both directions shrink by the same factor, and it is close to one.",
        ),
        Preset("Newton: one step", "optimizers=newton", "Curvature divided out: straight to the minimum."),
        Preset(
            "What helps, raced",
            f"optimizers=gd+momentum+adam+jacobi+newton&rates=tuned&learning_rate={2 / 101:.4g}&step=play",
            "Momentum, Adam, a preconditioner and Newton from the same start, each at its best rate.",
        ),
        Preset(
            "The preconditioner's limit",
            "optimizers=jacobi+gd+newton&rates=tuned&angle=45&step=play",
            "Dividing by the Hessian's diagonal helps only while the valley lies along an axis.",
        ),
    ),
)


def page() -> None:
    st.title("Ill-conditioning")
    st.markdown(
        "One direction is steep, another is flat. A learning rate that is safe for the steep one crawls along the flat "
        "one; a little more, and the step **raises** the loss. Drag the thumb, or the start point on the map."
    )
    show(LESSON, nothing)
    theory, measured = st.columns(2, gap="large")
    with theory:
        st.subheader("Why a step downhill can go up")
        st.markdown(
            r"""
To second order, a gradient step $-\epsilon g$ changes the loss by
$$\tfrac12\,\epsilon^2\, g^\top H g \;-\; \epsilon\, g^\top g .$$
The slope term is what the step gains, the curvature term what it loses. Once the second is larger, the loss goes up,
however strong the gradient is. On a quadratic this is not an approximation: the table under the map shows both terms
before the step, and what then happens.

- The gradient norm need not shrink for learning to be slow. Watch $g^\top g$ against $g^\top H g$: when the second
  is a hundred times the first, the rate must be a hundred times smaller.
- The limit is $2/\lambda_{\max}$; the best fixed rate $2/(\lambda_{\min}+\lambda_{\max})$ still leaves a factor
  $(\kappa-1)/(\kappa+1)$ at every step.
- Newton's method divides the curvature out, and suits convex problems like this one. Where curvature is negative it
  needs the changes that the lesson on saddles shows.

Sources: Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 8.2.1 and equation 8.10; the worked example is
the chapter summary's.
"""
        )
    with measured:
        st.subheader("Steps needed, measured")
        counts = steps_needed()
        st.plotly_chart(convergence_figure(counts), width="stretch", config={"displayModeBar": False})
        st.markdown(growth(counts))


if __name__ == "__main__":
    page()
