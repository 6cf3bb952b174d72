"""The grammar of typed functions: what is read, and what is refused in which words, by any text whatever."""

import gc
import random
import string
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landscapes import ExpressionError, parse
from landscapes.grammar import DEEPEST, FUNCTIONS, LARGEST, LONGEST, NAMES, SHOWN, read


def refused(text: str) -> ExpressionError | None:
    """The error that a text raises, None where it is read; every other exception fails the test."""
    try:
        surface = parse(text)
    except ExpressionError as error:
        assert len(str(error)) < 200 and str(error).isprintable()
        assert error.position is None or 0 <= error.position <= min(len(text), LONGEST)
        return error
    assert parse(surface.key.removeprefix("=")) is surface
    return None


@settings(max_examples=1000)
@given(st.text(max_size=40) | st.text(string.printable, max_size=40))
@example("\0")
@example("x\n+\ny")
@example("x\u202e*y")
@example("é" * 20)
@example("²")
@example("x=y=3")
def test_any_text_is_read_or_refused(text: str) -> None:
    refused(text)


TOKENS = [
    *NAMES,
    *FUNCTIONS,
    *[f"{name}(" for name in FUNCTIONS] * 2,
    *["x", "y", "2", "1", "(", ")", "+", "-", "*", "/", "^"] * 6,
    *[
        "0",
        ".5",
        "2e-3",
        "1e308",
        "9" * 30,
        "**",
        ",",
        " ",
        ".",
        "²",
        "³",
        "π",
        "·",
        "−",
        "=",
        "f(x, y) =",
        "|",
        "_",
        "'",
    ],
    *[
        "__",
        "__import__",
        "lambda",
        "x.__class__",
        "os",
        "[",
        "]",
        "{",
        "}",
        "$",
        "\\",
        "<script>",
        "${x}",
        "\n",
        "foo",
    ],
]


def sound(chance: random.Random, depth: int) -> str:
    """A text that can be read."""
    if depth == 0:
        return chance.choice([*NAMES, "2", "0.5", "1e-3"])
    inner = [sound(chance, depth - 1) for _ in range(2)]
    form = chance.choice(
        ["{}+{}", "{} - {}", "{}*{}", "({})/({})", "-{}", "({})^({})", "({})²", "({})({})", "min({}, {})"]
    )
    return chance.choice([form, f"{chance.choice(FUNCTIONS[:-2])}({{}})"]).format(*inner)


def edited(chance: random.Random, text: str) -> str:
    """The text with one token too many, too few or another."""
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(["", *TOKENS]) + text[place + chance.randrange(2) :]


