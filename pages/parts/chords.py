"""The chord test of the convexity lesson: its functions, its settings in the address, and its search."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st

from landscapes import Curve, ExpressionError, parse_curve
from landscapes.grammar import PARAMETERS, position_of
from landscapes.knobs import Knob
from pages.parts.live import asked
from pages.parts.settings import Settings, is_new, quoted, short, write
from pages.parts.typed import pointed
from pages.parts.words import number
from stage.chord import Samples, Search, chord, chord_message, evaluate, find_broken, sample
from stage.component import request_of

SETTINGS = ("f", "a", "b", "alpha")
"""What the chord test keeps in the address."""
OPENING = "x^2"
ALPHA = Knob(0, 1, name="alpha", default=0.5)
REACH = 3.0
"""Typed functions are shown from minus to plus this."""
MENU: Mapping[str, tuple[str, float]] = {
    "x^2": ("x², the parabola", REACH),
    "x^4": ("x⁴, flat at its minimum", REACH),
    "abs(x)": ("|x|, with a kink", REACH),
    "exp(x)": ("eˣ, without a minimum", REACH),
    "max(0, 1 - x)": ("max(0, 1 − x), the hinge loss", REACH),
    "ln(1 + exp(-x))": ("ln(1 + e⁻ˣ), the logistic loss", REACH),
    "max(abs(x) - 1, 0)^2": ("max(|x| − 1, 0)², with a flat bottom", REACH),
    "(x^2 - 1)^2 + 0.6x": ("(x² − 1)² + 0.6x, two valleys", 1.8),
    "sin(x)": ("sin x", 6.0),
    "x^3": ("x³", REACH),
    "sqrt(abs(x))": ("√|x|, one valley and yet not convex", REACH),
    "-x^2": ("−x², upside down", REACH),
}
"""Titles, and how far each is shown to both sides. The keys are read like anything that is typed."""
MARKS = ((0.0, "B"), (0.5, "the middle"), (1.0, "A"))


@dataclass(frozen=True)
class Function:
    """A function of the menu or a typed one: its text as it stands in the box, and its samples."""

    text: str
    curve: Curve
    samples: Samples
    reach: float

    @property
    def ends(self) -> tuple[float, float]:
        """Where A and B are on opening: a sixth from either end of where the function is defined."""
        low, high = self.samples.extent
        return (_short(low + (high - low) / 6), _short(high - (high - low) / 6))

    def search(self) -> Search:
        """The search for a chord that the curve rises above."""
        return find_broken(self.curve, -self.reach, self.reach)


@dataclass(frozen=True)
class Shown:
    """One state of the chord test."""

    function: Function
    a: float
    b: float
    alpha: float


def function(text: str) -> Function:
    """The function that a text stands for; ``ExpressionError`` where there is none to draw."""
    if not text.strip():
        raise ExpressionError("nothing is typed: a function of x is missing")
    curve = parse_curve(text)
    for letter in (name for name in PARAMETERS if name in curve.knobs):
        place = position_of(letter, text) or 0
        raise ExpressionError(f"`{letter}` at column {place + 1} has no slider here: type a number instead", place)
    reach = _reaches().get(curve.key, REACH)
    samples = sample(curve, -reach, reach)
    if samples is None:
        raise ExpressionError(f"this function has no finite value for x from −{number(reach)} to {number(reach)}")
    return Function(text.strip(), curve, samples, reach)


@lru_cache(maxsize=1)
def _reaches() -> Mapping[str, float]:
    return {parse_curve(text).key: reach for text, (_, reach) in MENU.items()}


def _short(value: float) -> float:
    return float(f"{value:.3g}")


def prepare() -> None:
    """Sample and search every function of the menu, for the warm-up."""
    for text in MENU:
        function(text).search()


def read(settings: Settings) -> Shown:
    """What the address says; what cannot be shown is replaced, with a message in `settings`."""
    settings.known.update(SETTINGS)
    text = settings.said.get("f", OPENING)
    try:
        shown = function(text)
    except ExpressionError:
        settings.messages.append(f"f = {quoted(text)} is no function of x that can be drawn; `{OPENING}` is shown.")
        shown = function(OPENING)
    a, b = (
        settings.number(Knob(-shown.reach, shown.reach, name=name, default=end), end)
        for name, end in zip("ab", shown.ends, strict=True)
    )
    return Shown(shown, a, b, settings.number(ALPHA, ALPHA.default))


def address(shown: Shown) -> dict[str, str | None]:
    """A state as the address has it; None for all that the page opens on anyway."""
    a, b = shown.function.ends
    values = {"a": (shown.a, a), "b": (shown.b, b), "alpha": (shown.alpha, ALPHA.default)}
    said = {name: None if value == default else short(value) for name, (value, default) in values.items()}
    return {"f": _text(shown.function.text), **said}


def _text(text: str) -> str | None:
    return None if text == OPENING else text


@st.fragment
def chord_test(lesson: str) -> None:
    """The chord test, with its choice of functions; `lesson` is the key of its page."""
    key = f"{lesson}_chord"
    request = request_of(key)
    new = is_new(key, request)
    settings = Settings({**st.query_params, **(asked(request) if new else {})})
    shown = read(settings)
    _remember_what_cannot_be_read(key, settings)
    if new:
        write(address(shown))
    elif settings.messages:
        st.warning("  \n".join(settings.messages), icon=":material/link_off:")
    _choose(key, shown)
    now = shown.function
    if st.session_state.get(f"{key}_searched") == now.curve.key:
        st.info(verdict(now), icon=":material/search:")
    chord(key, chord_message(now.samples, shown.a, shown.b, shown.alpha, request=request, marks=MARKS))


def _choose(key: str, shown: Shown) -> None:
    menu, typed, searched = st.columns([2.4, 3, 2], vertical_alignment="top")
    now = shown.function
    st.session_state[f"{key}_menu"] = next((text for text in MENU if parse_curve(text).key == now.curve.key), now.text)
    draft = st.session_state.get(f"{key}_draft")
    st.session_state[f"{key}_typed"] = now.text if draft is None else draft[0]

    def put(text: str) -> None:
        st.session_state.pop(f"{key}_draft", None)
        # Another function has another range.
        write({"f": _text(text.strip()), "a": None, "b": None})

    def chosen() -> None:
        put(st.session_state[f"{key}_menu"])

    def entered() -> None:
        text = st.session_state[f"{key}_typed"]
        try:
            function(text)
        except ExpressionError:
            st.session_state[f"{key}_draft"] = (text, st.query_params.get("f"))
        else:
            put(text)

    def search() -> None:
        st.session_state[f"{key}_searched"] = now.curve.key
        worst = now.search().worst
        if worst:
            write(address(Shown(now, *worst)))

    menu.selectbox(
        "Function",
        list(dict.fromkeys((*MENU, st.session_state[f"{key}_menu"]))),
        format_func=lambda text: MENU[text][0] if text in MENU else f"typed: {text}",
        key=f"{key}_menu",
        on_change=chosen,
    )
    with typed:
        st.text_input("f(x), typed", key=f"{key}_typed", on_change=entered)
        if draft is not None:
            # As code: what was typed is in it, and the mark below it needs letters of one width.
            st.code(complaint(draft[0]), language=None, wrap_lines=True)
    # As low as the fields beside it, whose labels are above them.
    searched.space(12)
    searched.button("Find a chord that breaks it", key=f"{key}_search", on_click=search, width="stretch")


def _remember_what_cannot_be_read(key: str, settings: Settings) -> None:
    """The text that stays in the box with its complaint, as long as the address stays what it was."""
    said, draft = settings.said.get("f"), st.session_state.get(f"{key}_draft")
    if draft is not None and draft[1] != said:
        del st.session_state[f"{key}_draft"]
    if said is not None and f"{key}_draft" not in st.session_state:
        try:
            function(said)
        except ExpressionError:
            st.session_state[f"{key}_draft"] = (said, said)


def complaint(text: str) -> str:
    """Why a text cannot be read, under the part of it where that is; empty where it can."""
    try:
        function(text)
    except ExpressionError as error:
        return pointed(text, error)
    return ""


def verdict(of: Function) -> str:
    """What the search found, in words."""
    found = of.search()
    if found.worst is None:
        reach = number(of.reach)
        words = (
            f"No violation among {found.chords} chords, looked at in {found.points} places, for x from −{reach} to "
            f"{reach}. That is no proof, but nothing speaks against convexity there."
        )
        gap = " The function is undefined in between, though, and the domain of a convex function has no gap."
        return words + gap if of.samples.holes else words
    a, b, alpha = found.worst
    (at_a, at_b), _ = evaluate(of.curve, np.array([a, b]))
    return (
        f"The chord from A = ({number(a)}, {number(at_a)}) to B = ({number(b)}, {number(at_b)}) breaks it: at α = "
        f"{number(alpha)} the curve is {number(found.above)} above. None of {found.chords} chords is broken more."
    )
