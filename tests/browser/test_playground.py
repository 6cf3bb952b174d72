"""The playground under a student's hands: a function is typed, mistyped and shared, and nothing typed becomes code."""

import re

import pytest
from playwright.sync_api import Page, expect

from pages.parts.typed import complaint
from tests.browser.harness import idle, until
from tests.browser.lesson import Lesson
from tests.browser.visit import FOLLOW

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
    lesson.page.wait_for_url(re.compile("surface=%3Dx%5E2%2Ba"))
    high = lesson.ask("S.plots.scale.high")
    left, width, height = lesson.grab("a")
    lesson.wait("S.header.over === 'a' && S.header.whole")
    lesson.page.mouse.move(left + width, height, steps=4)
    lesson.wait(f"S.plots.scale.high > {high} * 1.5")
    lesson.page.mouse.up()
    lesson.page.wait_for_url(re.compile(r"[?&]a=5(&|$)"))
    address = lesson.page.url
    numbers = lesson.numbers()
    # The link alone brings it back.
    lesson.arrive(address)
    assert lesson.numbers() == numbers


def test_a_mistake_is_pointed_at_and_the_picture_stays(lesson: Lesson) -> None:
    lesson.open("/playground?optimizers=gd&step=0&nonsense=1")
    lesson.ask("(S.untouched = true)")
    typed(lesson.page, "x^2 + foo")
    expect(lesson.page.get_by_text("unknown name 'foo' at column 7")).to_be_visible()
    idle(lesson.page)
    # The same stage: neither a complaint that comes nor one that goes has it drawn anew.
    assert lesson.ask("[S.header.surface.key, S.untouched]") == ["himmelblau", True]
    stranger = lesson.page.get_by_text("This page has no setting")
    assert stranger.is_visible()
    lesson.page.evaluate(FOLLOW, "/playground?optimizers=gd&step=0")
    stranger.wait_for(state="detached")
    idle(lesson.page)
    assert lesson.ask("[S.header.surface.key, S.untouched]") == ["himmelblau", True]
    expect(lesson.page.get_by_role("textbox", name="Your own f(x, y)")).to_have_value("x^2 + foo")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_typed_is_never_more_than_text(lesson: Lesson, text: str) -> None:
    lesson.open("/playground?optimizers=gd&step=0")
    typed(lesson.page, text)
    # The complaint about this text: the visitor before may have left another one.
    said = lesson.page.get_by_test_id("stCode").filter(has_text="Not drawn:")
    expect(said).to_have_text(complaint(text))
    idle(lesson.page)
    lesson.open(f"/playground?surface=={text.replace('#', '')}")
    expect(lesson.page.get_by_test_id("stAlert").first).to_be_visible()
    main = lesson.page.get_by_test_id("stMain")
    # The stage has an image of its own, for the code of the link.
    assert main.locator("img:not([alt^='QR code of the link']), a[href^='javascript'], script").count() == 0
    assert "taken" not in lesson.page.title() and "49" not in main.get_by_test_id("stAlert").first.inner_text()


def test_a_racer_gets_numbers_of_its_own_and_a_second_run_beside_it(lesson: Lesson) -> None:
    page = lesson.open("/playground?optimizers=gd+momentum&step=200").page
    before = lesson.readout("loss", "momentum")
    page.locator(".st-key-racer_1").get_by_role("button", name="2. Heavy-ball momentum").click()
    box = page.get_by_role("spinbutton", name="momentum β")
    box.fill("0.5")
    box.press("Enter")
    page.wait_for_url(re.compile(r"momentum%28momentum%3D0\.5%29"))
    # The address is told before the stage is.
    until(page, lambda: lesson.readout("loss", "momentum") != before, "the number changes nothing")
    lesson.settled()
    page.get_by_role("button", name="Once more").click()
    expect(page.locator("[data-readout=loss]")).to_have_count(3)
    lesson.settled()
    names = page.locator(".stage-readouts tbody th")
    expect(names).to_have_text(["Gradient descent", "Heavy-ball momentum, η 0.01", "Heavy-ball momentum, η 0.005"])
    # Without a rate of its own the second racer follows the slider, and its name with it.
    lesson.slider("learning_rate").focus()
    page.keyboard.press("End")
    expect(names.nth(1)).to_have_text("Heavy-ball momentum, η 10")
    expect(names.nth(2)).to_have_text("Heavy-ball momentum, η 0.005")


def test_a_run_that_stops_early_says_so_and_its_link_brings_it_back(lesson: Lesson) -> None:
    link = "/playground?optimizers=gd%280.01%29+adam:noise%280.1%29%401,1&stop_gradient=0.01&stop_evaluations=50&seed=3"
    lesson.open(f"{link}&step=200")
    assert lesson.readout("status") == f"stopped at step {lesson.ask('S.runs[0].length - 1')}: gradient below 0.01"
    assert lesson.readout("status", "adam:noise") == "stopped at step 50: 50 evaluations spent"
    seen = [lesson.ask("[...S.runs[1].points]"), lesson.numbers()]
    lesson.arrive(f"{link}&step=200")
    assert [lesson.ask("[...S.runs[1].points]"), lesson.numbers()] == seen
    assert seen[0][:2] == [1, 1]
