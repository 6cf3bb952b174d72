"""What breaks while a class is at work: servers, connections, graphics cards. The page comes back as it was left."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import find
from tests.browser.conftest import new_context
from tests.browser.harness import ARGUMENTS, Process, app_process, watch
from tests.browser.lesson import CALM, Lesson, expect_lesson
from tests.browser.wire import Wire, wired

GROWTH = 8_000_000
"""Bytes of JavaScript that a thousand moves may leave behind."""
KEEP = """() => {
  const stage = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/stage.js"));
  return fetch(stage.name.replace("stage.js", "plotly.min.js")).then((answer) => answer.text()).then(() => null); }"""
LOSE = "canvas => (canvas.gone = canvas.getContext('webgl').getExtension('WEBGL_lose_context')).loseContext()"


@pytest.fixture(scope="module")
def line(browser: Browser, server: str) -> Iterator[tuple[Wire, Page, list[str]]]:
    """A wire, a browser's page at its other end, and that page's uncaught errors."""
    with wired(server) as wire:
        context = new_context(browser, wire.address)
        page = context.new_page()
        uncaught: list[str] = []
        page.on("pageerror", lambda error: uncaught.append(str(error)))
        yield wire, page, uncaught
        context.close()
        assert not uncaught


@pytest.fixture(scope="module", autouse=True)
def another() -> Iterator[Process]:
    """A second server, cold; it starts while the first tests are at work."""
    process = app_process(WARM_UP="nothing")
    process.start()
    yield process
    process.stop()
    process.log.close()


@pytest.fixture
def wire(line: tuple[Wire, Page, list[str]], server: str) -> Wire:
    """That wire, in order and without delay."""
    wire, _, _ = line
    wire.delay = 0.0
    wire.mend(server)
    return wire


@pytest.fixture
def far(line: tuple[Wire, Page, list[str]]) -> Iterator[Lesson]:
    """A stage at the other end; errors of the network are expected there, others are not."""
    _, page, uncaught = line
    yield Lesson(page)
    seen = list(uncaught)
    uncaught.clear()
    assert not seen


def move(lesson: Lesson, share: float) -> str:
    """Drag the thumb of the learning rate there and let go; the rate that it has then."""
    left, width, height = lesson.grab("learning_rate")
    lesson.page.mouse.move(left + share * width, height, steps=3)
    lesson.page.mouse.up()
    return lesson.page.locator(".stage-typed").first.input_value()


def put_down(lesson: Lesson, rate: str) -> None:
    """Wait until a rate is in the address."""
    lesson.page.wait_for_url(re.compile(f"learning_rate={re.escape(rate)}(&|$)"))


def as_its_link(far: Lesson, near: Lesson) -> None:
    """The page shows what its link, without the wire, shows to someone else."""
    near.open(f"/ill_conditioning?{far.page.url.partition('?')[2]}")
    assert near.numbers() == far.numbers()


def test_a_connection_that_is_cut_comes_back_to_what_was_shown(far: Lesson, wire: Wire, lesson: Lesson) -> None:
    far.arrive(CALM)
    put_down(far, move(far, 0.55))
    shown = far.numbers()
    wire.cut()
    # The front end locks its own menus until there is a server again.
    menu = far.page.get_by_role("combobox", name="Surface")
    expect(menu).to_be_disabled()
    assert far.numbers() == shown
    wire.mend()
    expect(menu).to_be_enabled()
    put_down(far, move(far, 0.35))
    far.settled()
    as_its_link(far, lesson)


def test_a_slider_does_not_feel_a_slow_wire(far: Lesson, wire: Wire) -> None:
    far.arrive(CALM)
    wire.delay = 0.15
    left, width, height = far.grab("learning_rate")
    seen = set()
    for share in (0.6, 0.55, 0.5, 0.45, 0.4, 0.35):
        far.page.mouse.move(left + share * width, height)
        # Read in the same task: there was no time for an answer.
        seen.add(far.readout("loss"))
    assert len(seen) == 6
    far.page.mouse.up()
    put_down(far, far.page.locator(".stage-typed").first.input_value())
    # What no bank holds follows the hand later, and ends where the hand did.
    far.page.mouse.move(*far.pixel(0.5, 1))
    far.page.mouse.down()
    for target in ((1.0, 0.5), (1.5, 0.0), (2.0, -1.0)):
        far.page.mouse.move(*far.pixel(*target))
    far.wait("Math.abs(S.runs[0].points[0] - 2) < 0.05")
    far.page.mouse.up()
    far.page.wait_for_url(re.compile(r"[?&]x=(2|1\.9|2\.0)"))


@pytest.mark.parametrize(
    ("link", "there"), [("Saddles", "/saddles"), ("4. Newton: one step", "/ill_conditioning?optimizers=newton")]
)
def test_a_link_holds_though_a_hand_has_just_let_go(far: Lesson, wire: Wire, link: str, there: str) -> None:
    far.arrive(CALM)
    far.settled()
    wire.delay = 0.15
    far.page.mouse.move(*far.pixel(0.5, 1))
    far.page.mouse.down()
    for target in ((1.0, 0.5), (1.5, 0.0), (2.0, -1.0)):
        far.page.mouse.move(*far.pixel(*target))
    far.page.mouse.up()
    # What was put down waits for the answer to the hand, which comes later than the link is followed.
    far.page.get_by_role("link", name=link).evaluate("link => link.click()")
    far.page.wait_for_url(f"{wire.address}{there}")
    far.settled()
    assert far.page.url == f"{wire.address}{there}"
    wire.delay = 0.0
    far.page.mouse.click(*far.pixel(0.5, 0.5))
    far.page.wait_for_url(re.compile(rf"{re.escape(there)}[?&](.*&)?x=0\.[45]"))


def test_a_page_opens_over_a_slow_telephone(page: Page) -> None:
    lesson = Lesson(page).arrive("/ill_conditioning")
    page.get_by_test_id("stPlotlyChart").locator(".main-svg").first.wait_for()
    # The stage takes the Plotly that comes first, its own or that of the charts, and next time it may be the other one.
    page.evaluate(KEEP)
    slow = {"offline": False, "latency": 400, "downloadThroughput": 62_500, "uploadThroughput": 62_500}
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.emulateNetworkConditions", slow)
    try:
        # Code and fonts are kept from the first visit: what a page itself sends is what the telephone waits for.
        lesson.arrive("/saddles")
        lesson.settled()
        assert lesson.ask("S.runs[0].length") > 1
    finally:
        devtools.detach()


def test_without_webgl_the_map_stays_and_the_relief_says_why(browser: Browser, server: str) -> None:
    kept = [argument for argument in ARGUMENTS if "gl" not in argument]
    plain = browser.browser_type.launch(executable_path=find(), args=[*kept, "--disable-3d-apis", "--disable-gpu"])
    page = new_context(plain, server).new_page()
    uncaught: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    lesson = Lesson(page).open(CALM)
    expect(page.locator(".stage-missing")).to_contain_text("The relief needs WebGL")
    assert page.locator("[data-plot=relief] *").count() == 0
    assert lesson.ink("paths") > 300
    before = lesson.numbers()
    put_down(lesson, move(lesson, 0.6))
    assert lesson.numbers() != before
    # Neither another theme, nor another size, nor another surface asks for the relief that is not there.
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 700, "height": 800})
    move_surface = lesson.slider("condition_number")
    move_surface.focus()
    move_surface.press("ArrowRight")
    lesson.settled()
    lesson.open("/saddles")
    expect(page.locator(".stage-missing")).to_be_visible()
    plain.close()
    assert not uncaught


def test_a_relief_whose_graphics_card_is_taken_says_so_and_comes_back(lesson: Lesson) -> None:
    lesson.open(CALM)
    canvas = lesson.page.locator("[data-plot=relief] canvas").first.element_handle()
    canvas.evaluate(LOSE)
    note = lesson.page.locator(".stage-missing")
    expect(note).to_contain_text("The relief comes back")
    assert lesson.ink("relief") == 0 and lesson.ink("paths") > 300
    before = lesson.numbers()
    put_down(lesson, move(lesson, 0.6))
    assert lesson.numbers() != before
    canvas.evaluate("canvas => canvas.gone.restoreContext()")
    expect(note).to_have_count(0)
    lesson.settled()
    lesson.wait("S.plots.complete && S.plots.camera() !== null")
    assert lesson.ink("relief") > 300


def test_a_thousand_moves_leave_no_rubbish(lesson: Lesson) -> None:
    lesson.open(CALM)
    devtools = lesson.page.context.new_cdp_session(lesson.page)

    def play(moves: int) -> float:
        lesson.page.evaluate(
            """async (moves) => {
              const thumb = document.querySelector("input[data-live=learning_rate]");
              thumb.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
              for (let i = 0; i < moves; i++) {
                thumb.value = (i * 37) % Number(thumb.max);
                thumb.dispatchEvent(new Event("input", { bubbles: true }));
                if (i % 10 === 0) await new Promise(requestAnimationFrame);
              }
              thumb.dispatchEvent(new Event("change", { bubbles: true }));
            }""",
            moves,
        )
        lesson.settled()
        devtools.send("HeapProfiler.collectGarbage")
        return float(devtools.send("Runtime.getHeapUsage")["usedSize"])

    before = play(100)
    after = play(1_000)
    assert after - before < GROWTH


def test_two_tabs_do_not_know_each_other(lesson: Lesson) -> None:
    lesson.open(CALM)
    other = Lesson(lesson.page.context.new_page()).open("/ill_conditioning?learning_rate=0.05&step=5")
    still, address = lesson.numbers(), lesson.page.url
    put_down(other, move(other, 0.3))
    other.settled()
    assert lesson.numbers() == still and lesson.page.url == address
    moved = other.numbers()
    put_down(lesson, move(lesson, 0.6))
    assert other.numbers() == moved
    other.page.close()


def test_back_and_forward_bring_the_states_back(lesson: Lesson) -> None:
    lesson.open(CALM)
    seen = [(lesson.page.url, lesson.numbers())]
    for share in (0.6, 0.3):
        put_down(lesson, move(lesson, share))
        lesson.settled()
        seen.append((lesson.page.url, lesson.numbers()))
    walk = [
        (lesson.page.go_back, 1),
        (lesson.page.go_back, 0),
        (lesson.page.go_forward, 1),
        (lesson.page.go_forward, 2),
    ]
    for step, place in walk:
        step()
        address, numbers = seen[place]
        expect(lesson.page).to_have_url(address)
        rate = re.search(r"learning_rate=([^&]+)", address)
        assert rate
        lesson.wait(f"S.valueOf('learning_rate') === {rate[1]}")
        lesson.settled()
        assert lesson.numbers() == numbers


@pytest.mark.parametrize("asleep", [False, True], ids=["awake", "asleep"])
def test_a_server_that_is_replaced_finds_the_page_as_it_was_left(
    far: Lesson, wire: Wire, server: str, another: Process, lesson: Lesson, asleep: bool
) -> None:
    devtools = far.page.context.new_cdp_session(far.page)
    if not asleep:
        if another.process is None:
            another.start()
        another.wait()
        wire.mend(another.address)
    far.page.goto("about:blank")
    faults = watch(far.page, wire.address)
    far.arrive(CALM)
    # Also where the server is cold, and its first visitor has a deep link.
    expect_lesson(far.page, "Ill-conditioning", "0.015")
    assert not faults
    put_down(far, move(far, 0.6))
    far.settled()
    if asleep:
        # Whoever sleeps for an hour has no session any more: neither has the browser a connection.
        devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    else:
        another.stop()
    wire.cut()
    if asleep:
        devtools.send("Page.setWebLifecycleState", {"state": "active"})
    # What is in the browser goes on without a server.
    loss = far.readout("loss")
    left, width, height = far.grab("learning_rate")
    far.page.mouse.move(left + 0.4 * width, height, steps=3)
    expect(far.page.locator("[data-readout=loss]")).not_to_have_text(loss)
    far.page.mouse.up()
    wire.mend(server)
    put_down(far, far.page.locator(".stage-typed").first.input_value())
    far.settled()
    as_its_link(far, lesson)
    assert not far.page.get_by_test_id("stException").count()
