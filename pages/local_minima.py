"""Local minima: which one you get depends on where you start and how, and many are as good as each other."""

import streamlit as st

from landscapes.knobs import Knob
from landscapes.symmetry import count
from pages.parts import minima
from pages.parts.course import Preset
from pages.parts.lesson import Lesson, View
from pages.parts.menus import setting
from pages.parts.show import show
from pages.parts.words import number
from stage import Setup
from stage.scene import make_bank

STARTS, HIDDEN = Knob(1, 500, name="restarts", default=30), Knob(1, 12, name="hidden_units", default=2)
BARE = {"config": {"displayModeBar": False}, "width": "stretch"}

LESSON = Lesson(
    key="local_minima",
    surface="tilted_double_well",
    optimizers=("gd",),
    rate=0.05,
    steps=200,
    panels=("loss", "gradient_norm", "distance", "final"),
    narrate=minima.explain,
    marks=minima.marks,
    ranges={"learning_rate": (0.005, 0.3)},
    wrapped=("gd:noise", "momentum:noise"),
    others=(STARTS.name, HIDDEN.name),
    prepare=(minima.crossings, minima.family),
    view=View("linear", ("basins", "critical"), None),
    presets=(
        Preset("The wrong side", "", "The run ends in the upper well."),
        Preset("The right side", "x=-0.2", "A start on the other side of the ridge."),
        Preset("A longer step", "learning_rate=0.1", "The first step is long enough to jump the ridge."),
        Preset("Noise, cooled", "optimizers=gd:noise&noise=10&cooling=0.03", "Shaken first, then left to settle."),
        Preset("Two equals", "tilt=0", "Untilted, both wells are global: either one will do."),
        Preset("One well left", "tilt=1.7&x=1.8", "Beyond |c| = 1.54 the upper well is gone."),
        Preset("No minimum", "surface=ill_conditioned&learning_rate=0.02&steps=100", "Flat loss, large gradient."),
        Preset("A curve of minima", "surface=two_layer_linear&learning_rate=0.05", "ab = 1: all global."),
        Preset(
            "Weight decay", "surface=two_layer_linear&weight_decay=0.3&learning_rate=0.05", "Only ±√(1−λ) are left."
        ),
        Preset(
            "Half of it dead",
            "surface=two_layer_relu&x=-1&y=1&learning_rate=0.1",
            "Where the unit is off the gradient is 0.",
        ),
        Preset(
            "A bad one",
            "surface=spurious_minimum&x=0.5&y=1.5&learning_rate=0.5",
            "A strict minimum of almost twice the loss.",
        ),
        Preset(
            "Right, and then wrong",
            "surface=brady&learning_rate=0.1&steps=500",
            "The least squared error misclassifies.",
        ),
    ),
)


def page() -> None:
    st.title("Local minima")
    st.markdown(
        "Two wells, one lower. Every start belongs to one of them: the colours say to which. Drag the start, the "
        "learning rate, the tilt, and watch where the border goes."
    )
    show(LESSON, below)


def below(setup: Setup) -> None:
    run = make_bank(setup, "x", (setup.start[0],)).trajectory(0, 0)
    st.info(f"**The gradient-norm test.** {minima.verdict(setup, run)}", icon=":material/rule:")
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Try again: random restarts")
        starts = setting(STARTS, "Drawn anew over the whole map, for the surface and the first optimizer above.")
        drawn, share = minima.restarts(setup, starts)
        st.plotly_chart(minima.restarts_figure(drawn), **BARE)
        st.plotly_chart(minima.chance_figure(share, starts), **BARE)
        st.markdown(
            f"Of all starts {number(100 * share, 3)} % reach the lowest loss known. The best of {starts} fails to with "
            f"probability {number(1 - minima.best_of(share, starts), 2)}; {minima.starts_needed(share)}."
        )
    with right:
        st.subheader("Shake it: noise, and its cooling")
        shares = minima.crossings()
        st.plotly_chart(minima.crossings_figure(shares), **BARE)
        best = {name: max(values) for name, values in shares.items()}
        st.markdown(
            f"From the upper well, {minima.SEEDS} runs for each strength. Steady noise that climbs the ridge climbs it "
            f"both ways: at best {number(100 * best['constant'], 2)} % end in the lower well. Noise that falls by "
            f"{number(100 * minima.COOLING)} % a step brings {number(100 * best['cooled'], 2)} % there."
        )
        st.subheader("Harmless: the same network again")
        hidden = setting(HIDDEN, "Units of one hidden layer.")
        st.markdown(
            f"Hidden units may be exchanged, and a tanh unit may change all its signs: n!·2ⁿ = **{count(hidden):,}** "
            f"sets of weights for n = {hidden}, all the same function. Below, a network with two hidden units, trained "
            "here, and its eight images."
        )
        st.dataframe(minima.images(minima.family()), hide_index=True)
    st.markdown(
        """
#### What to notice

- A local minimum shows itself by a small gradient. Most runs that stop have a large one: something else is wrong.
- Minima that differ by a symmetry have equal loss. They are many because the weights do not name the function uniquely.
- The bad minima of the last two links are real, and made for the purpose: in large networks they seem to be rare.

Sources: the chapter summary, *Local minima*; Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 8.2.2;
*Why training a neural network is hard*, on restarts and noise; Sontag and Sussmann, 1989; Brady et al., 1989.
"""
    )


if __name__ == "__main__":
    page()
