"""The way in: addresses, menu, themes and headers of the running app."""

import re
import tomllib

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched_page
from tests.browser.harness import ROOT, fetch, ready, serve


def expect_lesson(page: Page, title: str) -> None:
    """The lesson of that title is shown, with its query and the menu."""
    ready(page)
    page.wait_for_url(re.compile(r"\?(.*&)?learning_rate=0\.02(&|$)"))
    expect(page).to_have_title(f"{title} · Loss landscapes")
    # Streamlit's own menu of a folder `pages` would name the files instead, this table of contents among them.
    menu = page.get_by_test_id("stTopNavLink")
    expect(menu.filter(has_text=re.compile(f"{title}$"))).to_be_visible()
    expect(menu.filter(has_text=re.compile("contents", re.IGNORECASE))).to_have_count(0)


def test_first_visit_to_a_cold_server_may_be_a_deep_link(browser: Browser) -> None:
    with serve(WARM_UP="nothing") as address, watched_page(browser, address) as page:
        page.goto("/ill_conditioning?learning_rate=0.02")
        expect_lesson(page, "Ill-conditioning")


def test_a_server_says_when_all_is_computed(server: str) -> None:
    # This one was told to leave the rest to whoever asks.
    status, _, words = fetch(f"{server}/ready")
    assert (status, words) == (200, b"ready")


def test_bare_address_shows_the_first_lesson(page: Page) -> None:
    page.goto("/?learning_rate=0.02")
    expect_lesson(page, "Convexity")


def test_overview_leads_to_every_lesson(page: Page) -> None:
    page.goto("/all_lessons")
    menu = page.get_by_test_id("stTopNavLink")
    links = page.get_by_test_id("stMain").get_by_test_id("stPageLink")
    expect(menu.first).to_be_visible()
    expect(links).to_have_count(menu.count() - 1)
    links.first.get_by_role("link").click()
    ready(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme_follows_the_system(page: Page, scheme: str) -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"][scheme]
    page.emulate_media(color_scheme=scheme)
    page.goto("/ill_conditioning")
    ready(page)
    red, green, blue = bytes.fromhex(theme["backgroundColor"].removeprefix("#"))
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", f"rgb({red}, {green}, {blue})")


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/nowhere/nothing.js"])
def test_security_headers_are_on_every_answer(server: str, path: str) -> None:
    _, headers, _ = fetch(server + path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
