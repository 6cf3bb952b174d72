"""The tournament on the page about limits: its choices, its results, its tables and figures."""

import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from landscapes import SURFACES
from landscapes.shared import shared
from optim import OPTIMIZERS
from optim.metering import COSTS
from optim.tournament import (
    FACTORS,
    STARTS,
    TOLERANCE,
    Result,
    better,
    compete,
    par,
)
from pages.parts.colors import PALETTE
from pages.parts.successes import columns
from pages.parts.words import number

KINDS = {
    "kinds": ("One of each kind", ("ill_conditioned", "rosenbrock", "styblinski_tang", "soft_margin_svm", "plateau")),
    "convex": ("Convex bowls", ("ill_conditioned", "booth", "quartic_bowl")),
    "valleys": ("Valleys", ("rosenbrock", "banana", "beale")),
    "wells": ("Many wells", ("styblinski_tang", "levy", "rastrigin")),
    "nonsmooth": ("Not smooth", ("soft_margin_svm", "ackley", "two_layer_relu")),
    "flat": ("Saddles and plateaus", ("plateau", "himmelblau", "two_layer_linear")),
}
FIVE = ("gd", "momentum", "adam", "rprop", "damped_newton")
FIELDS = {"five": "Five rules", "all": f"All {len(OPTIMIZERS)} rules"}
MENUS = {
    "set": {key: title for key, (title, _) in KINDS.items()},
    "field": FIELDS,
    "rates": {"default": "left at their defaults", "tuned": "tuned for each surface"},
    "budget": {"300": "300 gradients", "100": "100 gradients", "1000": "1000 gradients"},
}
BUDGET = int(next(iter(MENUS["budget"])))
SHORT = {
    "gd_line_search": "Backtracking",
    "nonlinear_cg": "Nonlinear CG",
    "jacobi": "Diagonal Newton",
    "momentum": "Heavy ball",
    "rprop": "Rprop",
    "damped_newton": "Damped Newton",
    "newton": "Newton",
}
SHOWN = 8
"""Rules whose ranks are drawn."""
PATIENCE = 0.3
"""Seconds after which a progress bar is worth its space."""


@shared(4096)
def result(surface: str, optimizer: str, budget: int, tuned: bool) -> Result:
    """One pair of the tournament, for the whole class."""
    return compete(surface, optimizer, budget=budget, tuned=tuned)


Field = dict[str, list[Result]]
"""By optimizer, its results on the surfaces of a set, in their order."""


def entrants(field: str) -> tuple[str, ...]:
    """The optimizers of a field."""
    return FIVE if field == "five" else tuple(OPTIMIZERS)


def play(surfaces: tuple[str, ...], field: str, budget: int, tuned: bool) -> Iterator[tuple[float, Field]]:
    """The tournament pair by pair: the share that is done, and the results so far."""
    rules = entrants(field)
    done: Field = {rule: [] for rule in rules}
    for count, (rule, surface) in enumerate(((r, s) for r in rules for s in surfaces), 1):
        done[rule].append(result(surface, rule, budget, tuned))
        yield count / (len(rules) * len(surfaces)), done


def opening() -> Field:
    """The tournament that the page opens on."""
    return settled(KINDS["kinds"][1], "five", BUDGET, False)


def settled(surfaces: tuple[str, ...], field: str, budget: int, tuned: bool) -> Field:
    """The finished tournament."""
    return [played for _, played in play(surfaces, field, budget, tuned)][-1]


def watched(surfaces: tuple[str, ...], field: str, budget: int, tuned: bool) -> Field:
    """The finished tournament, behind a progress bar where it takes long."""
    place, begun = st.empty(), time.monotonic()
    played: Field = {}
    for share, so_far in play(surfaces, field, budget, tuned):
        played = so_far
        if time.monotonic() - begun > PATIENCE:
            place.progress(share, f"Each rule on each surface, {STARTS} starts: {share:.0%}")
    place.empty()
    return played


