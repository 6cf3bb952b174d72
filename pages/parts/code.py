"""Show the code: the rule and the surface as they are written, and the lines that repeat the run in a notebook."""

import inspect

import streamlit as st

from landscapes import SURFACES, find_surface
from optim import find_optimizer
from stage import Setup
from stage.scene import wrapper_of


def show_code(setup: Setup) -> None:
    """A folded part with the first optimizer's rule, the surface, and a call that gives the same path."""
    racer = setup.racers[0]
    rule = find_optimizer(racer.optimizer)
    # What is behind it is made when it is opened: most never look, and it would be sent with every answer.
    box = st.expander("Show the code", icon=":material/code:", key="show_code", on_change="rerun")
    if not box.open:
        return
    with box:
        left, right = st.columns(2)
        left.caption(f"{rule.title}, as this page runs it")
        left.code(rule.source, language="python")
        title = SURFACES[setup.surface].title if setup.surface in SURFACES else "The typed surface"
        right.caption(f"{title}, as this page draws it")
        right.code(_source(setup.surface), language="python")
        st.caption("The same path in a notebook")
        st.code(notebook_lines(setup), language="python")


def _source(surface: str) -> str:
    """How a surface is written; a typed one is read from its text."""
    if surface.startswith("="):
        return f"from landscapes import parse\n\nsurface = parse({surface[1:]!r})"
    return inspect.getsource(find_surface(surface).f)


def notebook_lines(setup: Setup) -> str:
    """Python that repeats the first racer's run."""
    racer = setup.racers[0]
    arguments = [f"{setup.surface!r}", f"{racer.optimizer!r}", f"start={setup.start!r}", f"steps={setup.steps}"]
    if setup.knobs:
        arguments.append(f"knobs={dict(setup.knobs)!r}")
    if setup.stop:
        arguments.append(f"stop={dict(setup.stop)!r}")
    wrapped = wrapper_of(setup, racer)
    if wrapped:
        arguments.append(f"seed={setup.seed}")
    arguments += [f"{name}={value!r}" for name, value in (*wrapped.items(), *racer.hyper)]
    call = f"run = descend({', '.join(arguments)})"
    return f"from optim import descend\n\n{call}\nprint(run.points, run.values, run.diverged_at)"
