"""The tools of the playground under a student's hands: opened by a link, switched by a click, clicked into."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import ready, until_true
from tests.browser.lesson import Lesson


def click_map(page: Page, x: float, y: float) -> None:
    """Click the first map at shares of its width and of its height, from the lower left corner."""
    page.locator("[data-rasters][data-state=ready]").wait_for()
    canvas = page.locator("[data-rasters] canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": x * box["width"], "y": (1 - y) * box["height"]})


def test_a_click_on_a_basin_map_starts_there(lesson: Lesson) -> None:
    lesson.open("/playground?tool=basins&optimizers=gd+adam&step=0")
    expect(lesson.page.locator("[data-rasters] canvas")).to_have_count(2)
    # The map is painted, and not in one colour.
    colors = lesson.page.locator("[data-rasters] canvas").first.evaluate(
        "c => new Set(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size"
    )
    assert colors > 16
    click_map(lesson.page, 0.25, 0.75)
    lesson.page.wait_for_url(re.compile(r"[?&]x=-2\.[45]"))
    lesson.page.wait_for_url(re.compile(r"[?&]y=2\.[45]"))
    lesson.page.wait_for_url(re.compile("tool=basins"))
    lesson.wait("Math.abs(S.header.start[0] + 2.5) < 0.1")


def test_a_basin_map_follows_the_theme(lesson: Lesson) -> None:
    lesson.open("/playground?tool=basins&optimizers=gd&step=0")
    lesson.page.locator("[data-rasters][data-state=ready]").wait_for()
    painted = "() => document.querySelector('[data-rasters][data-state=ready] canvas')?.toDataURL()"
    light = lesson.page.evaluate(painted)
    lesson.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    until_true(lesson.page, f"light => ![undefined, light].includes(({painted})())", light)


def test_a_click_on_a_plane_takes_both_numbers(lesson: Lesson) -> None:
    lesson.open("/playground?tool=numbers&optimizers=momentum&step=0")
    click_map(lesson.page, 0.4, 0.5)
    lesson.page.wait_for_url(re.compile(r"[?&]learning_rate=0\.0\d"))
    lesson.page.wait_for_url(re.compile(r"[?&]momentum=0\.[45]"))


def test_a_second_racer_takes_its_own(lesson: Lesson) -> None:
    lesson.open("/playground?tool=numbers&optimizers=gd+momentum&racer=2&step=0")
    click_map(lesson.page, 0.4, 0.5)
    lesson.page.wait_for_url(re.compile(r"momentum%28|momentum\("))
    lesson.settled()
    lesson.page.locator("[data-rasters][data-state=ready]").wait_for()


@pytest.mark.parametrize(
    ("tool", "told"),
    [("update", "in the expressions of the rule"), ("starts", "Success: a loss of at most"), ("numbers", "Hatched")],
)
def test_a_link_opens_a_tool(lesson: Lesson, tool: str, told: str) -> None:
    lesson.open(f"/playground?tool={tool}&step=0")
    expect(lesson.page.get_by_text(told)).to_be_visible()
    expect(lesson.page.get_by_test_id("stAlert")).to_have_count(0)


def test_the_control_switches_and_the_address_follows(lesson: Lesson) -> None:
    lesson.open("/playground?step=0")
    lesson.page.get_by_text("Many starts", exact=True).click()
    lesson.page.wait_for_url(re.compile("tool=starts"))
    expect(lesson.page.get_by_text("Success: a loss of at most")).to_be_visible()
    lesson.page.get_by_text("One update", exact=True).click()
    lesson.page.wait_for_url(re.compile("tool=update"))
    expect(lesson.page.get_by_text("Success: a loss of at most")).to_have_count(0)
    ready(lesson.page)


def test_what_a_link_says_wrong_is_told(lesson: Lesson) -> None:
    lesson.open("/playground?tool=starts&starts=<b>9</b>&budget=7&step=0")
    alert = lesson.page.get_by_test_id("stAlert")
    expect(alert.first).to_contain_text("There is no")
    assert alert.locator("b").count() == 0