def name(optimizer: str) -> str:
    """A short title of a rule."""
    return SHORT.get(optimizer, OPTIMIZERS[optimizer].title.split(" (")[0])


def pooled(results: list[Result]) -> np.ndarray:
    """The evaluations of all runs of a rule."""
    return np.concatenate([r.evaluations for r in results])


def ranking(played: Field) -> list[str]:
    """The rules from the one with the most successes over all surfaces to the one with the fewest; the score breaks
    ties."""
    return sorted(played, key=lambda rule: (-sum(r.successes for r in played[rule]), _score(played[rule])))


def _score(results: list[Result]) -> float:
    return par(pooled(results), results[0].budget)


def ranks(played: Field) -> dict[str, list[int]]:
    """By rule, its rank on each surface: one more than the number of rules that are better beyond chance."""
    columns = []
    for results in zip(*played.values(), strict=True):
        columns.append([1 + sum(better(other, one) for other in results) for one in results])
    return {rule: [column[i] for column in columns] for i, rule in enumerate(played)}


def summary(played: Field, elsewhere: Field | None = None) -> pd.DataFrame:
    """One row for each rule: rank, success, evaluations, and its rank among the surfaces of another set."""
    others = {rule: place for place, rule in enumerate(ranking(elsewhere), 1)} if elsewhere else {}
    rows = []
    for place, rule in enumerate(ranking(played), 1):
        results = played[rule]
        row = {"Rank": place, "Rule": OPTIMIZERS[rule].title, **columns(pooled(results))}
        rows.append(row | ({"Rank over all kinds": others[rule]} if others else {}))
    return pd.DataFrame(rows)


def pairs(played: Field) -> pd.DataFrame:
    """One row for each pair, with all that it takes to repeat it: what is exported."""
    rows = []
    for r in (r for results in played.values() for r in results):
        share, low, high = r.rate
        median, least, most = r.median
        rows.append(
            {
                "optimizer": r.optimizer,
                "surface": r.surface,
                "budget": r.budget,
                "rate_factor": r.factor,
                "starts": STARTS,
                "successes": r.successes,
                "success": share,
                "success_low": low,
                "success_high": high,
                "median_evaluations": median,
                "median_low": least,
                "median_high": most,
            }
        )
    return pd.DataFrame(rows)


def _title(surface: str) -> str:
    words = {"soft_margin_svm": "Soft-margin SVM", "two_layer_relu": "Two layers, ReLU", "levy": "Lévy"}
    return words.get(surface, SURFACES[surface].title.removesuffix("'s function").removesuffix("'s valley"))


def success_figure(played: Field) -> go.Figure:
    """Success of every rule on every surface, the best rule on top."""
    order = ranking(played)
    shares = [[100 * r.successes / STARTS for r in played[rule]] for rule in order]
    titles = [_broken(_title(r.surface)) for r in played[order[0]]]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=titles,
            y=[name(rule) for rule in order],
            zmin=0,
            zmax=100,
            colorscale=[[0, "#f6ecd6"], [1, "#5fb0dc"]],
            textfont={"color": "#14212b", "size": 13},
            texttemplate="%{z:.0f} %",
            hovertemplate="%{y} on %{x}: %{z:.1f} % of the starts<extra></extra>",
            showscale=False,
            xgap=2,
            ygap=2,
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(side="top", tickangle=0)
    height = 110 + 46 * len(order) if len(order) < 10 else 110 + 24 * len(order)
    figure.update_layout(height=height, margin={"l": 10, "r": 10, "t": 50, "b": 10})
    return figure


def _broken(title: str) -> str:
    """A title on two lines where it is long."""
    words = title.split()
    middle = (len(words) + 1) // 2
    return title if len(title) < 11 else f"{' '.join(words[:middle])}<br>{' '.join(words[middle:])}"


