"""Shows the parts of the lesson on high dimensions: their sliders, their pictures, and what these say."""

from collections.abc import Callable, Mapping

import plotly.graph_objects as go
import streamlit as st

from landscapes import random_matrices
from landscapes.knobs import Knob
from pages.parts import high_dimensions as part
from pages.parts import high_dimensions_figures as figures
from pages.parts.menus import slider
from pages.parts.settings import write
from pages.parts.words import number

Numbers = Mapping[str, float]


def choose_part(now: str) -> None:
    """The parts of the lesson; the numbers of the others stay as they are."""
    key = "menu_part"
    st.session_state[key] = now

    def changed() -> None:
        # A second press on the same part takes the choice away: it stays.
        chosen = st.session_state[key] or now
        write({"part": None if chosen == next(iter(part.PARTS)) else chosen})

    st.segmented_control(
        "Part", list(part.PARTS), format_func=part.PARTS.__getitem__, key=key, on_change=changed,
        label_visibility="collapsed",
    )  # fmt: skip


def _chart(figure: go.Figure, key: str) -> None:
    st.plotly_chart(figure, width="stretch", key=f"high_{key}", config={"displayModeBar": False})


def _sliders(numbers: Numbers, *chosen: tuple[Knob, str]) -> list[int]:
    """A row of sliders with their help; the whole numbers that they stand at, 0 for the others."""
    values = []
    for column, (knob, help) in zip(st.columns(max(2, len(chosen))), chosen, strict=False):
        whole = not knob.log
        value = float(round(numbers[knob.name])) if whole else numbers[knob.name]
        with column:
            slider(knob, value, help, whole=whole)
        values.append(round(value))
    return values


def signs(numbers: Numbers) -> None:
    """The eigenvalues of random symmetric matrices."""
    n, samples = _sliders(
        numbers,
        (part.SIZE, "Rows of the matrix: the dimensions of the space whose Hessian it might be."),
        (part.SAMPLES, "Random matrices that are drawn for each size."),
    )
    exact, coins = random_matrices.probability(n), 0.5**n
    shares = st.columns(3)
    shares[0].metric("All heads, n coins", part.once_in(coins), border=True)
    shares[1].metric("All eigenvalues positive", part.once_in(exact), border=True)
    shares[2].metric("Rarer than with coins", f"{part.times(coins / exact)} times", border=True)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("How rare is a minimum?")
        _chart(figures.signs(n, samples), "signs")
    with right:
        st.subheader("Where eigenvalues lie")
        _chart(figures.spectrum(n), "spectrum")
    st.markdown(part.signs(n, samples))
    st.caption(
        "At a critical point the signs of the Hessian's eigenvalues decide: all positive is a minimum. Here the "
        "Hessian is symmetric with normal entries, the Gaussian orthogonal ensemble, scaled so that large ones fill "
        "−2 … 2. The dotted curve is only the leading term for large n: it tells how fast the logarithm falls, not "
        "the value."
    )


def critical(numbers: Numbers) -> None:
    """The critical points of a random function."""
    n, function = _sliders(
        numbers,
        (part.VARIABLES, "Variables of the function."),
        (part.FUNCTION, "Each number is another random function."),
    )
    left, right = st.columns([3, 2], gap="large")
    with st.spinner("Newton's method is on its way from every start"):
        scatter, rare = figures.critical(n, function), figures.minima(n, function)
    with left:
        st.subheader("Low ones are minima, high ones are not")
        _chart(scatter, "critical")
    with right:
        st.subheader("Minima become rare")
        _chart(rare, "minima")
    st.markdown(part.critical(n, function))
    st.caption(
        "A sum of random waves, near a Gaussian field with covariance $e^{-\\|x-y\\|^2/2}$. Given the height u, its "
        "Hessian is a random matrix less u times the identity: going down shifts all eigenvalues up, and so minima "
        "are not as rare as among the bare matrices of the first part. The theory's curve is for the field itself, "
        "over all of space. Intervals are as if the points were independent. Choromanska et al. found low minima and "
        "high saddles in a model of networks that is akin to a spin glass, Dauphin et al. in networks themselves."
    )


def distances(numbers: Numbers) -> None:
    """Distances between random points, and volumes of balls."""
    n, _ = _sliders(
        numbers,
        (part.DIMENSIONS, "Dimensions of the space."),
        (part.THICKNESS, "Of the outer shell, as a share of the ball's radius."),
    )
    thickness = numbers[part.THICKNESS.name]
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Nearest and farthest")
        _chart(figures.nearest(n), "nearest")
    with right:
        st.subheader("Where the volume is")
        _chart(figures.shell(n, thickness), "shell")
    st.markdown(part.distances(n, thickness))
    st.caption(
        "The curse of dimensionality: the configurations of n numbers multiply with each of them, and the distance "
        "between random points grows like √(n/6). Points are uniform in the unit cube on the left, in the ball on the "
        "right."
    )


def search(numbers: Numbers) -> None:
    """A bowl solved with a gradient and without one."""
    (n,) = _sliders(numbers, (part.UNKNOWNS, "Unknowns for which the numbers below are."))
    st.subheader("Evaluations until the same bowl is solved")
    _chart(figures.searching(n), "search")
    st.markdown(part.searching(n))
    st.caption(
        f"f = ½ Σ λᵢxᵢ² over the cube from −1 to 1, λ from 1 to {number(figures.random_search.CONDITION)}, solved at "
        f"{number(100 * figures.random_search.TOLERANCE)} % of its mean. Vertical bars: 95 % intervals of the median. "
        "Backpropagation gives a gradient for about the price of a few evaluations, whatever n is; differences of "
        "function values need n + 1 of them. A bowl is the kindest of landscapes: it shows what dimension alone costs."
    )


def linear(numbers: Numbers) -> None:
    """Deep linear networks in training."""
    layers, width, _ = _sliders(
        numbers,
        (part.LAYERS, "Matrices multiplied with each other."),
        (part.WIDTH, "Units between two matrices. Fewer than 4 cannot pass on all there is to learn."),
        (part.START, "Factor on the usual standard deviation of a start."),
    )
    scale = numbers[part.START.name]
    with st.spinner("Twelve networks train"):
        part.spectra(layers, width, scale)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("A staircase of plateaus")
        _chart(figures.training(layers, width, scale), "training")
    with right:
        st.subheader("Curvature on the first run's way")
        _chart(figures.curvature(layers, width, scale), "curvature")
    st.markdown(part.linear(layers, width, scale))
    st.caption(
        "The network is a product of matrices and so a linear map; its loss $\\frac12\\|W_L \\cdots W_1 - M\\|^2$ is "
        "not convex. M has the singular values 4, 2, 1 and ½, learnt one after the other. Dotted: the losses with the "
        "strongest 0, 1, 2 … of them learnt, each of them a saddle but the last. Baldi and Hornik proved it for two "
        "layers, and observed it for more. Networks with nonlinearities have high saddles too; whether they have bad "
        "minima is not settled by this. Eigenvalues are drawn on a scale that is logarithmic away from 0."
    )


SHOWN: Mapping[str, Callable[[Numbers], None]] = {
    "signs": signs,
    "critical": critical,
    "distances": distances,
    "search": search,
    "linear": linear,
}
