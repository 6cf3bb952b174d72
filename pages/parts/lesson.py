"""A lesson: what a page opens on, what may be changed, and the fragment that shows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from landscapes import SURFACES, find_surface
from landscapes.knobs import Knob
from landscapes.surface import Surface
from optim import OPTIMIZERS, find_optimizer, sweep
from pages.parts.code import show_code
from pages.parts.settings import PLAY, Settings, write
from stage import Live, Racer, Setup, stage
from stage.component import live_bank, request_of
from stage.scene import Bank

OVERLAYS = ("arrows", "eigenvectors", "model", "critical", "labels")
HEIGHTS = ("linear", "log", "signed_log")
STEPS = (10, 25, 50, 100, 200, 500)
RATES = {"same": "one rate for all", "tuned": "each its own best"}
RATE = "learning_rate"

Marks = tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Preset:
    """A link to a state of the page, in the order a teacher would walk through them."""

    label: str
    query: Mapping[str, str]
    about: str


@dataclass(frozen=True)
class View:
    """How the stage shows it: the step at the cursor (None: it plays), the heights, and what is laid over the map."""

    height: str
    show: tuple[str, ...]
    step: int | None


@dataclass(frozen=True)
class Lesson:
    """What a page opens on, and what its stage says.

    `narrate(setup, bank, position)` is the sentence for a position of the live slider; `marks(setup, name)` are the
    values worth marking on the slider of that name. `ranges` narrows sliders while the lesson's own surface is shown.
    `prepare` are the cached computations of the rest of the page, for the warm-up.
    """

    key: str
    surface: str
    optimizers: tuple[str, ...]
    rate: float
    steps: int
    panels: tuple[str, ...]
    narrate: Callable[[Setup, Bank, int], str]
    marks: Callable[[Setup, str], Marks]
    presets: tuple[Preset, ...]
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    prepare: tuple[Callable[[], object], ...] = ()
    view: View = View("linear", ("arrows", "critical", "labels"), None)

    def read(self, settings: Settings) -> "Reading":
        """All that the address decides; what cannot be shown is replaced, with a message in `settings`."""
        surface = find_surface(settings.choice("surface", SURFACES, self.surface))
        keys = settings.choices("optimizers", OPTIMIZERS, self.optimizers)
        same_rate = settings.choice("rates", RATES, "same") == "same"
        steps = int(settings.choice("steps", [str(n) for n in STEPS], str(self.steps)))
        own = surface.key == self.surface
        start = settings.point(surface.box, surface.start)
        knobs = {name: settings.number(self._knob(knob, own), knob.default) for name, knob in surface.knobs.items()}
        setup = Setup(surface.key, (Racer(keys[0]),), start, steps, tuple(knobs.items()), same_rate=same_rate)

        hyper = {}
        first = find_optimizer(keys[0])
        for name, knob in first.knobs.items():
            knob = self._knob(knob, own)
            if name == RATE:
                opening = self.rate if own and keys[0] == self.optimizers[0] else best_rate(setup, keys[0], knob)
                knob = replace(knob, default=opening)
            hyper[name] = (knob, settings.number(knob, knob.default))
        racers = [Racer(keys[0], tuple((name, value) for name, (_, value) in hyper.items()))]
        for key in keys[1:]:
            rate = self._other_rate(setup, key, hyper)
            racers.append(Racer(key, () if rate is None else ((RATE, rate),)))
        setup = replace(setup, racers=tuple(racers))

        lives = [Live(knob, value, self.marks(setup, name)) for name, (knob, value) in hyper.items()]
        lives += [Live(self._knob(knob, own), knobs[name], moves_surface=True) for name, knob in surface.knobs.items()]
        view = View(
            settings.choice("height", HEIGHTS, self.opening_height(surface)),
            settings.flags("show", OVERLAYS, self.view.show),
            settings.step(steps, self.view.step),
        )
        return Reading(setup, lives, view)

    def opening_height(self, surface: Surface) -> str:
        """The heights that a surface is first drawn with."""
        return self.view.height if surface.key == self.surface else "log" if surface.log_height else "linear"

    def _knob(self, knob: Knob, own: bool) -> Knob:
        low, high = self.ranges.get(knob.name, (knob.low, knob.high))
        # A rule that begins outside this range has another scale: Newton-like rules take steps of about one.
        return replace(knob, low=low, high=high) if own and low <= knob.default <= high else knob

    def _other_rate(self, setup: Setup, key: str, hyper: Mapping[str, Any]) -> float | None:
        knobs = find_optimizer(key).knobs
        if RATE not in knobs:
            return None
        if setup.same_rate and RATE in hyper:
            return float(hyper[RATE][1])
        return best_rate(setup, key, knobs[RATE])


@dataclass(frozen=True)
class Reading:
    """One state of a page."""

    setup: Setup
    lives: list[Live]
    view: View


@lru_cache(maxsize=512)
def best_rate(setup: Setup, optimizer: str, knob: Knob) -> float:
    """The slider position with the lowest final loss: one sweep under the same start and step count for everyone.

    The knob's default where the rule has no finite run, or has no rate to choose.
    """
    if RATE not in find_optimizer(optimizer).knobs:
        return knob.default
    positions = Live(knob, knob.default).positions()
    runs = sweep(setup.surface, optimizer, setup.start, values=positions, steps=setup.steps, knobs=dict(setup.knobs))
    final = np.where(runs.diverged_at < 0, runs.values[:, -1], np.inf)
    return float(positions[int(np.argmin(final))]) if np.isfinite(final).any() else knob.default


def show(lesson: Lesson) -> None:
    """The lesson's links, its choices, its stage and its code."""
    # Following a link to the page one is on changes the state but not what the browser shows as its address.
    st.query_params.from_dict(st.query_params.to_dict())
    page = st.Page(f"{lesson.key}.py")
    with st.container(horizontal=True, gap="small"):
        for number, preset in enumerate(lesson.presets, 1):
            st.page_link(
                page,
                label=f"{number}. {preset.label}",
                icon="",
                help=preset.about,
                query_params=dict(preset.query),
            )
    settings = Settings(st.query_params)
    reading = lesson.read(settings)
    settings.warn()
    _choices(lesson, reading.setup)
    _stage(lesson)
    show_code(reading.setup)


