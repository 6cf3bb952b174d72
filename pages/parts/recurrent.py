"""What the page about long-term dependencies measures: gradients through a tiny recurrent network, and two remedies."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import plotly.graph_objects as go
from numpy.typing import NDArray
from scipy.stats import binomtest
from scipy.stats import t as student

from landscapes.knobs import Knob
from landscapes.recurrent import INITIALISATIONS, gaussian, jacobians, states, with_radius
from landscapes.shared import shared
from pages.parts.colors import BLUE, FAINT, GREEN, ORANGE, PINK
from pages.parts.words import number, series

Floats = NDArray[np.float64]

SCALE = Knob(1e-6, 1, log=True, zero=True, symbol="σ", name="input_size", default=0.01)
"""Standard deviation of every input of the network."""
UNITS = 16
HORIZON = 100
RADII = (0.8, 1.0, 1.2, 1.5)
COLORS = (BLUE, GREEN, ORANGE, PINK)
SEEDS = 40
CONFIDENCE = 0.95
TITLES = {"gaussian": "Gaussian", "orthogonal": "orthogonal"}

EXAMPLES = 16
DELAY = 60
TRAINING = 200
RUNS = 16
RATE = 2.0
NOISE = 0.3
WIDE = 2.0
"""Spectral radius at which training begins: gradients explode."""
THRESHOLDS = {"no clipping": np.inf, "clipping at 0.3": 0.3}
SOLVED = 0.1
"""Loss below which a run counts as solved; guessing costs ln 2."""
AVERAGED = 50
"""Training steps over which a loss is averaged: every batch is another one."""


# Weights (R, n, n) and inputs (R, T, n): ∂hₜ/∂h₀ as (R, T, n, n).
_all_jacobians = jax.jit(jax.vmap(lambda weights, inputs: jacobians(weights, jnp.zeros(UNITS), inputs)))


@shared(1)
def _weights() -> Floats:
    """One Gaussian W at each of `RADII`, (R, n, n)."""
    drawn = gaussian(np.random.default_rng(1), UNITS)
    return np.stack([with_radius(drawn, radius) for radius in RADII])


@shared(1)
def linear_norms() -> Floats:
    """‖Wᵗ‖₂ for t from 1 to `HORIZON` at each of `RADII`, (R, T)."""
    powers = [np.linalg.matrix_power(one, t) for one in _weights() for t in range(1, HORIZON + 1)]
    return np.linalg.norm(powers, 2, axis=(1, 2)).reshape(len(RADII), HORIZON)


@shared(128)
def network_norms(scale: float) -> Floats:
    """‖∂hₜ/∂h₀‖₂ of the tanh network, (R, T); `scale` is the standard deviation of every input."""
    inputs = scale * np.random.default_rng(2).standard_normal((HORIZON, UNITS))
    found = _all_jacobians(_weights(), np.broadcast_to(inputs, (len(RADII), *inputs.shape)))
    return np.linalg.norm(found, 2, axis=(2, 3))


@shared(128)
def starts(scale: float) -> dict[str, Floats]:
    """log₁₀ of the gradient norm of a random unit error, root mean square, (`SEEDS`, T) by initialisation."""
    inputs = scale * np.random.default_rng(4).standard_normal((SEEDS, HORIZON, UNITS))
    found = {}
    for key, draw in INITIALISATIONS.items():
        random = np.random.default_rng(3)
        through = _all_jacobians(np.stack([draw(random, UNITS) for _ in range(SEEDS)]), inputs)
        found[key] = np.log10(np.linalg.norm(through, axis=(2, 3)) / np.sqrt(UNITS))
    return found


def mean_and_error(samples: Floats) -> tuple[Floats, Floats]:
    """Mean over the first axis, and the half width of its `CONFIDENCE` interval by Student's t."""
    count = len(samples)
    half = student.ppf((1 + CONFIDENCE) / 2, count - 1) * samples.std(axis=0, ddof=1) / np.sqrt(count)
    return samples.mean(axis=0), half


