"""The two pages under a real mouse, timed from inside the page by probe.js.

All clocks are the page's own `performance.now`. A draw ends when its last canvas command has been issued. It is
*painted* in the first task after the frame callbacks that follow the input: the browser has then handed the frame on,
and what it adds (raster, compositing, the display) is the same for every page. So painted includes the wait for the
next of 60 frames a second, drawn does not.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.sync_api import FloatRect, Locator, Page

from bench.report import Row
from pages.parts.lesson import OVERLAYS
from tests.browser.harness import ready

SWEEP = 60
"""Moves of the mouse from one end of a slider to the other."""
LIMIT = 8.0
"""Seconds after which no more samples of one kind are taken, so that a busy machine still comes to an end."""
LIMITS = (8.0, 16.0)
"""Milliseconds from a thumb to the picture: median and 95th percentile."""
EIGHT = "gd+momentum+adam+rmsprop+nesterov+adagrad+nadam+lion"
ALL = f"/playground?surface=rosenbrock&optimizers={EIGHT}&steps=500&learning_rate=0.001&show={'+'.join(OVERLAYS)}"
"""As many racers as the playground takes, for the most steps, with everything shown that can be."""
LIVES = {
    "thumb, 8 optimizers × 500 steps, all overlays": (f"{ALL}&step=500", "learning_rate"),
    "τ of clipping, 2 optimizers × 100 steps": ("/cliffs?step=100", "threshold"),
    "α of a chord over the relief": ("/convexity?step=200", "share"),
}
"""Further live sliders: the page that has each, and its name there."""
REDRAWS = 8
"""Basin maps a second."""
PATIENCE = 30_000
"""Milliseconds that the plain page may take for one change."""


@dataclass(frozen=True)
class Scenario:
    """The same surface, optimizers and steps on both pages; `step` is where the app's clock stands."""

    name: str
    optimizers: tuple[str, ...]
    steps: int
    step: int

    @property
    def ours(self) -> str:
        keys = "+".join(self.optimizers)
        rest = f"steps={self.steps}&step={self.step}&learning_rate=0.001"
        return f"/ill_conditioning?surface=rosenbrock&optimizers={keys}&{rest}"

    @property
    def plain(self) -> str:
        keys = "&".join(f"optimizers={key}" for key in self.optimizers)
        return f"/?surface=rosenbrock&{keys}&steps={self.steps}"


ONE = Scenario("Adam, 200 steps", ("adam",), 200, 200)
FIVE = ("gd", "momentum", "adam", "rmsprop", "nesterov")
RACE = Scenario("5 optimizers × 500 steps", FIVE, 500, 500)
RACE_PLAYED = Scenario(RACE.name, FIVE, 500, 0)


def limited(count: int) -> Iterator[int]:
    """0 to `count`, or to where `LIMIT` is over; at least one."""
    end = time.monotonic() + LIMIT
    for k in range(count):
        yield k
        if time.monotonic() > end:
            return


def open_ours(page: Page, scenario: Scenario) -> None:
    open_path(page, scenario.ours)


def open_path(page: Page, path: str) -> None:
    """An address of the app, with its picture complete."""
    page.goto(path)
    ready(page)
    # Fonts, the theme and the relief's first frames come a moment later.
    page.wait_for_timeout(1500)


def open_plain(page: Page, scenario: Scenario) -> None:
    page.goto(scenario.plain)
    page.evaluate("probe.first")
    page.wait_for_timeout(1500)


def box_of(part: Locator) -> FloatRect:
    """A part's place on the screen, in pixels."""
    box = part.bounding_box()
    if box is None:
        raise RuntimeError(f"{part} is not shown")
    return box


