"""Knobs: the adjustable numbers of a surface or an optimizer, declared where they are used.

A keyword-only argument annotated ``Annotated[float, Knob(low, high)]`` is a knob; its default is the knob's
default. Menus, sliders, address checks and tests all read it from there.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Knob:
    """Range and default of one adjustable number. `log` spaces the slider's positions geometrically."""

    low: float
    high: float
    log: bool = False
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
        return math.isfinite(value) and self.low <= value <= self.high

    def clip(self, value: float) -> float:
        """The nearest value in range; the default where `value` is not a number."""
        return self.default if math.isnan(value) else min(max(value, self.low), self.high)

    def positions(self, count: int) -> NDArray[np.float64]:
        """`count` slider positions from low to high, evenly spaced along the slider."""
        space = np.geomspace if self.log else np.linspace
        return np.asarray(space(self.low, self.high, count), dtype=np.float64)


Knobs = Mapping[str, float]


def read_knobs(function: Callable[..., Any]) -> dict[str, Knob]:
    """The knobs of `function`, by name in order; ``TypeError`` for a keyword-only argument that is not one."""
    hints = get_type_hints(function, include_extras=True)
    found: dict[str, Knob] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        extras = get_args(hints.get(name))[1:] if get_origin(hints.get(name)) is Annotated else ()
        knob = next((extra for extra in extras if isinstance(extra, Knob)), None)
        if knob is None or not knob.contains(float(parameter.default)):
            raise TypeError(f"{name} of {function.__name__} needs a Knob annotation and a default within its range")
        found[name] = replace(knob, name=name, default=float(parameter.default))
    return found


def fill(knobs: Mapping[str, Knob], given: Knobs, owner: str) -> dict[str, float]:
    """Every knob's value: the given one, else the default. ``TypeError`` names an unknown one."""
    unknown = sorted(set(given) - set(knobs))
    if unknown:
        raise TypeError(f"{owner} has no {', '.join(unknown)}; it has {', '.join(knobs) or 'no knobs'}")
    return {name: given.get(name, knob.default) for name, knob in knobs.items()}
