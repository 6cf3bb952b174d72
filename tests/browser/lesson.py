"""The stage on a page, as a test sees and touches it."""

import base64
import io
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import idle, ready, until_true
from tests.browser.visit import go

STAGE = "document.querySelector('[data-stage]')?.stage"


OPENING = "/ill_conditioning"
CALM = "/ill_conditioning?learning_rate=0.015&step=10"
# A menu that is opened closes when its page is scrolled, be it by a test before.
TOP = """() => new Promise(done => {
  document.querySelector("[data-testid=stMain]").scrollTo(0, 0);
  requestAnimationFrame(() => requestAnimationFrame(done)); })"""


class Lesson:
    """One open lesson. Readouts are those of `racer`."""

    def __init__(self, page: Page, racer: str = "gd") -> None:
        self.page = page
        self.racer = racer

    def open(self, path: str) -> "Lesson":
        """Go to an address with motion reduced, so that nothing plays by itself, and wait for the picture.

        The stage is a new one, though on a page of the app that is already open the app is not started again.
        """
        self.page.emulate_media(reduced_motion="reduce")
        go(self.page, path)
        ready(self.page)
        idle(self.page)
        self.page.evaluate(TOP)
        return self

    def arrive(self, path: str) -> "Lesson":
        """The same from outside: by a link in another page, or typed into the browser."""
        self.page.emulate_media(reduced_motion="reduce")
        self.page.goto(path)
        ready(self.page)
        return self

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression about the stage, `S`."""
        return self.page.evaluate(f"(() => {{ const S = {STAGE}; return {expression}; }})()")

    def wait(self, expression: str) -> None:
        """Wait until an expression about the stage, `S`, is true. A rerun may put a new stage in its place."""
        until_true(self.page, f"(() => {{ const S = {STAGE}; return S && ({expression}); }})()")

    def settled(self) -> None:
        """Wait until the server has answered and the picture is drawn."""
        self.wait("!S.link.busy && !S.plots.morphing")
        ready(self.page)

    def readout(self, name: str, racer: str | None = None) -> str:
        return self.page.locator(f"[data-readout={name}][data-racer='{racer or self.racer}']").inner_text()

    def numbers(self) -> dict[str, str]:
        """All readouts of the racer."""
        return {name: self.readout(name) for name in ("x", "y", "loss", "gradient_norm", "status")}

    def tool(self, name: str) -> Locator:
        """Press a button that opens a box; the box, filled."""
        self.page.get_by_test_id("stPopoverButton").filter(has_text=name).first.click()
        box = self.page.get_by_test_id("stPopoverBody")
        box.get_by_test_id("stElementContainer").first.wait_for()
        return box

    def slider(self, name: str) -> Locator:
        return self.page.locator(f"input[data-live={name}]")

    def grab(self, slider: str) -> tuple[float, float, float]:
        """Press the mouse on a slider's thumb: left end, width and height on the screen of its track."""
        locator = self.slider(slider)
        locator.scroll_into_view_if_needed()
        box = locator.bounding_box()
        assert box is not None
        share = float(locator.evaluate("input => input.value / input.max"))
        left, width, height = box["x"] + 9, box["width"] - 18, box["y"] + box["height"] / 2
        self.page.mouse.move(left + share * width, height)
        self.page.mouse.down()
        return left, width, height

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the surface is on the screen, on the contour map."""
        self.page.locator("[data-plot=contour]").scroll_into_view_if_needed()
        left, top = self.ask(
            f"(() => {{ const p = S.plots.plane(), r = S.parts.contour.getBoundingClientRect();"
            f" return [r.left + p.x({x}), r.top + p.y({y})]; }})()"
        )
        return left, top

    def ranges(self) -> list[float]:
        """What the contour map's axes show: x low, x high, y low, y high."""
        axes = "S.plots.contour._fullLayout"
        return list(self.ask(f"[...{axes}.xaxis.range, ...{axes}.yaxis.range]"))

    def pixels(self, layer: str) -> NDArray[np.int64]:
        """A drawing layer (height, width, RGBA)."""
        drawn = self.page.locator(f"canvas[data-layer={layer}]").evaluate("canvas => canvas.toDataURL().split(',')[1]")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn))).convert("RGBA"), dtype=np.int64)

    def ink(self, layer: str) -> int:
        """Its pixels that are not empty."""
        return int((self.pixels(layer)[..., 3] > 0).sum())


def expect_lesson(page: Page, title: str, rate: str) -> None:
    """The lesson of that title is shown with that learning rate, and with the menu."""
    ready(page)
    page.wait_for_url(re.compile(rf"\?(.*&)?learning_rate={re.escape(rate)}(&|$)"))
    expect(page).to_have_title(f"{title} · Loss landscapes")
    # Streamlit's own menu of a folder `pages` would name the files instead, this table of contents among them.
    menu = page.get_by_test_id("stTopNavLink")
    expect(menu.filter(has_text=re.compile(f"{title}$"))).to_be_visible()
    expect(menu.filter(has_text=re.compile("contents", re.IGNORECASE))).to_have_count(0)


def apart(one: list[float], other: list[float]) -> bool:
    """True where two boxes of left, top, width and height do not overlap."""
    return (
        one[0] + one[2] <= other[0]
        or other[0] + other[2] <= one[0]
        or one[1] + one[3] <= other[1]
        or other[1] + other[3] <= one[1]
    )
