"""The lesson on networks as a student uses it: train, stop, go on, look at the landscape, bring a file."""

import re

from playwright.sync_api import Page, expect

from tests.browser.visit import go

WAIT = 90_000
POINTS = "a,b,label\n" + "\n".join(f"{u % 7},{u % 5},{'left' if u % 7 < 3 else 'right'}" for u in range(60))


def arrived(page: Page, path: str) -> Page:
    go(page, path)
    expect(page.get_by_role("heading", name="Networks", exact=True)).to_be_visible(timeout=WAIT)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0, timeout=WAIT)
    return page


def test_it_opens_trained_and_its_parts_are_one_press_away(page: Page) -> None:
    arrived(page, "/networks")
    expect(page.get_by_role("heading", name="What the first one answers")).to_be_visible()
    page.get_by_test_id("stButtonGroup").get_by_text("Landscape", exact=True).click()
    page.wait_for_url(re.compile("part=landscape"))
    expect(page.get_by_text("Variance of the first path in this plane")).to_be_visible(timeout=WAIT)
    page.get_by_test_id("stButtonGroup").get_by_text("Two solutions", exact=True).click()
    expect(page.get_by_text("Barrier matched")).to_be_visible(timeout=WAIT)
    assert page.get_by_test_id("stException").count() == 0


def test_a_long_training_shows_itself_stops_and_goes_on(page: Page) -> None:
    go(page, "/networks?data=digits&width=48&hidden_layers=4&steps=4000&batch=0&seed=5")
    bar = page.get_by_test_id("stProgress")
    expect(bar).to_contain_text("at step", timeout=WAIT)
    expect(bar).not_to_contain_text("at step 0", timeout=WAIT)
    # The page below is there while it trains.
    expect(page.get_by_role("heading", name="What to notice")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(re.compile("Stopped at step"))).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("heading", name="What the first one answers")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(bar).to_contain_text("at step", timeout=WAIT)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(re.compile("Stopped at step"))).to_be_visible(timeout=WAIT)


def test_a_file_is_brought_along_and_a_bad_one_refused(page: Page) -> None:
    arrived(page, "/networks?data=csv&steps=200")
    box = page.locator("input[type=file]")
    box.set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": POINTS.encode()})
    expect(page.get_by_text("60 points in 2 classes")).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0, timeout=WAIT)
    bad = POINTS.replace("3,3,", "3,<img src=x onerror=alert(1)>,").encode()
    box.set_input_files({"name": "bad.csv", "mimeType": "text/csv", "buffer": bad})
    expect(page.get_by_test_id("stAlert").filter(has_text="is not a finite number")).to_be_visible(timeout=WAIT)
    assert page.locator("img[src=x]").count() == 0


def test_links_lead_to_the_figures_of_the_book(page: Page) -> None:
    arrived(page, "/networks")
    page.get_by_role("link", name="5. Norm rises, error falls").click()
    expect(page.get_by_text("it rises.")).to_be_visible(timeout=WAIT)
    page.get_by_role("link", name="6. Leaving a saddle").click()
    expect(page.get_by_text("eigenvalues are below zero")).to_be_visible(timeout=WAIT)
    page.get_by_role("link", name="7. Edge of stability").click()
    expect(page.get_by_text("and stays about there")).to_be_visible(timeout=WAIT)
    assert page.get_by_test_id("stException").count() == 0