def middle(part: Locator) -> tuple[float, float]:
    """Where a mouse presses a part of the page."""
    part.scroll_into_view_if_needed()
    box = box_of(part)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def to_and_fro(page: Page, thumb: Locator, moves: int) -> dict[str, Any]:
    """What the probe has seen while a range's thumb was dragged over all of its length and back."""
    x, y = middle(thumb)
    half = 0.48 * box_of(thumb)["width"]
    page.mouse.move(x - half, y)
    page.mouse.down()
    # Once along the slider before anything counts: the browser compiles what is drawn often.
    for k in limited(SWEEP):
        page.mouse.move(x - half + k / SWEEP * 2 * half, y)
    page.evaluate("probe.watchThumb()")
    for k in limited(moves):
        # Back and there again, two positions further each time.
        share = 1 - abs((k + 1) / SWEEP % 2 - 1)
        page.mouse.move(x + half - share * 2 * half, y)
    page.wait_for_timeout(200)
    page.mouse.up()
    return dict(page.evaluate("({ inputs: probe.inputs, measures: probe.measures })"))


def thumb_samples(page: Page, moves: int, slider: str = "learning_rate") -> dict[str, list[float]]:
    """Milliseconds from every input event of a dragged thumb, by where the clock starts and stops."""
    thumb = page.locator(f"input[data-live={slider}]").first
    probe = to_and_fro(page, thumb, moves)
    samples: dict[str, list[float]] = {
        name: [] for name in ("contour", "relief", "curves", "painted", "from the mouse")
    }
    for one in probe["inputs"]:
        for name in ("contour", "relief", "curves"):
            samples[name].append(first_end(probe["measures"], f"stage:{name}", one["at"]) - one["at"])
        samples["painted"].append(one["presented"] - one["at"])
        samples["from the mouse"].append(one["at"] + samples["relief"][-1] - one["pointer"])
    return samples


def drag_samples(page: Page, part: Locator, measure: str, moves: int) -> list[float]:
    """Milliseconds from every input event of a dragged range to the end of the draw of that name which follows."""
    probe = to_and_fro(page, part, moves)
    return [first_end(probe["measures"], measure, one["at"]) - one["at"] for one in probe["inputs"]]


def swing(page: Page, part: Locator, reach: float, seconds: float, watch: str) -> None:
    """Press the middle of a part and move to and fro, `reach` pixels each way; `watch` is evaluated as it begins."""
    x, y = middle(part)
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_timeout(500)
    page.evaluate(watch)
    end = time.monotonic() + seconds
    k = 0
    while time.monotonic() < end:
        k += 1
        page.mouse.move(x + reach * math.sin(k / 25), y)
        page.wait_for_timeout(8)
    page.mouse.up()


def map_intervals(page: Page, seconds: float) -> list[float]:
    """Milliseconds between new basin maps on the screen while the learning rate moves."""
    thumb = page.locator("input[data-live=learning_rate]")
    swing(page, thumb, 0.15 * box_of(thumb)["width"], seconds, "probe.measures.length = 0")
    return intervals([m["end"] for m in page.evaluate("probe.measures") if m["name"] == "stage:map"])


def first_end(measures: Iterable[dict[str, Any]], name: str, since: float, **where: Any) -> float:
    """When the first draw of that name after a moment was finished; infinite where there was none."""
    ends = (
        m["end"]
        for m in measures
        if m["name"] == name and m["start"] >= since and all(m.get(key) == value for key, value in where.items())
    )
    return next(ends, math.inf)


def start_samples(page: Page, answers: int) -> list[float]:
    """Milliseconds from a request of the dragged start point to the end of both draws of its answer."""
    x, y = middle(page.locator("[data-handle=start]"))
    page.evaluate("probe.watchLink()")
    page.mouse.move(x, y)
    page.mouse.down()
    for k in limited(40 * answers):
        angle = 2 * math.pi * k / 150
        page.mouse.move(x + 60 * (1 - math.cos(angle)), y + 60 * math.sin(angle))
        if k % 10 == 0 and page.evaluate("probe.requests.length") > answers:
            break
    page.mouse.up()
    ready(page)
    probe = page.evaluate("({ requests: probe.requests, measures: probe.measures })")
    trips = []
    for one in probe["requests"]:
        ends = [first_end(probe["measures"], f"stage:{n}", one["at"], seq=one["seq"]) for n in ("contour", "relief")]
        if one["drag"] and math.isfinite(max(ends)):
            trips.append(max(ends) - one["at"])
    return trips


