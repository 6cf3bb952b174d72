"""Show the code: the rule and the surface as they are written, and the lines that repeat the run in a notebook."""

import inspect

import streamlit as st

from optim import find_optimizer
from stage import Setup


def show_code(setup: Setup) -> None:
    """A folded part with the first optimizer's rule, the surface, and a call that gives the same path."""
    racer = setup.racers[0]
    rule = find_optimizer(racer.optimizer)
    with st.expander("Show the code", icon=":material/code:"):
        left, right = st.columns(2)
        left.caption(f"{rule.title}, as this page runs it")
        left.code(rule.source, language="python")
        right.caption(f"{setup.found.title}, as this page draws it")
        right.code(inspect.getsource(setup.found.f), language="python")
        st.caption("The same path in a notebook")
        st.code(notebook_lines(setup), language="python")


def notebook_lines(setup: Setup) -> str:
    """Python that repeats the first racer's run."""
    racer = setup.racers[0]
    arguments = [f"{setup.surface!r}", f"{racer.optimizer!r}", f"start={setup.start!r}", f"steps={setup.steps}"]
    if setup.knobs:
        arguments.append(f"knobs={dict(setup.knobs)!r}")
    arguments += [f"{name}={value!r}" for name, value in racer.hyper]
    call = f"run = descend({', '.join(arguments)})"
    return f"from optim import descend\n\n{call}\nprint(run.points, run.values, run.diverged_at)"
