"""Local against global structure: downhill at every step, and still the wrong way."""

import streamlit as st

from landscapes.knobs import Knob
from pages.parts import local_global
from pages.parts.course import Preset
from pages.parts.lesson import Lesson, View
from pages.parts.show import show
from stage import Setup

LESSON = Lesson(
    key="local_global",
    surface="mountain",
    optimizers=("gd",),
    rate=0.5,
    steps=500,
    start=(-0.6, 0.3),
    lead="x",
    panels=("loss", "gradient_norm", "travel", "final"),
    narrate=local_global.explain,
    marks=local_global.marks,
    ranges={"learning_rate": (0.01, 2.0)},
    sliders={"x": Knob(-3, 3, symbol="of the start", name="x")},
    prepare=(local_global.shares,),
    view=View("linear", ("critical",), None),
    presets=(
        Preset("The wrong side", "", "Downhill at every step, away from the minimum, for ever."),
        Preset("The right side", "x=0.1", "A little further right the same method arrives."),
        Preset(
            "The long way round", "reach=3&learning_rate=1", "A wider hollow draws the run back around the mountain."
        ),
        Preset(
            "Nobody turns round",
            "optimizers=gd+momentum+adam&learning_rate=0.2&step=500",
            "A better optimizer goes the wrong way faster.",
        ),
        Preset(
            "Every start", "show=final+critical&step=500", "The final loss of every start: a border through the map."
        ),
        Preset(
            "A valley with a bend",
            "surface=rosenbrock&optimizers=gd+adam&rates=tuned&step=play",
            "No mountain here, and yet a long way: the valley bends, and the ground is flat.",
        ),
    ),
)


def page() -> None:
    st.title("Local and global structure")
    st.markdown(
        "A gradient knows the ground it stands on. It cannot know what lies behind the mountain. Drag the start across "
        "the top: every run goes **downhill at every step**, and many of them never arrive."
    )
    show(LESSON, below)
    theory, measured = st.columns(2, gap="large")
    with theory:
        st.subheader("Not a minimum, not a saddle")
        st.markdown(
            r"""
$$f(x, y) = \frac{2}{1+r^2} - \frac{1}{1+d^2/s^2}$$

with $r$ the distance from the mountain's top and $d$ that from the hollow. Far away both are like powers $1/r^2$: the
ground falls off as $(2-s^2)/r^2$. For $s < \sqrt2$ it falls outwards on all sides, towards 0, which it reaches nowhere.
The run meets no critical point. Its gradient never vanishes, its loss falls at every step, and it fails all the same.

For $s > \sqrt2$ the same ground leads back, around the mountain: downhill all the way, and several times as long as the
straight line. In many dimensions there is more often a way around, and it may be long.
"""
        )
    with measured:
        st.subheader("Does patience help?")
        found = local_global.shares()
        st.plotly_chart(local_global.shares_figure(found), width="stretch", config={"displayModeBar": False})
        st.markdown(local_global.told(found))
    st.markdown(
        """
#### What to notice

- The gradient norm falls slowly and stays above zero: nothing here says that the run has gone wrong.
- Other rules go faster, not elsewhere. What decides is the start, which is why much work goes into finding good ones.
- Most of the steps are spent on flat ground far from everything. The way's length, not the number of obstacles, costs.

Sources: the chapter summary, *Weak correspondence between local and global structure*; Goodfellow, Bengio and
Courville, *Deep Learning*, 2016, section 8.2.7 and figure 8.4.
"""
    )


def below(setup: Setup) -> None:
    st.markdown("The runs above, measured:")
    st.table(local_global.costs(setup))


if __name__ == "__main__":
    page()
