"""The powers of a matrix under a student's hands: eigenvalues dragged and touched, keys, the clock, links, numbers."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from pages.long_term import LESSON
from stage.powers import Powers
from tests.browser.harness import idle, until_true
from tests.browser.visit import go

FIGURE = "document.querySelector('[data-powers]').powers"
OPENING = "/long_term"


class Figure:
    """The figure of the matrix's powers on an open page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator("[data-powers]")

    def open(self, path: str = OPENING, motion: bool = False) -> "Figure":
        self.page.emulate_media(reduced_motion="no-preference" if motion else "reduce")
        go(self.page, path)
        self.ready()
        # In motion nobody waits for the charts below: the clock would have run out.
        if not motion:
            idle(self.page)
            self.page.wait_for_load_state("networkidle")
        return self

    def ready(self) -> None:
        self.page.locator("[data-powers][data-state=ready]").wait_for()

    def ask(self, expression: str, argument: Any = None) -> Any:
        """The value of a JavaScript expression about the figure, `P`, and an argument, `a`."""
        return self.page.evaluate(f"(a) => {{ const P = {FIGURE}; return {expression}; }}", argument)

    def powers(self) -> Powers:
        return Powers(*self.ask("[P.state.re, P.state.im, P.state.other, P.state.angle]"))

    def handle(self, which: int) -> Locator:
        return self.root.locator(f"[data-handle=lambda{which}]")

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Where a number of the complex plane is on the screen."""
        left, top = self.ask(
            "(() => { const r = P.frames.plane.getBoundingClientRect();"
            " return [r.left + 1 + P.scale.toX(a[0]), r.top + 1 + P.scale.toY(a[1])]; })()",
            [x, y],
        )
        return left, top

    def readout(self, name: str) -> str:
        return self.root.locator(f"[data-readout={name}]").inner_text()

    def narrator(self) -> str:
        return self.root.locator("[data-powers-narrator]").inner_text()


@pytest.fixture
def figure(page: Page) -> Figure:
    return Figure(page)


@pytest.fixture
def touched(page: Page) -> Iterator[Page]:
    """A phone's page, with fingers."""
    page.set_viewport_size({"width": 390, "height": 844})
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    yield page
    devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    devtools.detach()


def test_it_opens_in_motion_and_says_what_happens(figure: Figure) -> None:
    figure.open(motion=True)
    until_true(figure.page, f"{FIGURE}.clock.playing && {FIGURE}.clock.t > 2")
    powers = figure.powers()
    norms = powers.norms(200)
    lost = int(np.flatnonzero(norms > 1e-3)[-1]) + 1
    assert figure.narrator().startswith(f"Vanishes: |λ| = 0.886 loses a factor 1000 in {lost} steps")
    assert f"First it grows: to {norms.max():.3g} at step {norms.argmax()}, with" in figure.narrator()
    figure.root.locator("[data-do=play]").click()
    figure.page.wait_for_url(re.compile(r"[?&]step=\d+$"))
    step = int(figure.page.url.rpartition("=")[2])
    figure.ready()
    assert figure.ask("P.clock.t") == step and not figure.ask("P.clock.playing")
    figure.root.locator("[data-do=play]").click()
    figure.page.wait_for_url(re.compile(r"/long_term$"))


def test_it_follows_the_theme(figure: Figure) -> None:
    figure.open()
    assert figure.ask("P.theme.name") == "light"
    light = figure.ask("P.layers.plane.canvas.toDataURL()")
    figure.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    until_true(figure.page, f"{FIGURE}.theme.name === 'dark'")
    assert figure.ask("P.layers.plane.canvas.toDataURL()") != light


def test_a_pair_moves_together_and_nothing_is_sent_under_the_hand(figure: Figure, sent: list[str | bytes]) -> None:
    figure.open()
    address = figure.page.url
    figure.page.mouse.move(*figure.pixel(0.85, 0.25))
    figure.page.mouse.down()
    told, seen = len(sent), []
    for x, y in ((0.7, 0.5), (0.2, 0.6), (-0.4, 0.7), (-0.9, 1.0)):
        figure.page.mouse.move(*figure.pixel(x, y))
        powers = figure.powers()
        assert [powers.re, powers.im] == pytest.approx([x, y], abs=0.02)
        one, other = (figure.handle(which).bounding_box() for which in (1, 2))
        assert one and other
        middle = figure.pixel(0, 0)[1]
        assert one["x"] == pytest.approx(other["x"]) and one["y"] + other["y"] + 26 == pytest.approx(2 * middle, abs=1)
        norm = float(powers.norms(80)[80])
        assert figure.ask("P.powers.norm(80)") == pytest.approx(norm, rel=1e-6)
        seen.append(figure.narrator().split(":")[0])
    assert seen == ["Vanishes", "Vanishes", "Vanishes", "Explodes"]
    assert figure.page.url == address and len(sent) == told
    figure.page.mouse.up()
    figure.page.wait_for_url(re.compile(r"[?&]re=-0\.\d+&im=(1|0\.99|1\.0)"))
    assert len(sent) > told


