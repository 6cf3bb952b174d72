"""Knobs: the adjustable numbers of a surface or an optimizer, declared where they are used.

A keyword-only argument annotated ``Annotated[float, Knob(low, high)]`` is a knob; its default is the knob's
default. Menus, sliders, address checks and tests all read it from there. Knobs that several functions share are the
fields of a ``TypedDict`` named once, and taken as ``**data: Unpack[...]``; their annotation holds the default.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Unpack, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Knob:
    """Range and default of one adjustable number. `log` spaces the slider's positions geometrically.

    `zero` puts an exact 0 before the range, for which a logarithm has no place. `whole` leaves out what is between two
    whole numbers. `datum` marks a coordinate of a data
    point: dragged in a plot of the data, not on a slider.
    """

    low: float
    high: float
    log: bool = False
    zero: bool = False
    whole: bool = False
    datum: bool = False
    symbol: str = ""
    name: str = ""
    default: float = math.nan

    @property
    def label(self) -> str:
        """The name as a person reads it, with the symbol where there is one."""
        words = self.name.replace("_", " ")
        return f"{words} {self.symbol}" if self.symbol else words

    def contains(self, value: float) -> bool:
        """True where `value` is a finite number within the range."""
        if not math.isfinite(value) or (self.whole and value != round(value)):
            return False
        return self.low <= value <= self.high or (self.zero and value == 0)

    def clip(self, value: float) -> float:
        """The nearest value in range; the default where `value` is not a number."""
        if math.isnan(value):
            return self.default
        nearest = 0.0 if self.zero and value < self.low else float(min(max(value, self.low), self.high))
        return float(round(nearest)) if self.whole else nearest

    def positions(self, count: int) -> NDArray[np.float64]:
        """`count` slider positions from low to high, evenly spaced along the slider."""
        space = np.geomspace if self.log else np.linspace
        spaced = np.asarray(space(self.low, self.high, count - self.zero), dtype=np.float64)
        return np.concatenate([[0.0], spaced]) if self.zero else spaced


Knobs = Mapping[str, float]


def read_knobs(function: Callable[..., Any]) -> dict[str, Knob]:
    """The knobs of `function`, by name in order; ``TypeError`` for a keyword-only argument that is not one."""
    hints = get_type_hints(function, include_extras=True)
    found: dict[str, Knob] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        hint = hints.get(name)
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            found[name] = _knob(function, name, hint, float(parameter.default))
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD and get_origin(hint) is Unpack:
            shared = get_type_hints(get_args(hint)[0], include_extras=True)
            found |= {field: _knob(function, field, shared[field]) for field in shared}
    return found


def _knob(function: Callable[..., Any], name: str, hint: Any, default: float | None = None) -> Knob:
    extras = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    knob = next((extra for extra in extras if isinstance(extra, Knob)), None)
    if knob is not None:
        knob = replace(knob, name=name, default=knob.default if default is None else default)
    if knob is None or not knob.contains(knob.default):
        raise TypeError(f"{name} of {function.__name__} needs a Knob annotation and a default within its range")
    return knob


def fill(knobs: Mapping[str, Knob], given: Knobs, owner: str) -> dict[str, float]:
    """Every knob's value: the given one, else the default. ``TypeError`` names an unknown one."""
    unknown = sorted(set(given) - set(knobs))
    if unknown:
        raise TypeError(f"{owner} has no {', '.join(unknown)}; it has {', '.join(knobs) or 'no knobs'}")
    return {name: given.get(name, knob.default) for name, knob in knobs.items()}
