"""What a hand makes of the two views, the camera and the zoom: how long it lasts, and where it ends."""

import math
import re

import pytest

from tests.browser.harness import choose
from tests.browser.lesson import CALM, OPENING, Lesson


def camera(lesson: Lesson) -> list[float]:
    eye = lesson.ask("S.plots.relief._fullLayout.scene._scene.getCamera().eye")
    return [eye["x"], eye["y"], eye["z"]]


def turn(lesson: Lesson) -> tuple[list[float], list[float]]:
    """Turn the relief by hand: its camera before and after. It goes as far as the hand, however slow the frames."""
    relief = lesson.page.locator("[data-plot=relief]").bounding_box()
    assert relief
    at_first = camera(lesson)
    x, y = relief["x"] + relief["width"] / 2, relief["y"] + relief["height"] / 2
    lesson.page.mouse.move(x, y)
    lesson.page.mouse.down()
    lesson.page.mouse.move(x + 60, y - 15, steps=4)
    lesson.page.mouse.up()
    # It follows two frames behind.
    lesson.ask(
        "new Promise(done => { let last, same = 0; const look = () => { const { key } = S.plots.camera();"
        " same = key === last ? same + 1 : 0; last = key; same < 20 ? requestAnimationFrame(look) : done(0); };"
        " look(); })"
    )
    turned = camera(lesson)
    before, after = (math.atan2(eye[1], eye[0]) for eye in (at_first, turned))
    assert (before - after) % math.tau == pytest.approx(math.pi * 60 / relief["height"], rel=0.01)
    return at_first, turned


DRAWN_FRAME = """new Promise(done => {
  const { glplot } = S.plots.relief._fullLayout.scene._scene, { gl } = glplot, seen = { vertices: 0, read: 0 };
  gl.drawArrays = (mode, first, count) => { seen.vertices = Math.max(seen.vertices, count);
    WebGLRenderingContext.prototype.drawArrays.call(gl, mode, first, count); };
  gl.readPixels = (...all) => { seen.read += 1; WebGLRenderingContext.prototype.readPixels.apply(gl, all); };
  glplot.update();
  glplot.redraw();
  const end = () => { delete gl.drawArrays; delete gl.readPixels; done(seen); };
  const look = () => (seen.vertices ? setTimeout(end, 100) : requestAnimationFrame(look));
  look();
})"""


def assert_drawn_once(lesson: Lesson) -> None:
    """A frame of the relief is two triangles a cell of its grid, and nothing is read back from the graphics card."""
    assert lesson.ask(DRAWN_FRAME) == {"vertices": 6 * (lesson.ask("S.plots.n") - 1) ** 2, "read": 0}


def assert_rests(lesson: Lesson) -> None:
    """Nothing asks for another frame where nothing moves."""
    asked = """new Promise(done => { const ask = window.requestAnimationFrame; let count = 0;
      window.requestAnimationFrame = frame => { count += 1; return ask.call(window, frame); };
      setTimeout(() => { window.requestAnimationFrame = ask; done(count); }, 500); })"""
    lesson.page.wait_for_timeout(500)
    assert lesson.ask(asked) == 0


def assert_hears_the_hand(lesson: Lesson) -> None:
    """What a hand does to the camera right after a drawing is not older than what that drawing did to it."""
    asked = "{ const s = S.plots.relief._fullLayout.scene._scene; return s.camera.view.lastT() - performance.now(); }"
    drawn = "S.plots.Plotly.relayout(S.plots.relief, { 'scene.zaxis.range': S.plots.zRange() })"
    assert lesson.ask(f"{drawn}.then(() => {asked})") <= 0


def test_the_next_page_is_looked_at_and_touched_as_if_it_were_the_first(lesson: Lesson) -> None:
    lesson.arrive(OPENING)
    assert_drawn_once(lesson)
    assert_hears_the_hand(lesson)
    first, _ = turn(lesson)
    assert_rests(lesson)
    # It takes over the relief that this page leaves.
    lesson.open("/saddles?step=5")
    assert_rests(lesson)
    assert camera(lesson) == pytest.approx(first, abs=1e-6)
    assert lesson.ranges() == pytest.approx(lesson.ask("S.header.surface.box"))
    assert_drawn_once(lesson)
    assert_hears_the_hand(lesson)
    _, turned = turn(lesson)
    shown = lesson.ask("S.plots.relief.layout.scene.camera.eye")
    assert [shown[axis] for axis in "xyz"] == pytest.approx(turned, abs=1e-6)
    lesson.page.mouse.click(*lesson.pixel(-1.5, -1.2))
    lesson.page.wait_for_url(re.compile(r"[?&]x=-1\.[45]"))
    lesson.settled()
    lesson.page.mouse.move(*lesson.pixel(*lesson.ask("S.header.start")))
    lesson.page.mouse.down()
    lesson.page.mouse.move(*lesson.pixel(1, 0.5))
    lesson.wait("Math.abs(S.runs[0].points[0] - 1) < 0.05")
    lesson.page.mouse.up()
    lesson.page.wait_for_url(re.compile(r"[?&]y=0\.[45]"))


def test_a_turned_camera_stays_for_another_surface_of_the_page(lesson: Lesson) -> None:
    _, turned = turn(lesson.arrive(CALM))
    choose(lesson.page, "^Surface", "Himmelblau's function")
    lesson.wait("S.header.surface.key === 'himmelblau'")
    lesson.settled()
    assert camera(lesson) == pytest.approx(turned, abs=1e-6)


def test_camera_zoom_and_play_survive_every_slider(lesson: Lesson) -> None:
    lesson.open(CALM)
    _, turned = turn(lesson)
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
        assert camera(lesson) == pytest.approx(turned, abs=1e-6), slider
        assert lesson.ranges() == pytest.approx(zoomed, abs=1e-6), slider
        assert lesson.ask("S.clock.playing"), slider
    assert canvas.evaluate("c => c.isConnected")
    assert_drawn_once(lesson)