def ranks_figure(played: Field) -> go.Figure:
    """The ranks of the best rules from surface to surface."""
    found, figure = ranks(played), go.Figure()
    shown = ranking(played)[:SHOWN]
    titles = [_broken(_title(r.surface)) for r in played[shown[0]]]
    # The five keep their colours whatever their ranks are.
    colors = {rule: color for rule, color in zip(FIVE, PALETTE, strict=False) if rule in shown}
    free = (color for color in PALETTE if color not in colors.values())
    colors |= {rule: next(free) for rule in shown if rule not in colors}
    for rule in shown:
        color = colors[rule]
        line = {"color": color, "width": 3}
        marker = {"size": 13, "color": color}
        figure.add_scatter(x=titles, y=found[rule], name=name(rule), mode="lines+markers", line=line, marker=marker)
    figure.update_yaxes(title="rank on this surface", autorange="reversed", dtick=1 if len(played) < 10 else 5)
    figure.update_xaxes(side="top", tickangle=0)
    legend = {"orientation": "h", "y": -0.05}
    figure.update_layout(height=360, margin={"l": 10, "r": 10, "t": 50, "b": 10}, legend=legend)
    return figure


def told(played: Field) -> str:
    """Who wins, who wins where, and how far apart one rule's ranks are."""
    order, found = ranking(played), ranks(played)
    surfaces = [r.surface for r in played[order[0]]]
    shares = {rule: sum(r.successes for r in played[rule]) / (STARTS * len(surfaces)) for rule in order}
    winners = {s: [rule for rule in order if found[rule][i] == 1] for i, s in enumerate(surfaces)}
    firsts = {best[0] for best in winners.values() if len(best) == 1}
    changeable = max(order, key=lambda rule: max(found[rule]) - min(found[rule]))
    best, worst = int(np.argmin(found[changeable])), int(np.argmax(found[changeable]))
    said = [
        f"Over these surfaces **{name(order[0])}** comes first, with {number(100 * shares[order[0]], 3)} % of its "
        f"runs, and {name(order[-1])} last, with {number(100 * shares[order[-1]], 3)} %."
    ]
    count = f"{len(firsts)} different rules are" if len(firsts) > 1 else "One rule is" if firsts else "No rule is"
    said.append(f"{count} alone in front on at least one of the {len(surfaces)}; differences within chance are ties.")
    if found[changeable][best] != found[changeable][worst]:
        said.append(
            f"{name(changeable)} is number {found[changeable][best]} on {_title(surfaces[best])} and number "
            f"{found[changeable][worst]} on {_title(surfaces[worst])}."
        )
    return " ".join(said)


def moved(played: Field, elsewhere: Field) -> str:
    """How the ranking differs from the one over all kinds."""
    here, there = ranking(played), ranking(elsewhere)
    apart = sum(there.index(a) > there.index(b) for i, a in enumerate(here) for b in here[i + 1 :])
    total = len(here) * (len(here) - 1) // 2
    return (
        f"Against the ranking over one surface of each kind, {apart} of {total} pairs of rules have changed places; "
        f"first there is {name(there[0])}."
    )


def terms(budget: int, tuned: bool) -> str:
    """What was measured, and how."""
    chosen = (
        f"the learning rate, or the first number of a rule without one, chosen for each surface among {len(FACTORS)} "
        f"multiples of its default by runs from {STARTS // len(FACTORS)} other starts"
        if tuned
        else "all numbers at their defaults"
    )
    return (
        f"{STARTS} seeded starts on each surface; a budget of {budget} gradients, of which a Hessian costs "
        f"{number(COSTS['hessian'])}, a value {number(COSTS['value'])} and every trial of a line search its part; "
        f"{chosen}. A run succeeds at the first point within "
        f"{number(100 * TOLERANCE)} % of the usual height above the global minimum. Intervals at 95 %: Wilson's for "
        "success, order statistics for the median, in which failures count as slower than any success. Without a "
        "median, more than half of the runs failed."
    )
