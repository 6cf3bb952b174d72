"""The way in: addresses, menu, themes and headers of the running app."""

import tomllib

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import ROOT, fetch, ready
from tests.browser.lesson import expect_lesson


def expect_theme(page: Page, scheme: str) -> None:
    """The page is on the paper of the light or of the dark theme."""
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"][scheme]
    red, green, blue = bytes.fromhex(theme["backgroundColor"].removeprefix("#"))
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", f"rgb({red}, {green}, {blue})")


def test_a_server_says_when_all_is_computed(server: str) -> None:
    # This one was told to leave the rest to whoever asks.
    status, _, words = fetch(f"{server}/ready")
    assert (status, words) == (200, b"ready")


def test_bare_address_shows_the_first_lesson(page: Page) -> None:
    page.goto("/?learning_rate=0.02")
    expect_lesson(page, "Convexity", "0.02")
    expect_theme(page, "light")


def test_overview_leads_to_every_lesson(page: Page) -> None:
    page.goto("/all_lessons")
    menu = page.get_by_test_id("stTopNavLink")
    links = page.get_by_test_id("stMain").get_by_test_id("stPageLink")
    expect(menu.first).to_be_visible()
    expect(links).to_have_count(menu.count() - 1)
    links.first.get_by_role("link").click()
    ready(page)


def test_theme_is_the_systems_and_follows_it(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/ill_conditioning")
    ready(page)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        expect_theme(page, scheme)


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/nowhere/nothing.js"])
def test_security_headers_are_on_every_answer(server: str, path: str) -> None:
    _, headers, _ = fetch(server + path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
