"""The playground: typed surfaces in the address, who wins by which measure, and the rate that is clicked."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from landscapes import find_surface
from optim import descend, find_optimizer
from pages.parts import race
from pages.parts.course import Preset
from pages.parts.lesson import RATE
from pages.parts.racers import TOLERANCE
from pages.parts.settings import Settings
from pages.parts.typed import complaint
from pages.playground import LESSON
from tests.pages.opened import opened
from tests.pages.states import linked, state

TYPED = "=x^2+2*y^2"


@pytest.mark.parametrize("preset", LESSON.presets, ids=lambda preset: preset.label)
def test_every_link_has_its_standings(preset: Preset) -> None:
    at = linked(LESSON, preset.label)
    setup = at.reading.setup
    rows = race.standings(setup, TOLERANCE.default)
    assert [row["optimizer"] for row in rows] == [racer.title for racer in setup.racers]
    for index, row in enumerate(rows):
        run = at.run(index)
        assert row["final loss"] == (None if run.diverged_at is not None else pytest.approx(run.values[-1]))
    assert setup.racers[0].title in at.text


def test_a_typed_surface_is_a_surface_like_any_other() -> None:
    at = state(LESSON, surface=TYPED, optimizers="gd", learning_rate="0.1", x="1", y="1")
    own = descend(TYPED, "gd", (1.0, 1.0), steps=200, learning_rate=0.1)
    assert at.run().points == pytest.approx(own.points)
    assert at.run().points[1] == pytest.approx((0.8, 0.6))


@pytest.mark.parametrize("text", ["=foo(x)", "=", "=" + "9^" * 200 + "9", "=__import__('os')", "=1/0"])
def test_an_address_that_cannot_be_read_shows_the_pages_own_surface(text: str) -> None:
    settings = Settings({"surface": text})
    assert LESSON.read(settings).setup.surface == LESSON.surface
    (message,) = settings.messages
    assert "cannot be read" in message


def test_other_pages_take_no_typed_surface() -> None:
    app = opened("saddles", surface=TYPED)
    assert not app.exception
    assert "There is no surface called" in app.warning[0].value


def test_what_is_typed_becomes_the_surface_or_stays_with_its_complaint() -> None:
    app = opened("playground", optimizers="gd")
    box = app.text_input(key="playground_typed")
    app = box.set_value("x^2 + a*y^2").run()
    assert not app.exception and not app.warning
    assert app.query_params["surface"] == "=x^2+a*y^2" and app.query_params["optimizers"] == "gd"
    app = app.text_input(key="playground_typed").set_value("x^2 + foo").run()
    assert app.query_params["surface"] == "=x^2+a*y^2"
    assert app.text_input(key="playground_typed").value == "x^2 + foo"
    assert any("unknown name 'foo' at column 7" in code.value for code in app.code)
    assert app.selectbox(key="menu_surface").value == "=x^2+a*y^2"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "![x](http://a.b/c.png)", r"$\href{x}{y}$", "{{7*7}}"])
def test_markup_is_no_function(text: str) -> None:
    assert "Not drawn" in complaint(text)
    app = opened("playground", surface=f"={text}")
    assert not app.exception
    assert "`" in app.warning[0].value


def test_the_first_by_each_measure_is_named() -> None:
    rows = race.standings(state(LESSON, surface=TYPED, optimizers="gd newton", learning_rate="0.1").reading.setup, 1e-3)
    by = {row["optimizer"]: row for row in rows}
    gd, newton = find_optimizer("gd").title, find_optimizer("newton").title
    assert by[newton]["steps"] == 1 < by[gd]["steps"]
    assert f"steps to the tolerance: **{newton}** (1)" in race.winners(rows)
    # A gradient and a Hessian.
    assert by[newton]["evaluations"] == 3 and by[gd]["evaluations"] == by[gd]["steps"]
    assert by[newton]["learning rate"] is None and by[gd]["learning rate"] == 0.1


def test_a_racer_that_diverged_has_no_final_loss() -> None:
    (row,) = race.standings(
        state(LESSON, surface="ill_conditioned", optimizers="gd", learning_rate="0.5").reading.setup, 1e-3
    )
    assert row["final loss"] is None and str(row["status"]).startswith("diverged at step")
    assert race.winners([row, row]) == "Nobody stayed on the map."


def test_the_sweep_has_the_stability_limit_in_it() -> None:
    setup = state(LESSON, surface="ill_conditioned", optimizers="gd", learning_rate="0.01").reading.setup
    final = np.array(race.over_rates(setup, setup.racers[0]))
    start = find_surface("ill_conditioned")
    begin = descend(start, "gd", setup.start, steps=1, learning_rate=0.01).values[0]
    above = [rate for rate, loss in zip(race.RATES, final, strict=True) if not loss < begin]
    # 2/λmax of the seeds' bowl, to the spacing of the rates.
    assert min(above) == pytest.approx(2 / 100, rel=0.13)
    figure = race.rates_figure(setup)
    assert [trace.name for trace in figure.data] == [setup.titles[0], f"{setup.titles[0]} diverges"]
    assert race.sharpest(setup.surface, setup.knobs) == pytest.approx(100)
    assert figure.layout.annotations[0].text == "2/λmax = 0.02"
    limit = race.threshold(final.tolist())
    assert limit == figure.data[1].x[0] and min(above) <= limit
    assert np.isinf(final[race.RATES.index(limit) :]).all() and np.isfinite(final[race.RATES.index(limit) - 1])


def test_a_clicked_rate_is_one_of_the_slider() -> None:
    knob = find_optimizer("gd").knobs[RATE]
    event = SimpleNamespace(selection=SimpleNamespace(points=[{"x": 0.0123456}]))
    assert race.picked_rate(event, knob) == 0.01235
    event.selection.points = [{"x": 1e9}]
    assert race.picked_rate(event, knob) == knob.high
    assert race.picked_rate(SimpleNamespace(selection=None), knob) is None
    assert not math.isnan(knob.high)