def test_on_the_real_axis_each_goes_its_own_way(figure: Figure) -> None:
    figure.open()
    figure.page.mouse.move(*figure.pixel(0.85, 0.25))
    figure.page.mouse.down()
    figure.page.mouse.move(*figure.pixel(0.8, 0.01))
    assert figure.ask("[P.state.im, P.state.re === P.state.other]") == [0, True]
    met = figure.ask("P.state.other")
    figure.page.mouse.move(*figure.pixel(-0.5, 0))
    powers = figure.powers()
    assert powers.re == pytest.approx(-0.5, abs=0.01) and powers.other == met
    # Near the circle the hand means it.
    figure.page.mouse.move(*figure.pixel(-1.02, 0.02))
    assert figure.ask("P.state.re") == -1
    assert figure.narrator().startswith("Neither: |λ| = 1.")
    figure.page.mouse.up()
    figure.page.wait_for_url(re.compile(r"[?&]re=-1&im=0&other=0\.\d+"))
    figure.ready()
    figure.page.mouse.move(*figure.pixel(met, 0))
    figure.page.mouse.down()
    figure.page.mouse.move(*figure.pixel(0.6, 0.8))
    assert abs(complex(*figure.ask("[P.state.re, P.state.im]"))) == pytest.approx(1, abs=2e-6)
    assert figure.narrator().startswith("Neither: |λ| = 1.")
    figure.page.mouse.up()
    figure.page.wait_for_url(re.compile(r"[?&]re=0\.\d+&im=-0\.\d+$"))


def test_keys_move_eigenvalues_and_the_clock(figure: Figure) -> None:
    figure.open(f"{OPENING}?re=0.9&im=0&other=0.5&step=3")
    figure.handle(1).focus()
    figure.handle(1).press("ArrowRight")
    figure.page.wait_for_url(re.compile(r"re=0\.91&"))
    figure.handle(1).press("Shift+ArrowUp")
    figure.page.wait_for_url(re.compile(r"im=0\.1&"))
    assert figure.handle(2).get_attribute("aria-label") == "Eigenvalue 2, 0.91 − 0.1i. Arrow keys move it."
    figure.ready()
    figure.handle(1).blur()
    figure.page.keyboard.press("ArrowRight")
    figure.page.wait_for_url(re.compile(r"step=4$"))
    figure.page.keyboard.press("End")
    figure.page.wait_for_url(re.compile(r"step=80$"))
    figure.ready()
    norm = figure.powers().norms(80)[80]
    assert figure.ask("P.powers.norm(80)") == pytest.approx(norm, rel=1e-9)
    figure.page.keyboard.press("Home")
    assert figure.readout("norm") == figure.readout("prediction") == "1"


def test_the_angle_is_live_and_the_chart_scrubs(figure: Figure, sent: list[str | bytes]) -> None:
    figure.open(f"{OPENING}?re=0.95&im=0&other=0.85&angle=90&steps=150&step=0")
    assert "First it grows" not in figure.narrator()
    slider = figure.root.locator("input[data-live=angle]")
    box = slider.bounding_box()
    assert box
    height = box["y"] + box["height"] / 2
    figure.page.mouse.move(box["x"] + box["width"] - 9, height)
    figure.page.mouse.down()
    told, peaks = len(sent), []
    for share in (0.7, 0.5, 0.3):
        figure.page.mouse.move(box["x"] + 9 + share * (box["width"] - 18), height)
        powers = figure.powers()
        peaks.append(powers.norms(150).max())
        assert f"First it grows: to {peaks[-1]:.3g} at step" in figure.narrator()
        assert figure.readout("condition") == f"{1 / np.tan(np.radians(powers.angle) / 2):.4g}"
    assert peaks == sorted(peaks) and len(sent) == told
    figure.page.mouse.up()
    figure.page.wait_for_url(re.compile(r"[?&]angle=[\d.]+&"))
    figure.ready()
    chart = figure.root.locator("[data-figure=norms]")
    left = chart.bounding_box()
    assert left
    figure.page.mouse.click(left["x"] + 1 + figure.ask("P.chart.toX(40)"), left["y"] + 100)
    figure.page.wait_for_url(re.compile(r"step=40$"))
    figure.ready()
    assert figure.readout("norm") == f"{figure.powers().norms(40)[40]:.4g}"


