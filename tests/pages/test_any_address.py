"""Whatever is typed into an address, every page has an answer and no traceback."""

import random
import re
import string

import pytest

from landscapes import SURFACES
from optim import OPTIMIZERS
from pages.parts import lesson
from pages.parts.course import course
from pages.parts.lesson import HEIGHTS, OVERLAYS, RACERS, Lesson, address
from pages.parts.settings import Settings
from tests.pages.opened import opened

CASES = 10_000
PAGES_EACH = 3
SCRAPS = (
    *(
        "",
        " ",
        "nan",
        "inf",
        "-inf",
        "−1",
        "1e999",
        "-1e-999",
        "0x10",
        "1_0",
        "½",
        "٣",
        "1,5",
        "1;2",
        "=",
        "==",
        "@",
        "()",
        "\0",
    ),
    *(
        "<script>alert(1)</script>",
        "![x](//a.example/x)",
        "\n\n![x](//a.example/x)",
        "`" * 5,
        "$\\href{a}{b}$",
        "{{7*7}}",
    ),
    *(
        "../../etc/passwd",
        "'; drop table x; --",
        "%s%n%d",
        "\u202e\u2066",
        "👩‍🔬",
        "a\u0300" * 50,
        "=x^2+y^2",
        "=x^",
        "=" + "(" * 200,
    ),
    *(
        "=1/0",
        "=x**y**x",
        "=__import__('os')",
        "=exp(exp(exp(x)))",
        "play",
        "gd(",
        "gd()@",
        "gd(0.1)@1,2",
        "adam:noise(9e9)@,,",
    ),
    *("gd((((", "@1,2", "gd@nan,inf", "momentum(momentum=2)", "gd momentum adam newton " * 4, "9" * 400, "-" * 3000),
)
KNOWN = (*SURFACES, *OPTIMIZERS, *RACERS, *OVERLAYS, *HEIGHTS, "same", "defaults", "10", "25", "200", "log")


def scrap(chance: random.Random) -> str:
    """Something that somebody may put behind a name in an address."""
    kind = chance.random()
    if kind < 0.35:
        return chance.choice(SCRAPS)
    if kind < 0.55:
        return repr(chance.choice([1.0, -1.0]) * 10 ** chance.uniform(-20, 20))
    if kind < 0.7:
        return " ".join(chance.choices(KNOWN, k=chance.randint(1, 12)))
    if kind < 0.85:
        return "".join(chance.choices(string.printable, k=chance.randint(1, 40)))
    return "".join(chr(chance.choice([chance.randrange(0x20, 0x3000), 0x1F600])) for _ in range(chance.randint(1, 20)))


@pytest.fixture
def untuned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the sweep that finds a rate, which has tests of its own and would compile a thousand pairs here."""
    monkeypatch.setattr(lesson, "best_rate", lambda _setup, _racer, knob: knob.default)


@pytest.mark.usefixtures("untuned")
@pytest.mark.parametrize("key", course())
def test_ten_thousand_addresses_have_an_answer(key: str) -> None:
    page = course()[key]
    opening = Settings({})
    page.read(opening)
    names = sorted({*opening.known, "surface", "optimizers"})
    chance = random.Random(key)
    replaced = 0
    for _ in range(-(-CASES // len(course()))):
        said = {chance.choice(names): scrap(chance) for _ in range(chance.randint(1, 4))}
        if chance.random() < 0.1:
            said[scrap(chance)] = scrap(chance)
        settings = Settings(said)
        reading = page.read(settings)
        replaced += bool(settings.messages)
        for message in settings.messages:
            assert len(message) < 250 and "\n" not in message, message
            # Nothing of what was said is outside of code, where it could be Markdown.
            assert "](" not in re.sub(r"`[^`]*`", "", message)
        if isinstance(page, Lesson):
            # What is put into the address is what is shown, and nothing in it has to be replaced.
            link = {name: value for name, value in address(page, reading).items() if value is not None}
            settings = Settings(link)
            again = page.read(settings)
            assert not settings.messages, (said, settings.messages)
            assert {n: v for n, v in address(page, again).items() if v is not None} == link, said
            assert (again.lives, again.end, again.entries) == (reading.lives, reading.end, reading.entries), said
    # Most of it made no sense, and some of it did.
    assert 0.3 * CASES / len(course()) < replaced < CASES / len(course())


@pytest.mark.usefixtures("untuned")
@pytest.mark.parametrize("key", course())
def test_a_page_shows_what_no_address_should_say_without_a_traceback(key: str) -> None:
    page = course()[key]
    opening = Settings({})
    page.read(opening)
    chance = random.Random(f"page {key}")
    for _ in range(PAGES_EACH):
        asked = chance.choices([*sorted(opening.known), "tool", "racer", "hide", "part", scrap(chance)], k=5)
        said = {name or "x": scrap(chance) for name in asked}
        app = opened(key, **said)
        assert not app.exception, said
        assert len(app.title) == 1 or "hide" in said, said


@pytest.mark.parametrize("text", ["1/0*x", "exp(exp(exp(exp(x^2+1))))"])
def test_a_function_without_a_finite_height_is_refused_where_it_was_typed(text: str) -> None:
    settings = Settings({"surface": f"={text}"})
    assert settings.surface("sphere", typed=True) == "sphere"
    assert "cannot be read as a function" in settings.messages[0]


def test_a_slider_that_lifts_a_function_out_of_sight_breaks_nothing() -> None:
    app = opened("playground", surface="=(x^2+y^2+1)*a*1e38", a="5", optimizers="gd", steps="10")
    assert not app.exception
