"""Pages without a mouse, without full sight, on narrow and magnified screens: axe-core, and keys alone."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pages.parts.course import course
from tests.browser.harness import idle
from tests.browser.lesson import CALM, Lesson
from tests.browser.visit import SIZE, go

# Each goes to whichever worker is free: small pieces, left for the end, at which no worker then waits for the other.
PAGES = [pytest.param(key, marks=pytest.mark.xdist_group(key)) for key in (*course(), "all_lessons")]
SEVERE = ("serious", "critical")
SETTLED = 8.0
"""Seconds after which a page has become what it was told to be, on a busy machine too."""
WIDE = """() => {
  const main = document.querySelector("[data-testid=stMain]");
  if (main.scrollWidth <= main.clientWidth && document.documentElement.scrollWidth <= innerWidth) return null;
  const kept = (e) => e && e !== main && (getComputedStyle(e).overflowX !== "visible" || kept(e.parentElement));
  const right = (e) => e.getBoundingClientRect().right;
  return [...main.querySelectorAll("*")].filter((e) => right(e) > innerWidth + 1 && !kept(e.parentElement))
    .slice(-3).map((e) => `${e.outerHTML.slice(0, 120)} ends at ${right(e)}`); }"""
OUTLINED = """() => [null, "::after"].some((part) => {
  const style = getComputedStyle(document.activeElement, part);
  return style.outlineStyle !== "none" || style.boxShadow !== "none"; })"""


def findings(page: Page) -> list[str]:
    """Serious and critical violations on a page, each with its element."""
    # Without the details of what is in order, which take as long to gather as all the rest.
    response: dict[str, Any] = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        f"{violation['id']}: {node['target']} {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in response["violations"]
        if violation["impact"] in SEVERE
        for node in violation["nodes"]
    ]


def lasting(page: Page, look: Callable[[Page], list[str]]) -> list[str]:
    """What is seen for as long as a page may take to fade into another theme, or to fit itself into another width."""
    end = time.monotonic() + SETTLED
    while (found := look(page)) and time.monotonic() < end:
        page.wait_for_timeout(300)
    return found


def beyond(page: Page) -> list[str]:
    """What reaches over the right edge of a page that has to be scrolled sideways."""
    found = page.evaluate(WIDE)
    return [] if found is None else [f"{page.viewport_size}: {found}"]


@pytest.mark.parametrize("key", PAGES)
def test_a_page_has_no_serious_fault_and_fits_narrow_screens(page: Page, key: str) -> None:
    # A telephone's width, on which it is opened, and a window's at twice its size.
    page.set_viewport_size({"width": 360, "height": 780})
    go(page, f"/{key}")
    page.get_by_role("heading", level=1).first.wait_for()
    idle(page)
    assert lasting(page, beyond) == []
    page.set_viewport_size({"width": 640, "height": 800})
    assert lasting(page, beyond) == []
    page.set_viewport_size(SIZE)
    found = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        idle(page)
        found[scheme] = lasting(page, findings)
    assert found == {"light": [], "dark": []}
    assert not page.get_by_test_id("stException").count()


def test_a_lesson_is_walked_through_with_keys_alone(lesson: Lesson) -> None:
    page = lesson.open(CALM).page
    seen: list[str] = []
    wanted = {
        "Contour map": "[data-handle=start]",
        "slider": "input[data-live=learning_rate]",
        "clock": "[data-do=play]",
    }
    reached: dict[str, int] = {}
    page.evaluate("document.activeElement.blur()")
    for count in range(80):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
        for name, selector in wanted.items():
            if page.evaluate(f"document.activeElement.matches({selector!r})"):
                reached.setdefault(name, count)
                outline = page.evaluate(OUTLINED)
                assert outline, f"{name} does not show that it has the focus"
        if len(reached) == len(wanted):
            break
    assert set(reached) == set(wanted), seen
    slider = lesson.slider("learning_rate")
    slider.focus()
    before, address = lesson.numbers(), page.url
    page.keyboard.press("ArrowRight")
    assert lesson.numbers() != before
    expect(page).not_to_have_url(address)
    said = page.locator("[data-stage] > [role=status]").first
    expect(said).to_contain_text(re.compile(r"\d"))
    lesson.settled()
    page.locator("[data-do=play]").focus()
    page.keyboard.press("Space")
    lesson.wait("S.clock.playing")
    page.keyboard.press("Space")
    lesson.wait("!S.clock.playing")
    page.locator("[data-handle=start]").focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_url(re.compile(r"[?&]y="))
    page.locator(".stage-view summary").focus()
    page.keyboard.press("Enter")
    box = page.locator("[data-show=labels]")
    box.focus()
    checked = box.is_checked()
    page.keyboard.press("Space")
    assert box.is_checked() != checked


def test_nothing_moves_where_motion_is_not_wanted(lesson: Lesson) -> None:
    lesson.open("/ill_conditioning?learning_rate=0.015&step=play")
    assert lesson.ask("S.t") == 0
    moving = "[...document.querySelectorAll('[data-stage], [data-stage] *')].flatMap(e => e.getAnimations()).length"
    assert lesson.page.evaluate(moving) == 0
    lesson.slider("learning_rate").focus()
    lesson.page.keyboard.press("ArrowRight")
    assert lesson.page.evaluate(moving) == 0
