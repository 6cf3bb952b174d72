"""`make bench`: one run on one machine, every figure beside its comparison. `--json PATH` writes the samples too."""

import argparse
import json
import os
import signal
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from bench import pages
from bench.numeric import bank_rows, basins_row, descend_row
from bench.openings import opening_rows, opening_samples
from bench.pages import ONE, RACE, RACE_PLAYED
from bench.report import Row, machine, table
from bench.servers import measured_page, serve_plain
from bench.start import OURS, PLAIN, Started, seconds_to_health, start_rows, started
from bench.tools import tool_rows
from bench.training import training_rows
from tests.browser.harness import chromium, serve

Samples = dict[str, list[float]]


def measure_ours(browser: Browser) -> tuple[Started, dict[str, Samples]]:
    """The app: its start, and for each scenario the samples by name."""
    with TemporaryDirectory() as compiled:
        # A server that finds nothing compiled, and one that finds what the first one kept.
        own = partial(serve, JAX_COMPILATION_CACHE_DIR=compiled)
        with started(browser, own, OURS, visits=3) as start:
            found = measure_pages(browser, start.address)
        return replace(start, again=seconds_to_health(own)), found


def measure_pages(browser: Browser, address: str) -> dict[str, Samples]:
    """For each scenario the samples by name, from a server that runs."""
    found: dict[str, Samples] = {}
    for scenario in (ONE, RACE):
        with measured_page(browser, address) as page:
            pages.open_ours(page, scenario)
            found[scenario.name] = pages.thumb_samples(page, moves=240)
        with measured_page(browser, address) as page:
            pages.open_ours(page, scenario)
            found[scenario.name]["start"] = pages.start_samples(page, answers=50)
            found[scenario.name]["turned"] = pages.turned_frames(page, seconds=4)
    with measured_page(browser, address) as page:
        pages.open_ours(page, RACE_PLAYED)
        found[RACE.name]["frames"] = pages.played_frames(page)
    with measured_page(browser, address) as page:
        pages.open_path(page, f"{pages.ALL}&step=0")
        found["all"] = {"frames": pages.played_frames(page)}
    for name, (path, slider) in pages.LIVES.items():
        with measured_page(browser, address) as page:
            pages.open_path(page, path)
            found[name] = pages.thumb_samples(page, 240, slider)
    with measured_page(browser, address) as page:
        pages.open_path(page, "/convexity")
        part = page.locator("[data-chord] input[data-live=alpha]")
        found["chord"] = {"drawn": pages.drag_samples(page, part, "chord:draw", 240)}
    with measured_page(browser, address) as page:
        pages.open_path(page, "/local_minima?step=200")
        found["maps"] = {"intervals": pages.map_intervals(page, seconds=6)}
    with measured_page(browser, address) as page:
        found["openings"] = opening_samples(page)
    return found


def measure_plain(browser: Browser) -> tuple[Started, dict[str, Samples]]:
    """The plain page: the same."""
    found: dict[str, Samples] = {}
    with started(browser, serve_plain, PLAIN, visits=2) as start:
        for scenario, moves in ((ONE, 5), (RACE, 4)):
            with measured_page(browser, start.address) as page:
                pages.open_plain(page, scenario)
                found[scenario.name] = pages.plain_thumb_samples(page, moves)
                found[scenario.name]["start"] = pages.plain_start_samples(page, moves)
                found[scenario.name]["turned"] = pages.turned_frames(page, seconds=4)
        with measured_page(browser, start.address) as page:
            pages.open_plain(page, RACE)
            found[RACE.name]["frames"] = pages.plain_frames(page, seconds=8)
    return start, found


def browser_rows(browser: Browser) -> list[Row]:
    our_start, ours = measure_ours(browser)
    plain_start, plain = measure_plain(browser)
    rows: list[Row] = []
    for scenario in (ONE, RACE):
        rows += pages.thumb_rows(scenario, ours[scenario.name], plain[scenario.name])
    for scenario in (ONE, RACE):
        rows.append(
            Row(
                f"dragged start to drawn answer, {scenario.name}",
                "ms",
                ours[scenario.name]["start"],
                plain[scenario.name]["start"],
                (60.0, None),
                "st.number_input, Enter",
            )
        )
    for scenario in (ONE, RACE):
        name = f"interval between frames, turning the relief, {scenario.name}"
        turned = (found[scenario.name]["turned"] for found in (ours, plain))
        rows.append(Row(name, "ms", *turned, against="plotly.js as it is"))
    for name in pages.LIVES:
        rows += pages.live_rows(name, ours[name])
    rows.append(
        Row("α of the chord on a curve, to drawn", "ms", ours["chord"]["drawn"], (), pages.LIMITS, "it has none")
    )
    maps = ours["maps"]["intervals"]
    rows.append(
        Row(
            "interval between basin maps, 256² × 200 steps, while the rate moves",
            "ms",
            maps,
            (),
            (1000 / pages.REDRAWS, None),
            "it has none",
            f"{1000 * len(maps) / sum(maps):.0f} maps a second, computed, sent and drawn",
        )
    )
    rows.append(
        Row(
            "interval between frames, playing 8 optimizers × 500 steps, all overlays",
            "ms",
            ours["all"]["frames"],
            (),
            (None, 20.0),
            "as below, with five",
        )
    )
    rows += opening_rows(ours["openings"])
    frames, animated = ours[RACE.name]["frames"], plain[RACE.name]["frames"]
    rows.append(
        Row(
            f"interval between frames, playing {RACE.name}",
            "ms",
            frames,
            animated,
            (None, 20.0),
            "plotly.js animation frames",
            f"{1000 * len(frames) / sum(frames):.0f} frames a second; plain {1000 * len(animated) / sum(animated):.1f}",
        )
    )
    return rows + start_rows(our_start, plain_start)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="also write every sample to this file")
    arguments = parser.parse_args()
    # Asked to stop, it leaves no server and no browser behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begin = time.monotonic()
    with chromium() as browser:
        facts = machine(browser.version)
        rows = browser_rows(browser)
    rows += [*bank_rows(), basins_row(), descend_row(), *training_rows(), *tool_rows()]
    facts["load average after"] = round(os.getloadavg()[0], 2)
    facts["seconds taken"] = round(time.monotonic() - begin)
    print("; ".join(f"{name} {value}" for name, value in facts.items()))
    print("\nEvery figure is median / 95th percentile of n samples.\n")
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": facts, "rows": [row.as_dict() for row in rows]}, indent=1))


if __name__ == "__main__":
    main()
