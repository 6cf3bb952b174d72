"""What the page about limits concludes: effort against size, two thirds of the examples, and what that means."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from landscapes.shared import shared
from landscapes.threshold import MOST_INPUTS, exhaustive, instance, search_size, separate, train
from optim.tournament import STARTS, success_rate
from pages.parts.colors import BLUE, ORANGE
from pages.parts.limits import PATIENCE, Field, name
from pages.parts.limits_hard import RESTARTS, Tried
from pages.parts.words import number

FEW = 8
"""Restarts on each of many instances."""
INSTANCES = 60
SIZES = (6, 8, 10, 12, 14)
STUDIED = 3
"""Inputs of the instances of the study."""
SINGLE_SIZES = (25, 50, 100, 200, 400)
SINGLE_INPUTS = 10
STUCK = 0.5
"""A run that never gets below this share of the usual height has not progressed."""
THEOREM = """
**What the theorem says.** Over *all* functions on a finite set, each as likely as the other, every search that never
asks twice does equally well (Wolpert and Macready, 1997). Almost all of those functions are noise. Surfaces that people
minimize are not drawn that way, so rules can differ, and do: the table says for which surfaces. It is a measurement of
a handful of surfaces and no proof.
"""
NETWORK = """
Blum and Rivest's network has three nodes: two hidden threshold units and one for the output. Is there a choice of
weights that labels every example as wanted? A threshold unit only ever sees on which side of a hyperplane an example
lies, so on a few examples all units can be listed, and all pairs of them tried.
"""
SAYS = """
**What the theorems say.** To decide whether three threshold nodes can label all examples is NP-complete when the number
of inputs is part of the problem (Blum and Rivest, 1992). To load *two thirds* of the examples is NP-complete too, for a
network that is itself part of the problem (Judd, 1990). Unless P = NP, no algorithm is fast on every instance.

**What they do not say.** Nothing about a fixed number of inputs, where the search is polynomial (Megiddo, 1988);
nothing about a typical instance, as the random ones above show; nothing about larger networks than needed; and for two
thirds, nothing about these three nodes. Blum and Rivest left sigmoid units open. A tutorial's "there does not exist an
algorithm in polynomial time" is stronger than what is proved.
"""
NOTICE = """
#### What to notice

- A ranking belongs to its set of surfaces, its budget and its tolerance. Without them, "the best optimizer" says
  nothing.
- Tuning costs runs of its own, and they are not in the budget. Rules without a rate have that advantage.
- Good enough is often easy where best is hard: that is why networks are trained at all. Multiple restarts are the
  classical remedy against a bad end, and there is no formula that promises a good one, a quick one, or any.

