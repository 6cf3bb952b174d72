"""Mounts the stage: one keyed component that keeps its canvas, camera and clock while reruns hand it new bytes."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import numpy as np
import orjson
import plotly
import streamlit as st
from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from landscapes.networks import CLASSES, data_points
from landscapes.surface import Box
from stage.bank import Group, Message, pack
from stage.figures import contour_figure, relief_figure
from stage.maps import SPAN
from stage.scene import Bank, Live, key_of, make_bank, make_cut, make_scene, scene_group
from stage.setup import Setup, describe, stop_words, without

_ahead = ThreadPoolExecutor(1, "ahead")
ASSETS = Path(__file__).parent / "assets"
FOR_EVER = "public, max-age=31536000, immutable"
"""How long a browser may keep what changes its address with its content."""
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


@lru_cache(maxsize=1)
def _version() -> str:
    """A digest of every asset: in their address it lets browsers keep them for ever."""
    digest = hashlib.blake2s(plotly.__version__.encode(), digest_size=6)
    for path in sorted(ASSETS.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class _Immutable(StaticFiles):
    def file_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = FOR_EVER
        return response


def files() -> dict[str, Path]:
    """The stage's modules, and plotly.js out of the installed package, by the address where the browser finds them."""
    folder = f"/assets/{_version()}"
    return {f"{folder}/{file.name}": file for file in (*ASSETS.iterdir(), PLOTLY)}


def routes() -> list[BaseRoute]:
    """Those files, as they are."""

    def plotly_js(request: Any) -> FileResponse:
        return FileResponse(PLOTLY, headers={"Cache-Control": FOR_EVER})

    folder = f"/assets/{_version()}"
    return [Route(f"{folder}/plotly.min.js", plotly_js), Mount(folder, _Immutable(directory=ASSETS))]


def loader(module: str) -> str:
    """A component's inline script. It travels with every message, and so only fetches `module`, which is then kept."""
    return f"""
export default function (component) {{
  const module = import(new URL("assets/{_version()}/{module}", document.baseURI).href);
  module.then((mounted) => mounted.render(component));
  return () => module.then((mounted) => mounted.remove(component));
}}
"""


_LOADER = loader("stage.js")


@lru_cache(maxsize=1)
def _component() -> Any:
    return st.components.v2.component("stage", js=_LOADER, isolate_styles=False)


def request_of(key: str) -> Mapping[str, Any]:
    """What the stage under `key` asked for last: ``seq``, ``have``, ``over``, ``settings``, and under what ``address``.

    Empty before, and for what no stage asks.
    """
    state = st.session_state.get(key)
    request = state.get("request") if isinstance(state, Mapping) else None
    return request if well_formed(request) else {}


def well_formed(request: Any) -> TypeGuard[Mapping[str, Any]]:
    """True where all parts of a request are of their kinds: anyone can send anything."""
    return (
        isinstance(request, Mapping)
        and isinstance(request.get("seq"), int)
        and isinstance(request.get("settings") or {}, Mapping)
        and isinstance(request.get("address") or {}, Mapping)
        and isinstance(request.get("have") or [], list)
        and all(isinstance(name, str) for name in request.get("have") or [])
        and _is_point(request.get("at") or [0, 0])
    )


def _is_point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(one, int | float) for one in value)


def stage(key: str, data: bytes) -> None:
    """Mount the stage, or hand it a new `message`."""
    _component()(key=key, data=data, on_request_change=lambda: None)


def live_bank(setup: Setup, lives: Sequence[Live], over: str, *, single: bool = False) -> Bank:
    """The bank of the live slider named `over`; with `single` only its present position, for a start under a hand."""
    live = next(live for live in lives if live.name == over)
    shared, present = without(setup, over), (live.value,)
    if single:
        return make_bank(shared, over, present)
    positions = tuple(live.positions().tolist())
    # A start point that is dragged next asks for single runs, which are another shape to compile. Wherever the slider
    # stands, one of them is enough.
    _ahead.submit(make_bank, shared, over, positions[:1])
    return make_bank(shared, over, positions)


