"""The chord test's settings, its box and its search, as Streamlit runs them."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from landscapes import ExpressionError, parse_curve
from pages.parts import chords
from pages.parts.chords import MENU, OPENING, SETTINGS, address, complaint, function, read, verdict
from pages.parts.settings import Settings
from stage.bank import unpack

CONVEX = set(list(MENU)[:7])
SCRIPT = "<script>alert(1)</script>"


def probe() -> None:
    from pages.parts.chords import chord_test

    chord_test("probe")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Headers of the messages that the component was handed."""
    headers: list[dict[str, Any]] = []
    monkeypatch.setattr(chords, "chord", lambda key, data: headers.append(unpack(data)[0]))
    yield headers


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(probe, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return run(app)


def run(touched: Any) -> AppTest:
    """The app after a run that it, or one of its widgets, asked for."""
    app: AppTest = touched.run()
    assert not app.exception
    return app


def query(app: AppTest) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[0] for name, value in dict(app.query_params).items()}


def chosen(header: dict[str, Any]) -> tuple[float, float, float]:
    return header["a"], header["b"], header["alpha"]


def test_it_opens_on_the_seeds_chord(sent: list[dict[str, Any]]) -> None:
    app = opened()
    assert not app.warning and not app.code and not app.info
    assert app.selectbox(key="probe_chord_menu").value == app.text_input(key="probe_chord_typed").value == "x^2"
    assert chosen(sent[-1]) == (-2, 2, 0.5)
    assert query(app) == {}


@pytest.mark.parametrize("text", MENU)
def test_every_function_of_the_menu_opens_between_its_ends(text: str) -> None:
    settings = Settings({"f": text})
    shown = read(settings)
    assert not settings.messages
    assert shown.function.curve is parse_curve(text)
    assert -shown.function.reach <= shown.a < shown.b <= shown.function.reach
    found = shown.function.search()
    assert (found.worst is None) == (text in CONVEX)
    words = verdict(shown.function)
    assert ("No violation among 8459 chords" if text in CONVEX else "breaks it") in words


@pytest.mark.parametrize("text", MENU)
def test_an_address_says_what_it_was_made_from(text: str) -> None:
    said = {"f": text, "a": "-1.25", "b": "0.1", "alpha": "0.125"}
    shown = read(Settings(said))
    assert (shown.a, shown.b, shown.alpha) == (-1.25, 0.1, 0.125)
    written = address(shown)
    assert set(written) == set(SETTINGS)
    assert written == {**said, "f": None if text == OPENING else text}
    assert set(address(read(Settings({}))).values()) == {None}


def test_bad_values_are_replaced_and_said(sent: list[dict[str, Any]]) -> None:
    app = opened(a="-7", b="two", alpha="1.5", f=SCRIPT)
    (warning,) = app.warning
    for said in ("-7", "two", "1.5", "`<script>"):
        assert said in warning.value
    assert chosen(sent[-1]) == (-3, 2, 1)
    # What cannot be read stays in the box, with its complaint.
    assert app.text_input(key="probe_chord_typed").value == SCRIPT
    assert "<script>" in app.code[0].value and app.code[0].language == "plaintext"


def test_a_typed_function_is_drawn_and_a_slip_keeps_the_picture(sent: list[dict[str, Any]]) -> None:
    app = opened(a="-1", alpha="0.25")
    run(app.text_input(key="probe_chord_typed").set_value("ln(x)"))
    assert query(app) == {"f": "ln(x)", "alpha": "0.25"}
    assert chosen(sent[-1]) == (0.504, 2.5, 0.25)
    assert app.selectbox(key="probe_chord_menu").value == "ln(x)"
    run(app.text_input(key="probe_chord_typed").set_value("ln(x) + y"))
    assert query(app) == {"f": "ln(x)", "alpha": "0.25"}
    assert sent[-1] == sent[-2]
    assert app.text_input(key="probe_chord_typed").value == "ln(x) + y"
    quoted, mark, message = app.code[0].value.split("\n")
    assert quoted[mark.index("^")] == "y" and "column 9" in message
    run(app.selectbox(key="probe_chord_menu").select("x^3"))
    assert app.text_input(key="probe_chord_typed").value == "x^3" and not app.code


def test_a_slip_is_forgotten_when_the_address_leads_elsewhere(sent: list[dict[str, Any]]) -> None:
    app = opened()
    run(app.text_input(key="probe_chord_typed").set_value("x +"))
    assert app.code
    app.query_params["f"] = "sin(x)"
    run(app)
    assert app.text_input(key="probe_chord_typed").value == "sin(x)" and not app.code


def test_the_menus_function_typed_otherwise_is_the_menus(sent: list[dict[str, Any]]) -> None:
    app = opened(f="sin( x )")
    assert app.selectbox(key="probe_chord_menu").value == "sin(x)"
    assert sent[-1]["domain"] == [-6, 6]


@pytest.mark.parametrize(
    ("text", "says", "at"),
    [
        ("", "a function of x is missing", None),
        ("x^2 + y", "`y` at column 7", 6),
        ("a x^2", "`a` at column 1 has no slider here", 0),
        ("sqrt(-1-x^2)", "no finite value for x from −3 to 3", None),
        ("1/0", "no finite value", None),
        (SCRIPT, "", 0),
    ],
)
def test_what_cannot_be_drawn_is_said_with_its_place(text: str, says: str, at: int | None) -> None:
    with pytest.raises(ExpressionError) as caught:
        function(text)
    assert says in caught.value.message and caught.value.position == at
    shown = complaint(text)
    assert "Not drawn: " in shown
    if at is not None:
        quoted, mark, _ = shown.split("\n")
        assert quoted[mark.index("^")] == text[at]


def test_the_mark_stands_under_the_place_of_a_long_text() -> None:
    quoted, mark, _ = complaint("x+" * 40 + "?" + "+x" * 10).split("\n")
    assert quoted[mark.index("^")] == "?" and len(quoted) < 40
    assert complaint("x^2") == ""


def test_the_search_sets_the_chord_and_says_so(sent: list[dict[str, Any]]) -> None:
    app = opened(f="(x^2 - 1)^2 + 0.6x")
    run(app.button(key="probe_chord_search").click())
    worst = function("(x^2 - 1)^2 + 0.6x").search().worst
    assert worst is not None and chosen(sent[-1]) == worst
    assert query(app) == {"f": "(x^2 - 1)^2 + 0.6x", "a": "-1", "b": "1"}
    (said,) = app.info
    assert "breaks it: at α = 0.5 the curve is 1 above" in said.value
    run(app.selectbox(key="probe_chord_menu").select("exp(x)"))
    assert not app.info


def test_the_search_says_how_hard_it_looked(sent: list[dict[str, Any]]) -> None:
    app = opened(a="-1")
    run(app.button(key="probe_chord_search").click())
    (said,) = app.info
    assert "No violation among 8459 chords, looked at in 66539 places" in said.value
    assert chosen(sent[-1]) == (-1, 2, 0.5)
    assert "has no gap" in verdict(function("x^2 + 0*sqrt(x^2 - 1)"))


def test_a_release_goes_to_the_address_once(sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened()
    request = {"seq": 5, "settings": {"a": -1.5, "b": 2, "alpha": 0.3}}
    monkeypatch.setattr(chords, "request_of", lambda key: request)
    run(app)
    assert query(app) == {"a": "-1.5", "alpha": "0.3"}
    assert chosen(sent[-1]) == (-1.5, 2, 0.3) and sent[-1]["seq"] == 5
    app.query_params["a"] = "1"
    run(app)
    assert chosen(sent[-1]) == (1, 2, 0.3)