Sources: *Why training a neural network is hard*; Wolpert and Macready, *No free lunch theorems for optimization*, IEEE
Transactions on Evolutionary Computation, 1997; Blum and Rivest, *Training a 3-node neural network is NP-complete*,
Neural Networks, 1992; Judd, *Neural Network Design and the Complexity of Learning*, 1990; Megiddo, *On the complexity
of polyhedral separability*, 1988; Cover, *Geometrical and statistical properties of systems of linear inequalities*,
1965.
"""


@shared(1)
def single_units() -> list[tuple[int, int, float]]:
    """Examples, iterations and seconds of the linear programme for one unit: `SINGLE_INPUTS` inputs, coin labels."""
    found = []
    for m in SINGLE_SIZES:
        random = np.random.default_rng(m)
        x, labels = random.standard_normal((m, SINGLE_INPUTS)), random.random(m) < 0.5
        begun = time.perf_counter()
        found.append((m, separate(x, labels).iterations, time.perf_counter() - begun))
    return found


def grown() -> str:
    """How the search and the linear programme grow."""
    (first, few, _), (last, many, seconds) = single_units()[0], single_units()[-1]
    doubled = [search_size(20, n) / search_size(10, n) for n in (2, MOST_INPUTS)]
    return (
        f"Twice as many examples, 20 instead of 10, mean {number(doubled[0], 2)} times as many networks with 2 inputs "
        f"and {number(doubled[1], 2)} times with {MOST_INPUTS}: about $m^{{2n}}$, a polynomial while n stays. With n "
        f"growing along, 40 examples of 20 inputs leave {number(search_size(40, 20), 2)} to try. For one unit and "
        f"{SINGLE_INPUTS} inputs, {last // first} times as many examples, {last} instead of {first}, take HiGHS "
        f"{number(many / few, 2)} times the iterations: {many}, in {seconds:.2g} s here."
    )


@dataclass(frozen=True)
class Share:
    """Of `INSTANCES` with coin labels: how many a network can label entirely and to two thirds, and how many gradient
    descent with `FEW` restarts does."""

    examples: int
    all_possible: int
    all_reached: int
    most_possible: int
    most_reached: int


@shared(len(SIZES))
def studied(examples: int) -> Share:
    """One size of the study."""
    fewest, reached = [], []
    for seed in range(INSTANCES):
        points, labels = instance(examples, STUDIED, seed, planted=False)
        fewest.append(exhaustive(points, labels).wrong)
        reached.append(int(train(points, labels, restarts=FEW, seed=seed).wrong.min()))
    best, got = np.array(fewest), np.array(reached)
    # Three times the wrong ones against the examples: two thirds in whole numbers.
    counts = ((best == 0), (got == 0), (3 * best <= examples), (3 * got <= examples))
    return Share(examples, *(int(c.sum()) for c in counts))


def study() -> Iterator[tuple[float, list[Share]]]:
    """The study size by size: the share that is done, and what is known so far."""
    known: list[Share] = []
    for examples in SIZES:
        known.append(studied(examples))
        yield len(known) / len(SIZES), known


def watched_study() -> list[Share]:
    """The finished study, behind a progress bar where it takes long."""
    place, begun = st.empty(), time.monotonic()
    known: list[Share] = []
    for share, so_far in study():
        known = so_far
        if time.monotonic() - begun > PATIENCE:
            place.progress(share, f"{INSTANCES} instances of each size: {share:.0%}")
    place.empty()
    return known


def study_figure(known: list[Share]) -> go.Figure:
    """Shares of instances with Wilson's intervals, against the number of examples."""
    figure = go.Figure()
    lines = (
        ("most_possible", "two thirds, possible", BLUE, "solid"),
        ("most_reached", "two thirds, by descent", BLUE, "dot"),
        ("all_possible", "all, possible", ORANGE, "solid"),
        ("all_reached", "all, by descent", ORANGE, "dot"),
    )
    for field, title, color, dash in lines:
        rates = [[100 * part for part in success_rate(getattr(share, field), INSTANCES)] for share in known]
        figure.add_scatter(
            x=[share.examples for share in known],
            y=[rate for rate, _, _ in rates],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [high - rate for rate, _, high in rates],
                "arrayminus": [rate - low for rate, low, _ in rates],
            },
            name=title,
            mode="lines+markers",
            line={"color": color, "width": 2, "dash": dash},
        )
    figure.update_yaxes(title="instances, %", range=[0, 105])
    figure.update_xaxes(title="examples m", dtick=2)
    legend = {"orientation": "h", "y": 1.25}
    figure.update_layout(height=360, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend=legend)
    return figure


def two_thirds(known: list[Share]) -> str:
    """What the largest instances of the study say."""
    last = known[-1]
    return (
        f"With {last.examples} examples of {STUDIED} inputs, a network for all of them exists in {last.all_possible} "
        f"of {INSTANCES} instances, and gradient descent with {FEW} restarts finds one in {last.all_reached}. Two "
        f"thirds can be labelled in {last.most_possible} of {INSTANCES}, and descent does it in {last.most_reached}."
    )


def quality(found: Tried) -> str:
    """What the restarts on the instance say about the quality of solutions."""
    ends = sorted(set(found.training.wrong.tolist()))
    listed = f"{ends[0]} to {ends[-1]}" if len(ends) > 1 else f"{ends[0]}"
    return (
        f"Gradient descent on the {len(found.labels)} examples above ends with {listed} wrong labels, depending on the "
        f"start: {len(ends)} different outcomes from {RESTARTS} starts. No run shows whether it could have been "
        f"better. Only the exhaustive search can say that {found.search.wrong} is the least."
    )


def implications(played: Field) -> tuple[str, str]:
    """What the tournament over one surface of each kind says about training time, and about failure."""
    surfaces = [r.surface for r in played["gd"]]
    bowl = surfaces.index("ill_conditioned")
    medians = {rule: results[bowl].median[0] for rule, results in played.items()}
    fast, slow = min(medians, key=medians.__getitem__), max(medians, key=medians.__getitem__)
    valley = played["gd"][surfaces.index("rosenbrock")]
    duration = (
        f"On the ill-conditioned bowl, where every one of the {len(played)} rules descends, the median is "
        f"{number(medians[fast])} evaluations for {name(fast)} and {number(medians[slow])} for {name(slow)}. In "
        f"Rosenbrock's valley {number(valley.budget)} evaluations suffice gradient descent from {valley.successes} of "
        f"{STARTS} starts."
    )
    flat = played["gd"][surfaces.index("plateau")]
    stuck = int((flat.gaps > STUCK).sum())
    wells = [results[surfaces.index("styblinski_tang")].successes for results in played.values()]
    failed = (
        f"On the plateau gradient descent fails from {STARTS - flat.successes} of {STARTS} starts. {stuck} of its runs "
        f"never see a point below half of the usual height: the flat region holds them. Other rules stop elsewhere: "
        f"the best of the {len(played)} misses the lowest of four wells {STARTS - max(wells)} times."
    )
    return duration, failed
