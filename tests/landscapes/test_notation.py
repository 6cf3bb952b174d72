"""Typed functions written out again, as mathematics."""

import pytest

from landscapes import parse


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("x^2 + 100*sin(y)", r"{x}^{2} + 100\,\sin\left(y\right)"),
        ("-x^2/(2y)", r"-\frac{{x}^{2}}{2\,y}"),
        ("(x+1)^2*2", r"{\left(x + 1\right)}^{2} \cdot 2"),
        ("x-(y-1)", r"x - \left(y - 1\right)"),
        ("x-(-y)", r"x - \left(-y\right)"),
        ("exp(-x)^2", r"{\left(e^{-x}\right)}^{2}"),
        ("sqrt(abs(x))", r"\sqrt{\left|x\right|}"),
        ("log(x)+asin(y)", r"\ln\left(x\right) + \arcsin\left(y\right)"),
        ("max(x, 2pi, a)", r"\max\left(x, 2\,\pi, a\right)"),
        ("1e-7x + 2e-7", r"10^{-7}\,x + 2\cdot 10^{-7}"),
        ("x^(y+1)", r"{x}^{y + 1}"),
    ],
)
def test_formula_in_mathematical_notation(text: str, formula: str) -> None:
    assert parse(text).caption.formula == formula
