"""What is sent to the browser, and where it finds the modules that read it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import anyio
import plotly
import pytest
from anyio.from_thread import start_blocking_portal
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Message

from landscapes import find_surface
from optim import find_optimizer
from stage import Live, Racer, Setup, component
from stage.bank import unpack
from stage.scene import Bank, bank_arrays, make_scene

SETUP = Setup(
    "ill_conditioned",
    (Racer("gd", (("learning_rate", 0.015),)),),
    (2.0, 1.0),
    10,
    (("condition_number", 100.0), ("angle", 0.0)),
)
LIVES = (
    Live(replace(find_optimizer("gd").knobs["learning_rate"], low=0.001, high=0.1), 0.015, ((0.02, "limit"),)),
    *(Live(knob, knob.default, moves_surface=True) for knob in find_surface("ill_conditioned").knobs.values()),
)
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
ASSETS = sorted(component.ASSETS.iterdir())
IMMUTABLE = "public, max-age=31536000, immutable"
IMPORT = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']""")


def send(bank: Bank, setup: Setup = SETUP, **request: Any) -> bytes:
    body = component.make_body(
        setup,
        LIVES,
        bank,
        panels=("loss",),
        view={"step": 0},
        texts=["words"] * len(bank.positions),
        page="ill_conditioning",
        said={"steps": "10"},
    )
    return component.answer(body, request)


@pytest.fixture(scope="module")
def bank() -> Bank:
    return component.live_bank(SETUP, LIVES, "learning_rate")


@pytest.fixture
def fresh() -> Iterator[None]:
    """The version is made anew inside the test, and after it again."""
    component._version.cache_clear()
    yield
    component._version.cache_clear()


def test_a_message_has_the_scene_the_bank_and_what_names_them(bank: Bank) -> None:
    header, groups = unpack(send(bank, seq=41))
    assert header["seq"] == 41
    assert set(groups) == {header["scene"], header["bank"]}
    scene, facts = make_scene(SETUP.surface, SETUP.knobs)
    for key, arrays in ((header["scene"], scene), (header["bank"], bank_arrays(bank))):
        got = groups[key]
        assert got is not None
        assert {name: array.tobytes() for name, array in got.items()} == {n: a.tobytes() for n, a in arrays.items()}
    assert {name: header[name] for name in facts} == facts
    assert header["over"] == "learning_rate"
    assert len(header["texts"]) == len(bank.positions)
    assert (header["page"], header["said"]) == ("ill_conditioning", {"steps": "10"})
    assert "figures" in header and header["surface"]["key"] == SETUP.surface


def test_every_slider_points_at_its_value(bank: Bank) -> None:
    header, _ = unpack(send(bank))
    assert [live["name"] for live in header["lives"]] == ["learning_rate", "condition_number", "angle"]
    for live, sent in zip(LIVES, header["lives"], strict=True):
        assert sent["positions"][sent["index"]] == sent["value"] == live.value
    assert header["lives"][0]["positions"] == bank.positions.tolist()


def test_what_the_browser_has_is_named_but_not_sent_again(bank: Bank) -> None:
    whole = send(bank)
    header, groups = unpack(whole)
    for have in ([header["scene"]], [header["bank"]], [header["scene"], header["bank"]]):
        message = send(bank, have=have)
        again, left = unpack(message)
        assert (again["scene"], again["bank"]) == (header["scene"], header["bank"])
        assert {key for key, arrays in left.items() if arrays is None} == set(have)
        saved = sum(array.nbytes for key in have for array in (groups[key] or {}).values())
        assert saved > 10_000
        assert len(whole) - len(message) >= saved


def test_another_start_keeps_the_scene_and_another_knob_does_not(bank: Bank) -> None:
    before, _ = unpack(send(bank))
    moved = replace(SETUP, start=(1.0, 1.0))
    after, _ = unpack(send(component.live_bank(moved, LIVES, "learning_rate"), moved))
    assert after["scene"] == before["scene"] and after["bank"] != before["bank"]
    turned = replace(SETUP, knobs=(("condition_number", 100.0), ("angle", 30.0)))
    after, _ = unpack(send(component.live_bank(turned, LIVES, "learning_rate"), turned))
    assert after["scene"] != before["scene"] and after["bank"] != before["bank"]


