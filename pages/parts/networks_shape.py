"""More of what the lesson on networks shows: sharpness, depth, two solutions, and networks of two weights."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from landscapes import SURFACES, on_grid
from optim import descend
from optim.training import Run
from pages.parts import networks_figures as figures
from pages.parts.networks_figures import chart, percent
from pages.parts.networks_results import BETWEEN, DEPTHS, PERTURBED, between, density, eigenvalues, measured, sharpness
from pages.parts.words import number, series

LESSONS = {
    "two_layer_linear": "local_minima",
    "two_layer_relu": "local_minima",
    "spurious_minimum": "local_minima",
    "hidden_layer": "convexity",
    "one_neuron": "convexity",
}
"""Where each exact network can be taken in the hands."""


def curvature(runs: Sequence[Run], choices: Mapping[str, str]) -> None:
    """Top eigenvalues over training against 2/η, and the spectrum."""
    run = runs[0]
    steps, values = eigenvalues(run)
    edge = 2 / run.recipe.rate
    full = run.recipe.optimizer == "gd" and (run.recipe.batch == 0 or run.recipe.batch >= run.recipe.data.trained)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Largest eigenvalues against 2/η", divider="gray")
        named = {"largest": values[:, 0], "second": values[:, 1], "third": values[:, 2], "smallest": values[:, 3]}
        level = {f"2/η = {number(edge, 3)}": edge} if full or edge < 3 * values.max() else {}
        chart(figures.curves(steps, named, "eigenvalue", levels=level, height=340), "top")
    with right:
        st.subheader("Loss", divider="gray")
        chart(figures.curves(run.steps, {"loss": measured(run).loss}, "loss", log=True, height=340), "sharp_loss")
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("The whole spectrum", divider="gray")
        ends = {"at the start": density(run, 0), "at the end": density(run, len(run.weights) - 1)}
        chart(figures.spectrum(ends, run.recipe.net.size), "spectrum")
    with right:
        above = np.flatnonzero(values[:, 0] >= edge)
        late = values[len(values) // 2 :, 0]
        if full and len(above):
            st.markdown(
                f"The largest eigenvalue starts at {number(values[0, 0], 3)}, reaches 2/η = **{number(edge, 3)}** by "
                f"step {steps[above[0]]}, and stays about there: from {number(late.min(), 3)} to "
                f"{number(late.max(), 3)} in the second half. Beyond 2/η a step overshoots along that direction. The "
                "run does not blow up: the overshooting carries it to where the surface is less sharp."
            )
        elif full:
            st.markdown(
                f"The largest eigenvalue comes to {number(values[:, 0].max(), 3)} and not to 2/η = {number(edge, 3)}. "
                "A longer run or a higher rate would reach it."
            )
        else:
            st.markdown(
                "2/η is the limit of plain gradient descent on all examples. Other rules, and minibatches, have other "
                "limits."
            )
        low, shares = ends["at the end"]
        flat = float(shares[np.abs(low) < 0.01 * low.max()].sum())
        st.markdown(
            f"At the end about {percent(flat)} of all eigenvalues are smaller than a hundredth of the largest: almost "
            "every direction is flat, and a few are steep. The Hessian is never written down: Lanczos' method asks for "
            "its products with vectors only."
        )


def depth(runs: Sequence[Run], choices: Mapping[str, str]) -> None:
    """Sharpness of deeper and deeper networks, with and without skip connections."""
    with st.spinner("Measuring their curvature"):
        found = np.array([sharpness(run) for run in runs]).reshape(2, len(DEPTHS), 3)
    titles = ("loss at the end", "largest eigenvalue at the end", f"rise for a random step of {PERTURBED}")
    for column, index in zip(st.columns(3, gap="medium"), range(3), strict=True):
        with column:
            st.subheader(titles[index].capitalize(), divider="gray")
            both = {"plain": found[0, :, index], "with skips": found[1, :, index]}
            across = "hidden layers"
            figure = figures.curves(np.array(DEPTHS), both, "", log=index == 1, across=across, zero=index != 1)
            figure.update_traces(mode="lines+markers").update_xaxes(tickvals=DEPTHS)
            chart(figure, f"depth_{index}")
    told = series(
        [
            f"{number(found[0, k, 1], 2)} against {number(found[1, k, 1], 2)} with {layers} layers"
            for k, layers in enumerate(DEPTHS)
        ]
    )
    stuck = [str(layers) for k, layers in enumerate(DEPTHS) if found[0, k, 0] > 5 * found[1, k, 0]]
    st.markdown(
        f"Largest eigenvalue at the end, plain against skips: {told}. "
        + (
            f"With {series(stuck)} layers the plain network's loss stays more than five times higher: it has hardly "
            "been trained, and its small curvature is that of a plateau."
            if stuck
            else "Every network could be trained."
        )
    )
    st.caption(
        "The same data, rate, steps and seed for all eight. A random step moves each unit's incoming weights by "
        f"{PERTURBED} of their length (filter-normalised); the mean of 32 such steps."
    )


def two(runs: Sequence[Run], choices: Mapping[str, str]) -> None:
    """The barrier between two solutions, before and after matching their hidden units."""
    found = between(*runs)
    before, after = found.barriers
    left, right = st.columns([3, 2], gap="large")
    with left:
        along = {"as trained": found.before, "units matched": found.after}
        across = f"α, from seed {runs[0].recipe.seed} to seed {runs[1].recipe.seed}"
        chart(figures.curves(BETWEEN, along, "loss", across=across, height=400, zero=True), "between")
    with right:
        left, right = st.columns(2)
        left.metric("Barrier as trained", number(before, 3))
        right.metric("Barrier matched", number(after, 3))
        st.markdown(
            f"Two runs that differ only in their seed end {number(found.apart[0], 3)} apart, with a barrier between. "
            "The second network's hidden units are then put in the order in which their activities fit the first one's "
            f"best. That changes no output by more than {number(found.same, 2)}, and the distance to "
            f"{number(found.apart[1], 3)}. Of the barrier {percent(after / before) if before else '0 %'} is left."
        )
        st.markdown(
            "Much of what seems to part two minima is only a matter of names: hidden units may be exchanged. For tanh "
            "the signs of a unit may change as well, and are matched too."
        )


def exact(key: str) -> None:
    """A network of two weights, whose surface is all there is: the map holds every path wholly."""
    surface = SURFACES[key]
    x, y, z = on_grid(key, None, 81)
    x_low, x_high, y_low, y_high = surface.box
    starts = [(x_low + u * (x_high - x_low), y_low + v * (y_high - y_low)) for u, v in ((0.15, 0.75), (0.8, 0.2))]
    paths = []
    for start, name in zip((surface.start, *starts), ("its usual start", "second start", "third start"), strict=True):
        run = descend(key, "gd", start, steps=500, learning_rate=0.05)
        paths.append((f"{name}: ends at {number(round(run.values[-1], 9), 3)}", run.points, run.values))
    left, right = st.columns(2)
    with left:
        chart(figures.contour(x, y, z, paths, ("weight x", "weight y")), "map")
    with right:
        chart(figures.relief(x, y, z, paths, ("weight x", "weight y")), "relief")
    caption = surface.caption
    left, right = st.columns(2, gap="large")
    left.latex(caption.formula)
    with right:
        st.markdown(
            f"{caption.notice}\n\nThere are no other weights: what is drawn is the whole landscape, and a path is "
            "where it seems to be. Gradient descent, η = 0.05, 500 steps."
        )
        st.page_link(f"{LESSONS[key]}.py", label="Take it in your hands", icon=":material/open_in_new:",
                     query_params={"surface": key})  # fmt: skip
