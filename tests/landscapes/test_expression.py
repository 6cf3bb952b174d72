"""Typed functions: that they mean what NumPy says they mean, and are surfaces like any other."""

import math
import random
from collections.abc import Callable
from functools import reduce
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import landscapes
from landscapes import ExpressionError, find_surface, parse, parse_curve
from landscapes.grammar import FUNCTIONS, NAMES, read
from landscapes.notation import plain
from optim import basins, descend

# A tree of this test's own: a number, a name, or (operator or function, operands).
Tree: TypeAlias = float | str | tuple[Any, ...]

MEANING: dict[str, Callable[..., Any]] = {
    "+": lambda s, t: s + t,
    "-": lambda s, t: s - t,
    "*": lambda s, t: s * t,
    "/": lambda s, t: s / t,
    "^": lambda s, t: s**t,
    "neg": lambda s: -s,
    "log": np.log,
    "ln": np.log,
    "sigmoid": lambda s: 1 / (1 + np.exp(-s)),
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "min": lambda *numbers: reduce(np.minimum, numbers),
    "max": lambda *numbers: reduce(np.maximum, numbers),
    **{name: getattr(np, name) for name in ("exp", "sqrt", "abs", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
}
ONE = [name for name in FUNCTIONS if name not in ("min", "max")]


def evaluated(tree: Tree, names: dict[str, Any], kind: type[np.floating[Any]]) -> Any:
    """The tree's value by NumPy in floats of one kind."""
    if isinstance(tree, float):
        return kind(tree)
    if isinstance(tree, str):
        return kind(names[tree])
    operator, *operands = tree
    return MEANING[operator](*(evaluated(operand, names, kind) for operand in operands))


def typed(tree: Tree, style: random.Random) -> str:
    """The tree as somebody might type it: every operand in brackets where they may matter, some signs and blanks left
    to taste."""
    if isinstance(tree, float):
        return style.choice([f"{tree:.17g}", f"{tree:.17e}"])
    if isinstance(tree, str):
        return style.choice(["pi", "π"]) if tree == "pi" else tree
    operator, *operands = tree
    parts = [typed(operand, style) for operand in operands]
    if operator in ("+", "-", "*", "/", "^"):
        left, right = (part if simple(o) else f"({part})" for part, o in zip(parts, operands, strict=True))
        sign = style.choice(
            {"^": ["^", "**"], "*": ["*", "·", "×", " * "], "-": ["-", "−", " - "]}.get(operator, [operator])
        )
        if operator == "*" and right.startswith("("):
            sign = style.choice([sign, ""])
        return left + sign + right
    return f"-({parts[0]})" if operator == "neg" else f"{operator}({style.choice([',', ', ']).join(parts)})"


def simple(tree: Tree) -> bool:
    return not isinstance(tree, tuple)


numbers = st.one_of(st.integers(0, 9).map(float), st.floats(0.01, 100), st.sampled_from([0.5, 1e-3, 2.5e4]))
leaves: st.SearchStrategy[Tree] = numbers | st.sampled_from(NAMES)


def grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return (
        st.tuples(st.sampled_from(["+", "-", "*", "/", "^"]), inner, inner)
        | st.tuples(st.sampled_from([*ONE, "neg"]), inner)
        | st.tuples(st.sampled_from(["min", "max"]), inner, inner)
        | st.tuples(st.sampled_from(["min", "max"]), inner, inner, inner)
        | st.tuples(st.just("^"), inner, st.integers(0, 4).map(float))
    )


trees = st.recursive(leaves, grown, max_leaves=10)
points = st.tuples(*[st.floats(-3, 3)] * 2)
letters = st.fixed_dictionaries({name: st.floats(-5, 5) for name in "abcd"})


@settings(max_examples=1000)
@given(trees, points, letters, st.integers(0, 2**32))
def test_values_agree_with_numpy(tree: Tree, point: tuple[float, float], knobs: dict[str, float], seed: int) -> None:
    text = typed(tree, random.Random(seed))
    names = {"x": point[0], "y": point[1], "e": math.e, "pi": math.pi, **knobs}
    with np.errstate(all="ignore"):
        exact = evaluated(tree, names, np.longdouble)
        # Where rounding the operands changes the value, NumPy's own digits are not those of the function.
        blurred = [evaluated(tree, {n: v * (1 + s * 2e-15) for n, v in names.items()}, np.longdouble) for s in (-1, 1)]
        expected = evaluated(tree, names, np.float64)
    assume(np.isfinite(float(exact)) and abs(float(exact)) < 1e300)
    assume(all(abs(b - exact) <= 1e-13 * abs(exact) for b in (*blurred, np.longdouble(expected))))
    try:
        surface = parse(text)
    except ExpressionError as error:
        assert "no finite value" in str(error)
        return
    used = {name: knobs[name] for name in surface.knobs}
    assert float(surface.f(jnp.array(point), **used)) == pytest.approx(float(expected), rel=1e-12, abs=1e-300)


@settings(max_examples=300)
@given(trees, st.integers(0, 2**32))
def test_what_is_written_out_is_read_again(tree: Tree, seed: int) -> None:
    expression = read(typed(tree, random.Random(seed)))
    assert read(plain(expression)) == expression


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-x^2", -9),
        ("2^3^2", 512),
        ("x^-1", 1 / 3),
        ("12/x/2", 2),
        ("x-y-1", 0),
        ("2x^2", 18),
        ("min(x,y,1)", 1),
        ("max(x, y)", 3),
        ("abs(-x)", 3),
        ("log(e^x)", 3),
        ("ln(e)", 1),
        ("sigmoid(0)", 0.5),
        ("6/(2x)", 1),
        ("x^0", 1),
    ],
)
def test_values_at_three_and_two(text: str, value: float) -> None:
    assert landscapes.value(f"={text}", (3, 2)) == pytest.approx(value, rel=1e-15)


