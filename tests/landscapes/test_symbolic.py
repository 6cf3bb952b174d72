"""Derivatives as formulas: they are those that JAX computes, and no text makes them hang."""

import random

import numpy as np
import pytest

from landscapes import ExpressionError, gradient, hessian, parse
from landscapes.grammar import read
from landscapes.symbolic import _SYMBOLS, _symbolic, derivatives
from tests.landscapes.test_grammar import sound

TEXTS = [
    "x^2 + 100*sin(y)",
    "exp(-x^2)*cos(3y)",
    "a*x^3 - b*x*y + sqrt(x^2+y^2+1)",
    "log(x^2+2)/(1+y^2)",
    "tanh(x*y)^2",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_formulas_are_what_jax_computes(text: str) -> None:
    assert derivatives(text) is not None
    f = _symbolic(read(text))
    x, y = _SYMBOLS["x"], _SYMBOLS["y"]
    point = {x: 0.7, y: -0.4, **{_SYMBOLS[name]: 1.0 for name in "abcd"}}
    slope = [float(f.diff(v).subs(point)) for v in (x, y)]
    assert slope == pytest.approx(gradient(parse(text), (0.7, -0.4)), rel=1e-12)
    bend = [[float(f.diff(u, v).subs(point)) for u in (x, y)] for v in (x, y)]
    assert np.array(bend) == pytest.approx(np.asarray(hessian(parse(text), (0.7, -0.4))), rel=1e-11)


def test_the_seeds_quadratic_has_the_seeds_derivatives() -> None:
    found = derivatives("(100x^2 + y^2)/2")
    assert found is not None
    assert found.gradient == ("100 x", "y") and found.hessian == ("100", "0", "1")


@pytest.mark.parametrize("text", ["9^9^9^9 * x", "x^(9^9^9)", "1/0 * x", "+".join(["x*y"] * 40), "min(x, y)"])
def test_what_cannot_be_written_out_is_not(text: str) -> None:
    assert derivatives(text) is None or len(text) < 20


def test_a_text_that_is_no_function_is_refused() -> None:
    with pytest.raises(ExpressionError):
        derivatives("x + foo")


def test_any_function_has_formulas_or_none_at_once() -> None:
    chance, written = random.Random(1), 0
    for _ in range(150):
        text = sound(chance, 3)
        try:
            read(text)
        except ExpressionError:
            continue
        written += derivatives(text) is not None
    assert written > 30
