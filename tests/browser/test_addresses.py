"""The stage and the address: links in, values out, and what is said of those that cannot be used."""

import re
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched_page
from tests.browser.harness import ready, until
from tests.browser.lesson import CALM, OPENING, Lesson


def test_a_link_shows_the_same_picture_in_another_browser(lesson: Lesson, browser: Browser, server: str) -> None:
    lesson.open(f"{CALM}&optimizers=gd+adam")
    left, width, height = lesson.grab("learning_rate")
    lesson.page.mouse.move(left + 0.62 * width, height, steps=3)
    lesson.page.mouse.up()
    lesson.settled()
    lesson.page.mouse.click(*lesson.pixel(1.2, -0.7))
    lesson.wait("S.header.start[0] > 1")
    lesson.settled()
    lesson.page.locator(".stage-view summary").click()
    lesson.page.locator("[data-show=eigenvectors]").check()
    lesson.page.locator("select[aria-label=Height]").select_option("log")
    lesson.settled()
    lesson.page.wait_for_url(re.compile("height=log"))
    shared = lesson.tool("Share")
    link = shared.get_by_test_id("stCode").first.inner_text().strip()
    expect(shared.get_by_role("img")).to_be_visible()
    lesson.page.keyboard.press("Escape")
    with watched_page(browser, server) as page:
        other = Lesson(page).open(link)
        assert other.numbers() == lesson.numbers()
        for shown in ("[...S.runs[0].points, ...S.runs[1].points]", "[S.show, S.heightKind, S.t]"):
            assert other.ask(shown) == lesson.ask(shown)
        for one in (lesson, other):
            one.settled()
        here, there = (one.pixels("paths") for one in (lesson, other))
        assert here.shape == there.shape and (here > 0).sum() > 1000
        # A painter may round the edge of a line in another way the second time.
        assert (here != there).sum() <= 0.01 * (here > 0).sum()


@pytest.mark.parametrize(
    ("path", "box", "link", "there", "key"),
    [
        (CALM, "Share", "Convexity", "/convexity", None),
        (CALM, "Open", "Convexity", "/convexity", "Enter"),
        (CALM, "Export", "4. Newton: one step", "/ill_conditioning?optimizers=newton", None),
        ("/playground?optimizers=gd+adam&step=0", "Adam", "Saddles", "/saddles", None),
    ],
)
def test_a_link_only_closes_a_box_that_is_open_and_then_leads_away(
    lesson: Lesson, server: str, sent: list[str | bytes], path: str, box: str, link: str, there: str, key: str | None
) -> None:
    page = lesson.open(path).page
    here, opened = (page.url, page.evaluate("history.length")), lesson.tool(box)
    anchor = page.get_by_role("link", name=link)
    follow = partial(anchor.press, key) if key else anchor.click
    sent.clear()
    follow()
    expect(opened).to_have_count(0)
    until(page, lambda: bool(sent), "the box has not said that it is closed")
    lesson.settled()
    assert (page.url, page.evaluate("history.length")) == here
    follow()
    expect(page).to_have_url(f"{server}{there}")
    lesson.settled()
    assert page.url == f"{server}{there}"


def test_motion_starts_by_itself_only_where_it_is_welcome(page: Page) -> None:
    lesson = Lesson(page).open("/ill_conditioning?learning_rate=0.015&step=play")
    assert not lesson.ask("S.clock.playing") and lesson.ask("S.t") == 0
    page.emulate_media(reduced_motion="no-preference")
    page.goto("/ill_conditioning?learning_rate=0.014&step=play")
    ready(page)
    lesson.wait("S.t > 1")


def test_a_typed_number_is_used_or_refused_where_it_was_typed(lesson: Lesson) -> None:
    lesson.open(CALM)
    box, error = lesson.page.locator(".stage-typed").first, lesson.page.locator(".stage-error").first
    for text, said in (("abc", "“abc” is not a number"), ("", "is not a number"), ("1e300", "is outside 0.001 … 0.1")):
        box.fill(text)
        box.press("Enter")
        expect(error).to_contain_text(said)
        expect(box).to_have_value(text)
        assert lesson.ask("S.valueOf('learning_rate')") == 0.015
    box.fill("0.0333")
    box.press("Enter")
    expect(error).to_have_text("")
    lesson.page.wait_for_url(re.compile(r"learning_rate=0\.0333"))
    lesson.wait("S.valueOf('learning_rate') === 0.0333")


def test_a_mark_on_the_slider_takes_its_value(lesson: Lesson) -> None:
    lesson.open(CALM)
    lesson.page.locator(".stage-mark").filter(has_text="limit 2/λmax").click()
    lesson.page.wait_for_url(re.compile(r"learning_rate=0\.02(&|$)"))
    expect(lesson.page.locator("[data-narrator]")).to_contain_text("is exactly the limit")


def test_a_diverged_run_is_told_as_such_and_the_axes_stay(lesson: Lesson) -> None:
    lesson.open("/ill_conditioning?learning_rate=0.1&step=50")
    assert lesson.readout("status").startswith("diverged at step ")
    expect(lesson.page.locator("[data-narrator]")).to_contain_text("the run diverged at step")
    assert lesson.ranges() == pytest.approx([-3, 3, -2, 2])
    assert "NaN" not in lesson.page.locator("[data-stage]").inner_text()


def test_a_bad_address_is_answered_with_words_and_a_living_stage(lesson: Lesson) -> None:
    lesson.arrive("/ill_conditioning?x=99&learning_rate=1e300&surface=foo&bar=1&%%%=%ff")
    warning = lesson.page.get_by_test_id("stAlert")
    for said in ("There is no surface called foo", "x = 99 is outside", "1e300 is outside", "no setting"):
        expect(warning).to_contain_text(said)
    left, width, height = lesson.grab("learning_rate")
    lesson.page.mouse.move(left + 0.3 * width, height, steps=3)
    lesson.page.mouse.up()
    expect(warning).to_have_count(0)
    lesson.page.wait_for_url(re.compile(r"\?x=3&learning_rate=[\d.]+$"))


def test_every_link_of_the_lesson_leads_to_its_state(lesson: Lesson) -> None:
    lesson.open(OPENING)
    links = lesson.page.get_by_test_id("stMain").get_by_test_id("stPageLink")
    for index in range(links.count()):
        link = links.nth(index).get_by_role("link")
        query = str(link.get_attribute("href")).partition("?")[2]
        link.click()
        lesson.page.wait_for_url(re.compile(re.escape(query) + "$"))
        for name, value in (pair.split("=") for pair in query.split("&")):
            if name == "optimizers":
                lesson.wait(f"S.header.racers.map(r => r.key).join('+') === '{value}'")
            elif name == "learning_rate":
                lesson.wait(f"S.valueOf('learning_rate') === {value}")
        lesson.settled()
