"""The chord test under a student's hands: α under the thumb, ends on the curve, keys, typed functions, links."""

import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from landscapes import parse_curve
from pages.parts.chords import MARKS, REACH
from stage.chord import chord_message, evaluate, sample
from tests.browser.harness import idle, ready, until_true
from tests.browser.lesson import apart
from tests.browser.visit import go

CHORD = "document.querySelector('[data-chord]').chord"
OPENING = "/convexity"


class Chord:
    """The chord test on an open page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator("[data-chord]")

    def open(self, path: str = OPENING) -> "Chord":
        self.page.emulate_media(reduced_motion="reduce")
        go(self.page, path)
        self.ready()
        # The figure below it and the icons are asked for at their own time.
        ready(self.page)
        idle(self.page)
        self.page.wait_for_load_state("networkidle")
        self.root.scroll_into_view_if_needed()
        return self

    def ready(self) -> None:
        self.page.locator("[data-chord][data-state=ready]").wait_for()

    def ask(self, expression: str, argument: Any = None) -> Any:
        """The value of a JavaScript expression about the test, `C`, and an argument, `a`."""
        return self.page.evaluate(f"(a) => {{ const C = {CHORD}; return {expression}; }}", argument)

    def show(self, text: str, a: float, b: float, alpha: float) -> None:
        """Draw another chord of a function without loading the page again, as an answer of the server would."""
        curve = parse_curve(text)
        samples = sample(curve, -REACH, REACH)
        assert samples is not None
        data = chord_message(samples, a, b, alpha, request={}, marks=MARKS)
        self.page.evaluate(f"(bytes) => {{ const C = {CHORD}; C.receive(Uint8Array.from(bytes)); }}", list(data))

    def readout(self, name: str) -> str:
        return self.root.locator(f"[data-readout={name}]").inner_text()

    def narrator(self) -> str:
        return self.root.locator("[data-chord-narrator]").inner_text()

    def handle(self, end: str) -> Locator:
        return self.root.locator(f"[data-handle={end}]")

    def center(self, locator: Locator) -> tuple[float, float]:
        locator.scroll_into_view_if_needed()
        box = locator.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def grab_alpha(self) -> tuple[float, float, float]:
        """Press the mouse on the thumb of α: left end, width and height on the screen of its track."""
        slider = self.root.locator("input[data-live=alpha]")
        _, height = self.center(slider)
        box = slider.bounding_box()
        assert box is not None
        left, width = box["x"] + 9, box["width"] - 18
        share = float(slider.evaluate("input => input.value / input.max"))
        self.page.mouse.move(left + share * width, height)
        self.page.mouse.down()
        return left, width, height


@pytest.fixture
def chord(page: Page) -> Chord:
    """The chord test on that page, once it is opened."""
    return Chord(page)


def test_it_opens_on_the_seeds_chord(chord: Chord) -> None:
    chord.open()
    assert [chord.readout(name) for name in ("chord_value", "curve_value", "gap")] == ["4", "0", "4"]
    assert "This chord holds" in chord.readout("verdict") and "proves nothing" in chord.readout("verdict")
    assert chord.narrator() == "α = 0.5: the chord is at 4, the curve at 0: 4 below."
    assert chord.handle("a").get_attribute("aria-label") == "End point A, x −2, y 4. Arrow keys move it."
    assert chord.narrator() in chord.root.locator("[role=status]").inner_text()


def test_alpha_is_live_under_the_thumb_and_nothing_is_sent(chord: Chord, sent: list[str | bytes]) -> None:
    chord.open()
    address = chord.page.url
    left, width, height = chord.grab_alpha()
    told, seen = len(sent), []
    for share in (0.45, 0.4, 0.35, 0.3):
        chord.page.mouse.move(left + share * width, height)
        alpha = float(chord.root.locator(".stage-typed").input_value())
        assert alpha == pytest.approx(share, abs=0.01)
        x = -2 * alpha + 2 * (1 - alpha)
        assert float(chord.readout("curve_value")) == pytest.approx(x * x, rel=1e-3)
        assert float(chord.readout("gap")) == pytest.approx(4 - x * x, rel=1e-3)
        seen.append(chord.narrator())
    assert seen[-1] == "α = 0.3: the chord is at 4, the curve at 0.64: 3.36 below."
    assert len(set(seen)) == 4
    assert chord.page.url == address and len(sent) == told
    chord.page.mouse.up()
    chord.page.wait_for_url(re.compile(r"[?&]alpha=0\.3$"))
    assert len(sent) > told


@pytest.mark.parametrize(("end", "start", "stop"), [("a", -2, 1), ("b", 2, -1)])
def test_an_end_is_dragged_on_the_curve(chord: Chord, end: str, start: float, stop: float) -> None:
    chord.open()
    x, y = chord.center(chord.handle(end))
    step = chord.ask("C.scale.toX(1) - C.scale.toX(0)")
    chord.page.mouse.move(x, y)
    chord.page.mouse.down()
    for place in np.linspace(start, stop, 5)[1:]:
        # The height of the hand does not matter: the point stays on the curve.
        chord.page.mouse.move(x + (place - start) * step, y - 40)
        at = float(chord.ask(f"C.{end}"))
        assert at == pytest.approx(place, abs=0.02)
        _, top = chord.center(chord.handle(end))
        figure = chord.root.locator(".stage-figure").bounding_box()
        assert figure
        assert top - figure["y"] == pytest.approx(chord.ask(f"C.scale.toY({at * at})"), abs=2)
    assert f"{end}=" not in chord.page.url
    chord.page.mouse.up()
    chord.page.wait_for_url(re.compile(rf"[?&]{end}=-?(0\.9|1)"))


def test_keys_move_the_ends(chord: Chord) -> None:
    chord.open()
    chord.handle("a").focus()
    chord.handle("a").press("ArrowRight")
    chord.page.wait_for_url(re.compile(r"[?&]a=-1\.95$"))
    chord.handle("a").press("Shift+ArrowLeft")
    chord.page.wait_for_url(re.compile(r"[?&]a=-2\.45$"))
    assert "x −2.45, y 6.003" in str(chord.handle("a").get_attribute("aria-label"))
    chord.handle("b").focus()
    for _ in range(30):
        chord.handle("b").press("ArrowRight")
    chord.page.wait_for_url(re.compile(r"[?&]b=3$"))
    chord.ready()


def test_alpha_is_typed(chord: Chord) -> None:
    chord.open()
    box = chord.root.locator(".stage-typed")
    box.fill("0.1234")
    box.press("Enter")
    assert chord.narrator().startswith("α = 0.1234: ")
    chord.page.wait_for_url(re.compile(r"[?&]alpha=0\.1234$"))
    chord.ready()
    assert box.input_value() == "0.1234"
    box.fill("1.2")
    box.press("Enter")
    expect(chord.root.locator(".stage-error")).to_have_text("1.2 is outside 0 … 1")


def test_a_typed_function_its_slips_and_script_text(chord: Chord) -> None:
    chord.open()
    box = chord.page.get_by_label("f(x), typed")
    box.fill("-2 abs(x)")
    box.press("Enter")
    expect(chord.root.locator("[data-readout=chord_value]")).to_have_text("−4")
    assert chord.narrator() == "α = 0.5: the chord is at −4, the curve at 0: 4 above."
    assert "This chord is broken" in chord.readout("verdict") and "not convex" in chord.readout("verdict")
    chord.ready()
    address = chord.page.url
    assert "f=-2+abs" in address
    text = "x + <img src=x onerror=alert(1)>"
    box.fill(text)
    box.press("Enter")
    complaint = chord.page.get_by_test_id("stCode").filter(has_text="Not drawn")
    expect(complaint).to_contain_text("column 5")
    expect(complaint).to_contain_text("<img")
    assert chord.page.locator("img[src=x]").count() == 0
    assert box.input_value() == text
    assert chord.page.url == address and chord.readout("chord_value") == "−4"


def test_a_link_restores_it_all(chord: Chord) -> None:
    chord.open(f"{OPENING}?f=sin(x)&a=-1.25&b=4.5&alpha=0.4321")
    f, a, b, alpha = parse_curve("sin(x)").f, -1.25, 4.5, 0.4321
    x = alpha * a + (1 - alpha) * b
    assert chord.ask("[C.a, C.b, C.alpha]") == [a, b, alpha]
    value = chord.ask("C.measure().value")
    assert value == pytest.approx(float(f(x)), abs=1e-9)
    assert chord.ask("C.measure().chord") == pytest.approx(float(alpha * f(a) + (1 - alpha) * f(b)), abs=1e-9)
    assert chord.page.get_by_label("f(x), typed").input_value() == "sin(x)"


def test_the_browser_interpolates_the_function(chord: Chord) -> None:
    chord.open()
    at = np.random.default_rng(0).uniform(-REACH, REACH, 500)
    for text in ("abs(x - 1/3)", "ln(x)", "1/x", "(x^2-1)^2+0.6x"):
        chord.show(text, 1, 2, 0.5)
        truth, _ = evaluate(parse_curve(text), at)
        heights = chord.ask("a.map(x => { const y = C.curve.at(x); return Number.isNaN(y) ? null : y; })", at.tolist())
        found = np.array(heights).astype(float)
        assert (np.isnan(found) == np.isnan(truth)).all()
        seen = np.abs(truth) < 10
        assert seen.any() and np.abs(found - truth)[seen].max() < 1e-7


def test_verdicts_tell_a_chord_from_convexity(chord: Chord) -> None:
    chord.open()
    for text, place, verdict, says in (
        ("2x + 1", (-2, 2, 0.5), "equal", "on the chord"),
        ("abs(x)", (0.003, 2, 0.5), "equal", "on the chord"),
        ("abs(x)", (-2, 2, 0.5), "holds", "2 below"),
        ("sin(x)", (-3, 3, 0.8), "broken", "below"),
        ("ln(x)", (-1, 2.5, 0.5), "none", "there is no chord"),
        ("x^2 + 0*sqrt(x^2 - 1)", (-2, 2, 0.5), "undefined", "undefined at x = 0"),
        ("x^2", (1, 1, 0.5), "none", "on the chord"),
    ):
        chord.show(text, *place)
        assert chord.root.locator("[data-readout=verdict]").get_attribute("data-verdict") == verdict, text
        assert says in chord.narrator(), text


def test_find_a_chord_that_breaks_it(chord: Chord) -> None:
    chord.open(f"{OPENING}?f=x^3")
    chord.page.get_by_role("button", name="Find a chord that breaks it").click()
    chord.page.wait_for_url(re.compile(r"a=-3&b=1\.5"))
    until_true(chord.page, f"{CHORD}.a === -3 && {CHORD}.b === 1.5")
    assert "This chord is broken" in chord.readout("verdict")
    expect(chord.page.get_by_test_id("stAlert").filter(has_text="breaks it")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 360])
def test_labels_keep_apart_at_every_width(chord: Chord, width: int) -> None:
    chord.page.set_viewport_size({"width": width, "height": 800})
    chord.open()
    assert chord.page.evaluate("document.documentElement.scrollWidth") <= width
    for text, *place in (
        ("x^2", -2, 2, 0.5),
        ("sin(x)", -1.57, 3, 0.5),
        ("exp(x)", 2.9, -2.9, 0.1),
        ("x^2", 0.2, 0.6, 1),
    ):
        chord.show(text, *place)
        boxes = chord.ask("C.labels")
        assert set(boxes) == {"a", "b", "gap"}
        figure = chord.ask("[C.layers.chord.width, C.layers.chord.height]")
        for left, top, wide, high in boxes.values():
            assert left >= 0 and top >= 0 and left + wide <= figure[0] and top + high <= figure[1]
        assert all(apart(one, other) for one, other in combinations(boxes.values(), 2)), text


def test_it_is_sharp_on_fine_screens_and_follows_the_theme(chord: Chord) -> None:
    devtools = chord.page.context.new_cdp_session(chord.page)
    screen = {"width": 900, "height": 800, "deviceScaleFactor": 2, "mobile": False}
    try:
        devtools.send("Emulation.setDeviceMetricsOverride", screen)
        chord.page.emulate_media(color_scheme="dark")
        chord.open()
        assert chord.ask("C.theme.name") == "dark"
        assert chord.ask("C.canvases.curve.width === 2 * C.layers.curve.width")
        before = chord.ask("C.layers.curve.width")
        devtools.send("Emulation.setDeviceMetricsOverride", screen | {"width": 700})
        until_true(chord.page, f"{CHORD}.layers.curve.width < {before}")
        assert chord.ask("C.layers.chord.width === C.figure.clientWidth")
        chord.page.emulate_media(color_scheme="light")
        until_true(chord.page, f"{CHORD}.theme.name === 'light'")
    finally:
        devtools.send("Emulation.clearDeviceMetricsOverride")
        devtools.detach()
        # Playwright thinks that its own size still holds, and sets only another one.
        chord.page.set_viewport_size({"width": 700, "height": 800})


def test_every_draw_is_measured(chord: Chord) -> None:
    chord.open()
    before = chord.page.evaluate("performance.getEntriesByName('chord:draw').length")
    slider = chord.root.locator("input[data-live=alpha]")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight")
    chord.ready()
    assert chord.page.evaluate("performance.getEntriesByName('chord:draw').length") >= before + 10
    assert chord.readout("gap") == "3.96"
