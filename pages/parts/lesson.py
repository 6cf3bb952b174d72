"""A lesson: what a page opens on, what may be changed, and how an address is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscapes import find_surface
from landscapes.knobs import Knob
from landscapes.shared import shared
from landscapes.surface import Surface
from optim import OPTIMIZERS, find_optimizer, sweep
from optim.costs import step_price
from optim.oracle import LARGEST_BATCH
from pages.parts.course import Page, course
from pages.parts.entries import Entry, read_entries
from pages.parts.settings import PLAY, Settings, short
from stage import Live, Racer, Setup
from stage.scene import WRAPPERS, Bank, concerns, run_arguments

OVERLAYS = ("basins", "curvature", "final", "arrows", "eigenvectors", "model", "critical", "labels")
HEIGHTS = ("linear", "log", "signed_log")
STEPS = (10, 25, 50, 100, 200, 500)
RATES = {"same": "as set", "defaults": "defaults of the rules", "tuned": "each its own best"}
"""Where the racers' learning rates come from, and with ``defaults`` all of their numbers."""
RATE = "learning_rate"
RACERS = (*OPTIMIZERS, *(f"{key}:{wrapper}" for key in OPTIMIZERS for wrapper in WRAPPERS))
"""Every optimizer, with the exact gradient and with each of the wrapped ones."""
SLIDERS = {
    "threshold": Knob(0.01, 100, log=True, symbol="τ", name="threshold", default=1.0),
    "noise": Knob(0.001, 10, log=True, symbol="σ", name="noise", default=0.1),
    "cooling": Knob(0.001, 1, log=True, zero=True, symbol="per step", name="cooling", default=0.0),
    "batch_size": Knob(1, LARGEST_BATCH, log=True, whole=True, symbol="m", name="batch_size", default=10.0),
}
"""Live sliders besides those of the first racer and the surface, shown where they concern a racer."""
SHARE = Knob(0, 1, symbol="α", name="share", default=0.5)
SEED = Knob(0, 9999, name="seed", default=0)
STOPPING = {
    "gradient": Knob(1e-15, 1e6, log=True, zero=True, symbol="‖∇f‖", name="stop_gradient", default=0.0),
    "loss": Knob(1e-15, 1e6, log=True, zero=True, symbol="|Δf|", name="stop_loss", default=0.0),
    "step": Knob(1e-15, 1e6, log=True, zero=True, symbol="‖Δx‖", name="stop_step", default=0.0),
    "evaluations": Knob(1, 1e6, log=True, zero=True, whole=True, name="stop_evaluations", default=0.0),
}
"""Tolerances that end a run early, by their names in `optim.STOPS`; 0 for none."""

Marks = tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class View:
    """How the stage shows it: the step at the cursor (None: it plays), the heights, and what is laid over the map."""

    height: str
    show: tuple[str, ...]
    step: int | None


