"""Pictures of the lesson on high dimensions."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from landscapes import balls, deep_linear, random_function, random_matrices
from landscapes.random_matrices import Share
from optim import random_search
from pages.parts import high_dimensions as part
from pages.parts.colors import BLUE, FAINT, GREEN, ORANGE, PINK

Floats = NDArray[np.float64]
LARGE = 400
"""Rows of the one large matrix."""
HEIGHTS = 8
"""Groups of critical points of about equal size, by height."""


def _laid_out(figure: go.Figure, x: str, y: str, height: int = 380) -> go.Figure:
    figure.update_xaxes(title=x, zeroline=False)
    figure.update_yaxes(title=y, zeroline=False)
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    figure.update_layout(height=height, margin={"l": 10, "r": 10, "t": 10, "b": 10}, legend=legend)
    return figure


def _shares(figure: go.Figure, x: Sequence[int], shares: Sequence[Share], name: str) -> None:
    """Sampled shares with their confidence intervals; those without a hit as their upper bound."""
    hit = [(n, share) for n, share in zip(x, shares, strict=True) if share.hits]
    none = [(n, share) for n, share in zip(x, shares, strict=True) if not share.hits]
    errors = {
        "array": [s.high - s.value for _, s in hit],
        "arrayminus": [s.value - s.low for _, s in hit],
        "symmetric": False,
        "thickness": 1.5,
    }
    dots = {"size": 8, "color": ORANGE}
    figure.add_scatter(
        x=[n for n, _ in hit], y=[s.value for _, s in hit], error_y=errors, name=name, mode="markers", marker=dots
    )
    if none:
        figure.add_scatter(
            x=[n for n, _ in none],
            y=[s.high for _, s in none],
            name="no hit: upper bound",
            mode="markers",
            marker={"size": 9, "symbol": "triangle-down-open", "color": ORANGE},
        )


def _line(
    figure: go.Figure, x: Sequence[float], y: Sequence[float], name: str, color: str, dash: str = "solid"
) -> None:
    figure.add_scatter(x=x, y=y, name=name, mode="lines", line={"color": color, "width": 2, "dash": dash})


def signs(n: int, samples: int) -> go.Figure:
    """Probability that all eigenvalues are positive, against the size of the matrix."""
    figure = go.Figure()
    sizes = range(1, random_matrices.MOST + 1)
    _line(figure, list(sizes), [0.5**k for k in sizes], "coins: 2⁻ⁿ", FAINT)
    _line(figure, list(sizes), [random_matrices.probability(k) for k in sizes], "matrices, integrated", BLUE)
    rate = [float(np.exp(-random_matrices.RATE * k**2)) for k in sizes]
    _line(figure, list(sizes), rate, "e<sup>−(ln 3/4)n²</sup>, leading term", BLUE, "dot")
    sampled = sorted({*part.SAMPLED, n})
    _shares(figure, sampled, [random_matrices.sampled(k, samples) for k in sampled], "sampled, 95 %")
    figure.add_vline(x=n, line={"color": FAINT, "width": 1, "dash": "dash"})
    _laid_out(figure, "n, size of the matrix", "probability of no negative eigenvalue")
    return figure.update_yaxes(type="log", exponentformat="power", dtick=6).update_xaxes(dtick=2)


def spectrum(n: int) -> go.Figure:
    """Eigenvalues of matrices of size n and of one large one, against the semicircle."""
    figure = go.Figure()
    bins = {"start": -4, "end": 4, "size": 0.1}
    for size, count, color in ((n, -(-6000 // n), ORANGE), (LARGE, 1, BLUE)):
        values = np.linalg.eigvalsh(random_matrices.gaussian_matrices(size, count, 0)).ravel()
        name = f"{count:,} matrices, n = {size}" if count > 1 else f"one matrix, n = {size}"
        heights, edges = np.histogram(values, np.arange(-4, 4.05, bins["size"]), density=True)
        middles = (edges[1:] + edges[:-1]) / 2
        figure.add_bar(x=middles, y=heights, name=name, marker={"color": color, "line": {"width": 0}}, opacity=0.5)
    x = np.linspace(-2, 2, 201)
    _line(figure, x.tolist(), random_matrices.semicircle(x).tolist(), "semicircle", FAINT)
    figure.update_layout(barmode="overlay", bargap=0)
    _laid_out(figure, "eigenvalue λ", "density")
    return figure.update_xaxes(range=[-3.6, 3.6])


def critical(n: int, function: int) -> go.Figure:
    """The share of negative eigenvalues at critical points against their height."""
    found = random_function.critical_points(n, function)
    shares = found.negative / n
    figure = go.Figure()
    low, high = found.negative == 0, found.negative == n
    kinds = (
        ("minima", low, GREEN, "circle"),
        ("saddles", ~low & ~high, FAINT, "x-thin-open"),
        ("maxima", high, ORANGE, "diamond"),
    )
    for name, chosen, color, symbol in kinds:
        marker = {"color": color, "symbol": symbol, "size": 8, "opacity": 0.7}
        figure.add_scatter(x=found.values[chosen], y=shares[chosen], name=name, mode="markers", marker=marker)
    groups = [(h, s) for h, s in zip(*(np.array_split(a, HEIGHTS) for a in (found.values, shares)), strict=True)]
    figure.add_scatter(
        x=[float(h.mean()) for h, _ in groups],
        y=[float(s.mean()) for _, s in groups],
        error_y={"array": [1.96 * float(s.std(ddof=1)) / np.sqrt(len(s)) for _, s in groups], "thickness": 1.5},
        name="means of eighths, 95 %",
        mode="markers",
        marker={"color": PINK, "symbol": "square", "size": 9},
    )
    heights = tuple(float(h) for h in np.linspace(-3, 3, 41))
    _line(figure, heights, random_function.expected_index(n, heights), "theory", BLUE)
    _laid_out(figure, "height f, in standard deviations", "share of negative eigenvalues")
    ticks = [k / n for k in range(n + 1)]
    return figure.update_yaxes(tickvals=ticks, ticktext=[f"{k}/{n}" for k in range(n + 1)])


def minima(n: int, function: int) -> go.Figure:
    """The share of minima among critical points, against the number of variables."""
    figure = go.Figure()
    _line(figure, list(part.KINDS), [0.5**k for k in part.KINDS], "coins: 2⁻ⁿ", FAINT)
    _line(figure, list(part.KINDS), [random_function.expected_kinds(k)[0] for k in part.KINDS], "theory", BLUE)
    spaces = range(2, 7)
    _shares(figure, spaces, [part.minima(k, function if k == n else 0) for k in spaces], "found, 95 %")
    figure.add_vline(x=n, line={"color": FAINT, "width": 1, "dash": "dash"})
    _laid_out(figure, "n, variables", "share of minima")
    return figure.update_yaxes(type="log", tickvals=[0.003, 0.01, 0.03, 0.1, 0.3])


def nearest(n: int) -> go.Figure:
    """Nearest against farthest distance, by the number of dimensions."""
    figure = go.Figure()
    spaces = sorted({*part.SPACES, n})
    ratios = [balls.distances(k, part.CLOUD).ratio for k in spaces]
    for share, dash in ((0.05, "dot"), (0.95, "dot")):
        ends = [float(np.quantile(r, share)) for r in ratios]
        _line(figure, spaces, ends, f"{share:.0%} of clouds are below", BLUE, dash)
    _medians(figure, spaces, ratios, "nearest / farthest, median, 95 %", ORANGE)
    figure.add_vline(x=n, line={"color": FAINT, "width": 1, "dash": "dash"})
    _laid_out(figure, "n, dimensions", "nearest / farthest distance")
    return figure.update_xaxes(type="log", tickvals=part.SPACES).update_yaxes(range=[0, 1])


def shell(n: int, thickness: float) -> go.Figure:
    """The share of a ball's volume in its outer shell, and of a cube's in the ball inside it."""
    figure = go.Figure()
    spaces = np.unique(np.geomspace(1, 200, 60).round())
    _line(figure, spaces, [balls.shell(int(k), thickness) for k in spaces], "ball's volume in the shell", BLUE)
    _line(figure, spaces, [balls.in_cube(int(k)) for k in spaces], "cube's volume in the ball", GREEN)
    sampled = sorted({*part.SPACES, n})
    _shares(figure, sampled, [part.in_shell(k, thickness) for k in sampled], "points in the shell, 95 %")
    figure.add_vline(x=n, line={"color": FAINT, "width": 1, "dash": "dash"})
    _laid_out(figure, "n, dimensions", "share of the volume")
    return figure.update_xaxes(type="log", tickvals=part.SPACES).update_yaxes(range=[-0.03, 1.05])


def _medians(figure: go.Figure, x: Sequence[int], samples: Sequence[Floats], name: str, color: str) -> None:
    middle, low, high = np.array([balls.median_interval(sample) for sample in samples]).T
    errors = {"array": high - middle, "arrayminus": middle - low, "symmetric": False, "thickness": 1.5}
    marker, line = {"color": color, "size": 7}, {"color": color, "width": 2}
    figure.add_scatter(x=x, y=middle, error_y=errors, name=name, mode="lines+markers", marker=marker, line=line)


def searching(n: int) -> go.Figure:
    """Evaluations until the bowl is solved, by the number of unknowns."""
    figure = go.Figure()
    for (key, spaces), color in zip(part.SEARCHED.items(), (ORANGE, PINK, BLUE, GREEN), strict=True):
        _medians(figure, spaces, [random_search.evaluations(key, k) for k in spaces], part.TITLES[key], color)
    figure.add_vline(x=n, line={"color": FAINT, "width": 1, "dash": "dash"})
    _laid_out(figure, "n, unknowns", "evaluations until solved", 460)
    figure.update_xaxes(type="log", tickvals=[2, 3, 4, 5, 6, 8, 16, 32, 64, 128, 256])
    return figure.update_yaxes(type="log", exponentformat="power", dtick=1)


def training(layers: int, width: int, scale: float) -> go.Figure:
    """Loss along the runs, and the levels at which it stays."""
    runs = part.trained(layers, width, scale).runs
    figure = go.Figure()
    # Step 0 has no place on a logarithmic axis.
    kept = np.unique(np.geomspace(1, len(runs.steps) - 1, 300).astype(int))
    for run in range(len(runs.losses)):
        color, width_of, name = (ORANGE, 2.5, "the first run") if run == 0 else (BLUE, 1, "other starts")
        figure.add_scatter(
            x=runs.steps[kept], y=runs.losses[run, kept], mode="lines", name=name, legendgroup=name,
            showlegend=run < 2, line={"color": color, "width": width_of}, opacity=1 if run == 0 else 0.5,
            zorder=2 if run == 0 else 1,
        )  # fmt: skip
    for level in filter(None, deep_linear.levels(width)):
        figure.add_hline(y=float(level), line={"color": FAINT, "width": 1, "dash": "dot"})
    _laid_out(figure, "step", "loss")
    figure.update_yaxes(type="log", range=[-3, 1.3], exponentformat="power", dtick=1)
    return figure.update_xaxes(type="log", exponentformat="power", dtick=1)


def curvature(layers: int, width: int, scale: float) -> go.Figure:
    """Eigenvalues of the Hessian at the origin, on the plateaus and at the end of the first run."""
    figure = go.Figure()
    spectra = part.spectra(layers, width, scale)
    told: set[str] = set()
    for place, values in spectra.items():
        flat = np.abs(values) <= 1e-6 * max(float(np.abs(values).max()), 1.0)
        for kind, chosen, color in (
            ("negative", (values < 0) & ~flat, ORANGE),
            ("0 (below 10⁻⁶ of the largest)", flat, FAINT),
            ("positive", (values > 0) & ~flat, BLUE),
        ):
            if not chosen.any():
                continue
            marker = {"color": color, "symbol": "line-ew-open", "size": 26, "line": {"width": 2}}
            figure.add_scatter(
                x=[place] * int(chosen.sum()), y=np.arcsinh(values[chosen] * 10), mode="markers", name=kind,
                legendgroup=kind, showlegend=kind not in told,
                marker=marker, customdata=values[chosen], hovertemplate="λ = %{customdata:.3g}<extra></extra>",
            )  # fmt: skip
            told.add(kind)
    _laid_out(figure, "", "eigenvalue λ")
    ticks = [-10, -1, -0.1, 0, 0.1, 1, 10]
    figure.update_yaxes(tickvals=np.arcsinh(np.multiply(ticks, 10)), ticktext=[str(t).replace("-", "−") for t in ticks])
    return figure.update_xaxes(categoryorder="array", categoryarray=list(spectra))
