"""The stage under a student's hands: drags, keys, links, the clock, narrow windows and the dark."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.harness import choose, until_true
from tests.browser.lesson import CALM, OPENING, STAGE, Lesson


def test_first_paint_shows_the_seeds_step_as_numbers_and_on_both_plots(lesson: Lesson) -> None:
    lesson.open(OPENING)
    assert lesson.numbers() == {
        "x": "0.5",
        "y": "1",
        "loss": "13",
        "gradient_norm": "50.01",
        "status": "diverged at step 12",
    }
    for layer in ("signs", "paths", "relief"):
        assert lesson.ink(layer) > 300, layer
    expect(lesson.page.locator("[data-taylor=linear]")).to_have_text("−125.05")
    expect(lesson.page.locator("[data-taylor=quadratic]")).to_have_text("+312.501")
    expect(lesson.page.locator("[data-taylor=gap]")).to_have_text("0 (to rounding)")
    expect(lesson.page.locator(".stage-taylor-head")).to_contain_text("loss 13, gradient (50, 1)")
    expect(lesson.page.locator(".stage-taylor-verdict")).to_contain_text("(−2, 0.95) takes it from 13 to 200.45")
    expect(lesson.page.locator("[data-narrator]")).to_contain_text("η = 0.05 is 2.5 times the limit 2/λmax = 0.02")


def test_the_thumb_moves_the_path_while_it_is_held_and_asks_the_server_nothing(lesson: Lesson) -> None:
    lesson.open(CALM)
    lesson.wait("S.header.whole && !S.link.busy")
    before, address = lesson.numbers(), lesson.page.url
    lesson.ask("(S.sent = [], S.link.send = (send => asked => { S.sent.push(asked); send(asked); })(S.link.send), 0)")
    left, width, height = lesson.grab("learning_rate")
    seen = set()
    for share in (0.55, 0.5, 0.45, 0.4):
        lesson.page.mouse.move(left + share * width, height)
        seen.add(lesson.readout("loss"))
    assert len(seen) == 4 and before["loss"] not in seen
    assert lesson.ask("S.sent.length") == 0
    assert lesson.page.url == address
    lesson.page.mouse.up()
    expect(lesson.page).not_to_have_url(address)
    # The bank around the new value may be asked for after that.
    assert lesson.ask("S.sent.filter(({ drag }) => !drag).length") == 1
    assert f"learning_rate={lesson.page.locator('.stage-typed').first.input_value()}" in lesson.page.url


def test_the_start_point_is_dragged_with_its_path(lesson: Lesson) -> None:
    lesson.open(CALM)
    x, y = lesson.pixel(0.5, 1)
    lesson.page.mouse.move(x, y)
    lesson.page.mouse.down()
    for target in ((1.0, 0.5), (1.5, 0.0), (2.0, -1.0)):
        lesson.page.mouse.move(*lesson.pixel(*target))
        lesson.wait(f"Math.abs(S.runs[0].points[0] - {target[0]}) < 0.05")
    assert "x=" not in lesson.page.url
    lesson.page.mouse.up()
    lesson.page.wait_for_url(re.compile(r"[?&]x=(2|1\.9|2\.0)"))
    lesson.settled()
    assert lesson.ask("S.bank.positions.length") >= 120


def test_a_click_on_the_map_puts_the_start_there_and_a_drag_does_not(lesson: Lesson) -> None:
    lesson.open(CALM)
    lesson.page.mouse.click(*lesson.pixel(-1.5, -1.2))
    lesson.page.wait_for_url(re.compile(r"[?&]x=-1\.[45]"))
    lesson.settled()
    address = lesson.page.url
    x, y = lesson.pixel(1, -1)
    lesson.page.mouse.move(x, y)
    lesson.page.mouse.down()
    lesson.page.mouse.move(x + 60, y + 20, steps=4)
    lesson.page.mouse.up()
    lesson.page.wait_for_timeout(400)
    assert lesson.page.url == address


def test_the_start_point_is_moved_with_keys(lesson: Lesson) -> None:
    lesson.open(CALM)
    handle = lesson.page.locator("[data-handle=start]")
    handle.focus()
    handle.press("ArrowRight")
    lesson.wait("Math.abs(S.header.start[0] - 0.56) < 1e-9")
    assert "0.56" in str(handle.get_attribute("aria-label"))
    assert lesson.ask("S.t") == 10


def test_a_knob_of_the_surface_moves_the_surface_and_the_path(lesson: Lesson) -> None:
    lesson.open(CALM)
    highest = lesson.ask("S.plots.scale.high")
    left, width, height = lesson.grab("condition_number")
    lesson.wait("S.header.over === 'condition_number'")
    loss = lesson.readout("loss")
    lesson.page.mouse.move(left + 0.4 * width, height, steps=3)
    lesson.wait(f"S.plots.scale.high < {highest / 2}")
    assert lesson.readout("loss") != loss
    lesson.page.mouse.up()
    lesson.page.wait_for_url(re.compile("condition_number="))
    lesson.settled()
    assert lesson.ask("S.header.over") == "learning_rate"
    assert lesson.ask("S.scene.z.length") == 101**2


def test_play_runs_to_the_end_and_loops_where_asked(lesson: Lesson) -> None:
    lesson.open("/ill_conditioning?learning_rate=0.015&steps=25")
    stage = lesson.page.locator("[data-stage]")
    expect(stage).to_have_attribute("data-step", "0")
    lesson.page.locator("select[aria-label=Speed]").select_option("10")
    lesson.page.locator("[data-do=play]").click()
    expect(stage).to_have_attribute("data-step", "25", timeout=10_000)
    lesson.wait("!S.clock.playing")
    assert lesson.readout("status") == "end of the run"
    lesson.page.locator("[data-do=loop]").click()
    lesson.page.locator("[data-do=play]").click()
    lesson.page.evaluate("window.turns = 0")
    lesson.ask(
        "(S.clock.tick = (tick => moving => { window.turns += S.t < window.last; window.last = S.t; tick(moving); })"
        "(S.clock.tick), 0)"
    )
    until_true(lesson.page, "window.turns >= 2")
    assert lesson.ask("S.clock.playing")


def test_keys_drive_the_clock_but_not_while_something_is_typed(lesson: Lesson) -> None:
    lesson.open("/ill_conditioning?learning_rate=0.015")
    stage = lesson.page.locator("[data-stage]")
    for key, step in (("ArrowRight", "1"), ("ArrowRight", "2"), ("ArrowLeft", "1"), ("End", "50"), ("Home", "0")):
        lesson.page.keyboard.press(key)
        expect(stage).to_have_attribute("data-step", step)
    lesson.page.keyboard.press(" ")
    lesson.wait("S.clock.playing")
    lesson.page.keyboard.press(" ")
    lesson.wait("!S.clock.playing")
    lesson.page.keyboard.press("Home")
    box = lesson.page.locator(".stage-typed").first
    box.focus()
    for key in ("ArrowRight", "End", " "):
        box.press(key)
    expect(stage).to_have_attribute("data-step", "0")
    assert not lesson.ask("S.clock.playing")


def test_another_surface_and_another_optimizer_keep_the_mount(lesson: Lesson) -> None:
    lesson.open(CALM)
    root = lesson.page.locator("[data-stage]").element_handle()
    choose(lesson.page, "^Surface", "Himmelblau's function")
    lesson.wait("S.header.surface.key === 'himmelblau'")
    lesson.settled()
    assert "learning_rate" not in lesson.page.url
    assert len([p for p in lesson.ask("S.header.critical") if p["kind"] == "minimum"]) == 4
    choose(lesson.page, "^Optimizers", "Adam")
    lesson.wait("S.header.racers.length === 2")
    lesson.settled()
    assert root.evaluate("e => e.isConnected")
    assert lesson.readout("loss", "adam")
    colors = lesson.page.locator(".stage-swatch").evaluate_all("s => s.map(e => getComputedStyle(e).backgroundColor)")
    assert len(set(colors)) == 2


GROWN = """([S, layer, draw, last]) => {
  const { context, canvas } = S.layers[layer];
  const shown = () => context.getImageData(0, 0, canvas.width, canvas.height).data;
  let lines = 0;
  const count = context.lineTo;
  context.lineTo = (x, y) => { lines++; count.call(context, x, y); };
  S.clock.playing = true;
  for (let t = 0.5; t < last; t += 3) { lines = 0; S.clock.t = t; S[draw](); }
  const grown = shown();
  const most = lines;
  S.clock.playing = false;
  lines = 0;
  S[draw]();
  delete context.lineTo;
  const whole = shown();
  let [ink, other] = [0, 0];
  for (let i = 3; i < whole.length; i += 4) {
    ink += whole[i] > 0;
    other += [0, 1, 2, 3].some((k) => Math.abs(grown[i - k] - whole[i - k]) > 40);
  }
  return { ink, other, most, lines };
}"""


@pytest.mark.parametrize(("layer", "draw"), [("paths", "drawMoving"), ("reliefPaths", "drawRelief")])
def test_a_path_that_grows_is_the_path_drawn_at_once(lesson: Lesson, layer: str, draw: str) -> None:
    # One path: where two cross, the one that came last lies on top while they grow, and the second one at rest.
    lesson.open("/playground?optimizers=momentum&surface=rosenbrock&steps=500&learning_rate=0.001&step=0")
    stage = lesson.page.evaluate_handle(STAGE)
    found = lesson.page.evaluate(GROWN, [stage, layer, draw, 400])
    assert found["ink"] > 1000
    assert found["other"] < 0.05 * found["ink"]
    # The last frame drew its own steps; at once it takes all of them.
    assert 0 < found["most"] < 20
    assert found["lines"] > 60


def test_a_place_that_changes_while_the_figures_are_drawn_is_filled(lesson: Lesson) -> None:
    lesson.open(OPENING)
    wide = lesson.ask("S.parts.contour.clientWidth")
    lesson.page.evaluate(
        f"{{ const S = {STAGE}; Object.assign(S.plots, {{ drawn: null, complete: false }}); S.drawSurface();"
        " S.parts.root.style.width = '480px'; }"
    )
    for plot in ("contour", "relief"):
        for size in ("width", "height"):
            place = f"S.parts.{plot}.client{size.title()}"
            lesson.wait(f"Math.abs(S.plots.{plot}._fullLayout.{size} - {place}) < 1")
    assert lesson.ask("S.parts.contour.clientWidth") != wide


def test_a_narrow_window_fits_and_a_wide_one_returns(lesson: Lesson) -> None:
    lesson.open(OPENING)
    for width in (390, 1280, 1920):
        lesson.page.set_viewport_size({"width": width, "height": 844})
        lesson.wait(
            "Math.abs(S.parts.contour.clientWidth - S.plots.contour._fullLayout.width) < 2"
            " && Math.abs(S.parts.contour.clientWidth - S.layers.paths.width) < 2"
        )
        main = "document.querySelector('[data-testid=stMain]')"
        assert lesson.page.evaluate(f"{main}.scrollWidth <= {main}.clientWidth + 1"), width
        right = lesson.ask(
            "Math.max(...[...S.parts.root.querySelectorAll('*')].filter(e => e.checkVisibility()"
            " && !e.closest('[data-plot], .stage-hidden, .stage-view-list'))"
            ".map(e => e.getBoundingClientRect().right))"
        )
        assert right <= width + 1, width
        assert lesson.ink("paths") > 300


def test_the_dark_has_its_own_colours(lesson: Lesson) -> None:
    lesson.open(OPENING)
    light = lesson.ask("[S.theme.name, S.theme.racers[0], S.plots.contour._fullData[0].colorscale[0][1]]")
    lesson.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    lesson.wait("S.theme.name === 'dark'")
    lesson.wait(f"S.plots.contour._fullData[0].colorscale[0][1] !== '{light[2]}'")
    dark = lesson.ask("[S.theme.name, S.theme.racers[0], S.plots.contour._fullData[0].colorscale[0][1]]")
    assert light[0] == "light" and all(a != b for a, b in zip(light, dark, strict=True))
    expect(lesson.page.locator(".stage-swatch").first).to_have_css("background-color", "rgb(255, 138, 61)")


def test_overlays_heights_and_scrubbing(lesson: Lesson) -> None:
    lesson.open(CALM)
    lesson.page.locator(".stage-view summary").click()
    ink = lesson.ink("paths")
    lesson.page.locator("[data-show=eigenvectors]").check()
    assert lesson.ink("paths") > ink
    ink = lesson.ink("paths")
    lesson.page.locator("[data-show=model]").check()
    assert lesson.ink("paths") > ink
    ink = lesson.ink("signs")
    lesson.page.locator("[data-show=labels]").uncheck()
    assert lesson.ink("signs") < ink
    top = lesson.ask("S.plots.zRange()[1]")
    lesson.page.locator("select[aria-label=Height]").select_option("log")
    lesson.wait(f"S.plots.zRange()[1] < {top / 10}")
    lesson.settled()
    lesson.page.locator(".stage-scrub").fill("7")
    expect(lesson.page.locator("[data-stage]")).to_have_attribute("data-step", "7")
    lesson.page.wait_for_url(re.compile("step=7"))
    lesson.page.wait_for_url(re.compile(r"show=arrows\+critical\+eigenvectors\+model"))


def test_the_final_loss_curve_takes_a_rate_and_the_loss_curve_a_step(lesson: Lesson) -> None:
    lesson.open(CALM)
    final = lesson.page.locator("canvas[data-panel=final]")
    final.scroll_into_view_if_needed()
    box = final.bounding_box()
    assert box
    lesson.page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 60)
    lesson.wait("S.valueOf('learning_rate') < 0.008")
    lesson.page.wait_for_url(re.compile(r"learning_rate=0\.00"))
    loss = lesson.page.locator("canvas[data-panel=loss]")
    box = loss.bounding_box()
    assert box
    lesson.page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 60)
    lesson.wait("S.t > 20 && S.t < 40")
