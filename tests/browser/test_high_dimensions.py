"""High dimensions under a student's hands: parts, sliders, links, a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from pages.parts.high_dimensions import PARTS
from tests.browser.visit import go

OPENING = "/high_dimensions"


def drawn(page: Page, charts: int = 2) -> None:
    """Wait until that many pictures are drawn and the page has come to rest."""
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    expect(page.locator("[data-testid=stPlotlyChart]")).to_have_count(charts)
    expect(page.get_by_text("Show the code")).to_be_visible()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()


def metric(page: Page, number: int) -> str:
    return page.locator("[data-testid=stMetricValue]").nth(number).inner_text()


def test_it_opens_on_the_surprise_and_a_key_moves_it(page: Page) -> None:
    go(page, OPENING)
    drawn(page)
    assert metric(page, 0) == "once in 64" and metric(page, 1).startswith("once in 216,4")
    slider = page.get_by_role("slider", name="Size n")
    slider.focus()
    slider.press("ArrowLeft")
    page.wait_for_url(re.compile("size=5"))
    expect(page.locator("[data-testid=stMetricValue]").first).to_have_text("once in 32")
    expect(page.get_by_text("The step from 4 to 5")).to_be_visible()


def test_every_part_is_one_press_away_and_in_the_address(page: Page) -> None:
    go(page, OPENING)
    drawn(page)
    for key, title in list(PARTS.items())[1:]:
        page.get_by_role("radio", name=title).or_(page.get_by_role("button", name=title, exact=True)).first.click()
        page.wait_for_url(re.compile(f"part={key}"))
        drawn(page, 1 if key == "search" else 2)
        assert page.locator("[data-testid=stException]").count() == 0


def test_a_link_leads_to_its_state(page: Page) -> None:
    go(page, OPENING)
    drawn(page)
    page.get_by_role("link", name="11. A bottleneck").click()
    expect(page.get_by_text("12 of 12 random starts")).to_be_visible()
    expect(page.get_by_text("a loss of 0.625", exact=False).first).to_be_visible()
    expect(page.get_by_role("slider", name="Width")).to_have_value("2")


@pytest.mark.parametrize("part", PARTS)
def test_a_phone_shows_it_without_sideways_scrolling(page: Page, part: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    go(page, f"{OPENING}?part={part}")
    drawn(page, 1 if part == "search" else 2)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    widths = page.locator(".js-plotly-plot").evaluate_all("plots => plots.map(p => p.getBoundingClientRect().right)")
    assert max(widths) <= 390
