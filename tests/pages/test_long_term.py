"""What the page on long-term dependencies says is what is computed: its links, its gradients, its remedies."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import fisher_exact, ttest_ind
from streamlit.testing.v1 import AppTest

from pages.long_term import LESSON
from pages.parts import long_term, recurrent
from pages.parts.long_term import KNOBS, address, lives, shown
from pages.parts.recurrent import HORIZON, RADII, RUNS, SCALE, THRESHOLDS, linear_norms, network_norms, starts, trained
from pages.parts.settings import Settings
from stage.bank import unpack
from stage.powers import Powers
from tests.pages.opened import opened

SCRIPT = "<script>alert(1)</script>"


def linked(label: str) -> tuple[Powers, int]:
    """The matrix and the steps that a link leads to."""
    (preset,) = [preset for preset in LESSON.presets if preset.label == label]
    settings = Settings(preset.query)
    numbers, _ = LESSON.read(settings)
    assert not settings.messages and set(preset.query) <= settings.known
    return shown(numbers)[:2]


def radius(powers: Powers) -> float:
    return float(np.abs(powers.eigenvalues).max())


def test_link_vanishes() -> None:
    powers, steps = linked("Vanishes")
    assert (np.abs(powers.eigenvalues) < 1).all()
    assert powers.norms(steps)[-1] < 1e-3


def test_link_explodes() -> None:
    powers, steps = linked("Explodes")
    norms = powers.norms(steps)
    assert norms[78] < 1000 <= norms[79]


def test_link_neither() -> None:
    powers, steps = linked("Neither")
    assert radius(powers) == pytest.approx(1, abs=1e-15)
    assert powers.norms(steps) == pytest.approx(np.ones(201), abs=1e-12)
    assert powers.matrix @ powers.matrix.T == pytest.approx(np.eye(2))


def test_link_both_at_once() -> None:
    powers, steps = linked("Both at once")
    most, least = np.linalg.svd(powers.power(steps))[1]
    assert most > 400 and least < 1e-5
    small, large = sorted(powers.eigenvalues.real)
    assert small < 1 < large and not powers.im


def test_link_it_grows_first() -> None:
    powers, steps = linked("It grows first")
    norms = powers.norms(steps)
    assert radius(powers) < 1
    assert norms.argmax() == 10 and norms.max() == pytest.approx(5.78, abs=0.005)
    assert norms[-1] < norms[0]


def test_link_a_turning_hump() -> None:
    powers, steps = linked("A turning hump")
    norms = powers.norms(steps)
    peaks = [t for t in range(1, steps) if norms[t - 1] < norms[t] >= norms[t + 1]]
    half_turn = np.pi / np.angle(powers.eigenvalues[0])
    assert np.diff(peaks[:4]) == pytest.approx(half_turn, abs=1)
    assert norms[peaks[0]] > 5 and norms[-1] < 0.2


def test_link_mirror() -> None:
    powers, _ = linked("Mirror")
    assert powers.power(2) == pytest.approx(np.eye(2)) and powers.power(1) != pytest.approx(np.eye(2))
    assert sorted(powers.eigenvalues.real) == [-1, 1]


def test_link_one_per_cent() -> None:
    powers, _ = linked("One per cent")
    norms = powers.norms(700)
    assert norms[687] > 1e-3 >= norms[688]


def test_every_link_has_a_test() -> None:
    names = {preset.label.lower().replace(" ", "_") for preset in LESSON.presets}
    assert {f"test_link_{name}" for name in names} <= set(globals())


def test_an_address_leads_back_to_its_numbers() -> None:
    defaults = {knob.name: knob.default for knob in KNOBS}
    assert set(address(defaults, paused=False).values()) == {None}
    said = {"re": "-0.125", "im": "0", "other": "1.5", "angle": "7.25", "steps": "33", "step": "33"}
    numbers, _ = LESSON.read(Settings(said))
    assert address(numbers, paused=True) == said
    assert address(numbers, paused=False)["step"] is None
    # A step beyond the last is the last.
    assert shown({**numbers, "step": 200.0})[2] == 33


def test_sliders_have_their_ranges_and_the_default_among_their_positions() -> None:
    angle, steps = lives()
    assert (angle["positions"][0], angle["positions"][-1]) == (1, 90)
    assert 30 in angle["positions"] and 80 in steps["positions"]
    assert all(value in angle["positions"] for value, _ in angle["marks"])
    assert all((np.diff(live["positions"]) > 0).all() for live in (angle, steps))


def test_the_page_opens() -> None:
    app = opened("long_term")
    assert not app.exception and not app.warning
    (slider,) = app.select_slider
    assert slider.value == SCALE.default
    text = " ".join(part.value for part in app.markdown)
    assert recurrent.agreement(SCALE.default) in text
    assert recurrent.compared(SCALE.default) in text
    assert recurrent.remembered() in text


def test_an_address_that_makes_no_sense_is_answered() -> None:
    app = opened("long_term", re="nan", im="1e300", angle=SCRIPT, steps="-5", step="x", bogus="1", input_size="7")
    assert not app.exception
    (warning,) = app.warning
    for said in ("nan", "1e300", "<script>", "−5".replace("−", "-"), "`x`", "bogus", "`7`"):
        assert said in warning.value


def test_what_the_hand_let_go_of_goes_to_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def probe() -> None:
        from pages.long_term import LESSON
        from pages.parts.long_term import matrix_powers

        matrix_powers(LESSON)

    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(long_term, "powers_figure", lambda key, data: sent.append(unpack(data)[0]))
    settings = {"re": 0.5, "im": 0.0, "other": -0.25, "angle": 90, "steps": 80, "step": 12}
    monkeypatch.setattr(long_term, "request_of", lambda key: {"seq": 3, "settings": settings})
    app = AppTest.from_function(probe, default_timeout=60).run()
    assert not app.exception
    said = {name: value if isinstance(value, str) else value[0] for name, value in dict(app.query_params).items()}
    assert said == {"re": "0.5", "im": "0", "other": "-0.25", "angle": "90", "step": "12"}
    assert {name: sent[-1][name] for name in settings} == settings
    # Set running, the clock leaves no step behind.
    running = {"seq": 4, "settings": {**settings, "step": None}}
    monkeypatch.setattr(long_term, "request_of", lambda key: running)
    app.run()
    assert "step" not in dict(app.query_params) and sent[-1]["step"] is None


def test_without_inputs_the_network_is_linear() -> None:
    assert network_norms(0.0) == pytest.approx(linear_norms(), rel=1e-8)
    assert recurrent.agreement(0.0).count(f"all {HORIZON} steps") == len(RADII)


def test_the_network_leaves_the_linear_prediction_where_it_saturates() -> None:
    measured, linear = network_norms(SCALE.default), linear_norms()
    by_radius = dict(zip(RADII, np.log10(measured[:, -1]), strict=True))
    # Vanishing stays as it is predicted; exploding is tamed by many powers of ten.
    assert by_radius[0.8] == pytest.approx(np.log10(linear[0, -1]), abs=0.1) and by_radius[0.8] < -9
    assert np.log10(linear[3, -1]) - by_radius[1.5] > 10
    assert "1.2: 30 and 1.5: 15" in recurrent.agreement(SCALE.default)
    # No slope of tanh exceeds 1: the first step back never exceeds ‖W‖.
    assert (measured[:, 0] <= linear[:, 0]).all()


def test_an_orthogonal_start_keeps_the_gradient() -> None:
    logs = starts(SCALE.default)
    last = {key: found[:, -1] for key, found in logs.items()}
    # One-sided, 40 seeds each: the orthogonal start has the larger gradient, at 99 % confidence.
    test = ttest_ind(last["orthogonal"], last["gaussian"], equal_var=False, alternative="greater")
    assert test.pvalue < 0.01
    assert 10 ** last["orthogonal"].min() > 0.5
    assert recurrent.compared(SCALE.default).startswith("Of a unit gradient, after 100 steps back: Gaussian 0.044 ")
    # In the linear network its length does not change at all.
    assert starts(0.0)["orthogonal"] == pytest.approx(np.zeros((recurrent.SEEDS, HORIZON)), abs=1e-9)


def test_large_inputs_undo_the_orthogonal_start() -> None:
    assert (starts(0.5)["orthogonal"][:, -1] < -9).all()


def test_the_confidence_interval_covers_as_often_as_it_says() -> None:
    samples = np.random.default_rng(0).normal(3, 2, (12, 4000))
    mean, half = recurrent.mean_and_error(samples)
    covered = (np.abs(mean - 3) < half).mean()
    # 4000 intervals: within four standard errors of 95 %.
    assert covered == pytest.approx(recurrent.CONFIDENCE, abs=4 * np.sqrt(0.95 * 0.05 / 4000))


def test_clipping_lets_more_runs_learn() -> None:
    (free, free_norms), (clipped, _) = trained().values()
    assert free.shape == free_norms.shape == (RUNS, recurrent.TRAINING)
    counts = [recurrent.solved(losses) for losses in (free, clipped)]
    # Fisher's exact test, one-sided, at 99 % confidence.
    table = [[RUNS - counts[0], counts[0]], [RUNS - counts[1], counts[1]]]
    assert fisher_exact(table, alternative="greater").pvalue < 0.01
    # The same runs: only the first loss is before any step was cut.
    assert free[:, 0] == pytest.approx(clipped[:, 0])
    bound = min(THRESHOLDS.values())
    assert free_norms.max() > 1000 * bound
    assert f"{counts[0]} of {RUNS} runs solve it" in recurrent.remembered()
    assert recurrent.remembered().endswith(f"the longest step is {recurrent.RATE * bound:g}.")


def test_the_share_of_solved_runs() -> None:
    losses = np.ones((4, recurrent.AVERAGED + 1))
    losses[0] = 0
    losses[1] = np.nan
    share, low, high = recurrent.share_solved(losses)
    assert share == pytest.approx([0.25, 0.25])
    assert (low < share).all() and (share < high).all() and recurrent.solved(losses) == 1
