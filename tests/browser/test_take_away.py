"""What leaves the page works without it, and what comes back is what was shown: files, links, the screen of a room."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import ready, until_true
from tests.browser.lesson import Lesson
from tests.browser.visit import SIZE

STATE = "/playground?surface=himmelblau&optimizers=gd+adam&learning_rate=0.013&x=1.5&y=-3&show=basins+critical&step=7"
HOSTILE = [
    "<script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "![x](https://example.com/x.png)",
    r"$\href{javascript:alert(1)}{x}$",
    "{{7*7}} ${7*7} :red[x]",
]


def saved(page: Page, label: str, folder: Path) -> Path:
    """What a button of the export menu gives."""
    button = page.get_by_test_id("stDownloadButton").get_by_role("button", name=label)
    with page.expect_download() as download:
        button.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page of a browser without a network, which fails its test where anything is asked for."""
    context = browser.new_context(offline=True, reduced_motion="reduce", viewport=SIZE)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"uncaught: {error}"))
    page.on("console", lambda message: message.type == "error" and faults.append(message.text))
    page.on(
        "request",
        lambda request: request.url.startswith(("file:", "data:", "blob:")) or faults.append(f"asked: {request.url}"),
    )
    yield page
    context.close()
    assert not faults, "\n".join(faults)


def test_the_page_in_one_file_works_with_the_network_off(lesson: Lesson, offline: Page, tmp_path: Path) -> None:
    lesson.open(STATE)
    lesson.wait("S.maps.shown.get('basins')?.pixels")
    lesson.tool("Export")
    file = saved(lesson.page, "Interactive page", tmp_path)
    here = lesson.numbers()
    asked: list[str] = []
    offline.on("request", lambda request: asked.append(request.url))
    taken = Lesson(offline)
    taken.arrive(file.as_uri())
    assert taken.numbers() == here
    assert taken.ask("[...S.runs[1].points]") == lesson.ask("[...S.runs[1].points]")
    assert taken.ink("maps") > 0
    assert [url for url in asked if url.startswith("file:")] == [file.as_uri()]
    before = taken.ask("[...S.runs[0].points]")
    left, width, height = taken.grab("learning_rate")
    offline.mouse.move(left + 0.8 * width, height, steps=5)
    offline.mouse.up()
    assert taken.ask("[...S.runs[0].points]") != before
    assert taken.ask("S.valueOf('learning_rate')") > 0.1
    ready(offline)
    # The map belongs to the rate that it was made for, and a map for another one is not in the file.
    taken.wait("!S.maps.shown.get('basins').pixels")
    expect(offline.locator("input[data-show=curvature]")).to_be_disabled()
    # The next slider has its own bank, which was made with the first one where it was.
    left, width, height = taken.grab("a")
    taken.wait("S.header.over === 'a'")
    offline.mouse.move(left + 0.9 * width, height, steps=5)
    offline.mouse.up()
    taken.settled()
    assert taken.ask("S.valueOf('learning_rate')") == 0.013
    # The surface stays as it was moved.
    heights = "S.bank.grids.subarray(S.position * S.plots.n ** 2, (S.position + 1) * S.plots.n ** 2)"
    assert taken.ask("S.plots.scale.high") == taken.ask(f"Math.max(...{heights})")
    high = taken.ask("S.header.critical.map(({x}) => x).join()")
    taken.slider("a").focus()
    offline.keyboard.press("Home")
    taken.wait(f"S.header.critical.map(({{x}}) => x).join() !== {json.dumps(high)}")
    # No thumb of the start, which only the server could answer for.
    expect(offline.locator("[data-handle=start]")).to_be_hidden()


def test_typed_text_is_inert_in_the_file(lesson: Lesson, offline: Page, tmp_path: Path) -> None:
    lesson.open("/playground?surface=%3Dx%5E2%2By%5E2-min(x,y)&optimizers=gd&step=0")
    lesson.tool("Export")
    offline.goto(saved(lesson.page, "Interactive page", tmp_path).as_uri())
    ready(offline)
    assert offline.locator("h1").inner_text() == "x^2+y^2-min(x,y): Gradient descent"
    assert "x^2+y^2-min(x,y)" in saved(lesson.page, "SVG", tmp_path).read_text(encoding="utf-8")


