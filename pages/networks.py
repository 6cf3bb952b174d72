"""Networks: train a small one here, and look at its landscape."""

import streamlit as st

from pages.parts import networks, networks_runs, networks_shape, networks_show
from pages.parts.course import Preset
from pages.parts.menus import open_sheet
from pages.parts.networks_prepare import PREPARE

LESSON = networks.Experiments(
    key="networks",
    knobs=networks.KNOBS,
    menus=networks.MENUS,
    prepare=PREPARE,
    presets=(
        Preset("Train one", "", "Two moons, two hidden layers, Adam."),
        Preset(
            "Its landscape", "part=landscape", "Three optimizers from one start, in the plane that holds their paths."
        ),
        Preset("Random directions", "part=landscape&plane=random", "The surroundings, and next to none of the path."),
        Preset(
            "A straight line",
            "part=landscape&plane=line",
            "The losses straight from the start to each end.",
        ),
        Preset("Norm rises, error falls", "part=norm", "Training succeeds, and the gradient grows."),
        Preset("Leaving a saddle", "part=saddle", "Drawn in, slowed down, driven out."),
        Preset("Edge of stability", "part=curvature", "The sharpness climbs to 2/η and stays."),
        Preset("Twice the rate", "part=curvature&learning_rate=0.2", "And it stays at half the sharpness."),
        Preset("Deeper", "part=depth", "Plain networks get sharp and then stuck, those with skips do not."),
        Preset("Two solutions", "part=two", "A barrier that vanishes when units are renamed."),
        Preset("Two weights", "part=exact", "Nothing is projected: the surface is the truth."),
        Preset("Real images", "data=digits&width=24&optimizers=adam+momentum", "Handwritten digits, 64 pixels each."),
        Preset("Spirals", "data=spirals&width=24&hidden_layers=3&steps=2000", "Bent around each other, and learnt."),
    ),
)


def page() -> None:
    st.title("Networks")
    st.markdown(
        "The real thing: a network trains here, in seconds, and its loss is a surface over all of its weights. No "
        "picture holds that surface. Each part below shows another side of it, and says how much."
    )
    numbers, choices = open_sheet(LESSON)
    part = choices["part"]
    networks.choose_part(part)
    st.markdown(networks.ABOUT[part])
    networks.controls(LESSON, numbers, choices)
    if part == "exact":
        networks_shape.exact(choices["surface"])
    else:
        recipes = networks.recipes(numbers, choices, networks.data_of(choices["data"]))
        if not networks_runs.enough(recipes):
            networks_runs.under_way(recipes)
        else:
            networks_runs.go_on(recipes)
            runs = networks_runs.shown(recipes)
            if networks_runs.presentable(runs):
                networks_show.SHOWN[part](runs, choices)
    st.markdown(
        """
#### What to notice

- A network's weights number in the hundreds here and in the billions elsewhere. Any picture is a cut through them.
- Obstacles are few on the way down. What takes the time are curvature, plateaus near the start, and noise.
- Good solutions are many, and most differ in names only. That one of them is best, nobody can tell.

Sources: Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 8.2, figures 8.1 and 8.2; Goodfellow, Vinyals
and Saxe, *Qualitatively characterizing neural network optimization problems*, ICLR 2015; Li et al., *Visualizing the
loss landscape of neural nets*, NeurIPS 2018; Cohen et al., *Gradient descent on neural networks typically occurs at the
edge of stability*, ICLR 2021; Ainsworth et al., *Git Re-Basin*, ICLR 2023; *Why training a neural network is hard*.
"""
    )
    with st.expander("Show the code", icon=":material/code:"):
        st.code(networks_show.code(part, choices["surface"]), language="python")


if __name__ == "__main__":
    page()
