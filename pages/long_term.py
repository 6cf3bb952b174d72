"""Long-term dependencies: the same matrix many times makes a signal vanish, explode, or neither."""

import inspect

import streamlit as st

from landscapes import recurrent as network
from pages.parts import recurrent
from pages.parts.course import Preset, Sheet
from pages.parts.long_term import KNOBS, matrix_powers
from pages.parts.menus import open_sheet, slider
from stage.powers import Powers

LESSON = Sheet(
    key="long_term",
    knobs=(*KNOBS, recurrent.SCALE),
    prepare=(recurrent.linear_norms, recurrent.at_opening, recurrent.trained),
    presets=(
        Preset("Vanishes", "", "Both eigenvalues lie inside the unit circle."),
        Preset("Explodes", "re=1.05&im=0.3&angle=90", "A little outside, and a thousandfold within 79 steps."),
        Preset("Neither", "re=0.96&im=0.28&angle=90&steps=200", "On the circle: a rotation, for ever."),
        Preset("Both at once", "re=1.08&im=0&other=0.85&angle=60", "One direction explodes while the other vanishes."),
        Preset("It grows first", "re=0.95&im=0&other=0.85&angle=4&steps=150", "Nearly parallel eigenvectors."),
        Preset("A turning hump", "re=0.96&im=0.1&angle=5&steps=200", "Up and down with every half turn, and away."),
        Preset("Mirror", "re=1&im=0&other=-1&angle=90&steps=20", "An eigenvalue of −1 flips and keeps."),
        Preset("One per cent", "re=0.99&im=0&other=0.99&angle=90&steps=200", "So near to 1, and gone in 688 steps."),
    ),
)


def page() -> None:
    st.title("Long-term dependencies")
    st.markdown(
        "A recurrent network multiplies by the **same matrix W** at every step in time. Drag an eigenvalue across the "
        "unit circle: on one side every signal vanishes, on the other it explodes."
    )
    numbers, _ = open_sheet(LESSON)
    matrix_powers(LESSON)
    st.subheader("In a network")
    theory, chosen = st.columns([1.6, 1], gap="large")
    theory.markdown(
        r"""
With eigenvectors in $V$, $W^t = (V \operatorname{diag}(\lambda)\, V^{-1})^t = V \operatorname{diag}(\lambda^t)\,
V^{-1}$. Where $|\lambda| < 1$, $\lambda^t \to 0$; where $|\lambda| > 1$, $|\lambda^t| \to \infty$. Only $|\lambda| = 1$
carries a signal steadily, and hardly any matrix has that by chance. A gradient on its way back through
$h_t = \tanh(W h_{t-1} + x_t)$ meets $W$ at every step too, each time weakened by a slope of $\tanh$ of at most 1.
"""
    )
    with chosen:
        slider(recurrent.SCALE, numbers["input_size"], "Standard deviation of the inputs x of the network below.")
        st.caption("0 leaves tanh at its steepest: the network is then linear.")
    scale = numbers["input_size"]
    linear, starts = st.columns(2, gap="large")
    with linear:
        st.markdown("##### The gradient against the linear prediction")
        st.plotly_chart(recurrent.gradient_figure(scale), width="stretch", config={"displayModeBar": False})
        st.markdown(recurrent.agreement(scale))
    with starts:
        st.markdown("##### Remedy: begin with an orthogonal W")
        st.plotly_chart(recurrent.starts_figure(scale), width="stretch", config={"displayModeBar": False})
        st.markdown(recurrent.compared(scale))
    st.markdown("##### Remedy: clip the gradient")
    for box, figure in zip(st.columns(2, gap="large"), recurrent.clipping_figures(), strict=True):
        box.plotly_chart(figure, width="stretch", config={"displayModeBar": False})
    st.markdown(
        f"A network of {recurrent.UNITS} units learns to name the sign of the first of {recurrent.DELAY} inputs; the "
        f"others are noise. It begins with spectral radius {recurrent.WIDE:g}. {recurrent.remembered()} Clipping "
        "leaves the direction of a gradient and bounds its length: $g \\leftarrow g / \\max(1, \\|g\\| / \\tau)$."
    )
    st.markdown(
        """
#### What to notice

- Eigenvalues tell the end, not the way there: with nearly parallel eigenvectors the norm grows before it decays.
- tanh cannot save a gradient that vanishes. It does tame one that explodes: the units saturate.
- Clipping helps against explosion only. Against vanishing, the weights must begin, and stay, near the circle; large
  inputs undo even an orthogonal start.

Sources: the chapter summary, *Long-term dependencies*; Goodfellow, Bengio and Courville, *Deep Learning*, 2016,
sections 8.2.5 and 10.7; Pascanu, Mikolov and Bengio, *On the difficulty of training recurrent neural networks*, ICML
2013; Saxe, McClelland and Ganguli, *Exact solutions to the nonlinear dynamics of learning*, ICLR 2014; Trefethen and
Embree, *Spectra and Pseudospectra*, 2005, chapter 14.
"""
    )
    with st.expander("Show the code", icon=":material/code:"):
        powers, through = st.columns(2)
        powers.caption("The powers of W")
        powers.code(inspect.getsource(Powers), language="python")
        through.caption("The network, its gradients, and the two starts")
        shown = (network.states, network.jacobians, network.gaussian, network.orthogonal)
        through.code("\n\n".join(map(inspect.getsource, shown)), language="python")


if __name__ == "__main__":
    page()
