"""Every page opens in Streamlit, with its defaults and with an address that makes no sense."""

import pytest

from pages.parts.course import Sheet, course
from pages.parts.lesson import lessons
from tests.pages.opened import CONTENTS, opened

LESSONS = list(lessons())
SHEETS = {key: page for key, page in course().items() if isinstance(page, Sheet)}


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_opens(lesson: str) -> None:
    app = opened(lesson)
    assert not app.exception
    assert not app.warning
    assert len(app.title) == 1
    assert {"menu_surface", "menu_optimizers", "menu_rates", "menu_steps"} <= {
        widget.key for widget in (*app.selectbox, *app.multiselect)
    }


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_answers_an_address_that_makes_no_sense(lesson: str) -> None:
    app = opened(lesson, surface="nowhere", learning_rate="nan", x="1e300", height="<script>", bogus="1", step="-1")
    assert not app.exception
    (warning,) = app.warning
    for said in ("nowhere", "nan", "1e300", "<script>", "bogus"):
        assert said in warning.value


@pytest.mark.parametrize("lesson", LESSONS)
def test_menus_are_views_of_the_address(lesson: str) -> None:
    app = opened(lesson, x="1", learning_rate="0.03", optimizers="momentum gd")
    assert app.multiselect(key="menu_optimizers").value == ["momentum", "gd"]
    other = "rosenbrock" if lessons()[lesson].surface == "himmelblau" else "himmelblau"
    app.selectbox(key="menu_surface").select(other).run()
    assert not app.exception
    assert app.query_params["surface"] == other
    assert app.query_params["optimizers"] == "momentum gd"
    assert "x" not in app.query_params and "learning_rate" not in app.query_params
    app.multiselect(key="menu_optimizers").set_value([]).run()
    assert not app.exception
    assert app.multiselect(key="menu_optimizers").value == list(lessons()[lesson].optimizers)


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_page_without_a_stage_opens(sheet: str) -> None:
    app = opened(sheet)
    assert not app.exception
    assert not app.warning
    assert len(app.title) == 1


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_page_without_a_stage_answers_an_address_that_makes_no_sense(sheet: str) -> None:
    page = SHEETS[sheet]
    nonsense = {knob.name: "nan" for knob in page.knobs} | dict.fromkeys(page.menus, "<script>") | {"bogus": "1"}
    app = opened(sheet, **nonsense)
    assert not app.exception
    warning = app.warning[0]
    for said in set(nonsense.values()) - {"1"} | {"bogus"}:
        assert said in warning.value


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_link_of_a_page_without_a_stage_is_an_address_that_it_knows(sheet: str) -> None:
    for preset in SHEETS[sheet].presets:
        app = opened(sheet, **preset.query)
        assert not app.exception and not app.warning, preset.label


def test_the_overview_lists_every_page() -> None:
    app = opened("contents")
    assert not app.exception
    listed = CONTENTS.read_text()
    assert all(f'"{key}": (' in listed for key in course())