@pytest.fixture
def heap_of_others_frozen() -> Iterator[None]:
    """What this process kept from thousands of other tests: one collection of that takes over half a second."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("heap_of_others_frozen")
def test_fifty_thousand_texts_are_read_or_refused_at_once() -> None:
    chance = random.Random(5)
    makers = [
        lambda: sound(chance, chance.randrange(5)),
        lambda: edited(chance, sound(chance, chance.randrange(5))),
        lambda: "".join(chance.choices(TOKENS, k=chance.choice([1, 2, 3, 4, 5, 6, 8, 12, 20, 60]))),
        lambda: "".join(chance.choices(TOKENS, k=chance.choice([1, 2, 3, 4, 5, 6, 8, 12, 20, 60]))),
        lambda: "".join(chr(chance.choice([chance.randrange(32, 127), chance.randrange(0xD800)])) for _ in range(30)),
    ]
    fates: Counter[bool] = Counter()
    slowest = 0.0
    for number in range(50_000):
        text = makers[number % 5]()
        before = time.thread_time()
        fates[refused(text) is None] += 1
        slowest = max(slowest, time.thread_time() - before)
    # Not a timing but a hang: half a second of this thread's own work is a thousand times what a text takes.
    assert slowest < 0.5
    assert fates[True] > 10_000 and fates[False] > 20_000


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("-x^2", "-(x^2)"),
        ("2^3^2*x", "2^(3^2)*x"),
        ("x^-y", "x^(-y)"),
        ("x-y-1", "(x-y)-1"),
        ("x/y/2", "(x/y)/2"),
        ("x/y*2", "(x/y)*2"),
        ("-x*y", "-(x*y)"),
        ("x*-y", "x*(-y)"),
        ("+x", "x"),
        ("x**2", "x^2"),
        ("x²y³", "x^2*y^3"),
        ("x¹²", "x^12"),
        ("2x", "2*x"),
        ("2(x+1)", "2*(x+1)"),
        ("3sin(x)cos(y)", "3*sin(x)*cos(y)"),
        ("(x+1)(y-1)", "(x+1)*(y-1)"),
        ("x(y+1)", "x*(y+1)"),
        ("2x^2", "2*(x^2)"),
        ("x^2y", "(x^2)*y"),
        ("2 x y", "2*x*y"),
        ("2πx", "2*pi*x"),
        ("2e", "2*e"),
        ("2e3x", "2000*x"),
        (".5x + 1.", "0.5*x+1"),
        ("x · y × 2 − 1", "x*y*2-1"),
        ("f(x, y) = x*y", "x*y"),
        ("f(x) = x^2", "x^2"),
        ("z = x*y", "x*y"),
        ("\tx\n+ y ", "x+y"),
        ("((x))", "x"),
    ],
)
def test_ways_to_type_the_same(text: str, same: str) -> None:
    assert read(text) == read(same)


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("x + foo", 4, "unknown name `foo` at column 5"),
        ("z = x + foo", 8, "unknown name `foo` at column 9"),
        ("xy", 0, "unknown name `xy` at column 1; for a product write `x*y`"),
        ("2 + Sin(x)", 4, "unknown name `Sin` at column 5; write `sin`"),
        ("2*(x + sin(y)", 13, "a closing bracket is missing at column 14"),
        ("x + y)", 5, "the closing bracket at column 6 has no opening one"),
        ("x + ", 3, "a number, a name or an opening bracket is missing after `+` at column 4"),
        ("* x", 0, "a number, a name or an opening bracket is missing at column 1"),
        ("x */ y", 3, "a number, a name or an opening bracket is missing after `*` at column 4"),
        ("sin x", 0, "`sin` at column 1 needs brackets, as in `sin(x)`"),
        ("1 + min(x)", 4, "`min` at column 5 takes two numbers or more, not 1"),
        ("sin(x, y)", 0, "`sin` at column 1 takes one number, not 2"),
        ("(x, y)", 2, "the comma at column 3 is not between the numbers of `min` or `max`"),
        ("x 2", 2, "a sign such as `+` or `*` is missing before `2` at column 3"),
        ("x²^2", 2, "the second exponent `^` at column 3 needs brackets round the first power"),
        ("1/2x", 1, "a product without a sign after `/` at column 2 can be read in two ways"),
        ("1/-2x", 1, "a product without a sign after `/` at column 2 can be read in two ways"),
        ("|x|", 0, "unexpected character `|` at column 1; write `abs(x)`"),
        ("x + 1e999", 4, "the number `1e999` at column 5 is too large"),
        ("x + z = 3", 6, "unexpected character `=` at column 7"),
        ("x = 3", 2, "unexpected character `=` at column 3"),
        ("x\u202ey", 1, "unexpected character `U+202E` at column 2"),
        ("", None, "nothing is typed yet"),
        ("f(x, y) =", None, "nothing is typed yet"),
        ("log(-1 - x^2)", None, "this function has no finite value where it would be drawn"),
        ("x.__class__", 1, "unexpected character `.` at column 2"),
        ("x.real", 1, "unexpected character `.` at column 2"),
        ("__import__('os')", 0, "unknown name `__import__` at column 1"),
        ("eval(x)", 0, "unknown name `eval` at column 1"),
        ("().__class__", 1, "a number, a name or an opening bracket is missing after `(` at column 2"),
        ("x[0]", 1, "unexpected character `[` at column 2"),
        ("lambda: x", 6, "unexpected character `:` at column 7"),
        ("<script>", 0, "unexpected character `<` at column 1"),
    ],
)
def test_errors_name_the_place(text: str, position: int | None, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert str(caught.value).startswith(message)
    assert caught.value.position == position


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9",
        "9^9^9^9 + x",
        "(" * 10_000 + "x" + ")" * 10_000,
        "x" * 1_000_000,
        "-" * 299 + "x",
        "x^" * 99 + "x",
        "sin(" * 60 + "x" + ")" * 60,
        "+".join("x" * 150),
        "1e-999x^" * 37,
        "2x" * 150,
        "²" * 300,
        "1/" * 149 + "x",
    ],
)
def test_nothing_large_gets_through(text: str) -> None:
    error = refused(text)
    assert error is not None
    assert text[: SHOWN + 1] not in str(error)


def test_bounds_are_met_exactly() -> None:
    assert len(read("(" * 100 + "x" + ")" * 100)) == 1
    assert len(read(" " * (LONGEST - 1) + "x")) == 1
    with pytest.raises(ExpressionError, match="301 characters, where 300 are allowed"):
        read(" " * LONGEST + "x")
    deep = "sin(" * DEEPEST + "x" + ")" * DEEPEST
    assert len(read(deep)) == DEEPEST + 1
    with pytest.raises(ExpressionError, match="nested too deeply at column 1: 30 levels are allowed"):
        read(f"cos({deep})")
    wide = "+".join("x" * ((LARGEST + 1) // 2))
    assert len(read(wide)) == LARGEST - 1
    with pytest.raises(ExpressionError, match="too many parts: 201, where 200 are allowed"):
        read(f"{wide}+y")
    # Signs of products that were not typed count: a key must be readable.
    with pytest.raises(ExpressionError, match="when written out"):
        parse("+".join(["1.2345678e-5πx"] * 19))
