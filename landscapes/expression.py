"""Typed functions: from text to a surface like any other, with exact derivatives by JAX."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, reduce
from threading import Lock
from types import MappingProxyType
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import nn
from numpy.typing import NDArray
from scipy.special import expit

from landscapes.caption import Caption
from landscapes.grammar import (
    CONSTANTS,
    LONGEST,
    PARAMETERS,
    SAME_NAME,
    Expression,
    ExpressionError,
    Step,
    fold,
    position_of,
    read,
)
from landscapes.knobs import Knob
from landscapes.notation import latex, plain
from landscapes.surface import Box, Point, Scalar, Surface

BOX: Box = (-3.0, 3.0, -3.0, 3.0)
TITLE = 48
"""Characters of a title at most."""
INTEGER_POWER = 100
"""Constant whole exponents up to here are multiplied out, which makes the derivatives at 0 right."""
STARTS = ((-2.2, 1.6), (1.7, 2.1), (2.3, -1.4), (-1.3, -2.4), (0.9, 0.7), (-0.6, 0.8), (0.35, -0.45))
"""Where a run starts: the first of these points, else of a grid, with a finite height and a slope."""

_once = Lock()
"""Two who type the same at the same moment get one surface, and so one compilation."""

Operations = Mapping[str, Callable[..., Any]]


def _root(xp: Any, s: Any) -> Any:
    # As in `guards.safe_sqrt`, no infinite derivative at 0; but below 0 this root stays undefined.
    zero = s == 0
    return xp.where(zero, 0, xp.sqrt(xp.where(zero, 1, s)))


def _power(xp: Any, base: Any, exponent: Any) -> Any:
    if isinstance(exponent, float) and exponent.is_integer() and abs(exponent) <= INTEGER_POWER:
        return base ** int(exponent)
    return xp.power(base, exponent)


def _operations(xp: Any, sigmoid: Callable[[Any], Any]) -> Operations:
    """What every operator and function of the grammar does, in NumPy or in JAX."""
    return {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "neg": operator.neg,
        "^": partial(_power, xp),
        "ln": xp.log,
        "sqrt": partial(_root, xp),
        "sigmoid": sigmoid,
        "min": lambda *numbers: reduce(xp.minimum, numbers),
        "max": lambda *numbers: reduce(xp.maximum, numbers),
        **{name: getattr(xp, name) for name in SAME_NAME},
    }


IN_JAX = _operations(jnp, nn.sigmoid)
IN_NUMPY = _operations(np, expit)


def _evaluate(expression: Expression, operations: Operations, names: Mapping[str, Any]) -> Any:
    return fold(
        expression,
        lambda leaf: names[leaf] if isinstance(leaf, str) else leaf,
        lambda symbol, operands: operations[symbol](*operands),
    )


def _without_constants(expression: Expression) -> Expression:
    """The expression with every part that no variable or knob enters replaced by its value, a 64-bit float.

    So no constant is ever computed by Python, whose division by zero and overflow are exceptions.
    """

    def leaf(symbol: str | float) -> Expression:
        return ((CONSTANTS.get(symbol, symbol) if isinstance(symbol, str) else symbol, 0),)

    def call(symbol: str, operands: Sequence[Expression]) -> Expression:
        numbers = [np.float64(o[0][0]) for o in operands if len(o) == 1 and isinstance(o[0][0], float)]
        if len(numbers) < len(operands):
            return (*(step for o in operands for step in o), (symbol, len(operands)))
        with np.errstate(all="ignore"):
            return ((float(IN_NUMPY[symbol](*numbers)), 0),)

    return fold(expression, leaf, call)


@dataclass(frozen=True, eq=False)
class Curve:
    """A typed function of x alone: `f(x, **knobs)` takes and returns a scalar, in JAX operations that keep its dtype.

    `key` is ``=`` and the text, `formula` is LaTeX.
    """

    key: str
    formula: str
    f: Callable[..., Scalar]
    knobs: Mapping[str, Knob]


def parse(text: str) -> Surface:
    """The surface of a typed function of x and y, or of x alone; the same one for every way to type the same function.

    ``x^2 + 100*sin(y)`` in the usual order of operations: ``^`` or ``**`` before a leading minus, then products, marked
    or not (``2x``, ``2(x+1)``), then sums. `NAMES` and `FUNCTIONS` of the grammar may occur; ``log`` is the natural
    logarithm, and the letters a to d become knobs. Where the function is undefined its value is NaN. Its key is ``=``
    and the text as it was understood: ``find_surface(surface.key)`` gives the same surface while it is remembered, and
    an equal one later.

    ``ExpressionError`` names what cannot be read and where, or says that the function is finite nowhere in the box.
    """
    expression = read(text)
    with _once:
        return _surface(expression)


def parse_curve(text: str) -> Curve:
    """The curve of a typed function of x; ``ExpressionError`` as for `parse`, and where y occurs."""
    expression = read(text)
    if ("y", 0) in expression:
        place = position_of("y", text) or 0
        raise ExpressionError(f"`y` at column {place + 1} does not belong in a function of x alone", place)
    with _once:
        return _curve(expression)


def _written(expression: Expression) -> str:
    """The text of a key; ``ExpressionError`` where it could not be read again, because what was added is too long."""
    text = plain(expression)
    if len(text) > LONGEST:
        raise ExpressionError(f"this is too long: {len(text)} characters when written out, where {LONGEST} are allowed")
    return text


def _function(expression: Expression) -> Callable[..., Scalar]:
    """`f(variables, knobs)`, by name, in the dtype of the variables; whole numbers count as 64-bit floats."""
    constant_free = _without_constants(expression)
    defaults = {name: knob.default for name, knob in _knobs(expression).items()}

    def f(variables: Mapping[str, Any], knobs: Mapping[str, Any]) -> Scalar:
        dtype = jnp.result_type(variables["x"], float)
        # Arrays, because a Python number divided by a Python zero raises.
        given = {**variables, **{name: knobs.get(name, default) for name, default in defaults.items()}}
        names = {name: jnp.asarray(number, dtype) for name, number in given.items()}
        # A constant beyond the range of 32 bits is infinite in them.
        with np.errstate(over="ignore"):
            return jnp.asarray(_evaluate(constant_free, IN_JAX, names), dtype)

    return f


def _knobs(expression: Expression) -> dict[str, Knob]:
    return {name: Knob(-5, 5, name=name, default=1.0) for name in PARAMETERS if (name, 0) in expression}


@lru_cache(maxsize=256)
def _curve(expression: Expression) -> Curve:
    of_variables = _function(expression)

    def f(x: Scalar, **knobs: Any) -> Scalar:
        return of_variables({"x": x}, knobs)

    knobs = MappingProxyType(_knobs(expression))
    return Curve("=" + _written(expression), latex(expression), f, knobs)


@lru_cache(maxsize=256)
def _surface(expression: Expression) -> Surface:
    of_variables = _function(expression)

    def f(p: Point, **knobs: Any) -> Scalar:
        return of_variables({"x": p[0], "y": p[1]}, knobs)

    text = _written(expression)
    return Surface(
        key="=" + text,
        caption=Caption(
            title=text if len(text) <= TITLE else text[: TITLE - 1] + "…",
            formula=latex(expression),
            notice=_notice(expression),
            source="Typed by the visitor.",
        ),
        f=f,
        box=BOX,
        start=_start(expression),
        minima=np.empty((0, 2)),
        knobs=MappingProxyType(_knobs(expression)),
        smooth=_is_smooth(expression),
    )


def _notice(expression: Expression) -> str:
    used = {symbol for symbol, _ in expression}
    letters = ", ".join(_knobs(expression))
    sentences = ["Slope and curvature are exact, found from this formula by automatic differentiation."]
    if "y" not in used:
        sentences.append("It does not depend on y: every cut along x is the same curve.")
    if letters:
        sentences.append(f"Sliders set {letters}.")
    if not np.isfinite(_heights(expression, _grid(25))).all():
        sentences.append("Where it is undefined or infinite, the picture has a hole.")
    return " ".join(sentences)


def _heights(expression: Expression, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values (N,) at points (N, 2), at the default knobs, by NumPy: a text is checked without compiling anything."""
    names = {name: np.float64(knob.default) for name, knob in _knobs(expression).items()}
    with np.errstate(all="ignore"):
        heights = _evaluate(_without_constants(expression), IN_NUMPY, {"x": points[:, 0], "y": points[:, 1], **names})
    return np.broadcast_to(np.asarray(heights, np.float64), len(points))


