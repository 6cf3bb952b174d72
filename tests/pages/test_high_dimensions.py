"""What the page on high dimensions says is what is computed: its links, its sentences, its pictures."""

import re
from itertools import pairwise

import numpy as np
import pytest

from landscapes import balls, random_function, random_matrices
from optim import random_search
from pages.high_dimensions import CODE, LESSON
from pages.parts import high_dimensions as part
from pages.parts import high_dimensions_figures as figures
from pages.parts.high_dimensions_show import SHOWN
from pages.parts.settings import Settings
from tests.pages.opened import opened


def linked(label: str) -> tuple[dict[str, float], str]:
    """The numbers and the part that a link leads to."""
    (preset,) = [preset for preset in LESSON.presets if preset.label == label]
    settings = Settings(preset.query)
    numbers, choices = LESSON.read(settings)
    assert not settings.messages and set(preset.query) <= settings.known
    return numbers, choices["part"]


def test_link_all_positive() -> None:
    numbers, shown = linked("All positive?")
    assert shown == "signs" and numbers["size"] == 6
    assert 1 / random_matrices.probability(6) == pytest.approx(216_000, rel=0.005)
    assert "once in 64" in part.signs(6, 1000) and "once in 216,4" in part.signs(6, 1000)


def test_link_two_dimensions() -> None:
    numbers, _ = linked("Two dimensions")
    # 95 % interval of 50,000 samples.
    assert numbers["size"] == 2 and random_matrices.sampled(2, 50_000).low > 0.14


def test_link_sixteen() -> None:
    numbers, _ = linked("Sixteen")
    assert random_matrices.probability(round(numbers["size"])) < 1e-30


def test_link_low_minima_high_saddles() -> None:
    numbers, shown = linked("Low minima, high saddles")
    assert shown == "critical"
    low, high = part.tenths(random_function.critical_points(round(numbers["variables"]), 0))
    assert low < 0.25 and high > 0.75


def test_link_six_variables() -> None:
    numbers, _ = linked("Six variables")
    # The upper end of the 95 % interval.
    assert part.minima(round(numbers["variables"]), 0).high < 0.05


def test_link_nothing_is_near() -> None:
    numbers, shown = linked("Nothing is near")
    assert shown == "distances"
    assert balls.median_interval(balls.distances(round(numbers["dimensions"]), part.CLOUD).ratio)[1] > 0.6


def test_link_all_skin() -> None:
    numbers, _ = linked("All skin")
    assert balls.shell(round(numbers["dimensions"]), numbers["thickness"]) > 0.8


def test_link_searching_blind() -> None:
    assert linked("Searching blind")[1] == "search"
    medians = [balls.median_interval(random_search.evaluations(key, 8))[0] for key in part.SEARCHED]
    assert all(cheaper < dearer for dearer, cheaper in pairwise(medians))


def test_link_plateaus() -> None:
    numbers, shown = linked("Plateaus")
    assert shown == "linear"
    made = part.trained(round(numbers["layers"]), round(numbers["width"]), numbers["start_scale"])
    assert None not in made.stays and made.done.sum() >= 10
    assert "flatter than a saddle" in part.linear(3, 4, 0.1)


def test_link_a_saddle_at_the_origin() -> None:
    numbers, _ = linked("A saddle at the origin")
    values = part.spectra(round(numbers["layers"]), round(numbers["width"]), numbers["start_scale"])["origin"]
    assert (values < 0).sum() == len(values) / 2


def test_link_a_bottleneck() -> None:
    numbers, _ = linked("A bottleneck")
    made = part.trained(round(numbers["layers"]), round(numbers["width"]), numbers["start_scale"])
    assert made.best == 0.625 and made.done.all()


def test_every_link_has_a_test() -> None:
    names = {re.sub(r"\W+", "_", preset.label.lower()).strip("_") for preset in LESSON.presets}
    assert {f"test_link_{name}" for name in names} <= set(globals())


@pytest.mark.parametrize("n", range(2, 9))
def test_random_points_inside_a_ball_are_as_many_as_its_shell_says(n: int) -> None:
    # 99.9 % for each: 3.3 standard errors.
    share, exact = part.in_shell(n, 0.05), balls.shell(n, 0.05)
    assert abs(share.value - exact) < 3.3 * np.sqrt(exact * (1 - exact) / part.IN_BALL)


def test_sentences_have_no_empty_number() -> None:
    said = [part.signs(n, 1000) for n in (1, 2, 3, 16)]
    said += [part.critical(2, 0), *(part.distances(n, 0.01) for n in (1, 2, 200))]
    said += [part.searching(n) for n in (2, 8)] + [part.linear(2, 1, 0.5), part.linear(3, 4, 0.1)]
    assert not [text for text in said if re.search(r"nan|None|–|∞", text)]


def test_a_run_that_is_not_done_is_said_to_be_on_a_plateau() -> None:
    made = part.trained(5, 4, 0.3)
    assert (~made.done).sum() > 0
    text = part.linear(5, 4, 0.3)
    assert f"{made.done.sum()} of {part.SEEDS}" in text and "a plateau near a saddle, no minimum" in text


def test_bounds_are_drawn_where_nothing_was_hit() -> None:
    figure = figures.signs(12, 1000)
    traces = {trace.name: trace for trace in figure.data}
    bounds = traces["no hit: upper bound"]
    assert 12 in bounds.x and not set(bounds.x) & set(traces["sampled, 95 %"].x)
    assert all(random_matrices.probability(n) <= high for n, high in zip(bounds.x, bounds.y, strict=True))
    assert (np.array(traces["sampled, 95 %"].y) > 0).all()


def test_every_critical_point_is_drawn_once_at_its_height() -> None:
    found = random_function.critical_points(3, 0)
    traces = {trace.name: trace for trace in figures.critical(3, 0).data}
    drawn = np.concatenate([traces[kind].x for kind in ("minima", "saddles", "maxima")])
    assert np.sort(drawn) == pytest.approx(found.values)
    assert not np.any(traces["minima"].y) and np.all(np.equal(traces["maxima"].y, 1))


def test_every_eigenvalue_is_drawn_and_every_kind_is_in_the_legend_once() -> None:
    figure = figures.curvature(3, 4, 0.1)
    assert sum(len(trace.y) for trace in figure.data) == sum(map(len, part.spectra(3, 4, 0.1).values()))
    told = [trace.name.split(" ")[0] for trace in figure.data if trace.showlegend]
    assert sorted(told) == ["0", "negative", "positive"]


@pytest.mark.parametrize("shown", part.PARTS)
def test_a_part_opens(shown: str) -> None:
    assert set(SHOWN) == set(CODE) == set(part.PARTS)
    app = opened("high_dimensions", part=shown)
    assert not app.exception and not app.warning
    assert app.code[0].value.startswith(("def ", "@"))


def test_a_size_with_a_fraction_is_a_whole_one() -> None:
    app = opened("high_dimensions", size="4.6")
    assert not app.exception
    assert app.slider(key="setting_size").value == 5
    app.slider(key="setting_size").set_value(3).run()
    assert not app.exception and app.query_params["size"] == "3"
    assert [metric.value for metric in app.metric][:2] == ["once in 8", "once in 40"]
