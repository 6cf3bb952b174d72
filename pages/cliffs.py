"""Cliffs: one huge gradient throws the work away, and clipping keeps it."""

import streamlit as st

from landscapes.knobs import Knob
from pages.parts.cliffs import clipped, explain, growth, no_marks, slopes_figure, steepest_point, steepest_slopes
from pages.parts.course import Preset
from pages.parts.lesson import Lesson, View
from pages.parts.show import show
from pages.parts.words import number
from stage import Setup
from stage.scene import make_bank

LESSON = Lesson(
    key="cliffs",
    surface="cliff",
    optimizers=("gd", "gd:norm"),
    rate=0.5,
    steps=100,
    start=(-2.0, 1.0),
    lead="threshold",
    panels=("loss", "gradient_norm", "step_length", "final"),
    narrate=explain,
    marks=no_marks,
    ranges={"learning_rate": (0.01, 2.0)},
    sliders={"threshold": Knob(0.05, 200, log=True, symbol="τ", name="threshold", default=1.0)},
    wrapped=("gd:norm", "gd:value", "momentum:norm", "adam:norm"),
    prepare=(steepest_slopes,),
    view=View("linear", ("arrows", "critical", "labels"), None),
    presets=(
        Preset(
            "One step off the cliff",
            "optimizers=gd&step=33",
            "The step ahead meets a gradient of about 88 and throws the run some 44 away.",
        ),
        Preset("Clipped and not", "step=play", "The same run with the gradient's norm held at τ = 1."),
        Preset(
            "By norm and by value",
            "optimizers=gd:norm+gd:value&threshold=0.1&x=-3.5&y=2.5&steps=200&step=play",
            "Clipped by norm the run keeps its direction; clipped by value it goes along the diagonal.",
        ),
        Preset(
            "Too tight a clip",
            "threshold=0.05&learning_rate=0.1&steps=50&step=play",
            "A small τ is safe and slow: every step is cut, also where nothing threatens.",
        ),
        Preset(
            "A unit that remembers",
            "surface=recurrent_cliff&x=5&y=-2.6&learning_rate=0.1&threshold=3&steps=200&step=play",
            "The same kind of wall, from one recurrent unit that runs for 50 time steps. Drag T.",
        ),
    ),
)


def page() -> None:
    st.title("Cliffs")
    st.markdown(
        "The ground is gentle, and then there is a wall. One step that touches it meets an enormous gradient and is "
        "**thrown** far away. Clipping the gradient keeps the run where it was. Drag the threshold τ."
    )
    show(LESSON, below)
    theory, measured = st.columns(2, gap="large")
    with theory:
        st.subheader("What clipping does")
        st.markdown(
            r"""
$$g \leftarrow \frac{g}{\max(1, \lVert g \rVert / \tau)}$$

The gradient says which way is down, and only for a small step. On a wall its length says nothing about how far to go.
Clipped **by norm** it keeps its direction and loses its length; clipped **by value**, each component for itself, it is
bent towards a diagonal.
"""
        )
    with measured:
        st.subheader("Where cliffs come from")
        slopes = steepest_slopes()
        st.plotly_chart(slopes_figure(slopes), width="stretch", config={"displayModeBar": False})
        st.markdown(
            f"{growth(slopes)} A weight that is used again at every time step is multiplied by itself: what it does to "
            "the error grows like a power, and where the unit changes from one memory to another, that power is a wall."
        )
    st.markdown(
        """
#### What to notice

- Until a gradient is longer than τ the two runs are one: clipping does nothing to shorter ones.
- Not its direction throws the run but its length. The loss jumps, and the work of all steps before is gone.
- The final loss against τ is ragged, for a run along a wall turns on little; but small thresholds keep it low, large
  ones protect from nothing.
- On the recurrent unit, drag T down: the wall melts, and with it the need to clip.

Sources: the chapter summary, *Cliffs and exploding gradients*; Goodfellow, Bengio and Courville, *Deep Learning*, 2016,
section 8.2.4; Pascanu, Mikolov and Bengio, *On the Difficulty of Training Recurrent Neural Networks*, ICML 2013.
"""
    )


def below(setup: Setup) -> None:
    run = make_bank(setup, LESSON.lead, (setup.threshold,)).trajectory(0, 0)
    x, y = steepest_point(setup, run)
    st.markdown(
        f"At the steepest point of the first run, ({number(x)}, {number(y)}), with τ = {number(setup.threshold)}:"
    )
    st.table(clipped(setup, (x, y)))


if __name__ == "__main__":
    page()