def test_the_same_function_is_the_same_object() -> None:
    surface = parse("x^2 + 2*y")
    assert parse("x^2 + 2*y") is parse("z = x²+2y") is parse(" x**2+(2*y)") is surface
    assert find_surface(surface.key) is find_surface("=x^2 + 2*y") is find_surface(surface) is surface
    assert surface.key == "=x^2+2*y" and surface.title == "x^2+2*y"
    assert parse("x^2 + 2*x") is not surface


def test_an_unreadable_key_is_an_unknown_key() -> None:
    with pytest.raises(ExpressionError, match="unknown name `foo` at column 3") as caught:
        find_surface("=x+foo")
    assert isinstance(caught.value, KeyError) and isinstance(caught.value, ValueError)
    assert (caught.value.message, caught.value.position) == (str(caught.value), 2)
    with pytest.raises(KeyError, match="unknown surface 'x\\^2'"):
        find_surface("x^2")


def test_letters_become_knobs() -> None:
    surface = parse("a*x^2 + d*y")
    assert list(surface.knobs) == ["a", "d"]
    knob = surface.knobs["d"]
    assert (knob.low, knob.high, knob.default, knob.name) == (-5, 5, 1, "d")
    assert landscapes.value(surface, (2, 3)) == 7
    assert landscapes.value(surface, (2, 3), a=-1.5, d=2) == 0
    assert float(surface.f(jnp.array([2.0, 3.0]))) == 7
    assert math.isinf(landscapes.value("=x/a", (1, 1), a=0.0))
    with pytest.raises(TypeError, match="has no b; it has a, d"):
        landscapes.value(surface, (2, 3), b=1)


@pytest.mark.parametrize("power", range(5))
def test_whole_powers_have_exact_derivatives_at_zero(power: int) -> None:
    text = f"=x^{power} + 3y"
    assert landscapes.gradient(text, (0, 0)) == pytest.approx([float(power == 1), 3])
    assert landscapes.hessian(text, (0, 0)) == pytest.approx(np.diag([2.0 * (power == 2), 0]))
    assert landscapes.gradient(text, (-2, 0)) == pytest.approx([power * (-2.0) ** (power - 1), 3])


def test_undefined_places_are_holes() -> None:
    x, _, z = landscapes.on_grid("=sqrt(x) + log(y)", n=21)
    assert np.isnan(z[:, x < 0]).all()
    assert np.isfinite(z[11:][:, x > 0]).all()
    assert np.isnan(landscapes.value("=asin(x)", (2, 0)))
    assert np.isinf(landscapes.value("=1/x", (0, 0)))


def test_a_cone_has_no_slope_at_its_tip() -> None:
    cone = parse("sqrt(x^2 + y^2)")
    assert not cone.smooth
    assert landscapes.gradient(cone, (0, 0)) == pytest.approx([0, 0])
    assert landscapes.gradient(cone, (3, 4)) == pytest.approx([0.6, 0.8])
    assert np.isnan(landscapes.value("=sqrt(x)", (-1, 0)))


@pytest.mark.parametrize(
    ("text", "smooth"),
    [
        ("x^2", True),
        ("abs(x)", False),
        ("min(x, y)", False),
        ("sin(max(x,0)+y)", False),
        ("sqrt(x^2+y^2+1)", True),
        ("sqrt(x)", False),
        ("1-sqrt(1+sqrt((x-1)^2+y^2))", False),
    ],
)
def test_smooth_says_where_kinks_may_be(text: str, smooth: bool) -> None:
    assert parse(text).smooth is smooth


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("text", ["3", "x^2*pi+y/3", "a*exp(-x^y)+1e300*y", "min(x,1,a)+sqrt(x)^1.5", "1/3^99 + x"])
def test_dtype_of_the_point_is_kept(text: str, dtype: str) -> None:
    result = jax.jit(parse(text).f)(jnp.array([1.5, 0.5], dtype))
    assert result.dtype == dtype and result.shape == () and not result.weak_type


