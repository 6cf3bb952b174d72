"""What the lesson on networks says is what is measured: figures 8.1 and 8.2, the edge of stability, depth, matching."""

import threading

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from landscapes.datasets import DATASETS, from_csv, two_moons
from landscapes.mlp import MLP
from optim.training import RECORDS, Recipe, Run, train
from pages.networks import LESSON
from pages.parts import networks, networks_runs, networks_show
from pages.parts.networks import KNOBS, OPENINGS, PARTS, opening_recipes, recipes
from pages.parts.networks_results import (
    DEPTHS,
    between,
    density,
    eigenvalues,
    lines,
    mapped,
    measured,
    passage,
    sharpness,
)
from pages.parts.networks_runs import RUNS, Runs
from pages.parts.networks_show import rise
from pages.parts.settings import Settings
from tests.pages.opened import opened

POINTS = "\n".join(f"{u % 7},{u % 5},{'left' if u % 7 < 3 else 'right'}" for u in range(60)).encode()
STOP = "networks_stop"


def linked(label: str) -> list[Recipe]:
    """What the page trains under one of its links."""
    (preset,) = [preset for preset in LESSON.presets if preset.label == label]
    settings = Settings(preset.query)
    numbers, choices = LESSON.read(settings)
    assert not settings.messages and set(preset.query) <= settings.known
    return recipes(numbers, choices, DATASETS[choices["data"]]())


def trained(label: str) -> list[Run]:
    return [RUNS.finished(recipe) for recipe in linked(label)]


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def finished(app: AppTest) -> AppTest:
    for _ in range(400):
        if STOP not in keys(app):
            return app
        app.run()
    raise AssertionError("the training does not end")


def test_the_default_network_learns() -> None:
    (run,) = trained("Train one")
    found = measured(run)
    assert run.diverged_at is None and found.error[-1] < 0.03 and found.held_out[-1] < 0.1 < found.error[0]


@pytest.mark.parametrize(("label", "error"), [("Real images", 0.05), ("Spirals", 0.05)])
def test_harder_data_are_learnt_too(label: str, error: float) -> None:
    for run in trained(label):
        assert measured(run).held_out[-1] < error


def test_link_its_landscape_is_honest_about_its_plane() -> None:
    runs = trained("Its landscape")
    assert [run.recipe.optimizer for run in runs] == ["adam", "gd", "momentum"]
    assert all((run.weights[0] == runs[0].weights[0]).all() for run in runs)
    path, random = (mapped(tuple(runs), kind) for kind in ("path", "random"))
    assert all(share > 0.8 for share in path.shares)
    assert all(share < 0.25 for share in random.shares)
    for drawn in (path, random):
        for places in drawn.places:
            assert (drawn.a[0] <= places[:, 0]).all() and (places[:, 0] <= drawn.a[-1]).all()
            assert (drawn.b[0] <= places[:, 1]).all() and (places[:, 1] <= drawn.b[-1]).all()
    # The first path ends in the plane itself: there the picture is exact.
    assert path.seen[0][-1] == pytest.approx(runs[0].losses[-1], rel=1e-3)
    assert path.seen[0][10] != pytest.approx(runs[0].losses[10], rel=0.1)


def test_link_a_straight_line_goes_down_for_adam() -> None:
    runs = trained("A straight line")
    along = lines(tuple(runs))
    assert along[0][10] == pytest.approx(runs[0].losses[0], rel=1e-4)
    assert along[0][50] == pytest.approx(runs[0].losses[-1], rel=1e-3)


def test_figure_8_1_the_norm_rises_while_the_error_falls() -> None:
    (run,) = trained("Norm rises, error falls")
    found = measured(run)
    early, late = rise(found.gradient_norm)
    assert late > 5 * early
    assert late > 5 * found.gradient_norm[0]
    error_early, error_late = rise(found.held_out)
    assert error_late < 0.6 * error_early and found.held_out[-1] < 0.2 * found.held_out[0]
    # The curvature along the gradient grows far more than the squared norm does.
    assert found.curvature[-1] > 1000 * found.curvature[0]
    assert (run.recipe.rate * found.curvature / 2 > found.gradient_norm**2).any()


def test_figure_8_2_the_path_passes_a_saddle_and_leaves_it() -> None:
    (run,) = trained("Leaving a saddle")
    found = passage(run)
    assert found is not None
    assert found.critical.gradient_norm < 1e-9
    # As many directions of negative curvature as hidden units, and far from rounding.
    assert found.negative == run.recipe.net.width and found.critical.eigenvalues[0] < -0.5
    k = found.nearest
    assert 5 < k < 30 and found.distances[k] < 0.12
    assert found.distances[0] > 5 * found.distances[k] and found.distances[-1] > 5 * found.distances[k]
    norms = measured(run).gradient_norm
    assert norms[k] < 0.2 * norms[0] and norms[k:].max() > 2 * norms[k]
    assert run.losses[-1] < 0.5 * found.loss
    assert found.drawn.shares[0] > 0.95


