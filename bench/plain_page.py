"""The page that this project is measured against: the same runs in plain Streamlit widgets and Plotly charts.

Menus, a slider, two number inputs and two charts whose animation frames grow the paths: what one writes who has read
the documentation of both. `surface`, `optimizers` and `steps` may stand in the address, as on the app's own pages.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from landscapes import SURFACES, find_surface, on_grid
from optim import OPTIMIZERS, Trajectory, descend, find_optimizer

FRAMES = 60
"""Frames of a whole animation. One for each of 500 steps would be eight times the bytes."""
STEPS = (10, 25, 50, 100, 200, 500)


def figures(surface: str, keys: Sequence[str], runs: Sequence[Trajectory]) -> tuple[go.Figure, go.Figure]:
    """The contour map and the surface in three dimensions, with the runs of the optimizers on both."""
    x, y, z = on_grid(surface)
    contour = go.Contour(x=x, y=y, z=z, ncontours=18, showscale=False, hoverinfo="skip")
    relief = go.Surface(x=x, y=y, z=z, showscale=False, hoverinfo="skip")
    flat = [go.Scatter(x=r.points[:, 0], y=r.points[:, 1], mode="lines+markers") for r in runs]
    raised = [go.Scatter3d(x=r.points[:, 0], y=r.points[:, 1], z=r.values, mode="lines") for r in runs]
    for traces in (flat, raised):
        for trace, key in zip(traces, keys, strict=True):
            trace.name = find_optimizer(key).title
    x_low, x_high, y_low, y_high = find_surface(surface).box
    heights = [float(z.min()), float(z.max())]
    ranges = {"xaxis": {"range": [x_low, x_high]}, "yaxis": {"range": [y_low, y_high]}}
    map_figure = go.Figure([contour, *flat], {**ranges, "height": 460}, frames(flat))
    relief_figure = go.Figure(
        [relief, *raised], {"scene": {**ranges, "zaxis": {"range": heights}}, "height": 460}, frames(raised)
    )
    for figure in (map_figure, relief_figure):
        figure.update_layout(updatemenus=[play_button()], margin={"l": 0, "r": 0, "t": 30, "b": 0})
    return map_figure, relief_figure


def frames(paths: Sequence[go.Scatter | go.Scatter3d]) -> list[go.Frame]:
    """Frames in which every path has grown from its start to its end."""
    longest = max(len(path.x) for path in paths)
    made = []
    for end in np.unique(np.linspace(1, longest, FRAMES).astype(int)):
        grown = [type(path)(**{axis: path[axis][:end] for axis in "xyz" if axis in path}) for path in paths]
        made.append(go.Frame(data=grown, traces=list(range(1, len(paths) + 1)), name=str(end)))
    return made


def play_button() -> dict[str, object]:
    """A button that plays the frames as fast as they can be drawn."""
    # Without a redraw a contour trace disappears (plotly.js #4491) and a line in three dimensions does not move.
    how = {"frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    play = {"label": "Play", "method": "animate", "args": [None, how]}
    return {"type": "buttons", "buttons": [play], "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}


def main() -> None:
    st.set_page_config(layout="wide")
    left, middle, right = st.columns([2, 4, 1])
    surface = left.selectbox("Surface", list(SURFACES), key="surface", bind="query-params")
    keys = middle.multiselect("Optimizers", list(OPTIMIZERS), ["adam"], key="optimizers", bind="query-params")
    steps = right.selectbox("Steps", STEPS, index=4, key="steps", bind="query-params")
    rate = st.slider("Learning rate", 0.0005, 0.1, 0.001, 0.0005, format="%.4f")
    x_low, x_high, y_low, y_high = map(float, find_surface(surface).box)
    start_x, start_y = map(float, find_surface(surface).start)
    columns = st.columns(2)
    start = (
        columns[0].number_input("Start x", x_low, x_high, start_x, key=f"{surface} x"),
        columns[1].number_input("Start y", y_low, y_high, start_y, key=f"{surface} y"),
    )
    runs = [descend(surface, key, start, steps=steps, learning_rate=rate) for key in keys]
    if not runs:
        st.stop()
    for column, figure in zip(st.columns(2), figures(surface, keys, runs), strict=True):
        column.plotly_chart(figure, theme=None, config={"scrollZoom": False})


if __name__ == "__main__":
    main()