def bank_key(setup: Setup, over: str, positions: Sequence[float]) -> str:
    """The name under which a browser keeps the bank of a slider over those positions."""
    return _bank_key(without(setup, over), over, tuple(positions))


@lru_cache(maxsize=2048)
def _bank_key(shared_setup: Setup, over: str, positions: tuple[float, ...]) -> str:
    return key_of("bank", shared_setup, over, positions)


class Body(NamedTuple):
    """A message but for what one browser's request says: its header as JSON, and the groups of arrays it names."""

    header: bytes
    groups: Mapping[str, Group]
    positions: int


def answer(body: Body, request: Mapping[str, Any]) -> Message:
    """The message to one browser: groups of arrays that its request says it has are left out.

    A bank of one position that was not asked for is not ``whole``: the browser asks for the rest.
    """
    own = {"seq": request.get("seq", 0), "whole": body.positions > 1 or request.get("single") is True}
    return pack(own, body.groups, request.get("have") or (), body.header)


def make_body(
    setup: Setup,
    lives: Sequence[Live],
    bank: Bank,
    *,
    panels: Sequence[str],
    view: Mapping[str, Any],
    texts: Sequence[str],
    page: str,
    said: Mapping[str, str],
    end: tuple[float, float] | None = None,
) -> Body:
    """What the stage draws from, the same for everyone who looks at it.

    `bank` belongs to one of the live sliders; `texts` has the narrator's sentence for each of its positions. `panels`
    are names of linked curves in assets/panels.js. `view` is what the address says of the stage's own settings (step,
    height, overlays). While something is dragged the stage asks `page` directly, and says `said` besides its own
    settings. With `end` the chord from the start to there is compared with the surface below it.
    """
    scene_key = key_of("scene", setup.surface, setup.knobs)
    bank_name = bank_key(setup, bank.over, bank.positions.tolist())
    facts = make_scene(setup.surface, setup.knobs)[1]
    found = setup.found
    header = {
        "surface": {"key": found.key, "title": found.title, "box": found.box, "log_height": found.log_height},
        "figures": orjson.Fragment(_figures(found.box)),
        "scene": scene_key,
        "bank": bank_name,
        "over": bank.over,
        "steps": setup.steps,
        "start": setup.start,
        "racers": describe(setup),
        "stops": stop_words(setup),
        "lives": [
            {
                "name": live.name,
                "label": live.knob.label,
                "low": live.knob.low,
                "high": live.knob.high,
                "log": live.knob.log,
                "value": live.value,
                "index": live.index(),
                "positions": live.positions(),
                "marks": live.marks,
                "moves": live.moves_surface,
                "local": live.moves_nothing,
                "open": live.open,
            }
            for live in lives
        ],
        **facts,
        "panels": panels,
        "texts": texts,
        "view": view,
        "page": page,
        "said": said,
        "data": data_of(setup),
    }
    groups = {scene_key: scene_group(setup.surface, setup.knobs), bank_name: bank.group}
    if end:
        cut_key = key_of("cut", setup.surface, setup.knobs, setup.start, end)
        header["end"], header["cut"] = end, cut_key
        groups[cut_key] = Group({"heights": make_cut(setup.surface, setup.knobs, setup.start, end)})
    return Body(orjson.dumps(header, option=orjson.OPT_SERIALIZE_NUMPY), groups, len(bank.positions))


@lru_cache(maxsize=64)
def _figures(box: Box) -> bytes:
    return orjson.dumps({"contour": contour_figure(box), "relief": relief_figure(box)})


def data_of(setup: Setup) -> Mapping[str, Any] | None:
    """The data points that a surface is made from, with the names of their knobs; None for other surfaces."""
    names = [name for name, knob in setup.found.knobs.items() if knob.datum]
    if not names:
        return None
    knobs = setup.found.fill(dict(setup.knobs))
    low, high = SPAN
    return {
        "names": names,
        "points": np.asarray(data_points(knobs)),
        "classes": CLASSES,
        "decides": setup.surface != "linear_regression",
        "span": [low, high],
        "reach": [setup.found.knobs[names[0]].low, setup.found.knobs[names[0]].high],
    }
