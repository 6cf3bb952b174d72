"""What the lesson on inexact gradients says of a run, and of the minibatch gradients at the point where it starts."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots
from scipy.stats import linregress, t

from landscapes import SURFACES, find_surface, gradient, hessian
from landscapes.knobs import Knob
from landscapes.shared import shared
from optim import Trajectory
from optim.estimates import Region, batch_gradients, confidence_region, example_gradients
from pages.parts.colors import BLUE, GREEN, ORANGE
from pages.parts.lesson import RATE, Marks
from pages.parts.narrator import is_quadratic, outcome, settings_at
from pages.parts.words import number, series
from stage import Setup
from stage.scene import Bank, make_scene

DRAWN = 400
"""Minibatch gradients in the cloud."""
REPEATED = 1000
"""Minibatch gradients of each size whose spread is measured."""
DRAW = Knob(1, 40, whole=True, name="draw", default=1)
"""Which minibatches make the cloud."""
SIZES = (1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70, 100)
CLOUD, EXACT, ESTIMATE = BLUE, ORANGE, GREEN
TICKS = [digit * 10.0**power for power in range(-4, 3) for digit in (1, 2, 5)]
"""On a logarithmic axis of few decades."""
LAST = 0.25
"""The share of a run over which its wandering is averaged."""

Floats = NDArray[np.float64]
Place = tuple[str, tuple[float, float]]
"""A surface and a point on it."""


def with_examples() -> list[str]:
    """Keys of the surfaces that a minibatch can be drawn for."""
    return [key for key, surface in SURFACES.items() if surface.examples]


def marks(setup: Setup, name: str) -> Marks:
    """Where the full gradient's steps begin to grow, on a surface of constant curvature."""
    surface = setup.found
    if name != RATE or not surface.examples or not is_quadratic(setup.surface, setup.knobs, surface.box):
        return ()
    return ((2 / float(np.linalg.eigvalsh(hessian(surface, surface.start))[-1]), "2/λ₁"),)


def explain(setup: Setup, bank: Bank, position: int) -> str:
    """What a step costs every racer, and how near to the minimum it stays."""
    _, knobs = settings_at(setup, bank, position)
    examples = setup.found.examples
    if examples is None:
        run = bank.trajectory(0, position)
        return f"This surface is no mean over examples: every gradient is exact. {_capital(outcome(run, None))}."
    size = bank.positions[position] if bank.over == "batch_size" else setup.batch_size
    (minimum, *_) = make_scene(setup.surface, knobs)[1]["minima"]
    said = []
    for index, racer in enumerate(setup.racers):
        run = bank.trajectory(index, position)
        asked = int(size) if racer.wrapper == "batch" else examples.count
        cost = f"{racer.title}, asks {asked} example{'s' if asked > 1 else ''} a step"
        if run.diverged_at is not None:
            said.append(f"{cost} and diverges at step {run.diverged_at}.")
            continue
        said.append(f"{cost} and ends about {number(wandering(run, minimum), 2)} from the minimum.")
    return " ".join(said)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def wandering(run: Trajectory, minimum: list[float]) -> float:
    """Root mean square distance from the minimum (2,) over the last quarter of a run."""
    last = run.points[-max(1, round(LAST * len(run.points))) :]
    return float(np.sqrt(((last - minimum) ** 2).sum(axis=1).mean()))


@dataclass(frozen=True)
class Cloud:
    """Minibatch gradients (K, 2) at a point, the full gradient (2,), and the confidence region of their mean."""

    gradients: Floats
    full: Floats
    region: Region

    @property
    def holds(self) -> bool:
        """True where the full gradient is in the region."""
        return self.region.distance(self.full) <= self.region.bound

    @property
    def along(self) -> float:
        """The share of the minibatch gradients that are on the full gradient's side."""
        return float((self.gradients @ self.full > 0).mean())


@shared(64)
def cloud(place: Place, size: int, seed: int) -> Cloud:
    """`DRAWN` gradients of minibatches of that size."""
    drawn = batch_gradients(*place, size=size, count=DRAWN, seed=seed)
    return Cloud(drawn, gradient(*place), confidence_region(drawn))


def cloud_text(found: Cloud) -> str:
    """What the cloud's mean and its confidence region say of the full gradient."""
    distance, bound = number(found.region.distance(found.full), 3), number(found.region.bound, 3)
    verdict = (
        f"The full gradient is **inside** (Hotelling's T² = {distance}, at most {bound})."
        if found.holds
        else f"The full gradient is **outside** this time (Hotelling's T² = {distance}, more than {bound}): of twenty "
        "draws one is expected to miss."
    )
    return (
        f"{DRAWN} minibatch gradients, and the ellipse in which their true mean lies with 95 % confidence. "
        f"{verdict} Of the {DRAWN}, {number(100 * found.along, 3)} % point to the full gradient's side."
    )


