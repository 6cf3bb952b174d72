"""What each part of the lesson on networks shows of its runs: pictures, and the numbers read off them."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from landscapes import SURFACES
from landscapes.matching import match_units, rearranged
from landscapes.mlp import MLP
from optim.projection import filter_normalised, on_line, path_plane, random_plane
from optim.spectrum import critical_point_near, extreme_eigenvalues, hessian_vector, lanczos
from optim.training import Run, block, measures_at
from pages.parts import networks_figures as figures
from pages.parts.networks_figures import chart, percent, titled
from pages.parts.networks_results import SHARES, lines, mapped, measured, passage, sharpness
from pages.parts.networks_shape import curvature, depth, two
from pages.parts.words import number, series


def train(runs: Sequence[Run], choices: Mapping[str, str]) -> None:
    """Loss and error along the runs, and what the first network answers."""
    first, data = runs[0], runs[0].recipe.data
    found = [measured(run) for run in runs]
    longest = max(runs, key=lambda run: len(run.steps)).steps
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Loss", divider="gray")
        chart(figures.curves(longest, {titled(r): m.loss for r, m in zip(runs, found, strict=True)}, "loss", log=True),
              "loss")  # fmt: skip
    with right:
        st.subheader("What the first one answers", divider="gray")
        chart(figures.answers(first), "answers")
    st.dataframe(
        [
            {
                "optimizer": titled(run),
                "loss": number(m.loss[-1], 3),
                "error, trained on": percent(m.error[-1]),
                "error, held out": percent(m.held_out[-1]),
                "‖gradient‖": number(m.gradient_norm[-1], 3),
            }
            for run, m in zip(runs, found, strict=True)
        ],
        hide_index=True,
    )
    st.caption(
        f"{first.recipe.net.size:,} weights, {data.trained:,} examples to train on, {len(data.y) - data.trained:,} "
        "held out. A point of the landscape is one setting of all these weights."
    )


def landscape(runs: Sequence[Run], choices: Mapping[str, str]) -> None:
    """A plane or a line through the landscape, and how honest it is."""
    if choices["plane"] == "line":
        _line(runs)
        return
    drawn = mapped(tuple(runs), choices["plane"], runs[0].recipe.seed)
    names = ("first direction", "second direction")
    names = ("principal direction 1", "principal direction 2") if choices["plane"] == "path" else names
    paths = [(titled(run), places, seen) for run, places, seen in zip(runs, drawn.places, drawn.seen, strict=True)]
    left, right = st.columns(2)
    with left:
        chart(figures.contour(drawn.a, drawn.b, drawn.z, paths, names), "map")
    with right:
        chart(figures.relief(drawn.a, drawn.b, drawn.z, paths, names), "relief")
    st.subheader("Is the picture true?", divider="gray")
    told = series([f"{percent(share)} of {titled(run)}" for run, share in zip(runs, drawn.shares, strict=True)])
    true = [run.losses for run in runs]
    off = max(float(np.median(np.abs(seen - own) / own)) for seen, own in zip(drawn.seen, true, strict=True))
    left, right = st.columns([3, 2], gap="large")
    with left:
        chart(figures.honest(runs, true, drawn.seen), "honest")
    with right:
        st.metric("Variance of the first path in this plane", percent(drawn.shares[0]))
        st.markdown(
            f"Variance explained: {told}. Solid: the loss at the weights themselves. Dotted: the loss where the plane "
            f"draws them. They differ by {percent(off)} at the median, for the path that fares worst. "
            + (
                "Principal components are chosen to hold the paths, and make any path look as if it lived in a plane."
                if choices["plane"] == "path"
                else "Random directions hold next to nothing of a path: in many dimensions almost everything is at "
                "right angles to them. They show the surroundings of the end."
            )
        )


def _line(runs: Sequence[Run]) -> None:
    found = lines(tuple(runs))
    left, right = st.columns([3, 2], gap="large")
    with left:
        drawn = {titled(run): along for run, along in zip(runs, found, strict=True)}
        chart(figures.curves(SHARES, drawn, "loss", across="α: 0 is the start, 1 the end", height=400), "line")
    with right:
        inside = (SHARES >= 0) & (SHARES <= 1)
        for run, along in zip(runs, found, strict=True):
            climb = float(np.max(along[inside] - np.minimum.accumulate(along[inside])))
            word = f"the largest climb is {number(climb, 2)}" if climb > 0 else "it falls all the way"
            fall = f"{number(along[inside][0], 3)} to {number(along[inside][-1], 3)}"
            st.markdown(f"**{titled(run)}.** From {fall} on the line; {word}.")
        st.markdown(
            "The line is exact, but no run goes along it. Goodfellow et al. found few obstacles on such lines. That "
            "says little about the path that was taken: to go straight one would have to know the end."
        )


def norm(runs: Sequence[Run], choices: Mapping[str, str]) -> None:
    """Figure 8.1: the gradient norm rises while the error falls."""
    run, found = runs[0], measured(runs[0])
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Gradient norm ‖g‖", divider="gray")
        chart(figures.curves(run.steps, {"‖g‖": found.gradient_norm}, "‖g‖", zero=True), "norm")
    with right:
        st.subheader("Classification error", divider="gray")
        kinds = {"trained on": found.error, "held out": found.held_out}
        chart(figures.curves(run.steps, kinds, "share that is wrong", zero=True), "error")
    left, right = st.columns(2, gap="large")
    slope, curve = run.recipe.rate * found.gradient_norm**2, run.recipe.rate**2 * found.curvature / 2
    with left:
        st.subheader("Two terms of a step", divider="gray")
        terms = {
            "η gᵀg, gained by the slope": slope,
            "½ η² gᵀHg, lost to curvature": np.where(curve > 0, curve, np.nan),
        }
        chart(figures.curves(run.steps, terms, "change of the loss", log=True), "terms")
    with right:
        st.subheader("In numbers", divider="gray")
        early, late = rise(found.gradient_norm)
        st.markdown(
            f"- Mean gradient norm in the first third of training **{number(early, 3)}**, in the last third "
            f"**{number(late, 3)}**: it {'rises' if late > early else 'falls'}.\n"
            f"- Error, held out: from **{percent(found.held_out[0])}** to **{percent(found.held_out[-1])}**.\n"
            f"- gᵀHg from {number(found.curvature[0], 3)} to {number(found.curvature[-1], 3)}. At "
            f"{int((curve > slope).sum())} of {len(run.steps)} records ½η²gᵀHg is more than ηgᵀg: there the Taylor "
            "expansion predicts that a step of gradient descent makes things worse."
        )
        st.markdown(
            "Training that works need not arrive anywhere: no critical point is near, and the gradient is larger than "
            "at the start. Ill-conditioning makes steps short although the gradient is strong."
        )


def rise(values: np.ndarray) -> tuple[float, float]:
    """Means of the first and of the last third."""
    third = max(1, len(values) // 3)
    return float(np.mean(values[:third])), float(np.mean(values[-third:]))


def saddle(runs: Sequence[Run], choices: Mapping[str, str]) -> None:
    """Figure 8.2: the saddle near the start, and the path that leaves it."""
    run, found, norms = runs[0], passage(runs[0]), measured(runs[0]).gradient_norm
    if found is None:
        st.info(
            "No critical point was found near this path: the network is too large to write its Hessian down, or "
            "Newton's method does not arrive. Fewer units, one hidden layer and a small start help.",
            icon=":material/search_off:",
        )
        return
    names = ("from the saddle to the end", "where it curves up most")
    path = [(titled(run), found.drawn.places[0], found.drawn.seen[0])]
    left, right = st.columns(2)
    drawn, place = found.drawn, {"critical point": np.zeros(2)}
    with left:
        chart(figures.contour(drawn.a, drawn.b, drawn.z, path, names, place), "map")
    with right:
        chart(figures.relief(drawn.a, drawn.b, drawn.z, path, names), "relief")
    left, right = st.columns(2, gap="large")
    with left:
        away = {"distance from the critical point": found.distances, "gradient norm ‖g‖": norms}
        chart(figures.curves(run.steps, away, "", log=True), "away")
    with right:
        k, values = found.nearest, found.critical.eigenvalues
        travelled = float(np.linalg.norm(np.diff(run.weights, axis=0), axis=1).sum())
        kind = "a saddle" if found.negative else "no saddle, but with no curvature below zero"
        st.markdown(
            f"- The critical point: ‖g‖ = {number(found.critical.gradient_norm, 2)}, loss {number(found.loss, 3)}; "
            f"**{found.negative}** of {len(values)} eigenvalues are below zero, from {number(values[0], 3)} to "
            f"{number(values[-1], 3)}: {kind}.\n"
            f"- At step **{run.steps[k]}** the path is **{number(found.distances[k], 3)}** from it, after a start at "
            f"{number(found.distances[0], 3)}, and ends at {number(found.distances[-1], 3)}; it travels "
            f"{number(travelled, 3)} in all.\n"
            f"- The plane holds {percent(drawn.shares[0])} of the path's variance."
        )
        st.markdown(
            "All weights zero is a critical point with a way down on either side. Gradient descent is drawn in, slows "
            "down, and is driven out along the negative curvature: it need not even be told."
        )


SHOWN: Mapping[str, Callable[[Sequence[Run], Mapping[str, str]], None]] = {
    "train": train,
    "landscape": landscape,
    "norm": norm,
    "saddle": saddle,
    "curvature": curvature,
    "depth": depth,
    "two": two,
}
CODE: Mapping[str, tuple[Any, ...]] = {
    "train": (MLP, block),
    "landscape": (filter_normalised, random_plane, path_plane, on_line),
    "norm": (measures_at,),
    "saddle": (critical_point_near,),
    "curvature": (hessian_vector, lanczos, extreme_eigenvalues),
    "depth": (MLP, sharpness),
    "two": (match_units, rearranged),
}


def code(part: str, surface: str) -> str:
    """What a part runs, as it is written."""
    shown = CODE.get(part) or (SURFACES[surface].f,)
    return "\n\n".join(map(inspect.getsource, shown))