def _loss(weights: dict[str, Any], inputs: Any, labels: Any) -> Any:
    """Logistic loss of telling the sign of the first input after the last step: inputs (B, T), labels ±1 (B,)."""

    def last(row: Any) -> Any:
        return states(weights["w"], jnp.zeros(UNITS, row.dtype), row[:, None] * weights["u"])[-1]

    return jnp.logaddexp(0.0, -labels * (jax.vmap(last)(inputs) @ weights["v"])).mean()


class Lot(NamedTuple):
    """What chance decides in a training: the weights it begins with, and each step's labels ±1 (N, B) and inputs."""

    weights: dict[str, Floats]
    labels: Floats
    inputs: Floats


def _draw(seed: int) -> Lot:
    random = np.random.default_rng((5, seed))
    weights = {
        "w": with_radius(gaussian(random, UNITS), WIDE),
        "u": random.standard_normal(UNITS),
        "v": random.standard_normal(UNITS) / np.sqrt(UNITS),
    }
    labels = random.choice((-1.0, 1.0), (TRAINING, EXAMPLES))
    inputs = NOISE * random.standard_normal((TRAINING, EXAMPLES, DELAY))
    inputs[:, :, 0] = labels
    return Lot(weights, labels, inputs)


def _train(lot: Any, threshold: Any) -> tuple[Any, Any]:
    """Loss and gradient norm before clipping at each of `TRAINING` steps of stochastic gradient descent."""
    rule = optax.chain(optax.clip_by_global_norm(threshold), optax.sgd(RATE))

    def step(now: Any, batch: Any) -> tuple[Any, Any]:
        weights, memory = now
        loss, gradient = jax.value_and_grad(_loss)(weights, *batch)
        change, memory = rule.update(gradient, memory)
        return (optax.apply_updates(weights, change), memory), (loss, optax.tree.norm(gradient))

    return jax.lax.scan(step, (lot.weights, rule.init(lot.weights)), (lot.inputs, lot.labels))[1]


@shared(1)
def trained() -> dict[str, tuple[Floats, Floats]]:
    """Losses and gradient norms, each (`RUNS`, `TRAINING`), by the names of `THRESHOLDS`: the same runs, cut or not."""
    lots = jax.tree.map(lambda *each: np.stack(each), *map(_draw, range(RUNS)))
    bounds = np.array(list(THRESHOLDS.values()))
    losses, norms = jax.jit(jax.vmap(jax.vmap(_train, (0, None)), (None, 0)))(lots, bounds)
    return {name: (np.asarray(losses[i]), np.asarray(norms[i])) for i, name in enumerate(THRESHOLDS)}


def share_solved(losses: Floats) -> tuple[Floats, Floats, Floats]:
    """Share of runs (R, N) whose loss, averaged over `AVERAGED` steps, is below `SOLVED`, with its Wilson interval.

    Each is (N - `AVERAGED` + 1,). A run whose loss is no longer finite does not count as solved. Source: Wilson,
    Probable Inference, the Law of Succession, and Statistical Inference, JASA 22, 1927.
    """
    windows = np.lib.stride_tricks.sliding_window_view(losses, AVERAGED, axis=1).mean(axis=2)
    counts = (windows < SOLVED).sum(axis=0)
    runs = len(losses)
    bounds = [binomtest(k, runs).proportion_ci(CONFIDENCE, method="wilson") for k in range(runs + 1)]
    low, high = np.array([(bound.low, bound.high) for bound in bounds])[counts].T
    return counts / runs, low, high


def solved(losses: Floats) -> int:
    """How many runs end below `SOLVED`."""
    return round(share_solved(losses)[0][-1] * len(losses))


def agreement(scale: float) -> str:
    """Until when the network's gradient is within a factor 2 of the linear prediction, by radius."""
    apart = np.abs(np.log2(network_norms(scale) / linear_norms())) > 1
    told = []
    for radius, far in zip(RADII, apart, strict=True):
        until = int(np.argmax(far)) if far.any() else HORIZON
        told.append(f"{number(radius)}: " + (f"all {HORIZON} steps" if until == HORIZON else f"{until}"))
    return f"Steps within a factor 2 of ‖Wᵗ‖, by spectral radius: {series(told)}."


