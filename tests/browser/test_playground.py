"""The playground under a student's hands: a function is typed, mistyped and shared, and nothing typed becomes code."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import ready
from tests.browser.lesson import Lesson

HOSTILE = [
    "<img src=x onerror=\"document.title='taken'\">",
    "![x](https://example.com/x.png)",
    r"$\href{javascript:alert(1)}{x}$",
    "{{7*7}} ${7*7}",
]


def typed(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Your own f(x, y)")
    box.fill(text)
    box.press("Enter")


def test_a_typed_function_is_drawn_and_its_letters_are_sliders(lesson: Lesson) -> None:
    lesson.open("/playground?optimizers=gd&step=0")
    typed(lesson.page, "x^2 + a*y^2")
    lesson.wait("S.header.surface.key === '=x^2+a*y^2'")
    lesson.settled()
    expect(lesson.page).to_have_url(re.compile("surface=%3Dx%5E2%2Ba"))
    high = lesson.ask("S.plots.scale.high")
    left, width, height = lesson.grab("a")
    lesson.wait("S.header.over === 'a' && S.header.whole")
    lesson.page.mouse.move(left + width, height, steps=4)
    lesson.wait(f"S.plots.scale.high > {high} * 1.5")
    lesson.page.mouse.up()
    expect(lesson.page).to_have_url(re.compile(r"[?&]a=5(&|$)"))
    address = lesson.page.url
    numbers = lesson.numbers()
    # The link alone brings it back.
    lesson.open(address)
    assert lesson.numbers() == numbers


def test_a_mistake_is_pointed_at_and_the_picture_stays(lesson: Lesson) -> None:
    lesson.open("/playground?optimizers=gd&step=0")
    typed(lesson.page, "x^2 + foo")
    expect(lesson.page.get_by_text("unknown name 'foo' at column 7")).to_be_visible()
    assert lesson.ask("S.header.surface.key") == "himmelblau"
    expect(lesson.page.get_by_role("textbox", name="Your own f(x, y)")).to_have_value("x^2 + foo")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_is_never_more_than_text(lesson: Lesson, text: str) -> None:
    lesson.open("/playground?optimizers=gd&step=0")
    typed(lesson.page, text)
    expect(lesson.page.get_by_text("Not drawn:")).to_be_visible()
    lesson.page.goto(f"/playground?surface=={text.replace('#', '')}")
    ready(lesson.page)
    expect(lesson.page.get_by_test_id("stAlert").first).to_be_visible()
    main = lesson.page.get_by_test_id("stMain")
    assert main.locator("img, a[href^='javascript'], script").count() == 0
    assert "taken" not in lesson.page.title() and "49" not in main.get_by_test_id("stAlert").first.inner_text()
