"""The stage in one file: everything is inside, nothing in it can end its element, and every position has its answer."""

import base64
import gzip
import json
import re

import numpy as np
import pytest
import streamlit as st
from PIL import Image  # noqa: F401  its plugins warn when they are first loaded by something else

from stage.bank import pack, unpack
from stage.component import ASSETS
from stage.standalone import ENTRY, modules, standalone, thinned

COUNT = 41


def message(name: str = "rate", texts: str = "t") -> bytes:
    """A message as the app sends it, with two sliders and a bank for the one called `name`."""
    positions = np.linspace(0, 1, COUNT)
    live = {"value": 0.35, "index": 14, "marks": [[0.525, "limit"]], "positions": positions.tolist()}
    header = {
        "over": name,
        "bank": "b",
        "scene": "s",
        "lives": [{**live, "name": "rate"}, {**live, "name": "b"}],
        "texts": [f"{texts}{i}" for i in range(COUNT)],
    }
    points = np.arange(COUNT * 6, dtype=np.float32).reshape(COUNT, 3, 2)
    once = np.ones((1, 3, 2), np.float32)
    bank = {"positions": positions, "0.points": points, "1.points": once}
    return pack(header, {"s": {"x": np.arange(3.0)}, "b": bank})


def blobs(page: str) -> dict[str, bytes]:
    found = re.findall(r'<script type="application/gzip" data-blob="([^"]*)">([A-Za-z0-9+/=]*)</script>', page)
    return {name: gzip.decompress(base64.b64decode(text)) for name, text in found}


def made(title: str = "T", lines: tuple[str, ...] = ("L",), link: str = "https://example.test/?a=1") -> str:
    messages = {"rate": message("rate"), "b": message("b")}
    facts = {"b": [{"lowest": float(i)} for i in range(COUNT)]}
    return standalone(title, lines, link, messages, {"basins": b"map"}, facts).decode()


def test_every_module_that_is_needed_is_inside_and_none_is_asked_for() -> None:
    found = modules()
    assert f"stage/{ENTRY}" in found and "stage/stage.js" in found
    sources = {name: base64.b64decode(address.partition(",")[2]).decode() for name, address in found.items()}
    wanted = {name for source in sources.values() for name in re.findall(r"""from ["']([^"']+)["']""", source)}
    assert wanted <= set(found)
    assert wanted | {f"stage/{ENTRY}"} == set(found)
    # What a module takes from beside itself is inside as well.
    assert not [name for name, source in sources.items() if re.search(r'new URL\("[\w.]+", import', source)]
    style = base64.b64encode((ASSETS / "stage.css").read_bytes()).decode()
    assert any(style in source for source in sources.values())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_wears_the_apps_colors(theme: str) -> None:
    page, racers = made(), st.get_option(f"theme.{theme}.chartCategoricalColors")
    assert len(set(racers)) == 8
    assert f"--st-chart-categorical-colors:{','.join(racers)};" in page
    assert f"--st-background-color:{st.get_option(f'theme.{theme}.backgroundColor')};" in page


def test_what_was_put_in_comes_out() -> None:
    found = blobs(made())
    assert json.loads(found["order"]) == {"sliders": ["rate", "b"], "maps": ["basins"]}
    assert found["bank rate"] == message("rate") and found["map basins"] == b"map"
    assert len(json.loads(found["facts b"])) == COUNT


@pytest.mark.parametrize(
    "hostile", ["</script><script>alert(1)</script>", "<!--<script>", "</title><img src=x onerror=a()>"]
)
def test_text_is_text_wherever_it_stands(hostile: str) -> None:
    calm = made()
    page = made(hostile, (hostile,), f"https://example.test/?{hostile}")
    for mark in ("<script", "</script", "<img", "<!--"):
        assert page.count(mark) == calm.count(mark)
    said = standalone("T", [], "", {"rate": message("rate", hostile)}, {}, {}).decode()
    assert unpack(blobs(said)["bank rate"])[0]["texts"][0] == f"{hostile}0"
    assert said.count("<script") == said.count("</script>")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", ""])
def test_only_a_web_address_is_a_link(link: str) -> None:
    assert "<a " not in made(link=link).partition("<footer>")[2]
    assert '<a href="https://example.test/?a=1">' in made()


def test_few_bytes_are_left_alone() -> None:
    messages = {"rate": message()}
    assert thinned(messages) == messages


@pytest.mark.parametrize("times", [2, 3, 7])
def test_thinned_banks_keep_what_matters(times: int) -> None:
    messages = {"rate": message("rate"), "b": message("b")}
    largest = sum(map(len, messages.values())) // times
    for name, thin in thinned(messages, largest).items():
        header, groups = unpack(thin)
        bank = groups["b"]
        assert bank is not None
        live = next(live for live in header["lives"] if live["name"] == name)
        assert len(live["positions"]) < COUNT
        assert live["positions"] == bank["positions"].tolist()
        places = np.rint(np.array(live["positions"]) * (COUNT - 1)).astype(int)
        assert places[live["index"]] == 14
        # The ends, and the mark.
        assert {0, 21, 40} <= set(places.tolist())
        assert len(header["texts"]) == len(live["positions"]) == len(bank["0.points"])
        assert len(bank["1.points"]) == 1
        # Every run is still the one of its position.
        whole = unpack(message(name))[1]["b"]
        assert whole is not None
        np.testing.assert_array_equal(bank["0.points"], whole["0.points"][places])
        assert header["texts"] == [f"t{place}" for place in places]
