"""The class plays a lesson by the server's own protocol, and notices when an answer is not the one it asked for."""

import asyncio
import importlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, TypeVar

import psutil
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench import school, trials
from bench.hostile import KINDS, plague
from bench.lesson import Lesson, hold
from bench.protocol import ProtocolError, Run, Socket
from bench.report import table
from bench.school import Largest, Server, largest
from bench.students import Opened, StageStudent
from pages.parts.lesson import lessons
from pages.parts.live import respond
from pages.parts.settings import Settings
from stage.bank import unpack
from tests.browser.harness import app_process, running

PAGES = ("ill_conditioning", "saddles", "cliffs", "playground")
Result = TypeVar("Result")


def apart(work: Callable[[], Result]) -> Result:
    """In a thread of its own: where browser tests came before, their loop is running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of its own: what is counted here is what this class did."""
    started = app_process(WARM_UP="nothing")
    with running(started):
        process = psutil.Process(started.pid)
        yield Server(started.address, process, None)
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_small_class_on_every_page_is_answered_without_an_error(server: Server) -> None:
    async def hold_all() -> list[Lesson]:
        # At the same time: a class is silent most of the time.
        rooms = [Server(server.address, server.process, page) for page in PAGES]
        return await asyncio.gather(*(hold(room, 6, seconds=4, drags=0.33) for room in rooms))

    for page, lesson in zip(PAGES, apart(lambda: asyncio.run(hold_all())), strict=True):
        assert lesson.errors == [], page
        assert len(lesson.opened) == 6
        assert len(lesson.burst) == 4 and len(lesson.drags) >= 2 + 2
        assert len(lesson.steady) >= 4
        assert all(0 < one.first <= one.whole for one in lesson.opened)
        # What each is sent on the socket, and the bank beside it.
        assert all(10_000 < one.socket <= 300_000 and one.direct > 10_000 for one in lesson.opened)
        assert set(lesson.used) == {"opening", "burst", "steady"}
        assert lesson.before > 0 and all(used.cores > 0 and used.memory > 0 for used in lesson.used.values())


def test_what_runs_beside_a_class_ends_with_it_and_fails_with_it(server: Server) -> None:
    server.page = "ill_conditioning"
    ended = []

    async def endless() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            ended.append(True)

    async def broken() -> None:
        raise ProtocolError("nobody answers")

    lesson = apart(lambda: asyncio.run(hold(server, 2, seconds=1, beside=endless())))
    assert ended == [True] and lesson.errors == []
    lesson = apart(lambda: asyncio.run(hold(server, 2, seconds=1, beside=broken())))
    assert lesson.errors == ["ProtocolError: nobody answers"]


def test_whoever_asks_for_much_has_answers_of_every_kind(server: Server) -> None:
    answered: Counter[str] = Counter()
    apart(lambda: asyncio.run(plague(server.address, KINDS, answered, rounds=1)))
    assert answered == dict.fromkeys(KINDS, 1)


def moves(server: Server, query: str, count: int) -> list[Run]:
    """The opening of the saddles' page at an address, and so many moves of its first slider."""

    async def play() -> list[Run]:
        async with Socket(server.address, "saddles", query) as socket:
            runs = [await socket.open()]
            live = unpack(runs[0].stage["saddles"])[0]["lives"][0]
            for seq in range(1, count + 1):
                settings = {live["name"]: live["positions"][3 * seq]}
                request = {"settings": settings, "over": live["name"], "seq": seq, "have": []}
                runs.append(await socket.set_component("saddles", "request", request))
            return runs

    return apart(lambda: asyncio.run(play()))


def test_a_move_runs_the_stage_and_not_the_page(server: Server) -> None:
    opening, move = moves(server, "", 1)
    assert opening.failures == move.failures == []
    assert move.stage.keys() == {"saddles"} and unpack(move.stage["saddles"])[0]["seq"] == 1
    assert opening.charts == 2 and move.charts == 0
    assert move.messages < opening.messages / 3


def test_a_complaint_about_the_address_goes_with_the_first_move(server: Server) -> None:
    opening, first, second = moves(server, "steps=many", 2)
    assert len(opening.failures) == 1 and "many" in opening.failures[0]
    # The complaint stands above the stage: the whole page is drawn again, without it.
    assert first.failures == [] and first.charts == 2
    assert second.failures == [] and second.charts == 0
    assert [unpack(run.stage["saddles"])[0]["seq"] for run in (first, second)] == [1, 2]


def student(**header: Any) -> StageStudent:
    made = StageStudent("http://127.0.0.1:1", "saddles", 0, http=None)  # type: ignore[arg-type]
    made.header = header
    return made


def answered(seq: int = 0, have: tuple[str, ...] = ()) -> bytes:
    lesson = lessons()["saddles"]
    return respond(lesson, lesson.read(Settings({})), {"seq": seq, "have": list(have)}, brief=True)


def test_a_student_notices_an_answer_to_another_question() -> None:
    one = student()
    one._take(answered())
    with pytest.raises(ProtocolError, match="request 7"):
        one._take(answered(seq=7))