def _grid(count: int) -> NDArray[np.float64]:
    """Points (count², 2) over the box, edges included; of an odd count, the middle too."""
    side = np.linspace(BOX[0], BOX[1], count)
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def _start(expression: Expression) -> tuple[float, float]:
    """Where a run can start; ``ExpressionError`` where no point looked at has a finite height."""
    finite: list[tuple[float, float]] = []
    # An even count keeps the grid off the axes, where functions tend to have their kinks and poles.
    for points in (np.array(STARTS), _grid(32)):
        # Differences tell a slope from none, which is all that is asked here, without compiling a gradient.
        reach = 1e-4 * np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)])
        around = _heights(expression, (points + reach[:, None]).reshape(-1, 2)).reshape(5, -1)
        with np.errstate(all="ignore"):
            slope = np.hypot(around[1] - around[2], around[3] - around[4])
            good = np.isfinite(around).all(axis=0) & np.isfinite(slope) & (slope > 1e-12 * np.abs(around[0]))
        if good.any():
            return _pair(points[good.argmax()])
        finite += [_pair(point) for point in points[np.isfinite(around[0])][:1]]
    if not finite:
        raise ExpressionError("this function has no finite value where it would be drawn, for x and y from -3 to 3")
    return finite[0]


def _pair(point: NDArray[np.float64]) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _is_smooth(expression: Expression) -> bool:
    """False where there may be kinks: at a minimum, a maximum, an absolute value, or a root of what reaches zero."""
    if {symbol for symbol, _ in expression} & {"abs", "min", "max"}:
        return False
    return all(_heights(argument, _grid(25)).min() > 0 for argument in _arguments(expression, "sqrt"))


def _arguments(expression: Expression, function: str) -> list[Expression]:
    """The arguments of every call of a function of one number."""
    found: list[Expression] = []

    def leaf(symbol: str | float) -> Expression:
        return ((symbol, 0),)

    def call(symbol: str, operands: Sequence[Expression]) -> Expression:
        if symbol == function:
            found.append(operands[0])
        step: Step = (symbol, len(operands))
        return (*(inner for operand in operands for inner in operand), step)

    fold(expression, leaf, call)
    return found
