"""The lessons as a student goes through them: every link in turn, and what each page is for under the hand."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

from pages.parts.lesson import lessons
from tests.browser.lesson import Lesson, apart

COUNT = "(S.sent = 0, S.link.send = (send => request => { S.sent += 1; send(request); })(S.link.send), 0)"
QUESTION = "JSON.stringify(S.maps.shown.get('basins')?.question)"


def asked(url: str) -> dict[str, str]:
    """The settings in an address."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def narrator(lesson: Lesson) -> str:
    return lesson.page.locator("[data-narrator]").inner_text()


def value(lesson: Lesson, name: str) -> float:
    """A readout of the racer as a number, from how a person reads it."""
    mantissa, _, power = lesson.readout(name).replace("−", "-").partition("·10")
    return float(mantissa) * 10.0 ** int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")) or 0)


def names(lesson: Lesson) -> int:
    """How many critical points are named on the map, each beside all signs and all other names."""
    boxes, signs = lesson.ask("[S.plots.taken, S.show.critical ? S.header.critical.length : 0]")
    for place, name in enumerate(boxes[signs:], signs):
        assert all(apart(name, other) for other in boxes[:place])
    return len(boxes) - signs


@pytest.mark.parametrize("key", sorted(lessons()))
def test_every_link_is_walked_in_its_order(lesson: Lesson, key: str) -> None:
    lesson.open(f"/{key}")
    links = lesson.page.get_by_test_id("stMain").get_by_test_id("stPageLink")
    presets = lessons()[key].presets
    expect(links).to_have_count(len(presets))
    told = set()
    for number, preset in enumerate(presets):
        links.nth(number).get_by_role("link").click()
        lesson.page.wait_for_url(lambda url, query=preset.query: query.items() <= asked(url).items())
        surface = preset.query.get("surface", lessons()[key].surface)
        lesson.wait(f"S.header.surface.key === '{surface}' && !S.link.busy")
        for name, value in preset.query.items():
            lesson.wait(f"!S.sliders.has('{name}') || Math.abs(S.valueOf('{name}') - {value!r}) < 1e-9")
        lesson.settled()
        told.add(narrator(lesson))
        names(lesson)
        assert lesson.page.get_by_test_id("stException").count() == 0, preset.label
    assert len(told) > 1


def test_the_clip_threshold_is_live_under_the_thumb(lesson: Lesson) -> None:
    lesson.racer = "gd:norm"
    lesson.open("/cliffs?step=100")
    # Two minima and the saddle between them, on 24 pixels.
    assert names(lesson) == 3
    lesson.ask(COUNT)
    alone, address = lesson.readout("loss", "gd"), lesson.page.url
    left, width, height = lesson.grab("threshold")
    seen = set()
    for share in (0.5, 0.6, 0.75, 1.0):
        lesson.page.mouse.move(left + share * width, height)
        seen.add(lesson.readout("loss"))
        # The run without clipping has no threshold to hear of.
        assert lesson.readout("loss", "gd") == alone
    assert len(seen) >= 3
    # At the largest threshold no gradient is cut, and both runs are one.
    assert lesson.readout("loss") == alone
    assert lesson.ask("S.sent") == 0 and lesson.page.url == address
    lesson.page.mouse.up()
    lesson.page.wait_for_url(re.compile(r"[?&]threshold=200(&|$)"))


def test_the_recurrent_units_wall_melts_with_its_time_steps(lesson: Lesson) -> None:
    lesson.open("/cliffs?surface=recurrent_cliff&step=0")
    steep = "Math.max(...S.scene.z) - Math.min(...S.scene.z)"
    high = lesson.ask("S.plots.scale.high")
    left, _width, height = lesson.grab("time_steps")
    lesson.wait("S.header.over === 'time_steps'")
    lesson.page.mouse.move(left, height, steps=3)
    lesson.wait(f"S.plots.scale.high !== {high}")
    lesson.page.mouse.up()
    lesson.page.wait_for_url(re.compile(r"[?&]time_steps=1(&|$)"))
    lesson.settled()
    assert lesson.ask(steep) > 0


def test_epsilon_is_dragged_to_nothing_and_the_run_stays_for_ever(lesson: Lesson) -> None:
    lesson.open("/saddles?step=200")
    lesson.ask(COUNT)
    far = narrator(lesson)
    left, width, height = lesson.grab("y")
    for share in (0.3, 0.1, 0.0):
        lesson.page.mouse.move(left + share * width, height, steps=2)
    assert value(lesson, "y") == 0
    assert abs(value(lesson, "loss")) < 1e-9
    assert narrator(lesson) != far
    assert lesson.ask("S.sent") == 0
    lesson.page.mouse.up()
    lesson.page.wait_for_url(re.compile(r"[?&]y=0(&|$)"))
    lesson.page.get_by_role("link", name="2. Off by 10⁻¹²").click()
    lesson.wait("S.header.start[1] === 1e-12")
    lesson.settled()
    lesson.page.locator("[data-do=last]").click()
    assert abs(value(lesson, "y")) > 1


