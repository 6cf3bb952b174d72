"""The page about limits as a student uses it: change the surfaces, sort and export, make the network's task harder."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pages.limits import LESSON
from pages.parts import limits, limits_hard
from tests.browser.harness import choose
from tests.browser.visit import go

OPENING = "/limits"


def opened(page: Page, address: str = OPENING) -> Page:
    go(page, address)
    expect(page.get_by_role("heading", name="What to notice")).to_be_visible()
    return page


def told(page: Page, text: str) -> None:
    """Wait until the page says a sentence, written as Markdown."""
    expect(page.get_by_test_id("stMain")).to_contain_text(text.replace("**", ""))


def test_another_set_of_surfaces_has_another_ranking(page: Page) -> None:
    opened(page)
    told(page, limits.told(limits.opening()))
    choose(page, "Surfaces", "Many wells")
    wells = limits.settled(limits.KINDS["wells"][1], "five", limits.BUDGET, False)
    told(page, limits.told(wells))
    told(page, limits.moved(wells, limits.opening()))
    page.wait_for_url(re.compile(r"set=wells"))
    page.reload()
    told(page, limits.told(wells))


def test_the_table_is_exported_as_it_is_shown(page: Page, tmp_path: Path) -> None:
    opened(page)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Every pair as CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == f"tournament-kinds-five-default-{limits.BUDGET}.csv"
    with path.open() as file:
        rows = list(csv.DictReader(file))
    expected = [r for results in limits.opening().values() for r in results]
    assert [int(row["successes"]) for row in rows] == [r.successes for r in expected]


def test_more_inputs_make_a_larger_search(page: Page) -> None:
    opened(page)
    told(page, limits_hard.outcome(limits_hard.opening()))
    slider = page.get_by_role("slider", name=re.compile("Inputs"))
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_url(re.compile(r"inputs=3"))
    harder = limits_hard.tried(12, 3, int(limits_hard.SEED.default), True)
    told(page, limits_hard.outcome(harder))
    told(page, f"{harder.search.candidates:,} networks")


def test_links_are_there_in_their_order(page: Page) -> None:
    opened(page)
    links = page.get_by_test_id("stMain").get_by_test_id("stPageLink")
    expect(links).to_have_count(len(LESSON.presets))
    links.nth(7).get_by_role("link").click()
    told(page, limits_hard.outcome(limits_hard.tried(14, 2, int(limits_hard.SEED.default), False)))


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    charts = page.get_by_test_id("stPlotlyChart")
    expect(charts).to_have_count(6)
    for chart in charts.all():
        box = chart.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
