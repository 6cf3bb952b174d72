"""What the lesson on inexact gradients measures: the noise ball, decaying rates, averages, and numerical gradients."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from landscapes import find_surface, gradient, hessian
from landscapes.shared import shared
from optim.estimates import differences, ensemble, example_gradients
from pages.parts.colors import BLUE, FAINT, GREEN, OCHRE, ORANGE, PINK
from pages.parts.noisy_gradients import TICKS
from pages.parts.words import number

SURFACE = "generated_regression"
RATE, BATCH, STEPS, SEEDS = 0.2, 10, 1000, 64
AVERAGED = 100
"""The step from which iterates are averaged: by then the run has arrived."""
DECAYS = {"constant": "constant rate", "step": "step: ÷ 10 three times", "cosine": "cosine", "inverse_time": "1/t"}
AVERAGE = "average"
COLORS = dict(zip((*DECAYS, AVERAGE), (ORANGE, OCHRE, BLUE, PINK, GREEN), strict=True))
DIFFERENCED = "iris_logistic"
WIDTHS = np.geomspace(1e-15, 1, 91)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ball:
    """Root mean square distance from the minimum after every step, over `SEEDS` seeds, by what was done (T+1,).

    `low` and `high` are 95 % bounds of each, from the scatter over the seeds. `predicted` is the radius of the noise
    ball for a small constant rate.
    """

    distance: dict[str, Floats]
    low: dict[str, Floats]
    high: dict[str, Floats]
    predicted: float


def radius(rate: float, size: int) -> float:
    """√(η tr(H⁻¹ Σ) / 2m): how far from its minimum a minibatch run wanders on a quadratic, for a small rate.

    Σ is the covariance of one example's gradient at the minimum. Source: Mandt, Hoffman and Blei, Stochastic Gradient
    Descent as Approximate Bayesian Inference, JMLR 18, 2017, section 3, for the stationary covariance.
    """
    (minimum,) = find_surface(SURFACE).minima
    slopes = example_gradients(SURFACE, minimum)
    curved = np.linalg.solve(hessian(SURFACE, minimum), slopes.T @ slopes / len(slopes))
    return float(np.sqrt(rate * np.trace(curved) / (2 * size)))


@shared(1)
def ball() -> Ball:
    """Minibatch descent under every schedule from the same draws, and the running average of the constant one."""
    paths = ensemble(
        SURFACE, "gd", steps=STEPS, batch_size=BATCH, seeds=SEEDS, schedules=tuple(DECAYS), learning_rate=RATE
    )
    runs = dict(zip(DECAYS, paths, strict=True))
    settled = runs["constant"][:, AVERAGED:]
    averages = settled.cumsum(axis=1) / np.arange(1, settled.shape[1] + 1)[:, None]
    runs[AVERAGE] = np.concatenate([np.full((SEEDS, AVERAGED, 2), np.nan), averages], axis=1)
    (minimum,) = find_surface(SURFACE).minima
    squares = {key: ((path - minimum) ** 2).sum(axis=-1) for key, path in runs.items()}
    means = {key: square.mean(axis=0) for key, square in squares.items()}
    margins = {key: 1.96 * square.std(axis=0, ddof=1) / np.sqrt(SEEDS) for key, square in squares.items()}
    return Ball(
        {key: np.sqrt(mean) for key, mean in means.items()},
        {key: np.sqrt(np.maximum(mean - margins[key], mean / 100)) for key, mean in means.items()},
        {key: np.sqrt(mean + margins[key]) for key, mean in means.items()},
        radius(RATE, BATCH),
    )


def ball_figure(found: Ball) -> go.Figure:
    """Distance from the minimum over the steps, with the bounds of the last of them."""
    figure = go.Figure()
    names = DECAYS | {AVERAGE: f"average from step {AVERAGED} on, constant rate"}
    steps = np.arange(0, STEPS + 1, 5)
    for key, name in names.items():
        line = {"color": COLORS[key], "width": 2}
        figure.add_scatter(x=steps, y=found.distance[key][steps], name=name, mode="lines", line=line)
    level = {"color": FAINT, "dash": "dot", "width": 2}
    ends = [0, STEPS]
    figure.add_scatter(x=ends, y=[found.predicted] * 2, name="predicted, constant rate", mode="lines", line=level)
    figure.update_xaxes(title="step")
    figure.update_yaxes(
        type="log", title="distance from the minimum", tickvals=TICKS, ticktext=[number(v) for v in TICKS]
    )
    legend = {"orientation": "h", "y": -0.22}
    figure.update_layout(height=420, margin={"l": 10, "r": 10, "t": 20, "b": 10}, legend=legend)
    return figure


def ball_text(found: Ball) -> str:
    """What was run, and how the constant rate compares with its law."""
    last = found.distance["constant"][STEPS // 2 :]
    return (
        f"Root mean square over {SEEDS} seeds, η = {RATE:g}, m = {BATCH}, the page's first surface. At a constant rate "
        f"the run stays {number(float(np.sqrt((last**2).mean())), 2)} away: for a small rate theory predicts "
        rf"$\sqrt{{\eta\,\mathrm{{tr}}(H^{{-1}}\Sigma)/2m}}$ = {number(found.predicted, 2)}. Rates that decay let it "
        "settle. So does the mean of all positions (Polyak and Ruppert), with the rate left as it is."
    )


def ball_table(found: Ball) -> dict[str, list[str]]:
    """The last distances with their bounds."""
    names = DECAYS | {AVERAGE: "constant rate, averaged"}
    bounds = [f"{number(found.low[key][-1], 2)} … {number(found.high[key][-1], 2)}" for key in names]
    return {
        "rate": list(names.values()),
        "last distance": [number(found.distance[key][-1], 2) for key in names],
        "95 % confidence": bounds,
    }


DIFFERENCES = (
    "A wide h measures another function's slope: that error falls with h, or with h² where both sides are asked. A "
    "narrow one loses its digits in f(x + h) − f(x), and that error grows like 1/h: the V. In 64 bits the forward "
    "difference keeps about half the digits at best, the central one two thirds. Either costs one or two losses for "
    "every weight; automatic differentiation gives all weights' slopes exactly for the price of a few losses."
)


@dataclass(frozen=True)
class Errors:
    """Relative errors (H,) of numerical gradients with `WIDTHS`, by kind: ``forward`` and ``central``."""

    by_kind: dict[str, Floats]

    def best(self, kind: str) -> tuple[float, float]:
        """The width with the smallest error, and that error."""
        at = int(self.by_kind[kind].argmin())
        return float(WIDTHS[at]), float(self.by_kind[kind][at])


@shared(1)
def errors() -> Errors:
    """Against the exact gradient from automatic differentiation, at the start on the irises' surface."""
    start = find_surface(DIFFERENCED).start
    exact = gradient(DIFFERENCED, start)
    found = {}
    for kind in ("forward", "central"):
        estimates = differences(DIFFERENCED, start, WIDTHS, central=kind == "central")
        found[kind] = np.linalg.norm(estimates - exact, axis=1) / np.linalg.norm(exact)
    return Errors(found)


