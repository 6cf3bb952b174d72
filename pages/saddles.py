"""Saddles and plateaus: a zero gradient is not the end, and getting away takes its time."""

import streamlit as st

from landscapes.knobs import Knob
from pages.parts import saddles
from pages.parts.course import Preset
from pages.parts.lesson import Lesson, View
from pages.parts.show import nothing, show

LESSON = Lesson(
    key="saddles",
    surface="saddle",
    optimizers=("gd",),
    rate=0.1,
    steps=200,
    start=(1.5, 1e-6),
    lead="y",
    panels=("height", "saddle_distance", "log_time", "escape"),
    narrate=saddles.explain,
    marks=saddles.marks,
    ranges={"learning_rate": (0.001, 0.5)},
    sliders={"y": Knob(1e-12, 0.5, log=True, zero=True, symbol="= ε, the distance from the ridge", name="y")},
    wrapped=("gd:noise",),
    prepare=(saddles.escape_steps, saddles.caught),
    view=View("linear", ("arrows", "critical", "labels"), None),
    presets=(
        Preset("On the ridge", "y=0&step=play", "Straight to the saddle, and there for ever."),
        Preset("Off by 10⁻¹²", "y=1e-12&step=play", "Past the saddle after all, some 147 steps later."),
        Preset(
            "Who gets away first",
            "optimizers=gd+momentum+adam+saddle_free_newton&rates=same&step=play",
            "Adam measures each direction by its own slope: the distance hardly matters to it.",
        ),
        Preset(
            "A little noise",
            "optimizers=gd+gd:noise&y=0&noise=0.001&step=play",
            "From the very ridge, where the exact gradient stays for ever.",
        ),
        Preset(
            "Newton walks in",
            "optimizers=newton+saddle_free_newton&y=0.1&steps=10&show=arrows+critical+eigenvectors&step=0",
            "One step of Newton's method ends on the saddle; with |λ| instead of λ the same step leads away.",
        ),
        Preset(
            "The flow",
            "optimizers=gradient_flow+gd&learning_rate=0.3&y=0.001&steps=25&step=play",
            "Continuous time is repelled as well: it is the surface, not the step, that lets the run get away.",
        ),
        Preset(
            "Whom saddles catch",
            "surface=himmelblau&optimizers=newton&steps=50&show=basins+critical&step=50",
            "Grey: the starts from which Newton's method ends in a saddle.",
        ),
        Preset(
            "Monkey saddle",
            "surface=monkey_saddle&optimizers=gd+momentum+adam&x=1&y=0&step=play",
            "The whole Hessian vanishes: the approach is slower than any factor a step.",
        ),
        Preset(
            "Plateau",
            "surface=plateau&optimizers=gd+adam&steps=500&step=play",
            "Nothing is level here, and yet the gradient says next to nothing.",
        ),
    ),
)


def page() -> None:
    st.title("Saddles and plateaus")
    st.markdown(
        "At a saddle the gradient is zero and nothing is solved. Exactly on the ridge a run stays **for ever**; a hair "
        "beside it, it gets away. Drag ε, the distance from the ridge, down to 10⁻¹² and to 0."
    )
    show(LESSON, nothing)
    theory, measured = st.columns(2, gap="large")
    with theory:
        st.subheader("Up one way, down another")
        st.markdown(
            r"""
For $f = x^2 - y^2$ the gradient is $(2x, -2y)$ and the Hessian $\operatorname{diag}(2, -2)$. A step of gradient descent
multiplies $x$ by $1 - 2\eta$ and $y$ by $1 + 2\eta$: whatever $y$ is, it grows, unless it is nothing. The time to get
away is the logarithm of how near one was.

Newton's method divides each direction by its own eigenvalue. Along $y$ that is negative, so it steps *up* the slope,
onto the saddle. Dividing by $|\lambda|$ instead keeps the direction of descent. That is one reason why second-order
methods have not replaced gradient descent for large networks.

A tutorial that is often copied shows as its saddle a flat patch between creases. Its readers were right to object:
that is neither smooth nor a saddle. This one is both.
"""
        )
    with measured:
        st.subheader("Time to escape, measured")
        steps = saddles.escape_steps()
        st.plotly_chart(saddles.escape_figure(steps), width="stretch", config={"displayModeBar": False})
        st.markdown(saddles.price(steps))
    st.subheader("Whom saddles catch")
    maps = saddles.caught()
    st.plotly_chart(saddles.caught_figure(maps), width="stretch", config={"displayModeBar": False})
    st.markdown(f"Every start on Himmelblau's function, 200 steps. {saddles.share_caught(maps)}")
    st.markdown(
        """
#### What to notice

- Against log time the gradient norm falls, stays small, and rises again: to have stopped is not to be done.
- Noise much larger than the distance decides by itself when the run gets away.
- On the monkey saddle and the plateau no factor a step helps: where the Hessian vanishes, so does the pace.

Sources: the chapter summary, *Plateaus, saddles and other flat regions*; Goodfellow, Bengio and Courville, *Deep
Learning*, 2016, section 8.2.3; Dauphin et al., *Identifying and attacking the saddle point problem*, NIPS 2014.
"""
    )


if __name__ == "__main__":
    page()
