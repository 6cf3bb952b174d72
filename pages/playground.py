"""Playground: any surface, typed ones too, any optimizers, raced and compared."""

import streamlit as st

from landscapes.symbolic import derivatives
from optim import find_optimizer
from pages.parts import race
from pages.parts.course import Preset
from pages.parts.lesson import RATE, Lesson, View
from pages.parts.racers import TOLERANCE, tolerance
from pages.parts.settings import Settings, write
from pages.parts.show import show
from pages.parts.tools import NAMES as TOOL_NAMES
from pages.parts.tools import tools

BARE = {"config": {"displayModeBar": False}, "width": "stretch"}


def opening() -> None:
    """What stands below the stage when the page opens."""
    setup = LESSON.read(Settings({})).setup
    race.standings(setup, TOLERANCE.default)
    race.rates_figure(setup)


LESSON = Lesson(
    key="playground",
    prepare=(opening,),
    surface="himmelblau",
    optimizers=("gd", "momentum", "adam"),
    rate=0.01,
    steps=200,
    panels=("loss", "gradient_norm", "distance", "final"),
    narrate=race.explain,
    marks=race.no_marks,
    wrapped=("gd:norm", "gd:value", "gd:noise", "momentum:noise", "adam:norm"),
    typed=True,
    races=True,
    others=(TOLERANCE.name, *TOOL_NAMES),
    view=View("linear", ("critical", "labels"), None),
    presets=(
        Preset("A race", "optimizers=gd+momentum+nesterov+adam+newton&rates=tuned", "Each at its own best rate."),
        Preset(
            "Rosenbrock", "surface=rosenbrock&optimizers=momentum+adam+bfgs&rates=tuned&steps=500", "The bent valley."
        ),
        Preset(
            "Typed",
            "surface=%3Dx%5E2%2B2*y%5E2%2Ba*sin(3*x)*cos(2*y)&optimizers=gd+adam",
            "A bowl with bumps of height a.",
        ),
        Preset(
            "Holes", "surface=%3Dx*log(x)%2By%5E2&optimizers=gd&learning_rate=0.1", "Undefined for x < 0, and drawn so."
        ),
        Preset("Many wells", "surface=rastrigin&optimizers=gd+adam+lion&show=basins", "Where every start ends."),
    ),
)


def page() -> None:
    st.title("Playground")
    st.markdown("Any surface, also one you type, and up to eight optimizers on it. The address holds it all: share it.")
    reading = show(LESSON)
    setup = reading.setup
    st.subheader("Standings")
    share = tolerance()
    rows = race.standings(setup, share)
    st.caption(race.terms(reading, share))
    columns = {name: st.column_config.NumberColumn(format="%.3g", help=about) for name, about in race.COLUMNS.items()}
    st.dataframe(rows, hide_index=True, width="stretch", column_config=columns, placeholder="–")
    st.markdown(race.winners(rows))
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Which learning rate?")
        first = find_optimizer(setup.racers[0].optimizer)
        event = st.plotly_chart(
            race.rates_figure(setup), on_select="rerun", selection_mode="points", key="rates", **BARE
        )
        picked = race.picked_rate(event, first.knobs[RATE]) if RATE in first.knobs else None
        if picked is not None and st.session_state.get("picked_rate") != picked:
            st.session_state["picked_rate"] = picked
            write({RATE: repr(picked)})
            st.rerun()
        st.caption(
            f"After {setup.steps} steps at most, from the start above. Dotted: the rates in use. Dashed: 2/λmax at the "
            "lowest minimum, where plain descent loses its hold. ✕: from there on every rate diverged. Click a point "
            "to take its rate."
        )
    with right:
        st.subheader("The formula")
        st.latex(f"f(x, y) = {setup.found.caption.formula}")
        if setup.surface.startswith("="):
            found = derivatives(setup.surface[1:])
            if found is None:
                st.caption("Its derivatives are too long to be read here. They are exact all the same.")
            else:
                gx, gy = found.gradient
                xx, xy, yy = found.hessian
                st.latex(rf"\nabla f = \begin{{pmatrix}} {gx} \\ {gy} \end{{pmatrix}}")
                st.latex(rf"\nabla^2 f = \begin{{pmatrix}} {xx} & {xy} \\ {xy} & {yy} \end{{pmatrix}}")
        else:
            st.caption(setup.found.caption.notice)
            st.caption(setup.found.caption.source)
    tools(reading)


if __name__ == "__main__":
    page()