def errors_text(found: Errors) -> str:
    """The best widths."""
    (h1, e1), (h2, e2) = found.best("forward"), found.best("central")
    return (
        f"Best found, forward: h = {number(h1, 2)} with a relative error of {number(e1, 2)}; central: h = "
        f"{number(h2, 2)} with {number(e2, 2)}."
    )


def errors_figure(found: Errors) -> go.Figure:
    """The two V's: error against the width, on two log axes."""
    figure = go.Figure()
    for (kind, values), color in zip(found.by_kind.items(), (COLORS["constant"], COLORS["cosine"]), strict=True):
        figure.add_scatter(x=WIDTHS, y=values, name=kind, mode="lines", line={"color": color, "width": 2})
        width, error = found.best(kind)
        spot = {"color": color, "size": 11, "symbol": "circle-open", "line": {"width": 3}}
        figure.add_scatter(x=[width], y=[error], mode="markers", marker=spot, name=f"best {kind}", showlegend=False)
    figure.update_xaxes(type="log", title="width h", exponentformat="power", dtick=3)
    figure.update_yaxes(type="log", title="relative error of the gradient", exponentformat="power", dtick=3)
    legend = {"orientation": "h", "y": 1.12}
    figure.update_layout(height=380, margin={"l": 10, "r": 10, "t": 20, "b": 10}, legend=legend)
    return figure
