"""What a hand makes of the two views, the camera and the zoom: how long it lasts, and where it ends."""

import math
import re

import pytest
from playwright.sync_api import expect

from tests.browser.harness import choose
from tests.browser.lesson import CALM, OPENING, Lesson


def camera(lesson: Lesson) -> list[float]:
    eye = lesson.ask("S.plots.relief._fullLayout.scene._scene.getCamera().eye")
    return [eye["x"], eye["y"], eye["z"]]


def turn(lesson: Lesson) -> tuple[list[float], list[float]]:
    """Turn the relief by hand: its camera before and after."""
    relief = lesson.page.locator("[data-plot=relief]").bounding_box()
    assert relief
    at_first = camera(lesson)
    x, y = relief["x"] + relief["width"] / 2, relief["y"] + relief["height"] / 2
    lesson.page.mouse.move(x, y)
    lesson.page.mouse.down()
    lesson.page.mouse.move(x + 60, y - 15, steps=4)
    lesson.page.mouse.up()
    # A camera that is let go glides on for a moment.
    lesson.ask(
        "new Promise(done => { let last, same = 0; const look = () => { const { key } = S.plots.camera();"
        " same = key === last ? same + 1 : 0; last = key; same < 20 ? requestAnimationFrame(look) : done(0); };"
        " look(); })"
    )
    turned = camera(lesson)
    assert turned != pytest.approx(at_first, abs=0.05)
    return at_first, turned


def test_the_next_page_is_looked_at_and_touched_as_if_it_were_the_first(lesson: Lesson) -> None:
    lesson.arrive(OPENING)
    first, _ = turn(lesson)
    # It takes over the relief that this page leaves.
    lesson.open("/saddles?step=5")
    assert camera(lesson) == pytest.approx(first, abs=1e-6)
    assert lesson.ranges() == pytest.approx(lesson.ask("S.header.surface.box"))
    at_first, turned = turn(lesson)
    shown = lesson.ask("S.plots.relief.layout.scene.camera.eye")
    assert math.dist([shown[axis] for axis in "xyz"], turned) < 0.25 * math.dist(turned, at_first)
    lesson.page.mouse.click(*lesson.pixel(-1.5, -1.2))
    expect(lesson.page).to_have_url(re.compile(r"[?&]x=-1\.[45]"))
    lesson.settled()
    lesson.page.mouse.move(*lesson.pixel(*lesson.ask("S.header.start")))
    lesson.page.mouse.down()
    lesson.page.mouse.move(*lesson.pixel(1, 0.5))
    lesson.wait("Math.abs(S.runs[0].points[0] - 1) < 0.05")
    lesson.page.mouse.up()
    expect(lesson.page).to_have_url(re.compile(r"[?&]y=0\.[45]"))


def test_a_turned_camera_stays_for_another_surface_of_the_page(lesson: Lesson) -> None:
    at_first, turned = turn(lesson.arrive(CALM))
    choose(lesson.page, "^Surface", "Himmelblau's function")
    lesson.wait("S.header.surface.key === 'himmelblau'")
    lesson.settled()
    assert math.dist(camera(lesson), turned) < 0.25 * math.dist(turned, at_first)


def test_camera_zoom_and_play_survive_every_slider(lesson: Lesson) -> None:
    lesson.open(CALM)
    at_first, turned = turn(lesson)
    x, y = lesson.pixel(1, -1)
    lesson.page.mouse.move(x, y)
    lesson.page.mouse.down()
    lesson.page.mouse.move(x - 80, y - 30, steps=4)
    lesson.page.mouse.up()
    zoomed = lesson.ranges()
    assert zoomed != pytest.approx([-3, 3, -2, 2], abs=0.05)
    lesson.page.locator("[data-do=loop]").click()
    lesson.page.locator("[data-do=play]").click()
    canvas = lesson.page.locator("[data-plot=relief] canvas").first.element_handle()
    for slider, share in (("learning_rate", 0.3), ("condition_number", 0.5), ("angle", 0.6)):
        left, width, height = lesson.grab(slider)
        lesson.page.mouse.move(left + share * width, height, steps=4)
        lesson.wait(f"S.header.over === '{slider}'")
        lesson.page.mouse.up()
        lesson.settled()
        # A slow machine still glides a little here; a camera that was lost would be back where it began.
        assert math.dist(camera(lesson), turned) < 0.25 * math.dist(turned, at_first), slider
        assert lesson.ranges() == pytest.approx(zoomed, abs=1e-6), slider
        assert lesson.ask("S.clock.playing"), slider
    assert canvas.evaluate("c => c.isConnected")