@st.fragment
def _stage(lesson: Lesson) -> None:
    """The stage alone: what a drag asks for must not wait for menus and code to be sent and drawn again."""
    request = request_of(lesson.key)
    asked = _fresh_settings(lesson, request)
    settings = Settings({**st.query_params, **asked})
    reading = lesson.read(settings)
    if asked and not request.get("drag"):
        strangers = dict.fromkeys(set(st.query_params) - settings.known)
        write({**strangers, **address(lesson, reading)})
        st.rerun()

    names = [live.name for live in reading.lives]
    over = request.get("over") if request.get("over") in names else names[0]
    bank = live_bank(reading.setup, reading.lives, over, single=bool(request.get("single")) and bool(asked))
    stage(
        lesson.key,
        reading.setup,
        reading.lives,
        bank,
        panels=lesson.panels,
        view=reading.view.__dict__,
        texts=[lesson.narrate(reading.setup, bank, v) for v in range(len(bank.positions))],
    )


def _fresh_settings(lesson: Lesson, request: Mapping[str, Any]) -> dict[str, str]:
    """The settings that the stage sends with a new request; nothing where this rerun has another cause."""
    seen = f"{lesson.key}_seq"
    if not request or st.session_state.get(seen) == request.get("seq"):
        return {}
    st.session_state[seen] = request.get("seq")
    sent = request.get("settings") or {}
    return {name: _plain(value) for name, value in sent.items() if value is not None}


def _plain(value: Any) -> str:
    return repr(float(value)) if isinstance(value, int | float) else str(value)


def address(lesson: Lesson, reading: Reading) -> dict[str, str | None]:
    """A state as the address has it: short numbers, and None for all that the page opens on anyway."""
    setup, surface = reading.setup, reading.setup.found
    values: dict[str, tuple[Any, Any]] = {
        "surface": (setup.surface, lesson.surface),
        "optimizers": (" ".join(racer.optimizer for racer in setup.racers), " ".join(lesson.optimizers)),
        "rates": ("same" if setup.same_rate else "tuned", "same"),
        "steps": (setup.steps, lesson.steps),
        "x": (setup.start[0], surface.start[0]),
        "y": (setup.start[1], surface.start[1]),
        **{live.name: (live.value, live.knob.default) for live in reading.lives},
        "height": (reading.view.height, lesson.opening_height(surface)),
        "show": (" ".join(sorted(reading.view.show)), " ".join(sorted(lesson.view.show))),
        "step": (PLAY if reading.view.step is None else reading.view.step, lesson.view.step),
    }
    return {name: None if value == default else _short(value) for name, (value, default) in values.items()}


def _short(value: Any) -> str:
    return repr(value).removesuffix(".0") if isinstance(value, int | float) else str(value)


def _choices(lesson: Lesson, setup: Setup) -> None:
    """Menus that are views of the address: it is written when one changes, and they are set from it on every run."""
    columns = st.columns([2.2, 4, 1.6, 1])
    _menu(
        columns[0],
        "surface",
        setup.surface,
        lambda box, **menu: box.selectbox(
            "Surface", list(SURFACES), format_func=lambda key: SURFACES[key].title, **menu
        ),
        resets=True,
    )
    _menu(
        columns[1],
        "optimizers",
        [racer.optimizer for racer in setup.racers],
        lambda box, **menu: box.multiselect(
            "Optimizers",
            list(OPTIMIZERS),
            format_func=lambda key: OPTIMIZERS[key].title,
            max_selections=8,
            help="The sliders belong to the first.",
            **menu,
        ),
    )
    _menu(
        columns[2],
        "rates",
        "same" if setup.same_rate else "tuned",
        lambda box, **menu: box.selectbox(
            "Learning rates", list(RATES), format_func=RATES.__getitem__, disabled=len(setup.racers) < 2, **menu
        ),
    )
    _menu(
        columns[3], "steps", str(setup.steps), lambda box, **menu: box.selectbox("Steps", list(map(str, STEPS)), **menu)
    )


def _menu(box: Any, name: str, value: Any, make: Callable[..., Any], *, resets: bool = False) -> None:
    key = f"menu_{name}"
    st.session_state[key] = value

    def changed() -> None:
        chosen = st.session_state[key]
        text = " ".join(chosen) if isinstance(chosen, list) else chosen
        kept = {"optimizers", "rates", "steps", "height", "show"}
        # Another surface has another box, other knobs, and another scale for the rate.
        dropped = [other for other in st.query_params if resets and other not in kept]
        write({**dict.fromkeys(dropped), name: text or None})

    make(box, key=key, on_change=changed)