def cloud_figure(found: Cloud) -> go.Figure:
    """The cloud with its two arrows, and beside it the region of the mean, enlarged."""
    figure = make_subplots(1, 2, subplot_titles=("The cloud", "Its mean, enlarged"), horizontal_spacing=0.12)
    x, y = found.gradients.T
    dots = {"size": 5, "color": CLOUD, "opacity": 0.35}
    figure.add_scatter(x=x, y=y, mode="markers", marker=dots, name="minibatch gradients", row=1, col=1)
    arrows = (("their mean", found.region.mean, ESTIMATE, 7), ("full gradient", found.full, EXACT, 2.5))
    for name, (gx, gy), color, width in arrows:
        shaft = {"color": color, "width": width}
        head = {"size": [0, 9 + 2 * width], "symbol": "arrow", "angleref": "previous", "color": color}
        figure.add_scatter(x=[0, gx], y=[0, gy], name=name, line=shaft, marker=head, mode="lines+markers", row=1, col=1)
        spot = {"size": 11, "color": color, "symbol": "circle" if color == EXACT else "cross"}
        figure.add_scatter(x=[gx], y=[gy], mode="markers", marker=spot, name=name, showlegend=False, row=1, col=2)
    x, y = found.region.outline().T
    edge = {"color": ESTIMATE, "width": 2}
    figure.add_scatter(x=x, y=y, line=edge, mode="lines", name="95 % region of the mean", row=1, col=2)
    for column in (1, 2):
        figure.update_xaxes(title="∂/∂x", nticks=5, zeroline=column == 1, constrain="domain", row=1, col=column)
        anchor = "x" if column == 1 else "x2"
        figure.update_yaxes(title="∂/∂y", nticks=5, zeroline=column == 1, scaleanchor=anchor, row=1, col=column)
    figure.update_layout(
        height=400, margin={"l": 10, "r": 10, "t": 40, "b": 10}, legend={"orientation": "h", "y": -0.2}
    )
    return figure


@shared(1)
def coverage(repeats: int = 1000) -> float:
    """How often the region holds the full gradient: the share of clouds from that many seeds, at the first start."""
    place = ("generated_regression", find_surface("generated_regression").start)
    return float(np.mean([cloud.__wrapped__(place, 10, seed).holds for seed in range(repeats)]))


@dataclass(frozen=True)
class Spread:
    """Root mean square error (S,) of minibatch gradients of `SIZES`, and the line through it on two log axes.

    `slope` has its 95 % confidence bound `within`; `single` is the exact error of one example's gradient.
    """

    errors: Floats
    single: float
    slope: float
    within: float


@shared(64)
def spread(place: Place, seed: int) -> Spread:
    """Measured over `REPEATED` minibatches of each size."""
    full = gradient(*place)
    drawn = [batch_gradients(*place, size=size, count=REPEATED, seed=(seed + 1) * 1000 + size) for size in SIZES]
    errors = np.array([np.sqrt(((g - full) ** 2).sum(axis=1).mean()) for g in drawn])
    line = linregress(np.log(SIZES), np.log(errors))
    within = float(t.ppf(0.975, len(SIZES) - 2) * line.stderr)
    single = float(np.sqrt(((example_gradients(*place) - full) ** 2).sum(axis=1).mean()))
    return Spread(errors, single, float(line.slope), within)


def spread_text(found: Spread) -> str:
    """The measured slope, and what it costs to halve the error."""
    return (
        f"Measured slope: **{number(found.slope, 3)} ± {number(found.within, 1)}** (95 %); theory says −½. To halve "
        f"the error takes four times the examples: {number(found.errors[0], 2)} with 1 example, "
        f"{number(found.errors[-1], 2)} with {SIZES[-1]}."
    )


def spread_figure(found: Spread) -> go.Figure:
    """Error against the size of the batch, on two log axes."""
    figure = go.Figure()
    law = found.single / np.sqrt(SIZES)
    figure.add_scatter(x=SIZES, y=law, name="σ/√m", mode="lines", line={"color": EXACT, "width": 2, "dash": "dash"})
    dots = {"size": 9, "color": CLOUD}
    figure.add_scatter(x=SIZES, y=found.errors, name="measured", mode="markers", marker=dots)
    figure.update_xaxes(type="log", title="batch size m", tickvals=[1, 2, 5, 10, 20, 50, 100])
    figure.update_yaxes(type="log", title="error of the gradient", tickvals=TICKS, ticktext=[number(v) for v in TICKS])
    figure.update_layout(
        height=400, margin={"l": 10, "r": 10, "t": 40, "b": 10}, legend={"orientation": "h", "y": 1.12}
    )
    return figure


def first_look() -> None:
    """What the page opens on."""
    place = ("generated_regression", find_surface("generated_regression").start)
    cloud(place, 10, int(DRAW.default))
    spread(place, 0)


def no_examples() -> str:
    """Where to find surfaces that have a cloud."""
    titles = [SURFACES[key].title for key in with_examples()]
    return (
        f"This surface is no mean over examples, so there is nothing to draw a batch from. These are: {series(titles)}."
    )


NOTICE = """
#### What to notice

- A minibatch of 10 costs a tenth of the full gradient and points almost the same way: far from the minimum, noise
  hardly matters. Near it the full gradient fades and the noise does not.
- Examples are drawn **with replacement**: every draw is independent, so the estimate is unbiased at each step and its
  variance is exactly that of one example divided by m. A batch of 100 is therefore still not all 100 examples. Training
  in practice shuffles them and goes through all in turn; then the steps of one pass depend on each other.
- What is unbiased here is the gradient of the *training* loss. For the generalization error that holds only while no
  example is used twice: later passes pay by fitting the training set better, not by unbiased steps. Very large data
  sets are often seen once, or not even wholly.
- The gradient norm above is that of the full loss: it is what the run does not know.
- Noise has its use. At the beginning it carries a run over low ridges (see *Local minima*); at the end it has to be
  turned down.

Nearly all training goes on like this. The exact gradient, let alone the Hessian, is rarely to be had; what is followed
is an estimate, from a minibatch or from numerical approximation, and the rule has to bear it.

Sources: the chapter summary, *Imperfect gradient information*; Goodfellow, Bengio and Courville, *Deep Learning*, 2016,
equation 8.9 and section 8.2.6; Robbins and Monro, 1951; Polyak and Juditsky, *Acceleration of Stochastic Approximation
by Averaging*, 1992; Bottou and Bousquet, *The Tradeoffs of Large Scale Learning*, NIPS 2007; *Why training a neural
network is hard*, on noise.
"""
