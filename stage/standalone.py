"""The stage as one file of HTML that works without a server: scripts, styles, plotly.js and all answers are inside."""

import base64
import gzip
import html
import json
import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
import streamlit as st

from stage.bank import pack, unpack
from stage.component import ASSETS, PLOTLY

ENTRY = "standalone.js"
LARGEST = 24_000_000
"""Bytes of banks before they are packed: with more, every second or third position of the sliders is left out."""
COLORS = {"primary-color": "primaryColor", "background-color": "backgroundColor", "text-color": "textColor"}
"""CSS variables, after `--st-`, and the options of Streamlit's theme that they come from."""
IMPORT = re.compile(r"""(\bfrom\s*|\bimport\s*)(["'])\./([\w.]+)\2""")
BESIDE = re.compile(r"""new URL\("([\w.]+)", import\.meta\.url\)""")
TYPES = {".css": "text/css", ".js": "text/javascript"}


def _data(content: bytes, suffix: str) -> str:
    return f"data:{TYPES[suffix]};base64,{base64.b64encode(content).decode()}"


@lru_cache(maxsize=1)
def modules() -> dict[str, str]:
    """The addresses of all modules that `ENTRY` needs, by the names under which they import each other.

    A module in a data address can name no other one by a relative path: an import map knows them all by name.
    """
    found: dict[str, str] = {}
    waiting = [ENTRY]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        source = (ASSETS / name).read_text(encoding="utf-8")
        waiting += [match[3] for match in IMPORT.finditer(source)]
        source = IMPORT.sub(r"\1\2stage/\3\2", source)
        source = BESIDE.sub(lambda match: f"new URL({json.dumps(_beside(match[1]))})", source)
        found[name] = _data(source.encode(), ".js")
    return {f"stage/{name}": address for name, address in found.items()}


def _beside(name: str) -> str:
    """The address of a file that a module takes from its own folder; plotly.js is in the page already."""
    path = ASSETS / name
    return _data(path.read_bytes(), path.suffix) if path.exists() else f"about:blank#{name}"


def _kept(live: Mapping[str, Any], every: int) -> list[int]:
    """Positions of a slider that stay: every so-many-th, the ends, the present one and the marked ones."""
    positions = np.asarray(live["positions"])
    wanted = {int(np.abs(positions - value).argmin()) for value, _ in live["marks"]}
    return sorted({*range(0, len(positions), every), len(positions) - 1, int(live["index"]), *wanted})


def thinned(messages: Mapping[str, bytes], largest: int = LARGEST) -> dict[str, bytes]:
    """Messages of banks, by the names of their sliders, with so few positions that all are about `largest` bytes."""
    every = -(-sum(map(len, messages.values())) // largest)
    return {name: _thin(message, every) for name, message in messages.items()} if every > 1 else dict(messages)


def _thin(message: bytes, every: int) -> bytes:
    header, groups = unpack(message)
    kept = {live["name"]: _kept(live, every) for live in header["lives"]}
    here = kept[header["over"]]
    count = len(next(live for live in header["lives"] if live["name"] == header["over"])["positions"])
    for live in header["lives"]:
        live["positions"] = [live["positions"][place] for place in kept[live["name"]]]
        live["index"] = kept[live["name"]].index(live["index"])
    header["texts"] = [header["texts"][place] for place in here]
    bank = groups[header["bank"]] or {}
    groups[header["bank"]] = {name: array[here] if len(array) == count else array for name, array in bank.items()}
    return pack(header, {key: arrays or {} for key, arrays in groups.items()})


def _blob(name: str, content: bytes) -> str:
    """Bytes in an element that no browser runs; its text has no character that could end it."""
    packed = base64.b64encode(gzip.compress(content, 6, mtime=0)).decode()
    return f'<script type="application/gzip" data-blob="{html.escape(name)}">{packed}</script>'


def _colors(theme: str) -> str:
    """The app's colours as the stage reads them, where no Streamlit writes them into the page."""
    given = {variable: st.get_option(f"theme.{theme}.{option}") for variable, option in COLORS.items()}
    given["chart-categorical-colors"] = ",".join(st.get_option(f"theme.{theme}.chartCategoricalColors"))
    return "".join(f"--st-{variable}:{color};" for variable, color in given.items())


def standalone(
    title: str,
    lines: Sequence[str],
    link: str,
    messages: Mapping[str, bytes],
    maps: Mapping[str, bytes],
    facts: Mapping[str, Sequence[Mapping[str, Any]]],
) -> bytes:
    """The file.

    `messages` has a bank for every live slider under its name, the one that is live on opening first; `maps` are the
    maps that are shown, by kind, and `facts` those of `make_scene` for the positions of sliders that move the surface.
    `lines` are written below the stage, such as the source and the licence, and `link`, an address, leads back to the
    app; where it is no web address there is no link.
    """
    answers = thinned(messages)
    order = json.dumps({"sliders": list(answers), "maps": list(maps)}).encode()
    blobs = [_blob("order", order)]
    blobs += [_blob(f"bank {name}", message) for name, message in answers.items()]
    blobs += [_blob(f"map {kind}", message) for kind, message in maps.items()]
    for name, rows in facts.items():
        kept = _matched(answers[name], name, rows, messages[name])
        blobs.append(_blob(f"facts {name}", orjson.dumps(kept, option=orjson.OPT_SERIALIZE_NUMPY)))
    colors = f":root{{{_colors('light')}}}@media (prefers-color-scheme: dark){{:root{{{_colors('dark')}}}}}"
    style = colors + (ASSETS / "standalone.css").read_text(encoding="utf-8")
    plotly = PLOTLY.read_text(encoding="utf-8").replace("</script", "<\\/script")
    below = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    if link.startswith(("https://", "http://")):
        below += f'<p><a href="{html.escape(link)}">Open it in the app</a></p>'
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
<script>{plotly}</script>
<script type="importmap">{json.dumps({"imports": modules()})}</script>
</head>
<body>
<h1>{html.escape(title)}</h1>
<main id="stage"></main>
<footer>{below}</footer>
{"".join(blobs)}
<script type="module">import "stage/{ENTRY}";</script>
</body>
</html>
""".encode()


def _matched(kept: bytes, name: str, rows: Sequence[Mapping[str, Any]], whole: bytes) -> list[Mapping[str, Any]]:
    """The facts of the positions that were kept of a slider."""

    def positions(message: bytes) -> list[float]:
        live = next(live for live in unpack(message)[0]["lives"] if live["name"] == name)
        return list(live["positions"])

    places: Collection[float] = set(positions(kept))
    return [row for value, row in zip(positions(whole), rows, strict=True) if value in places]