def test_a_finger_drags_an_eigenvalue(touched: Page) -> None:
    figure = Figure(touched).open()
    assert touched.evaluate("document.documentElement.scrollWidth") <= 390
    figure.root.locator("[data-figure=plane]").scroll_into_view_if_needed()
    session = touched.context.new_cdp_session(touched)

    def touch(kind: str, *place: float) -> None:
        points = [{"x": figure.pixel(*place)[0], "y": figure.pixel(*place)[1]}] if place else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.85, 0.25)
    for share in (0.3, 0.6, 1.0):
        touch("touchMove", 0.85 * (1 - share), 0.25 + 0.4 * share)
    # The browser hands moves of a finger on with the next frame.
    until_true(touched, f"Math.hypot({FIGURE}.state.re, {FIGURE}.state.im - 0.65) < 0.03")
    touch("touchEnd")
    touched.wait_for_url(re.compile(r"im=0\.6"))


def test_every_link_is_walked_and_the_numbers_are_those_of_the_matrix(figure: Figure) -> None:
    figure.open()
    links = figure.page.get_by_test_id("stMain").get_by_test_id("stPageLink")
    expect(links).to_have_count(len(LESSON.presets))
    told = set()
    for number, preset in enumerate(LESSON.presets):
        links.nth(number).get_by_role("link").click()
        wanted = {knob.name: float(preset.query.get(knob.name, knob.default)) for knob in LESSON.knobs[:5]}
        arrived = f"(a) => Object.entries(a).every(([name, value]) => {FIGURE}.state[name] === value)"
        until_true(figure.page, arrived, wanted)
        figure.ready()
        powers, steps = figure.powers(), int(wanted["steps"])
        norms = figure.ask(f"Array.from({{length: {steps + 1}}}, (_, t) => P.powers.norm(t))")
        assert norms == pytest.approx(powers.norms(steps), rel=1e-6)
        told.add(figure.narrator())
    assert len(told) == len(LESSON.presets)


def test_fates_are_those_of_the_numbers(figure: Figure) -> None:
    """Vanish, explode or neither, with steps and peak, for matrices of every kind, against the powers themselves."""
    figure.open()
    random = np.random.default_rng(3)
    for k in range(40):
        re_, im, other = (float(v) for v in random.uniform(-1.3, 1.3, 3).round(3))
        state = Powers(re_, 0.0 if k % 2 else im, other, float(random.uniform(1, 90)))
        found = figure.ask("new P.powers.constructor(a).fate()", state.__dict__)
        radius = np.abs(state.eigenvalues).max()
        # As far as a number reaches.
        norms = state.norms(min(2000, int(250 / np.log10(radius))) if radius > 1 else 4000)
        shape = "(() => { const e = new P.powers.constructor(a).ellipse(3); return [e.most, e.least]; })()"
        ellipse = figure.ask(shape, state.__dict__)
        assert ellipse == pytest.approx(np.linalg.svd(state.power(3))[1], rel=1e-6, abs=1e-12)
        if radius > 1:
            assert found["kind"] == "explodes"
            assert found["measured"] == np.flatnonzero(norms >= 1000)[0]
            assert found["predicted"] == np.ceil(np.log(1000) / np.log(radius))
        else:
            assert found["kind"] == "vanishes"
            assert found["measured"] == np.flatnonzero(norms > 1e-3)[-1] + 1
            assert found["peak"]["norm"] == pytest.approx(norms.max(), rel=1e-6)


def test_every_draw_is_measured_and_drawn_sharp(figure: Figure) -> None:
    figure.open(f"{OPENING}?step=5")
    before = figure.page.evaluate("performance.getEntriesByName('powers:draw').length")
    figure.handle(1).focus()
    for _ in range(10):
        figure.handle(1).press("ArrowLeft")
    figure.ready()
    assert figure.page.evaluate("performance.getEntriesByName('powers:draw').length") >= before + 10
    for name in ("plane", "circle", "norms"):
        inked = figure.page.locator(f"canvas[data-layer=powers-{name}]").evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height)"
            ".data.filter((value, i) => i % 4 === 3 && value).length"
        )
        assert inked > 500
