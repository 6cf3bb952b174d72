"""Runs that the whole class shares: each setting trains once, a block at a time, driven by whoever watches it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from optim import find_optimizer
from optim.training import RECORDS, Recipe, Run, Training
from pages.parts.networks_figures import live_curves

MOST, BYTES = 64, 200_000_000
"""Runs that are kept, and their weights in all."""
FEWEST = 3
"""Records that a stopped run has at least: fewer span no plane."""
SHIFT = 0.25
"""Seconds of training per look at its progress."""
STOPPED = "networks_stopped"


@dataclass(eq=False)
class Runs:
    """A bounded set of runs by recipe, the least recently wanted ones dropped first."""

    kept: OrderedDict[Recipe, Training] = field(default_factory=OrderedDict)
    guard: threading.Lock = field(default_factory=threading.Lock)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def get(self, recipe: Recipe) -> Training:
        """The one run of a recipe, begun if it was not."""
        with self.guard:
            if recipe not in self.kept:
                self.kept[recipe] = Training(recipe)
            self.kept.move_to_end(recipe)
            while len(self.kept) > 1 and (len(self.kept) > MOST or self.bytes > BYTES):
                self.kept.popitem(last=False)
            return self.kept[recipe]

    @property
    def bytes(self) -> int:
        """What the kept runs' weights take once they are complete."""
        return sum(4 * recipe.net.size * (RECORDS + 1) for recipe in self.kept)

    def advance(self, recipe: Recipe, seconds: float = SHIFT) -> None:
        """Train for about so long. One block at a time in the whole server: the other sessions keep the other cores."""
        training, end = self.get(recipe), time.monotonic() + seconds
        while training.done < 1 and (left := end - time.monotonic()) > 0:
            if self.turn.acquire(timeout=left):
                try:
                    training.advance()
                finally:
                    self.turn.release()

    def finished(self, recipe: Recipe) -> Run:
        """The whole run."""
        while self.get(recipe).done < 1:
            self.advance(recipe)
        return self.get(recipe).run


RUNS = Runs()


def enough(recipes: Sequence[Recipe]) -> bool:
    """True where every run is complete, or was stopped in this session and has something to show."""
    least = FEWEST / RECORDS if stopped(recipes) else 1.0
    return all(RUNS.get(recipe).done >= least for recipe in recipes)


def stopped(recipes: Sequence[Recipe]) -> bool:
    """True where this visitor has stopped just these runs."""
    return st.session_state.get(STOPPED, (None,))[0] == tuple(recipes)


def shown(recipes: Sequence[Recipe]) -> tuple[Run, ...]:
    """The runs as far as this visitor wants to see them: another one may let them go on meanwhile."""
    if not stopped(recipes):
        return tuple(RUNS.get(recipe).run for recipe in recipes)
    _, seen = st.session_state[STOPPED]
    if not seen:
        st.session_state[STOPPED] = (tuple(recipes), seen := tuple(RUNS.get(recipe).run for recipe in recipes))
    return tuple(seen)


@st.fragment(run_every=0.1)
def under_way(recipes: Sequence[Recipe]) -> None:
    """Progress, a button that stops, and the losses so far; the page runs again once there is enough."""
    runs = [RUNS.get(recipe) for recipe in recipes]
    done = sum(training.done for training in runs) / len(runs)
    at, stop = st.columns([5, 1], vertical_alignment="center")
    told = ", ".join(
        f"{find_optimizer(training.recipe.optimizer).title} at step {training.run.steps[-1]:,}" for training in runs[:4]
    )
    at.progress(done, text=f"Training {len(runs)} run{'s' if len(runs) > 1 else ''}: {told}")

    def put_down() -> None:
        st.session_state[STOPPED] = (tuple(recipes), ())

    stop.button("Stop", key="networks_stop", icon=":material/stop:", on_click=put_down, width="stretch")
    st.plotly_chart(live_curves([training.run for training in runs]), config={"displayModeBar": False}, key="live")
    # After the picture, so that a compilation does not keep the page waiting.
    end = time.monotonic() + SHIFT
    for recipe in sorted(recipes, key=lambda recipe: RUNS.get(recipe).done):
        if (left := end - time.monotonic()) > 0:
            RUNS.advance(recipe, left)
    if enough(recipes):
        st.rerun()


def go_on(recipes: Sequence[Recipe]) -> None:
    """For runs that were stopped: how far they came, and a button to let them go on."""
    if not stopped(recipes) or all(run.complete for run in shown(recipes)):
        return

    def resume() -> None:
        del st.session_state[STOPPED]

    said, button = st.columns([5, 1], vertical_alignment="center")
    said.info(f"Stopped at step {max(int(run.steps[-1]) for run in shown(recipes)):,}: all below is about the weights "
              "up to there.", icon=":material/stop_circle:")  # fmt: skip
    button.button("Go on", key="networks_resume", icon=":material/play_arrow:", on_click=resume, width="stretch")


def presentable(runs: Sequence[Run]) -> bool:
    """Say which runs diverged; False where one did so before there was anything to show."""
    for run in runs:
        if run.diverged_at is not None:
            st.warning(
                f"{find_optimizer(run.recipe.optimizer).title} diverged by step {run.diverged_at:,}: shown is what was "
                "before. A lower learning rate may help.",
                icon=":material/trending_up:",
            )
    return all(len(run.steps) > FEWEST for run in runs)