def test_every_form_comes_down(lesson: Lesson, tmp_path: Path) -> None:
    lesson.open(STATE)
    lesson.tool("Export")
    starts = {"PNG": b"\x89PNG", "SVG": b"<svg ", "GIF": b"GIF89a", "CSV": b"# surface", "NPZ": b"PK", "Script": b'"""'}
    for label, start in starts.items():
        assert saved(lesson.page, label, tmp_path).read_bytes().startswith(start), label
    state = json.loads(saved(lesson.page, "State", tmp_path).read_text(encoding="utf-8"))
    assert state["settings"]["learning_rate"] == "0.013"


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_brought_is_never_more_than_text(lesson: Lesson, text: str) -> None:
    lesson.open("/playground?optimizers=gd&step=0")
    page = lesson.page
    body = lesson.tool("Open")
    for brought, found in (
        (text, "begins with|not JSON"),
        (f"https://example.test/{text.replace('/', '')}?x={text}", "not here|neither a state"),
        (json.dumps({"kind": "loss-landscapes state", "version": 1, "page": text, "settings": {}}), "not here"),
    ):
        body.get_by_role("textbox").fill(brought)
        body.get_by_role("button", name="Open").click()
        expect(body.get_by_test_id("stAlert")).to_contain_text(re.compile(found))
    settings = {"surface": text, "optimizers": text, "x": text, text: text}
    state = {"kind": "loss-landscapes state", "version": 1, "page": "playground", "settings": settings}
    body.get_by_role("textbox").fill(json.dumps(state))
    body.get_by_role("button", name="Open").click()
    expect(page.get_by_test_id("stMain").get_by_test_id("stAlert").first).to_be_visible()
    lesson.settled()
    shown = page.get_by_test_id("stMain")
    assert shown.locator("[data-testid=stAlert] :is(img, a, script, .katex)").count() == 0
    assert "taken" not in page.title()
    assert "49" not in shown.get_by_test_id("stAlert").first.inner_text()


def test_a_state_file_opens_another_page(lesson: Lesson, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    state = {"kind": "loss-landscapes state", "version": 1, "page": "saddles", "settings": {"step": "12"}}
    file.write_text(json.dumps(state), encoding="utf-8")
    lesson.open("/playground?optimizers=gd&step=0")
    body = lesson.tool("Open")
    body.locator("input[type=file]").set_input_files(file)
    expect(body.get_by_text("state.json")).to_be_visible()
    body.get_by_role("button", name="Open").click()
    lesson.page.wait_for_url(re.compile(r"/saddles\?step=12$"))
    ready(lesson.page)
    assert lesson.page.locator("[data-stage]").get_attribute("data-step") == "12"


def test_one_key_fills_the_screen_and_escape_leaves(lesson: Lesson) -> None:
    lesson.open("/playground?optimizers=gd&step=0")
    page = lesson.page
    box = page.get_by_role("textbox", name="Your own f(x, y)")
    box.click()
    page.keyboard.type("p")
    stage = page.locator("[data-stage]")
    expect(stage).not_to_have_class(re.compile("stage-present"))
    expect(box).to_have_value("p")
    box.fill("")
    page.locator("[data-live=learning_rate]").focus()
    before = page.locator("[data-readout=loss]").evaluate("cell => parseFloat(getComputedStyle(cell).fontSize)")
    page.keyboard.press("p")
    expect(stage).to_have_class(re.compile("stage-present"))
    size = stage.evaluate("node => [node.offsetWidth / innerWidth, node.offsetHeight / innerHeight]")
    assert size == pytest.approx([1, 1], abs=0.01)
    after = page.locator("[data-readout=loss]").evaluate("cell => parseFloat(getComputedStyle(cell).fontSize)")
    assert after > 1.3 * before
    page.keyboard.press("q")
    image = page.get_by_alt_text("QR code of the link to what is shown")
    expect(image).to_be_visible()
    until_true(page, "document.querySelector('.stage-code img').naturalWidth > 0")
    page.keyboard.press("Escape")
    expect(stage).not_to_have_class(re.compile("stage-present"))
    expect(image).to_be_hidden()
    page.get_by_role("button", name="Present").click()
    expect(stage).to_have_class(re.compile("stage-present"))
    page.get_by_role("button", name="Leave").click()
    expect(stage).not_to_have_class(re.compile("stage-present"))


def test_a_frame_has_the_stage_alone(page: Page) -> None:
    page.set_viewport_size({"width": 900, "height": 640})
    lesson = Lesson(page).arrive("/saddles?step=5&embed=true")
    main = page.get_by_test_id("stMain")
    for part in ("h1", "[data-testid=stPageLink]", "[data-testid=stSelectbox]"):
        expect(main.locator(f"{part}:visible")).to_have_count(0)
    expect(page.get_by_text("All lessons")).to_have_count(0)
    # It works, and fits.
    lesson.slider("learning_rate").focus()
    page.keyboard.press("ArrowRight")
    lesson.settled()
    bottom = page.locator(".stage-lives").evaluate("node => node.getBoundingClientRect().bottom")
    assert bottom <= 640


def test_a_link_that_hides_the_menus_keeps_them_hidden(lesson: Lesson) -> None:
    lesson.open("/saddles?step=5&hide=menus+text")
    page = lesson.page
    expect(page.get_by_test_id("stSelectbox")).to_have_count(0)
    expect(page.locator("h1")).to_be_hidden()
    page.get_by_test_id("stPageLink").nth(1).click()
    page.wait_for_url(re.compile(r"hide=menus"))
    page.get_by_role("button", name="Show all controls").click()
    expect(page.get_by_test_id("stSelectbox").first).to_be_visible()
    expect(page).not_to_have_url(re.compile("hide="))
