"""The lesson on inexact gradients under a student's hands: batch size, rate and the draw of the cloud."""

import re

from playwright.sync_api import expect

from tests.browser.lesson import Lesson

OPENING = "/noisy_gradients?step=200"


def test_the_batch_size_moves_one_path_without_the_server(lesson: Lesson) -> None:
    lesson.open(OPENING)
    lesson.slider("batch_size").focus()
    lesson.page.keyboard.press("ArrowRight")
    lesson.settled()
    before = {racer: lesson.readout("loss", racer) for racer in ("gd", "gd:batch")}
    lesson.page.keyboard.press("Home")
    lesson.settled()
    assert lesson.slider("batch_size").get_attribute("aria-valuetext") in ("1", None)
    assert lesson.readout("loss", "gd") == before["gd"]
    assert lesson.readout("loss", "gd:batch") != before["gd:batch"]
    lesson.page.wait_for_url(re.compile(r"batch_size=1(&|$)"))


def test_the_rate_moves_both_paths(lesson: Lesson) -> None:
    lesson.open(OPENING)
    before = {racer: lesson.readout("x", racer) for racer in ("gd", "gd:batch")}
    lesson.slider("learning_rate").focus()
    lesson.page.keyboard.press("Home")
    lesson.settled()
    for racer, said in before.items():
        assert lesson.readout("x", racer) != said
    lesson.page.wait_for_url(re.compile(r"learning_rate=0\.01"))


def test_another_draw_makes_another_cloud(lesson: Lesson) -> None:
    lesson.open(OPENING)
    text = lesson.page.get_by_text("Hotelling's T²")
    expect(text).to_have_count(1)
    before = text.inner_text()
    thumb = lesson.page.get_by_role("slider", name="Draw")
    thumb.scroll_into_view_if_needed()
    thumb.focus()
    lesson.page.keyboard.press("ArrowRight")
    expect(text).not_to_have_text(before)
    lesson.page.wait_for_url(re.compile("draw=2"))
    # The picture above stays where it was.
    assert lesson.ask("S.step === 200 || document.querySelector('[data-stage]').dataset.step === '200'")


def test_a_surface_without_examples_says_so(lesson: Lesson) -> None:
    lesson.open("/noisy_gradients?surface=himmelblau&step=50")
    expect(lesson.page.get_by_text("so there is nothing to draw a batch from")).to_be_visible()
    assert lesson.slider("batch_size").count() == 0