def test_a_student_notices_a_value_that_was_not_asked_for() -> None:
    with pytest.raises(ProtocolError, match=r"asked for learning_rate = 0\.25"):
        student()._take(answered(), {"learning_rate": 0.25})


def test_a_student_notices_arrays_that_never_came() -> None:
    scene = unpack(answered())[0]["scene"]
    with pytest.raises(ProtocolError, match="left out arrays"):
        student()._take(answered(have=(scene,)))


def test_a_student_notices_a_page_that_failed() -> None:
    with pytest.raises(ProtocolError, match="no such thing"):
        student()._message(Run(failures=["no such thing"]))
    with pytest.raises(ProtocolError, match="no message"):
        student()._message(Run())


class Scripted:
    """A connection that answers with given messages."""

    def __init__(self, *messages: ForwardMsg) -> None:
        self.messages = [message.SerializeToString() for message in messages]
        self.sent: list[bytes] = []

    async def send(self, data: bytes) -> None:
        self.sent.append(data)

    async def recv(self, decode: bool) -> bytes:
        return self.messages.pop(0)


def run(*messages: ForwardMsg) -> Run:
    socket = Socket("http://127.0.0.1:1", "saddles")
    socket._connection = Scripted(*messages)  # type: ignore[assignment]
    return apart(lambda: asyncio.run(socket.open()))


def test_a_run_that_ends_early_goes_on_and_one_that_fails_says_so() -> None:
    early, broken = ForwardMsg(), ForwardMsg()
    early.script_finished = ForwardMsg.FINISHED_EARLY_FOR_RERUN
    broken.script_finished = ForwardMsg.FINISHED_WITH_COMPILE_ERROR
    shown = ForwardMsg()
    shown.delta.new_element.exception.message = "division by zero"
    found = run(shown, early, broken)
    assert found.failures == ["division by zero", "FINISHED_WITH_COMPILE_ERROR"]
    assert found.messages == 3 and found.sent > 0


def test_a_reference_to_an_unknown_message_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="does not have"):
        run(ForwardMsg(ref_hash="0123"))


@pytest.mark.parametrize(
    ("holds", "most", "expected"),
    [(100, 400, range(87, 101)), (0, 400, range(1)), (10_000, 400, range(400, 401))],
)
def test_the_largest_class_is_found_within_its_fineness(
    monkeypatch: pytest.MonkeyPatch, holds: int, most: int, expected: range
) -> None:
    tried: list[int] = []

    async def trial(server: Server, students: int, *, seconds: float) -> Lesson:
        tried.append(students)
        return Lesson(students, steady=[0.1 if students <= holds else 0.9])

    monkeypatch.setattr(school, "hold", trial)
    monkeypatch.setattr(school.time, "sleep", lambda seconds: None)
    found = apart(lambda: largest(SimpleNamespace(), 60, most, 1.0))  # type: ignore[arg-type]
    assert found.students in expected
    assert len(tried) <= 12 and max(tried) <= most


def test_an_error_makes_a_class_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    async def trial(server: Server, students: int, *, seconds: float) -> Lesson:
        return Lesson(students, steady=[0.01], errors=[] if students < 8 else ["lost"])

    monkeypatch.setattr(school, "hold", trial)
    monkeypatch.setattr(school.time, "sleep", lambda seconds: None)
    assert apart(lambda: largest(SimpleNamespace(), 4, 64, 1.0)).students == 7  # type: ignore[arg-type]


def test_the_table_says_what_was_not_reached(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fine = Lesson(60, opened=[Opened(0.1, 0.2, 70_000, 150_000)] * 60)
    slow = Lesson(300, burst=[0.1] * 300, steady=[0.2] * 300, errors=["lost"])
    rows = trials.opening_rows(fine, fine) + trials.moving_rows(slow, fine.__class__(10, burst=[2.0], steady=[3.0]))
    assert [row.verdict for row in rows] == ["ok", "", "ok", "", "ok", "over", "over"]
    assert rows[-1].ours == [1.0] and "lost" in table(rows)
    paper = tmp_path / "operations.md"
    paper.write_text("before\n<!-- class -->\nold\n<!-- end of class -->\nafter\n")
    monkeypatch.setattr(school, "PAPER", paper)
    school.write("class", "| new |")
    assert paper.read_text() == "before\n<!-- class -->\n| new |\n<!-- end of class -->\nafter\n"
    with pytest.raises(ValueError, match="no place for soak"):
        school.write("soak", "| new |")


def test_the_most_that_is_held_is_a_row_of_its_own() -> None:
    row = trials.most_row(Largest(300, 0.12, 340), Largest(4, 0.2, None))
    assert (row.ours, row.plain) == ([300.0], [4.0])
    assert "340 were not" in row.note


def test_the_command_names_its_options() -> None:
    command = importlib.import_module("bench.class")
    with pytest.raises(SystemExit), pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.argv", ["bench.class", "--no-such-option"])
        command.main()
