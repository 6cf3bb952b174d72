"""The Plotly figures of the stage, without their data: assets/plots.js puts in the arrays and the theme's colours."""

from typing import Any

import plotly.colors

from landscapes.surface import Box

Figure = dict[str, Any]

# cmocean's "ice" grows evenly in perceived lightness; mixed with the page it leaves the colours to the paths.
_ICE = plotly.colors.cmocean.ice


def _scale(colors: list[str], page: str, share: float) -> list[list[float | str]]:
    mixed = [plotly.colors.find_intermediate_color(color, page, share, colortype="rgb") for color in colors]
    return [[i / (len(mixed) - 1), color] for i, color in enumerate(mixed)]


SCALES = {
    "light": _scale(_ICE[3:], "rgb(255, 255, 255)", 0.42),
    "dark": _scale(_ICE[1:9][::-1], "rgb(17, 22, 27)", 0.38),
}

CONFIG = {
    "displaylogo": False,
    "displayModeBar": False,
    "scrollZoom": False,
    "doubleClick": "reset",
    "showSendToCloud": False,
    "responsive": False,
}


def contour_figure(box: Box) -> Figure:
    """A filled contour map over `box` with equal scales, so that gradients stand at right angles to level lines."""
    x_low, x_high, y_low, y_high = box
    axis = {"zeroline": False, "showgrid": False, "ticks": "outside", "ticklen": 4, "nticks": 7, "automargin": False}
    return {
        "trace": {
            "type": "contour",
            "showscale": False,
            "hoverinfo": "skip",
            "autocontour": False,
            "contours": {"coloring": "heatmap", "showlines": True},
            "line": {"width": 0.6},
        },
        "layout": {
            "margin": {"l": 44, "r": 10, "t": 10, "b": 36},
            "dragmode": "pan",
            "showlegend": False,
            "xaxis": {**axis, "range": [x_low, x_high], "constrain": "domain", "title": {"text": "x", "standoff": 4}},
            "yaxis": {
                **axis,
                "range": [y_low, y_high],
                "scaleanchor": "x",
                "constrain": "domain",
                "title": {"text": "y", "standoff": 4},
            },
        },
        "config": CONFIG,
        "scales": SCALES,
    }


def relief_figure(box: Box) -> Figure:
    """The surface in three dimensions over `box`, seen from the front left and above."""
    x_low, x_high, y_low, y_high = box
    width, depth = x_high - x_low, y_high - y_low
    longest = max(width, depth)
    # A box far from square (a valley 1000 long and 10 wide) would be a stick at true scale.
    aspect = {"x": max(width / longest, 0.5), "y": max(depth / longest, 0.5), "z": 0.62}
    axis = {"showbackground": False, "showspikes": False, "zeroline": False, "nticks": 5}
    return {
        "trace": {
            "type": "surface",
            "showscale": False,
            "hoverinfo": "skip",
            "contours": {"z": {"highlight": False}, "x": {"highlight": False}, "y": {"highlight": False}},
            "lighting": {"ambient": 0.72, "diffuse": 0.5, "specular": 0.06, "roughness": 0.9},
            "lightposition": {"x": -1000, "y": -2000, "z": 4000},
        },
        "layout": {
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "showlegend": False,
            "scene": {
                "aspectmode": "manual",
                "aspectratio": aspect,
                "dragmode": "turntable",
                "camera": {
                    "eye": {"x": -0.9, "y": -1.25, "z": 0.85},
                    "center": {"x": 0, "y": 0, "z": -0.12},
                },
                "xaxis": {**axis, "range": [x_low, x_high], "title": {"text": "x"}},
                "yaxis": {**axis, "range": [y_low, y_high], "title": {"text": "y"}},
                "zaxis": {**axis, "title": {"text": ""}},
            },
        },
        "config": CONFIG,
    }