@pytest.mark.parametrize(("label", "edge"), [("Edge of stability", 20.0), ("Twice the rate", 10.0)])
def test_the_sharpness_climbs_to_two_over_eta_and_stays(label: str, edge: float) -> None:
    (run,) = trained(label)
    _, values = eigenvalues(run)
    assert 2 / run.recipe.rate == edge
    assert values[0, 0] < 0.5 * edge
    late = values[len(values) // 2 :, 0]
    assert late == pytest.approx(np.full(len(late), edge), rel=0.15)
    assert measured(run).loss[-1] < 0.2 * measured(run).loss[0]
    spread, shares = density(run, RECORDS)
    assert spread.max() == pytest.approx(values[-1, 0], rel=1e-2) and shares[np.abs(spread) < 0.2].sum() > 0.8


def test_link_deeper_plain_networks_get_sharp_and_then_stuck() -> None:
    found = np.array([sharpness(run) for run in trained("Deeper")]).reshape(2, len(DEPTHS), 3)
    plain, skips = found
    assert (plain[:3, 1] > 2 * skips[:3, 1]).all() and (np.diff(plain[:3, 1]) > 0).all()
    assert (plain[:3, 2] > skips[:3, 2]).all()
    assert plain[3, 0] > 5 * skips[3, 0] and (skips[:, 0] < 0.05).all()


def test_link_two_solutions_the_barrier_is_one_of_names() -> None:
    one, other = trained("Two solutions")
    assert other.recipe.seed == one.recipe.seed + 1
    found = between(one, other)
    before, after = found.barriers
    assert before > 0.5 and after < 0.05 * before
    assert found.same < 1e-9 and found.apart[1] < 0.5 * found.apart[0]


@pytest.mark.parametrize("part", PARTS)
def test_every_part_opens_on_its_own_experiment(part: str) -> None:
    if part == "depth":
        return  # Eight networks to train: `test_link_deeper…` does that, without Streamlit.
    app = finished(opened("networks", part=part))
    assert not app.exception and not app.warning
    assert app.session_state["menu_part"] == part
    assert len(app.title) == 1
    assert len(app.get("plotly_chart")) >= (1 if part in ("two", "landscape") else 2)


def test_openings_are_settings() -> None:
    for part, opening in OPENINGS.items():
        settings = Settings({"part": part, **opening})
        assert LESSON.read(settings) == LESSON.read(Settings({"part": part})) and not settings.messages
        assert opening_recipes(part)


def test_an_address_that_makes_no_sense_is_answered() -> None:
    said = {"part": "nowhere", "width": "1e9", "learning_rate": "nan", "data": "<script>", "optimizers": "newton"}
    app = finished(opened("networks", **said, bogus="1"))
    assert not app.exception
    (warning,) = app.warning
    for text in (*said.values(), "bogus"):
        assert text in warning.value


def test_training_stops_when_told_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    # A shift of one block, however fast the machine is.
    monkeypatch.setattr(networks_runs, "SHIFT", 1e-3)
    app = opened("networks", data="spirals", hidden_layers="4", width="20", steps="4000", seed="7")
    assert STOP in keys(app) and not app.exception
    app.button(key=STOP).click().run()
    for _ in range(50):
        if STOP not in keys(app):
            break
        app.run()
    assert "networks_resume" in keys(app)
    (told,) = [info.value for info in app.info if "Stopped at step" in info.value]
    assert len(app.dataframe) == 1
    # Another visitor's training does not move what this one looks at.
    (recipe,) = app.session_state[networks_runs.STOPPED][0]
    RUNS.advance(recipe)
    app.run()
    assert [info.value for info in app.info if "Stopped at step" in info.value] == [told]
    monkeypatch.setattr(networks_runs, "SHIFT", 1.0)
    app.button(key="networks_resume").click().run()
    app = finished(app)
    assert not app.exception and "networks_resume" not in keys(app)


def test_a_visitor_s_file_is_trained_on_and_a_bad_one_is_refused() -> None:
    app = finished(opened("networks", data="csv", steps="200"))
    assert any("Until there is a file" in info.value for info in app.info)
    app.session_state["networks_data"] = from_csv(POINTS)
    app = finished(app.run())
    assert not app.exception and any("60 points in 2 classes" in caption.value for caption in app.caption)

    class File:
        size = len(POINTS)

        def getvalue(self) -> bytes:
            return POINTS.replace(b"3,1,", b"3,one,")

    refused = networks._read(File())
    assert isinstance(refused, str) and "is not a finite number" in refused
    app.session_state["networks_data"] = refused
    app = finished(app.run())
    assert not app.exception and [error.value for error in app.error] == [refused]


def test_a_diverging_run_says_so() -> None:
    app = finished(
        opened("networks", optimizers="gd", learning_rate="3", activation="relu", loss="squared", start_scale="3")
    )
    assert not app.exception
    assert ["diverged by step" in warning.value for warning in app.warning] == [True]


def test_the_class_trains_a_setting_once() -> None:
    shared = Runs()
    recipe = Recipe(MLP(2, 2, 4, 1), two_moons(), "gd", 0.1, 0, 200)
    found: list[Run] = []
    visitors = [threading.Thread(target=lambda: found.append(shared.finished(recipe))) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    assert len(found) == 4 and all(run is found[0] for run in found)
    assert (found[0].weights == train(recipe).weights).all()


def test_kept_runs_are_bounded() -> None:
    shared = Runs()
    for seed in range(networks_runs.MOST + 3):
        shared.get(Recipe(MLP(2, 2, 2, 1), two_moons(), "gd", 0.1, 0, 100, seed))
    assert len(shared.kept) == networks_runs.MOST and min(recipe.seed for recipe in shared.kept) == 3
    wide = MLP(64, 10, 64, 12)
    for seed in range(20):
        shared.get(Recipe(wide, DATASETS["digits"](), "gd", 0.1, 0, 100, seed))
    assert shared.bytes <= networks_runs.BYTES


def test_every_number_has_a_knob_of_its_own() -> None:
    assert len({knob.name for knob in KNOBS}) == len(KNOBS)
    assert all(knob.contains(knob.default) for knob in KNOBS)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_shows_its_code(part: str) -> None:
    shown = networks_show.code(part, "hidden_layer")
    assert compile(shown, part, "exec")
    assert shown.count("def ") >= 1
