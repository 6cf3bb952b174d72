"""A lesson: what a page opens on, what may be changed, and how an address is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscapes import find_surface
from landscapes.knobs import Knob
from landscapes.surface import Surface
from optim import OPTIMIZERS, find_optimizer, sweep
from optim.oracle import LARGEST_BATCH
from pages.parts.course import Page, course
from pages.parts.settings import PLAY, Settings
from stage import Live, Racer, Setup
from stage.scene import WRAPPERS, Bank, concerns, wrapper_of

OVERLAYS = ("basins", "curvature", "final", "arrows", "eigenvectors", "model", "critical", "labels")
HEIGHTS = ("linear", "log", "signed_log")
STEPS = (10, 25, 50, 100, 200, 500)
RATES = {"same": "one rate for all", "tuned": "each its own best"}
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
    for the share of the start in it. With `typed` a visitor may type a surface. `others` are settings in the address
    that belong to another part of the page.
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
    view: View = View("linear", ("arrows", "critical", "labels"), None)

    def read(self, settings: Settings) -> "Reading":
        """All that the address decides; what cannot be shown is replaced, with a message in `settings`."""
        settings.known.update(self.others)
        surface = find_surface(settings.surface(self.surface, typed=self.typed))
        keys = settings.choices("optimizers", RACERS, self.optimizers)
        same_rate = settings.choice("rates", RATES, "same") == "same"
        steps = int(settings.choice("steps", [str(n) for n in STEPS], str(self.steps)))
        own = surface.key == self.surface
        start = settings.point(surface.box, self.opening_start(surface))
        knobs = {name: settings.number(self._knob(knob, own), knob.default) for name, knob in surface.knobs.items()}
        sliders = SLIDERS | (dict(self.sliders) if own else {})
        extras = {name: settings.number(knob, knob.default) for name, knob in sliders.items() if name not in "xy"}
        racers = tuple(Racer(optimizer, (), wrapper) for optimizer, _, wrapper in (key.partition(":") for key in keys))
        setup = Setup(
            surface.key,
            racers,
            start,
            steps,
            tuple(knobs.items()),
            seed=int(settings.number(SEED, SEED.default)),
            same_rate=same_rate,
            **extras,
        )

        hyper = {}
        for name, knob in find_optimizer(racers[0].optimizer).knobs.items():
            knob = self._knob(knob, own)
            if name == RATE:
                # From the surface's own start: a slider whose default moves with a dragged start has none.
                still = replace(setup, start=surface.start)
                usual = own and racers[0].optimizer == self.optimizers[0].partition(":")[0]
                opening = self.rate if usual else best_rate(still, racers[0], knob)
                knob = replace(knob, default=opening)
            hyper[name] = (knob, settings.number(knob, knob.default))
        led = replace(racers[0], hyper=tuple((name, value) for name, (_, value) in hyper.items()))
        setup = replace(setup, racers=(led, *(self._follow(setup, racer, hyper) for racer in racers[1:])))

        values = extras | {"x": start[0], "y": start[1]}
        lives = [Live(knob, value, self.marks(setup, name)) for name, (knob, value) in hyper.items()]
        lives += [
            Live(knob, values[name], self.marks(setup, name))
            for name, knob in sliders.items()
            if any(concerns(setup, racer, name) for racer in range(len(racers)))
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
        return Reading(setup, lives, view, end)

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

    def _follow(self, setup: Setup, racer: Racer, hyper: Mapping[str, Any]) -> Racer:
        """A racer behind the first one, with the rate that it runs at."""
        knobs = find_optimizer(racer.optimizer).knobs
        if RATE not in knobs:
            return racer
        rate = hyper[RATE][1] if setup.same_rate and RATE in hyper else best_rate(setup, racer, knobs[RATE])
        return replace(racer, hyper=((RATE, float(rate)),))


@dataclass(frozen=True)
class Reading:
    """One state of a page."""

    setup: Setup
    lives: list[Live]
    view: View
    end: tuple[float, float] | None = None

    @property
    def served(self) -> list[Live]:
        """The sliders that the server answers for, the one that is live on opening first."""
        return [live for live in self.lives if not live.moves_nothing]


def final_losses(setup: Setup, racer: Racer, rates: ArrayLike) -> NDArray[np.float64]:
    """The losses (R,) that a racer ends with at learning rates (R,), all else as it is; inf where it diverged."""
    runs = sweep(
        setup.surface,
        racer.optimizer,
        setup.start,
        values=rates,
        steps=setup.steps,
        seed=setup.seed,
        knobs=dict(setup.knobs),
        **wrapper_of(setup, racer),
        **{name: value for name, value in racer.hyper if name != RATE},
    )
    return np.where(runs.diverged_at < 0, runs.values[:, -1], np.inf)


@lru_cache(maxsize=512)
def best_rate(setup: Setup, racer: Racer, knob: Knob) -> float:
    """The slider position with the lowest final loss: one sweep under the same start and step count for everyone.

    The knob's default where the rule has no finite run, or has no rate to choose.
    """
    if RATE not in find_optimizer(racer.optimizer).knobs:
        return knob.default
    positions = Live(knob, knob.default).positions()
    final = final_losses(setup, racer, positions)
    return float(positions[int(np.argmin(final))]) if np.isfinite(final).any() else knob.default


def address(lesson: Lesson, reading: Reading) -> dict[str, str | None]:
    """A state as the address has it: short numbers, and None for all that the page opens on anyway."""
    setup, surface = reading.setup, reading.setup.found
    x, y = lesson.opening_start(surface)
    values: dict[str, tuple[Any, Any]] = {
        "surface": (setup.surface, lesson.surface),
        "optimizers": (" ".join(racer.key for racer in setup.racers), " ".join(lesson.optimizers)),
        "rates": ("same" if setup.same_rate else "tuned", "same"),
        "steps": (setup.steps, lesson.steps),
        "seed": (setup.seed, SEED.default),
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
    return {name: None if value == default else _short(value) for name, (value, default) in values.items()}


@lru_cache(maxsize=1)
def lessons() -> Mapping[str, Lesson]:
    """Every page with a stage, by its key."""
    return {key: page for key, page in course().items() if isinstance(page, Lesson)}


def _short(value: Any) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, int | float) else str(value)