@dataclass(frozen=True, kw_only=True)
class Lesson(Page):
    """What a page opens on, and what its stage says.

    `narrate(setup, bank, position)` is the sentence for a position of the live slider; `marks(setup, name)` are the
    values worth marking on the slider of that name. While the lesson's own surface is shown, `ranges` narrows sliders,
    `sliders` adds to `SLIDERS` or replaces them (a start coordinate, `x` or `y`, may be one), and `start` replaces the
    surface's own. `wrapped` are racers with wrapped gradients that the menu offers. `lead` names the slider that is
    live on opening. With `end` the stage compares the chord from the start to there with the surface, and has a slider
    for the share of the start in it. With `typed` a visitor may type a surface, with `races` every racer has a form.
    `others` are settings in the address that belong to another part of the page.
    """

    surface: str
    optimizers: tuple[str, ...]
    rate: float
    steps: int
    panels: tuple[str, ...]
    narrate: Callable[[Setup, Bank, int], str]
    marks: Callable[[Setup, str], Marks]
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    sliders: Mapping[str, Knob] = field(default_factory=dict)
    wrapped: tuple[str, ...] = ()
    start: tuple[float, float] | None = None
    lead: str = RATE
    end: tuple[float, float] | None = None
    others: tuple[str, ...] = ()
    typed: bool = False
    races: bool = False
    view: View = View("linear", ("arrows", "critical", "labels"), None)

    def read(self, settings: Settings) -> "Reading":
        """All that the address decides; what cannot be shown is replaced, with a message in `settings`."""
        settings.known.update(self.others)
        surface = find_surface(settings.surface(self.surface, typed=self.typed))
        entries = read_entries(settings, RACERS, surface.box, self.optimizers)
        rates = settings.choice("rates", RATES, "same")
        steps = int(settings.choice("steps", [str(n) for n in STEPS], str(self.steps)))
        own = surface.key == self.surface
        start = settings.point(surface.box, entries[0].start or self.opening_start(surface))
        knobs = {name: settings.number(self._knob(knob, own), knob.default) for name, knob in surface.knobs.items()}
        sliders = SLIDERS | (dict(self.sliders) if own else {})
        extras = {name: settings.number(knob, knob.default) for name, knob in sliders.items() if name not in "xy"}
        stop = {name: settings.number(knob, knob.default) for name, knob in STOPPING.items()}
        setup = Setup(
            surface.key,
            tuple(entry.racer for entry in entries),
            start,
            steps,
            tuple(knobs.items()),
            seed=int(settings.number(SEED, SEED.default)),
            same_rate=rates == "same",
            stop=tuple((name, tolerance) for name, tolerance in stop.items() if tolerance),
            **extras,
        )
        hyper = self._lead(settings, setup, entries[0], rates, own)
        led = Racer(
            entries[0].optimizer, tuple((name, value) for name, (_, value) in hyper.items()), setup.racers[0].wrapper
        )
        rate = hyper[RATE][1] if RATE in hyper else None
        setup = replace(setup, racers=(led, *(follower(setup, racer, rates, rate) for racer in setup.racers[1:])))
        # What the first racer has of its own is on the sliders, unless the page decides: then it is kept for later.
        entries = (replace(entries[0], start=None, numbers=() if rates == "same" else entries[0].numbers), *entries[1:])

        values = extras | {"x": start[0], "y": start[1]}
        lives = [
            Live(
                knob,
                value,
                (*self.marks(setup, name), *(((knob.default, "best"),) if rates == "tuned" and name == RATE else ())),
                open=rates == "tuned" and name == RATE and name not in settings.said,
            )
            for name, (knob, value) in hyper.items()
        ]
        lives += [
            Live(knob, values[name], self.marks(setup, name))
            for name, knob in sliders.items()
            if any(concerns(setup, racer, name) for racer in range(len(entries)))
        ]
        lives += [
            Live(self._knob(knob, own), knobs[name], self.marks(setup, name), moves_surface=True)
            for name, knob in surface.knobs.items()
            if not knob.datum
        ]
        end = None
        if self.end:
            lives.append(Live(SHARE, settings.number(SHARE, SHARE.default), moves_nothing=True))
            end = settings.point(surface.box, self.opening_end(surface), ("bx", "by"))
        lives.sort(key=lambda live: live.name != self.lead)
        view = View(
            settings.choice("height", HEIGHTS, self.opening_height(surface)),
            settings.flags("show", OVERLAYS, self.view.show),
            settings.step(steps, self.view.step),
        )
        return Reading(setup, lives, view, end, entries, rates)

    def opening_start(self, surface: Surface) -> tuple[float, float]:
        """Where a run on a surface begins unless the address says otherwise."""
        return self.start if self.start and surface.key == self.surface else surface.start

    def opening_end(self, surface: Surface) -> tuple[float, float]:
        """Where the chord ends unless the address says otherwise: across the middle of the map from the start."""
        if self.end and surface.key == self.surface:
            return self.end
        x_low, x_high, y_low, y_high = surface.box
        return (x_low + x_high - surface.start[0], y_low + y_high - surface.start[1])

    def opening_height(self, surface: Surface) -> str:
        """The heights that a surface is first drawn with."""
        return self.view.height if surface.key == self.surface else "log" if surface.log_height else "linear"

    def _knob(self, knob: Knob, own: bool) -> Knob:
        low, high = self.ranges.get(knob.name, (knob.low, knob.high))
        # A rule that begins outside this range has another scale: Newton-like rules take steps of about one.
        return replace(knob, low=low, high=high) if own and low <= knob.default <= high else knob

    def _lead(
        self, settings: Settings, setup: Setup, entry: Entry, rates: str, own: bool
    ) -> dict[str, tuple[Knob, float]]:
        """The first racer's sliders and their values. What the address says of a slider holds before all else."""
        rule = find_optimizer(entry.optimizer)
        mine = {} if rates == "defaults" else dict(entry.numbers)
        hyper = {}
        for name in sorted(rule.knobs, key=lambda name: name == RATE):
            knob = self._knob(rule.knobs[name], own)
            if name == RATE:
                racer = replace(setup.racers[0], hyper=tuple((name, value) for name, (_, value) in hyper.items()))
                if rates == "tuned":
                    mine.pop(RATE, None)
                    knob = replace(knob, default=best_rate(setup, racer, knob))
                elif rates == "same":
                    # From the surface's own start: a slider whose default moves with a dragged start has none.
                    usual = own and entry.optimizer == self.optimizers[0].partition(":")[0]
                    still = replace(setup, start=setup.found.start)
                    knob = replace(knob, default=self.rate if usual else best_rate(still, racer, knob))
            value = mine.get(name, knob.default)
            hyper[name] = (knob, settings.number(knob, value if knob.contains(value) else knob.clip(value)))
        return {name: hyper[name] for name in rule.knobs}