def test_basins_are_drawn_anew_while_the_rate_is_dragged(lesson: Lesson) -> None:
    lesson.open("/local_minima?step=200")
    lesson.wait("S.maps.shown.get('basins')?.pixels")
    assert lesson.ink("maps") > 50_000
    questions = {lesson.ask(QUESTION)}
    left, width, height = lesson.grab("learning_rate")
    for share in (0.2, 0.5, 0.7):
        lesson.page.mouse.move(left + share * width, height, steps=3)
        lesson.wait(f"!{sorted(questions)!r}.includes({QUESTION}) && S.maps.shown.get('basins').pixels")
        questions.add(lesson.ask(QUESTION))
    lesson.page.mouse.up()
    assert len(questions) == 4
    lesson.page.wait_for_url(re.compile("learning_rate="))


def test_tilt_moves_the_named_minima_and_a_click_goes_to_the_other_one(lesson: Lesson) -> None:
    lesson.open("/local_minima?step=200")
    lesson.wait("S.header.critical.length === 3")
    before = lesson.ask("S.header.critical")
    left, width, height = lesson.grab("tilt")
    lesson.wait("S.header.over === 'tilt'")
    # Beyond |c| = 8/(3√3) = 1.54 one of the wells is gone.
    lesson.page.mouse.move(left + width, height, steps=4)
    lesson.wait("S.header.critical.length === 1")
    lesson.page.mouse.up()
    lesson.settled()
    lesson.page.get_by_role("link", name="1. The wrong side").click()
    lesson.wait("S.header.critical.length === 3")
    assert lesson.ask("S.header.critical") == before
    upper = value(lesson, "loss")
    lesson.page.mouse.click(*lesson.pixel(-1.5, 0.5))
    lesson.wait("S.header.start[0] < -1")
    lesson.settled()
    assert value(lesson, "loss") < upper - 1


def test_more_restarts_are_drawn_where_asked(lesson: Lesson) -> None:
    lesson.open("/local_minima")
    thumb = lesson.page.get_by_role("slider", name="Restarts")
    thumb.focus()
    thumb.press("ArrowRight")
    expect(lesson.page.get_by_text("The best of 31 fails")).to_be_visible()
    lesson.page.wait_for_url(re.compile(r"[?&]restarts=31(&|$)"))


def test_the_chord_over_the_surface_follows_its_share_and_its_far_end(lesson: Lesson) -> None:
    lesson.open("/convexity")
    lesson.ask(COUNT)
    address = lesson.page.url
    share = lesson.page.locator("[data-stage] input[data-live=share]")
    share.scroll_into_view_if_needed()
    ink = lesson.ask("S.parts.reliefPaths.toDataURL()")
    left, width, height = lesson.grab("share")
    lesson.page.mouse.move(left + 0.8 * width, height, steps=3)
    assert lesson.ask("S.parts.reliefPaths.toDataURL()") != ink
    assert lesson.ask("S.sent") == 0 and lesson.page.url == address
    lesson.page.mouse.up()
    lesson.page.wait_for_url(re.compile(r"[?&]share=0\.8"))
    lesson.settled()
    lesson.page.mouse.move(*lesson.pixel(*lesson.ask("S.header.end")))
    lesson.page.mouse.down()
    lesson.page.mouse.move(*lesson.pixel(1.5, 1.0), steps=4)
    lesson.wait("Math.abs(S.header.end[0] - 1.5) < 0.05")
    lesson.page.mouse.up()
    lesson.page.wait_for_url(re.compile(r"[?&]bx=1\.[45]"))


def test_data_are_dragged_and_the_surface_follows(lesson: Lesson) -> None:
    lesson.open("/convexity?surface=one_neuron&step=0")
    lesson.wait("S.header.data?.points.length")
    plot = lesson.page.locator("canvas[data-panel=data]")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    u, v = lesson.ask("(({ x, y }, [u, v]) => [x(u), y(v)])(S.parts.data.scale(), S.header.data.points[0])")
    heights = lesson.ask("[...S.scene.z.slice(0, 50)]")
    lesson.page.mouse.move(box["x"] + u, box["y"] + v)
    lesson.page.mouse.down()
    lesson.page.mouse.move(box["x"] + u + 60, box["y"] + v - 40, steps=5)
    lesson.wait(f"S.scene.z.slice(0, 50).some((z, i) => Math.abs(z - {heights}[i]) > 1e-6)")
    lesson.page.mouse.up()
    lesson.page.wait_for_url(re.compile(r"[?&]\w+=-?\d"))
    lesson.settled()