@pytest.mark.parametrize(
    "text",
    [
        "x^2+y^2",
        "sqrt(x^2+y^2)",
        "log(x)",
        "sqrt(x-2.5)",
        "log(-x-y-4)",
        "abs(x)",
        "x*1e-12",
        "1/(x*y)",
        "exp(exp(x))",
        "min(x^2, 4)",
        "max(x - 2.9, 0)",
        "acos(x*y)",
        "1e200*x",
    ],
)
def test_runs_start_on_a_slope(text: str) -> None:
    surface = parse(text)
    assert max(abs(coordinate) for coordinate in surface.start) <= 3
    assert math.isfinite(landscapes.value(surface, surface.start))
    slope = landscapes.gradient(surface, surface.start)
    assert np.isfinite(slope).all() and np.abs(slope).max() > 0


def test_whole_numbers_count_as_floats() -> None:
    assert float(parse("x/2 + a").f(jnp.array([1, 2]))) == 1.5
    assert float(parse_curve("x/2 + a").f(jnp.array(1), a=0.25)) == 0.75


def test_a_level_function_starts_somewhere() -> None:
    assert landscapes.value("=3", parse("3").start) == 3
    assert not landscapes.gradient("=3", (1, 1)).any()


def test_critical_points_are_those_of_the_same_formula_in_the_library() -> None:
    own = find_surface("tilted_double_well")
    text = parse("(x^2-1)^2 + y^2 + c*x")
    found = landscapes.critical_points(text, own.box, c=0.6)
    known = landscapes.critical_points(own, tilt=0.6)
    assert [point.kind for point in found] == [point.kind for point in known] == ["minimum", "minimum", "saddle"]
    for one, other in zip(found, known, strict=True):
        assert one.point == pytest.approx(other.point, abs=1e-9)
        assert one.value == pytest.approx(other.value, abs=1e-12)
        assert one.eigenvalues == pytest.approx(other.eigenvalues, rel=1e-9)
    assert landscapes.minima(text, own.box, c=0.6)[0] == pytest.approx(own.minima[0], abs=1e-9)


def test_optimizers_run_as_on_the_library_s_own() -> None:
    mine = descend("=(x^2-1)^2 + y^2 + 0.6x", "gd", (1.8, 1.0), steps=50, learning_rate=0.05)
    own = descend("tilted_double_well", "gd", (1.8, 1.0), steps=50, learning_rate=0.05)
    assert mine.diverged_at is None
    assert mine.points == pytest.approx(own.points, rel=1e-12)
    assert mine.hessians == pytest.approx(own.hessians, rel=1e-12)


def test_basins_of_a_typed_double_well() -> None:
    found = basins("=(x^2-1)^2 + y^2", "gd", n=16, steps=200, learning_rate=0.02)
    assert found.minima == pytest.approx(np.array([[-1, 0], [1, 0]]), abs=1e-6) or found.minima == pytest.approx(
        np.array([[1, 0], [-1, 0]]), abs=1e-6
    )
    ends = found.minima[found.labels]
    assert (found.labels >= 0).all()
    assert (np.sign(ends[..., 0]) == np.sign(found.x)).all()


def test_a_curve_is_a_function_of_x() -> None:
    curve = parse_curve("f(x) = a*x^2 - sin(x)")
    assert curve is parse_curve("a*x**2-sin(x)")
    assert (curve.key, list(curve.knobs)) == ("=a*x^2-sin(x)", ["a"])
    assert curve.formula == r"a\,{x}^{2} - \sin\left(x\right)"
    assert float(jax.grad(curve.f)(0.0)) == -1
    assert float(jax.grad(jax.grad(curve.f))(0.0, a=2.0)) == 4
    assert landscapes.value(curve.key, (2, -1)) == landscapes.value(curve.key, (2, 1)) == pytest.approx(4 - math.sin(2))
    with pytest.raises(ExpressionError, match="`y` at column 5 does not belong in a function of x alone") as caught:
        parse_curve("x + y")
    assert caught.value.position == 4
    with pytest.raises(ExpressionError, match="column 9"):
        parse_curve("y = x + y")


def test_caption_says_what_is_seen() -> None:
    caption = parse("a*log(x)").caption
    assert caption.title == "a*log(x)" and caption.source == "Typed by the visitor."
    assert "does not depend on y" in caption.notice and "hole" in caption.notice and "Sliders set a." in caption.notice
    plain_one = parse("x*y").caption.notice
    assert not any(word in plain_one for word in ("depend", "hole", "Sliders"))
    assert len(parse("+".join(["x*y"] * 30)).title) <= 48