def compared(scale: float) -> str:
    """The two initialisations after the last step, with their confidence intervals."""
    told = []
    for key, logs in starts(scale).items():
        mean, half = mean_and_error(logs)
        low, high = (number(float(10 ** (mean[-1] + side * half[-1])), 2) for side in (-1, 1))
        told.append(f"{TITLES[key]} {number(float(10 ** mean[-1]), 2)} ({low} to {high})")
    return (
        f"Of a unit gradient, after {HORIZON} steps back: {series(told)}; geometric means over {SEEDS} seeds, with "
        f"{number(100 * CONFIDENCE)} % confidence intervals."
    )


def remembered() -> str:
    """What clipping made of the same runs."""
    told = [
        f"{name}, {solved(losses)} of {RUNS} runs solve it, and the longest step is "
        f"{number(RATE * min(float(np.nanmax(norms)), THRESHOLDS[name]), 2)}"
        for name, (losses, norms) in trained().items()
    ]
    return f"With {'; '.join(told)}."


def _layout(figure: go.Figure, height: int = 360) -> go.Figure:
    figure.update_layout(
        height=height, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend={"orientation": "h", "y": 1.2}
    )
    return figure


def gradient_figure(scale: float) -> go.Figure:
    """The network's gradient and the linear prediction against the steps it comes back through."""
    steps = np.arange(1, HORIZON + 1)
    figure = go.Figure()
    for radius, color, measured, linear in zip(RADII, COLORS, network_norms(scale), linear_norms(), strict=True):
        line = {"color": color, "width": 2.5}
        figure.add_scatter(x=steps, y=measured, name=f"ρ = {number(radius)}", line=line)
        figure.add_scatter(
            x=steps, y=linear, line=line | {"dash": "dot", "width": 1.5}, showlegend=False, hoverinfo="skip"
        )
    figure.add_scatter(
        x=[None], y=[None], name="‖Wᵗ‖", mode="lines", line={"color": FAINT, "dash": "dot", "width": 1.5}
    )
    figure.update_xaxes(title="steps back in time t")
    figure.update_yaxes(type="log", title="‖∂hₜ/∂h₀‖", exponentformat="power", range=[-13, 13], dtick=4)
    return _layout(figure)


def _banded(figure: go.Figure, name: str, color: str, x: Floats, middle: Floats, low: Floats, high: Floats) -> None:
    """A line within its confidence band."""
    figure.add_scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=color,
        opacity=0.25,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(x=x, y=middle, name=name, line={"color": color, "width": 2.5}, mode="lines")


def _geometric(logs: Floats) -> tuple[Floats, Floats, Floats]:
    """Geometric mean, and its confidence interval's lower and upper end, from base-10 logarithms (runs, N)."""
    mean, half = mean_and_error(logs)
    return 10**mean, 10 ** (mean - half), 10 ** (mean + half)


def starts_figure(scale: float) -> go.Figure:
    """Gradient norm against the steps back, geometric mean over seeds with its confidence band."""
    figure = go.Figure()
    steps = np.arange(1, HORIZON + 1)
    for (key, logs), color in zip(starts(scale).items(), (ORANGE, BLUE), strict=True):
        _banded(figure, TITLES[key], color, steps, *_geometric(logs))
    figure.update_xaxes(title="steps back in time t")
    figure.update_yaxes(type="log", title="gradient norm", exponentformat="power")
    return _layout(figure)


def clipping_figures() -> tuple[go.Figure, go.Figure]:
    """Over training, with and without clipping: the share of runs with a small loss, and gradient norms."""
    share, gradients = go.Figure(), go.Figure()
    steps = np.arange(TRAINING)
    for (name, (losses, norms)), color in zip(trained().items(), (ORANGE, BLUE), strict=True):
        _banded(share, name, color, steps[AVERAGED - 1 :], *share_solved(losses))
        _banded(gradients, name, color, steps, *_geometric(np.log10(norms)))
    share.update_yaxes(title="share of runs that solve it", range=[-0.03, 1.03], tickformat=".0%")
    gradients.update_yaxes(title="gradient norm before clipping", type="log", exponentformat="power", dtick=2)
    for figure in (share, gradients):
        figure.update_xaxes(title="training step")
    return _layout(share, 320), _layout(gradients, 320)


def at_opening() -> None:
    """The gradients that the page opens on."""
    network_norms(SCALE.default)
    starts(SCALE.default)
