"""High dimensions: why intuition from two of them misleads. Saddles outnumber minima, and everything is far away."""

import inspect

import streamlit as st

from landscapes import balls, deep_linear, random_function, random_matrices
from optim import random_search
from pages.parts import high_dimensions as part
from pages.parts import high_dimensions_show as shown
from pages.parts.course import Preset, Sheet
from pages.parts.menus import open_sheet

LESSON = Sheet(
    key="high_dimensions",
    knobs=part.KNOBS,
    menus={"part": part.PARTS},
    prepare=part.PREPARE,
    presets=(
        Preset("All positive?", "", "Coins would manage it once in 64, eigenvalues once in some 216,000."),
        Preset("Two dimensions", "size=2", "Here it is common still: the intuition that misleads."),
        Preset("Sixteen", "size=16", "No sample will ever see one."),
        Preset("Low minima, high saddles", "part=critical", "A random function of four variables."),
        Preset("Six variables", "part=critical&variables=6", "Hardly a minimum among them."),
        Preset("Nothing is near", "part=distances", "The nearest is almost as far as the farthest."),
        Preset("All skin", "part=distances&dimensions=200&thickness=0.01", "One per cent of the radius, most of it."),
        Preset("Searching blind", "part=search", "The same bowl, with a gradient and without."),
        Preset("Plateaus", "part=linear", "A staircase of saddles, and no bad minimum."),
        Preset("A saddle at the origin", "part=linear&layers=2&start_scale=0.001", "Half of the directions lead down."),
        Preset("A bottleneck", "part=linear&width=2", "Too narrow to be perfect, and still one loss for all."),
    ),
)

CODE = {
    "signs": (random_matrices.gaussian_matrices, random_matrices.sampled),
    "critical": (random_function.random_function, random_function.height, random_function.critical_points),
    "distances": (balls.shell, balls.ball, balls.distances),
    "search": (random_search.bowl, random_search.uniform, random_search.stepwise, random_search.descent),
    "linear": (deep_linear.loss, deep_linear.train, deep_linear.levels),
}


def page() -> None:
    st.title("High dimensions")
    st.markdown(
        "Each weight of a network is a dimension, and there are millions. Pictures in two dimensions mislead: with "
        "more of them, **minima become rare and saddles common**, and everything moves far away from everything else."
    )
    numbers, choices = open_sheet(LESSON)
    chosen = choices["part"]
    shown.choose_part(chosen)
    shown.SHOWN[chosen](numbers)
    st.markdown(
        """
#### What to notice

- A minimum needs every eigenvalue to be positive, a saddle only one of each sign. The price of one more rises with n.
- Low critical points are the ones that are minima. Being caught in a bad one is rare, being slowed by saddles is not.
- In high dimensions the gradient is what makes search possible at all: it says where to go in all directions at once.

Sources: *Why training a neural network is hard* and its readers' comments; Goodfellow, Bengio and Courville, *Deep
Learning*, 2016, section 8.2.3 and page 155; Dauphin et al., *Identifying and attacking the saddle point problem*, NIPS
2014; Bray and Dean, Phys. Rev. Lett. 98, 2007; Dean and Majumdar, Phys. Rev. Lett. 97, 2006; Choromanska et al., *The
loss surfaces of multilayer networks*, AISTATS 2015; Beyer et al., *When is "nearest neighbor" meaningful?*, ICDT 1999;
Baldi and Hornik, Neural Networks 2, 1989; Saxe, McClelland and Ganguli, ICLR 2014.
"""
    )
    with st.expander("Show the code", icon=":material/code:"):
        st.code("\n\n".join(map(inspect.getsource, CODE[chosen])), language="python")


if __name__ == "__main__":
    page()