def follower(setup: Setup, racer: Racer, rates: str, first: float | None) -> Racer:
    """A racer behind the first one, with the numbers that it runs with. `first` is the rate of the first racer."""
    knobs = find_optimizer(racer.optimizer).knobs
    if rates == "defaults":
        return replace(racer, hyper=tuple((name, knobs[name].default) for name in knobs if name == RATE))
    if RATE not in knobs or (rates == "same" and RATE in dict(racer.hyper)):
        return replace(racer, own_rate=rates == "same" and RATE in knobs)
    rate = first if rates == "same" and first is not None else best_rate(setup, racer, knobs[RATE])
    return replace(racer, hyper=((RATE, float(rate)), *(pair for pair in racer.hyper if pair[0] != RATE)))


@dataclass(frozen=True)
class Reading:
    """One state of a page."""

    setup: Setup
    lives: list[Live]
    view: View
    end: tuple[float, float] | None = None
    entries: tuple[Entry, ...] = ()
    rates: str = "same"

    @property
    def served(self) -> list[Live]:
        """The sliders that the server answers for, the one that is live on opening first."""
        return [live for live in self.lives if not live.moves_nothing]


def final_losses(setup: Setup, racer: Racer, rates: ArrayLike) -> NDArray[np.float64]:
    """The losses (R,) that a racer ends with at learning rates (R,), all else as it is; inf where it diverged."""
    return sweep(setup.surface, racer.optimizer, values=rates, **run_arguments(setup, racer)).final_values


def tuning_budget(setup: Setup) -> float:
    """Gradient evaluations that every run has in which a rate is tried: one a step, or the budget that runs stop by."""
    return dict(setup.stop).get("evaluations", float(setup.steps))


@shared(512)
def best_rate(setup: Setup, racer: Racer, knob: Knob) -> float:
    """The slider position with the lowest final loss: one sweep with the same start and `tuning_budget` for everyone.

    The knob's default where the rule has no finite run, or has no rate to choose.
    """
    if RATE not in find_optimizer(racer.optimizer).knobs:
        return knob.default
    positions = Live(knob, knob.default).positions()
    steps = max(1, int(tuning_budget(setup) / step_price(racer.optimizer)))
    tolerances = tuple(pair for pair in setup.stop if pair[0] != "evaluations")
    final = final_losses(replace(setup, steps=min(steps, setup.steps), stop=tolerances), racer, positions)
    return float(positions[int(np.argmin(final))]) if np.isfinite(final).any() else knob.default


def address(lesson: Lesson, reading: Reading) -> dict[str, str | None]:
    """A state as the address has it: short numbers, and None for all that the page opens on anyway."""
    setup, surface = reading.setup, reading.setup.found
    x, y = lesson.opening_start(surface)
    values: dict[str, tuple[Any, Any]] = {
        "surface": (setup.surface, lesson.surface),
        "optimizers": (" ".join(entry.written() for entry in reading.entries), " ".join(lesson.optimizers)),
        "rates": (reading.rates, "same"),
        "steps": (setup.steps, lesson.steps),
        "seed": (setup.seed, SEED.default),
        **{knob.name: (dict(setup.stop).get(name, knob.default), knob.default) for name, knob in STOPPING.items()},
        **{name: (value, surface.knobs[name].default) for name, value in setup.knobs},
        **{live.name: (live.value, live.knob.default) for live in reading.lives},
        "x": (setup.start[0], x),
        "y": (setup.start[1], y),
        "height": (reading.view.height, lesson.opening_height(surface)),
        "show": (" ".join(sorted(reading.view.show)), " ".join(sorted(lesson.view.show))),
        "step": (PLAY if reading.view.step is None else reading.view.step, lesson.view.step),
    }
    if reading.end:
        far = lesson.opening_end(surface)
        values |= {"bx": (reading.end[0], far[0]), "by": (reading.end[1], far[1])}
    return {
        name: None if value == default else short(value) if isinstance(value, int | float) else value
        for name, (value, default) in values.items()
    }


@lru_cache(maxsize=1)
def lessons() -> Mapping[str, Lesson]:
    """Every page with a stage, by its key."""
    return {key: page for key, page in course().items() if isinstance(page, Lesson)}
