"""How long a page takes to open: from the click on its link until its first picture is painted and can be touched."""

import time

from playwright.sync_api import Page

from bench.report import Row
from pages.parts.course import Sheet, course

VISITS = 3
LIMIT = 1000.0
"""Milliseconds from the click, at the median."""
STAGE = "[data-stage]"
PICTURES = "[data-powers], [data-chord], [data-testid=stPlotlyChart]"


def opening_samples(page: Page) -> dict[str, list[float]]:
    """Milliseconds from the click on each lesson's link in the list of lessons, `VISITS` times, by the lesson's key.

    One visit before those is not counted: in it the browser fetches plotly.js and the stage, once for the whole course.
    """
    found: dict[str, list[float]] = {}
    page.goto("/all_lessons")
    for visit in range(VISITS + 1):
        for key, lesson in course().items():
            link = page.locator(f'[data-testid=stMain] a[href="{key}"]').first
            link.wait_for()
            # What the page before this one still computes is not this one's time.
            page.wait_for_timeout(1000)
            page.evaluate("selector => probe.timeOpening(selector)", PICTURES if isinstance(lesson, Sheet) else STAGE)
            link.click()
            page.wait_for_function("probe.opened", timeout=60_000)
            if visit:
                found.setdefault(key, []).append(page.evaluate("probe.opened"))
            time.sleep(1)
            page.get_by_test_id("stTopNavLink").filter(has_text="All lessons").first.click()
    return found


def opening_rows(found: dict[str, list[float]]) -> list[Row]:
    """One row a page; plain Streamlit has one page, whose load is a row of its own."""
    return [
        Row(f"click on a link to the open page, {key}", "ms", times, (), (LIMIT, None)) for key, times in found.items()
    ]
