"""A link or a state file brings a page back; what is neither is refused in words, and changes nothing."""

import json
import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qsl, urlsplit

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.parts import share
from pages.parts.share import HIDEABLE, code
from pages.parts.state import LARGEST, StateError, as_json, link_to, read_state
from tests.pages.opened import opened

STATE = {"surface": "=x^2+a*y^2", "optimizers": "gd:norm adam(learning_rate=0.3)", "x": "-1.5", "show": ""}
LINK = link_to("https://example.test/course/playground", STATE)
printable = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)


def test_a_file_and_a_link_say_the_same() -> None:
    assert read_state(as_json("playground", STATE).decode()) == ("playground", STATE)
    assert read_state(LINK) == ("playground", STATE)
    assert read_state(f"  {LINK}&embed=true\n") == ("playground", STATE)
    assert read_state("http://localhost:8501/") == ("convexity", {})


@given(st.dictionaries(printable, printable, max_size=8))
@settings(max_examples=200, deadline=None)
def test_every_state_comes_back(state: dict[str, str]) -> None:
    assert read_state(as_json("saddles", state).decode())[1] == state
    kept = {name: value for name, value in state.items() if name not in ("embed", "embed_options")}
    assert read_state(link_to("https://example.test/saddles", state))[1] == kept


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "begins with https"),
        ("hello", "begins with https"),
        ("javascript:alert(1)", "begins with https"),
        ("https://example.test/elsewhere?x=1", "page that is not here"),
        ("https://[/playground", "neither a state file nor a link"),
        ("https://example.test/playground?=&&&;x", "neither a state file nor a link"),
        ("{", "not JSON"),
        ("{" * 5000, "not JSON"),
        ('{"a":' * 3000 + "1" + "}" * 3000, "JSON"),
        ("{}", "no state file"),
        (json.dumps({"kind": "loss-landscapes state", "version": 2}), "no state file"),
        (json.dumps({"kind": "loss-landscapes state", "version": 1, "page": 1, "settings": {}}), "names no page"),
        (as_json("nowhere", {}).decode(), "page that is not here"),
        (json.dumps({**json.loads(as_json("saddles", {})), "settings": {"x": 1}}), "are texts"),
        (as_json("saddles", {"x": "1" * 3000}).decode(), "more than 100 settings"),
        (as_json("saddles", {"x": "a\nb"}).decode(), "cannot be shown"),
        ("https://example.test/saddles?x=" + "1" * LARGEST, "characters"),
    ],
)
def test_what_is_no_state_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(StateError, match=why):
        read_state(text)


@given(
    st.one_of(
        st.text(max_size=300), st.text(max_size=80).map("{{{}".format), st.text(max_size=80).map("http://".__add__)
    )
)
@settings(max_examples=500, deadline=None)
def test_no_text_does_more_than_that(text: str) -> None:
    try:
        page, state = read_state(text)
    except StateError:
        return
    assert page and all(isinstance(value, str) for value in state.values())


def test_the_code_is_that_of_the_link() -> None:
    root = ElementTree.fromstring(share.standing_alone(code(LINK)))
    made = segno.make_qr(LINK, error="m")
    assert float(root.get("viewBox", "").split()[-1]) == made.symbol_size(scale=8, border=3)[0]
    assert {node.tag.rpartition("}")[2] for node in root.iter()} <= {"svg", "g", "path"}
    assert code(LINK) != code(LINK + "1")
    with pytest.raises(ValueError, match="no readable code"):
        code("https://example.test/?" + "1" * 2000)


def test_the_route_draws_codes_of_web_addresses_only() -> None:
    with TestClient(Starlette(routes=share.routes())) as client:
        answer = client.get("/share/code.svg", params={"link": LINK})
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/svg+xml")
        ElementTree.fromstring(answer.text)
        for link in ("", "javascript:alert(1)", "https://example.test/" + "1" * 3000):
            assert client.get("/share/code.svg", params={"link": link}).status_code == 400


def test_a_link_hides_what_it_says() -> None:
    whole = opened("playground")
    assert not whole.exception
    assert whole.selectbox(key="menu_surface") and whole.subheader and whole.expander
    bare = opened("playground", hide=" ".join(HIDEABLE))
    assert not bare.exception
    assert not bare.selectbox and not bare.subheader and not bare.expander
    assert not bare.warning
    bare.button(key="share_all").click().run()
    assert bare.selectbox and "hide" not in bare.query_params


def test_a_link_that_hides_what_is_not_there_says_so() -> None:
    app = opened("playground", hide="menus nowhere")
    assert "nowhere" in app.warning[0].value and not app.selectbox


def test_a_link_is_short() -> None:
    assert len(LINK) < 200
    assert dict(parse_qsl(urlsplit(LINK).query, keep_blank_values=True)) == STATE
