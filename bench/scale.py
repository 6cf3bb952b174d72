"""`make scale`: nginx as in deploy/ in front of two processes of the app, with students and real browsers.

Everything is on this machine's loopback interface, bounded in number and time, and ended here. What must hold has a
target; where one is missed the command fails.
"""

import argparse
import asyncio
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser

from bench.front import MISSING, Front, front, program
from bench.moving import Through, Visitor, bundles, homes, strayed, through, visit_all
from bench.report import Row, machine, table
from bench.school import write
from tests.browser.harness import Process, app_process, chromium, running

STATES = {
    "/playground?surface=himmelblau&optimizers=gd+adam&learning_rate=0.013&x=1.5&y=-3&step=7": True,
    "/ill_conditioning?learning_rate=0.015&step=10": True,
    "/saddles?step=12": False,
    "/ill_conditioning?learning_rate=0.02&step=5": False,
}
"""Pages with something set in each, and whether a student moves the slider before anything happens."""
SLIDER = "learning_rate"
ENVIRONMENT = {
    "STREAMLIT_SERVER_COOKIE_SECRET": "the same for all: one process signs what a browser brings to another",
    # What nobody here asks for is not computed: five starts would take minutes.
    "WARM_UP": "openings",
    "NPROC": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""Of each process: it is started as the image starts it."""
PARTS = ("back", "next", "lost")
NONE = (0.0, None)


def spread_rows(served: Front, students: int) -> list[Row]:
    """Students by the protocol: where they are sent, and whether they stay."""
    asyncio.run(visit_all(served.address, "ill_conditioning", students))
    found = homes(served)
    asked = [one for one in served.noted() if one.cookie]
    print("sockets of each process:", dict(sorted(found.items())), flush=True)
    return [
        Row(
            "sockets of the fuller process over those of the emptier",
            "",
            [abs(found[1] - found[2])],
            target=(1, None),
            note=f"{found[1]} and {found[2]}; {students} students, by the protocol",
        ),
        Row("requests that strayed to another process", "", [strayed(served)], target=NONE, note=f"of {len(asked)}"),
        Row("their answers that were errors", "", [sum(one.status >= 400 for one in served.noted())], target=NONE),
    ]


def bundle_rows(served: Front) -> list[Row]:
    """Everything that the browsers loaded from /static and /assets."""
    found = bundles(served)
    print(*found.wrong, sep="\n", flush=True)
    note = f"{found.count} files, in all browsers"
    return [
        Row("bundles as they are", "MB", [found.plain / 1e6], note=note),
        Row("bundles as they are sent", "MB", [found.packed / 1e6], note="compressed once, then kept by nginx"),
        # Where nothing was asked for, nothing was tested.
        Row(
            "bundles not packed, not kept, not immutable or not known again",
            "",
            [len(found.wrong) if found.count else math.inf],
            target=NONE,
        ),
    ]


def event_rows(name: str, all_found: Sequence[Through]) -> list[Row]:
    """What one event did to everyone it moved."""
    back, following, lost = ([one for found in all_found for one in getattr(found, part)] for part in PARTS)
    print(f"{name}: lost", lost, flush=True)
    note = f"{len(back)} times a browser was moved"
    return [
        Row(f"{name}: until the page has a socket again", "s", back, target=(5, 10), note=note),
        Row(f"{name}: the next move, let go, until the address has it", "s", following, target=(2, 20), note=note),
        Row(f"{name}: of what was set and seen, lost", "", [len(lost)], target=NONE, note=note),
    ]


def death_rows(visitors: Sequence[Visitor], processes: Sequence[Process]) -> list[Row]:
    """One process is killed under open pages, while the other one goes on."""
    dead = visitors[0].home
    hit = [visitor for visitor in visitors if visitor.home == dead]
    found = through(hit, lambda: processes[dead - 1].stop(kill=True))
    homeless = sum(visitor.home == dead for visitor in hit)
    processes[dead - 1].start()
    ready = processes[dead - 1].wait()
    return [
        *event_rows("process killed", [found]),
        Row("process killed: cookies that still name it", "", [homeless], target=NONE),
        Row("a process answers after its start", "s", [ready], note="what was compiled is kept on disk"),
    ]


def rolling_rows(visitors: Sequence[Visitor], processes: Sequence[Process]) -> list[Row]:
    """One process after the other is ended and started, as by an update."""
    found = []
    for number, process in enumerate(processes, 1):
        found.append(through([visitor for visitor in visitors if visitor.home == number], process.stop))
        process.start()
        process.wait()
    uncaught = [fault for visitor in visitors for fault in visitor.uncaught]
    print(*uncaught, sep="\n", flush=True)
    return [
        *event_rows("rolling restart", found),
        Row("errors that no page caught", "", [len(uncaught)], target=NONE, note="in all browsers, to the end"),
    ]


def browser_rows(browser: Browser, served: Front, processes: Sequence[Process]) -> list[Row]:
    """Real browsers, through everything that happens to the processes."""
    visitors = [Visitor(browser, served.address, path, SLIDER, touched) for path, touched in STATES.items()]
    found = bundle_rows(served) + death_rows(visitors, processes) + rolling_rows(visitors, processes)
    for visitor in visitors:
        visitor.close()
    noted = served.noted()
    failed = sum(one.status >= 500 for one in noted)
    found.append(Row("answers that were 5xx, to the end", "", [failed], target=NONE, note=f"{len(noted)} requests"))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description="Two processes behind nginx, measured.")
    parser.add_argument("--students", type=int, default=24, help="who come by the protocol")
    parser.add_argument("--write", action="store_true", help="put the table into docs/operations.md")
    given = parser.parse_args()
    if program() is None:
        print(MISSING, file=sys.stderr)
        return 1
    begin = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        processes = [app_process(**ENVIRONMENT) for _ in range(2)]
        stack.enter_context(running(*processes))
        served = stack.enter_context(front([process.address.removeprefix("http://") for process in processes], folder))
        found = spread_rows(served, given.students)
        browser = stack.enter_context(chromium())
        about = machine(browser.version)
        found += browser_rows(browser, served, processes)
    about["seconds taken"] = round(time.monotonic() - begin)
    text = f"> {'; '.join(f'{what} {value}' for what, value in about.items())}\n\n{table(found)}"
    print(text)
    if given.write:
        write("scale", text)
    return int(any(row.verdict == "over" for row in found))


if __name__ == "__main__":
    sys.exit(main())