def played_frames(page: Page) -> list[float]:
    """Milliseconds between the browser's frames while a whole run plays."""
    page.locator("[data-do=play]").click()
    page.evaluate("probe.countFrames()")
    stage = "document.querySelector('[data-stage]').stage"
    page.wait_for_function(f"!{stage}.clock.playing", polling=500, timeout=60_000)
    return intervals(page.evaluate("probe.frames"))


def turned_frames(page: Page, seconds: float) -> list[float]:
    """Milliseconds between the browser's frames while a hand turns the relief to and fro, on either page."""
    swing(page, page.locator(".gl-container canvas").first, 80, seconds, "probe.countFrames()")
    return intervals(page.evaluate("probe.frames"))


def intervals(times: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(times)]


def change(page: Page, event: str, act: Callable[[], None]) -> dict[str, float]:
    """Milliseconds from an event on the plain page to both charts drawn anew, and to their painted frame."""
    page.evaluate("type => probe.timeChange(type)", event)
    act()
    page.wait_for_function("probe.changes.at(-1).presented", timeout=PATIENCE)
    found = page.evaluate("probe.changes.at(-1)")
    return {name: found[name] - found["at"] for name in ("drawn", "presented")}


def plain_thumb_samples(page: Page, moves: int) -> dict[str, list[float]]:
    """The same for `st.slider`: from the mouse let go, for until then it reports nothing."""
    box = box_of(page.locator("[data-testid=stSlider] [data-rac][style*='touch-action']").first)
    y = box["y"] + box["height"] / 2
    samples: dict[str, list[float]] = {"drawn": [], "presented": []}
    for k in limited(moves):
        page.mouse.move(box["x"] + 0.1 * box["width"], y)
        page.mouse.down()
        page.mouse.move(box["x"] + (0.15 + 0.4 * (k % 2) + 0.02 * k) * box["width"], y, steps=4)
        for name, taken in change(page, "pointerup", page.mouse.up).items():
            samples[name].append(taken)
        page.wait_for_timeout(300)
    return samples


def plain_start_samples(page: Page, moves: int) -> list[float]:
    """Milliseconds from Enter in a number input for the start to both charts drawn anew."""
    box = page.get_by_label("Start x", exact=True)
    times = []
    for k in limited(moves):
        box.fill(f"{-1 + 0.1 * k:.2f}")
        times.append(change(page, "keydown", lambda: box.press("Enter"))["drawn"])
        page.wait_for_timeout(300)
    return times


def plain_frames(page: Page, seconds: float) -> list[float]:
    """Milliseconds between Plotly's animation frames in the relief while both charts play."""
    page.evaluate("probe.countAnimation()")
    for button in page.locator(".updatemenu-button").all():
        button.click()
    page.wait_for_timeout(1000 * seconds)
    return intervals(page.evaluate("probe.animated")[1])


def live_rows(name: str, ours: dict[str, list[float]]) -> list[Row]:
    """Rows of another live slider, which the plain page does not have."""
    return [
        Row(f"{name} to drawn {part}", "ms", ours[part], (), LIMITS, "it has none") for part in ("contour", "relief")
    ]


def thumb_rows(scenario: Scenario, ours: dict[str, list[float]], plain: dict[str, list[float]]) -> list[Row]:
    """Rows of a dragged learning rate."""
    limits, against = LIMITS, "st.slider, let go"
    name = f"thumb to %s, {scenario.name}"
    return [
        Row(name % "drawn contour", "ms", ours["contour"], plain["drawn"], limits, against),
        Row(name % "drawn relief", "ms", ours["relief"], plain["drawn"], limits, against),
        Row(name % "drawn curves", "ms", ours["curves"], (), against="it has none"),
        Row(name % "painted frame", "ms", ours["painted"], plain["presented"], against=against),
        Row(
            name % "drawn relief, from the mouse's own time stamp",
            "ms",
            ours["from the mouse"],
            (),
            against="as above",
            note="includes the wait for the frame that hands the input over",
        ),
    ]