@pytest.mark.parametrize("over", ["learning_rate", "angle"])
def test_a_bank_under_a_hand_has_one_position(over: str) -> None:
    live = next(live for live in LIVES if live.name == over)
    single = component.live_bank(SETUP, LIVES, over, single=True)
    assert single.positions.tolist() == [live.value]
    assert [len(run.positions) for run in single.runs] == [1]
    assert len(single.grids) == (1 if live.moves_surface else 0)
    whole = component.live_bank(SETUP, LIVES, over)
    assert whole.positions.tolist() == live.positions().tolist()
    # Batches of another size may round otherwise in the last place.
    found = whole.trajectory(0, live.index()).points
    assert single.trajectory(0, 0).points == pytest.approx(found, rel=1e-12, abs=1e-12)


def test_a_bank_over_no_slider_there_is_not() -> None:
    with pytest.raises(StopIteration):
        component.live_bank(SETUP, LIVES, "momentum")


def get(path: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the routes' answer to a GET: Starlette's own client needs one more package."""
    answers: list[Message] = []

    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError("a GET has no body to wait for")

    async def send(message: Message) -> None:
        answers.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "query_string": b"", "headers": []}
    # In a thread of its own: the browser tests of the same run keep an event loop in this one.
    with start_blocking_portal() as portal:
        portal.call(Starlette(routes=component.routes()), scope, receive, send)
    start, *bodies = answers
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(message.get("body", b"") for message in bodies)


def folder() -> str:
    """The one folder that all routes are below."""
    return str(path_of(component.routes()[-1]))


def path_of(route: BaseRoute) -> str:
    assert isinstance(route, (Mount, Route))
    return route.path


@pytest.mark.parametrize("path", [*ASSETS, PLOTLY], ids=lambda path: path.name)
def test_every_asset_is_served_to_be_kept_for_ever(path: Path) -> None:
    status, headers, body = get(f"{folder()}/{path.name}")
    assert status == 200
    assert body == path.read_bytes()
    assert headers["cache-control"] == IMMUTABLE
    # A browser refuses a module of any other type.
    kind = {".js": "text/javascript", ".css": "text/css"}[path.suffix]
    assert headers["content-type"].partition(";")[0] == kind


def test_the_address_has_the_version_and_nothing_is_served_beside_it() -> None:
    version = component._version()
    assert re.fullmatch(r"[0-9a-f]{12}", version)
    assert folder() == f"/assets/{version}"
    assert all(path_of(route).startswith(f"/assets/{version}") for route in component.routes())
    outside = ("stage.js", f"{version}/none.js", f"{version}/../component.py", "0/stage.js")
    assert [get(f"/assets/{path}")[0] for path in outside] == [404] * len(outside)
    assert f"assets/{version}/stage.js" in component._LOADER


@pytest.mark.parametrize("name", ["stage.js", "stage.css", "format.js"])
def test_a_changed_asset_has_another_address(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None
) -> None:
    before = component._version()
    copy = copytree(component.ASSETS, tmp_path / "assets")
    monkeypatch.setattr(component, "ASSETS", copy)
    component._version.cache_clear()
    assert component._version() == before
    changed = copy / name
    changed.write_bytes(changed.read_bytes() + b"\n")
    component._version.cache_clear()
    assert component._version() != before
    assert get(f"/assets/{component._version()}/{name}")[2] == changed.read_bytes()


def test_another_plotly_has_another_address(monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    before = component._version()
    monkeypatch.setattr(plotly, "__version__", "0.0.0")
    component._version.cache_clear()
    assert component._version() != before


def test_every_import_of_a_module_leads_to_one_that_is_there() -> None:
    names = {path.name for path in ASSETS}
    reached, ahead = set(), ["stage.js", "chord.js", "powers.js", "rasters.js", "standalone.js"]
    while ahead:
        name = ahead.pop()
        assert name in names
        if name in reached:
            continue
        reached.add(name)
        found = IMPORT.findall((component.ASSETS / name).read_text())
        # One folder, named from within it: the version in the address then holds for all of them.
        assert [target for target in found if not re.fullmatch(r"\./[\w.]+\.js", target)] == [], name
        ahead += [target.removeprefix("./") for target in found]
    assert reached == {path.name for path in ASSETS if path.suffix == ".js"}


@pytest.mark.parametrize("path", ASSETS, ids=lambda path: path.name)
def test_no_asset_names_another_host(path: Path) -> None:
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"https?://[^\s\"']*", text) == []
