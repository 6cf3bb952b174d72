"""Small networks on small data: which losses are convex, which minima are harmless, which are bad."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import landscapes
from landscapes import SURFACES, critical_points
from landscapes.networks import CLASSES, data_points

ON_DATA = ["one_neuron", "soft_margin_svm", "linear_regression", "hidden_layer"]
CONVEX = ["one_neuron", "soft_margin_svm", "linear_regression"]


def values(key: str, points: np.ndarray, **knobs: float) -> np.ndarray:
    """Values (N,) at points (N, 2)."""
    surface = SURFACES[key]
    return np.asarray(jax.vmap(lambda p: surface.f(p, **surface.fill(knobs)))(points))


def eigenvalues(key: str, n: int = 41, **knobs: float) -> np.ndarray:
    """Hessian eigenvalues (n², 2) on a grid over the box."""
    surface = SURFACES[key]
    x_low, x_high, y_low, y_high = surface.box
    grid = np.stack(np.meshgrid(np.linspace(x_low, x_high, n), np.linspace(y_low, y_high, n)), axis=-1).reshape(-1, 2)
    hessians = jax.vmap(jax.hessian(lambda p: surface.f(p, **surface.fill(knobs))))(grid)
    return np.linalg.eigvalsh(hessians)


def dragged(seed: int) -> dict[str, float]:
    """All twelve coordinates of the data, drawn anew."""
    numbers = np.random.default_rng(seed).uniform(-3, 3, 12)
    names = (f"{axis}{i}" for i in range(1, 7) for axis in "uv")
    return dict(zip(names, numbers.tolist(), strict=True))


def polar(points: int = 721, radii: int = 300) -> np.ndarray:
    """Points (N, 2) of the whole plane: all directions, distances from a hundredth to three hundred."""
    angles = np.linspace(0, 2 * np.pi, points)[:-1]
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return (np.geomspace(1e-2, 300, radii)[:, None, None] * ring).reshape(-1, 2)


@pytest.mark.parametrize("key", ON_DATA)
def test_all_twelve_coordinates_are_data(key: str) -> None:
    data = [name for name, knob in SURFACES[key].knobs.items() if knob.datum]
    assert data == list(dragged(0))
    assert len(CLASSES) == len(data) // 2
    assert not any(knob.datum for name, knob in SURFACES[key].knobs.items() if name not in data)


def test_data_points_follow_the_knobs() -> None:
    default = np.asarray(data_points({}))
    moved = np.asarray(data_points({"v2": -2.5, "ridge": 0.5}))
    assert default.shape == (6, 2)
    assert np.argwhere(moved != default).tolist() == [[1, 1]]
    assert moved[1, 1] == -2.5


def test_a_line_through_the_origin_only_just_parts_the_default_classes() -> None:
    signed = np.asarray(data_points({})) * np.array(CLASSES)[:, None]
    angles = np.linspace(0, 2 * np.pi, 3601)
    parts = (np.stack([np.cos(angles), np.sin(angles)], axis=1) @ signed.T > 0).all(axis=1)
    assert 0 < parts.mean() < 0.05


@pytest.mark.parametrize("key", CONVEX)
@pytest.mark.parametrize("seed", range(4))
def test_convex_wherever_the_data_are(key: str, seed: int) -> None:
    surface = SURFACES[key]
    rng = np.random.default_rng(seed)
    low, high = np.array(surface.box[0::2]), np.array(surface.box[1::2])
    a, b = rng.uniform(low, high, (2, 4000, 2))
    share = rng.uniform(0, 1, (4000, 1))
    data = dragged(seed)
    chord = share[:, 0] * values(key, a, **data) + (1 - share[:, 0]) * values(key, b, **data)
    below = values(key, share * a + (1 - share) * b, **data)
    assert (below <= chord + 1e-12 * np.abs(chord)).all()
    if surface.smooth:
        assert eigenvalues(key, **data).min() > 0


@pytest.mark.parametrize("key", ["one_neuron", "linear_regression"])
def test_the_convex_ones_have_one_critical_point(key: str) -> None:
    assert [c.kind for c in critical_points(key)] == ["minimum"]


def test_one_neuron_has_no_bound_without_a_ridge_while_a_line_parts_the_classes() -> None:
    minima = [critical_points("one_neuron", (-30, 30, -30, 30), ridge=ridge)[0].point for ridge in (0.1, 0.01, 0.001)]
    lengths = [np.linalg.norm(point) for point in minima]
    assert lengths[0] < lengths[1] / 1.5 < lengths[2] / 1.5**2


@pytest.mark.parametrize("key", ["one_neuron", "hidden_layer"])
def test_logistic_losses_survive_huge_weights(key: str) -> None:
    far = np.array([[1e6, -1e6], [-1e6, -1e6], [1e6, 1e6]])
    surface = SURFACES[key]
    gradients = jax.jit(jax.vmap(jax.grad(surface.f)))(jnp.asarray(far))
    assert np.isfinite(values(key, far)).all()
    assert np.isfinite(gradients).all()


@pytest.mark.parametrize("seed", [None, 0, 1])
def test_linear_regression_against_least_squares(seed: int | None) -> None:
    data = {} if seed is None else dragged(seed)
    u, v = np.asarray(data_points(data)).T
    line, residual, _, _ = np.linalg.lstsq(np.stack([u, np.ones(6)], axis=1), v)
    found = critical_points("linear_regression", (-9, 9, -9, 9), **data)
    assert found[0].point == pytest.approx(line, abs=1e-9)
    assert found[0].value == pytest.approx(residual[0] / 6)
    if seed is None:
        assert SURFACES["linear_regression"].minima[0] == pytest.approx(line, abs=1e-14)


def test_zero_is_a_subgradient_at_the_svm_s_minimum_and_it_lies_on_a_fold() -> None:
    surface = SURFACES["soft_margin_svm"]
    best = surface.minima[0]
    signed = np.asarray(data_points({})) * np.array(CLASSES)[:, None]
    margins = signed @ best
    on_fold = np.abs(margins - 1) < 1e-12
    assert on_fold.sum() == 1
    # The penalty's pull is what the points within the margin and a share of the one on it push.
    pull = surface.knobs["ridge"].default * best - signed[margins < 1 - 1e-12].sum(axis=0) / 6
    share = 6 * pull @ signed[on_fold][0] / (signed[on_fold][0] @ signed[on_fold][0])
    assert 0 < share < 1
    assert pull == pytest.approx(share / 6 * signed[on_fold][0], abs=1e-14)


def test_through_a_hidden_layer_the_loss_is_not_convex() -> None:
    found = critical_points("hidden_layer")
    assert [c.kind for c in found] == ["minimum", "minimum", "saddle"]
    assert found[1].value > found[0].value + 0.05
    assert (np.sign(found[0].point) == -np.sign(found[1].point)).all()
    assert eigenvalues("hidden_layer").min() < -0.2


def test_the_hidden_layer_reduces_to_its_formula() -> None:
    points, classes = np.asarray(data_points({})), np.array(CLASSES)
    hidden = np.tanh(points @ np.array([[0.3, -1.2], [1, -1]]))
    expected = np.log1p(np.exp(-classes * (hidden @ [2, 2]))).mean() + 0.02 / 2 * (0.3**2 + 1.2**2)
    assert landscapes.value("hidden_layer", (0.3, -1.2), ridge=0.02) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("key", ["two_layer_linear", "two_layer_relu"])
def test_the_hyperbola_is_lowest_everywhere(key: str) -> None:
    x = np.linspace(0.1, 10, 400)
    curve = np.stack([x, 1 / x], axis=1)
    gradients = jax.jit(jax.vmap(jax.grad(SURFACES[key].f)))(curve)
    assert values(key, curve) == pytest.approx(np.zeros(400), abs=1e-30)
    assert np.abs(gradients).max() < 1e-14
    assert values(key, -curve) == pytest.approx(np.full(400, 0 if key == "two_layer_linear" else 0.5), abs=1e-30)


@pytest.mark.parametrize("decay", [0.05, 0.5, 0.95])
def test_weight_decay_leaves_one_minimum_of_each_branch(decay: float) -> None:
    lowest = np.sqrt(1 - decay)
    linear = critical_points("two_layer_linear", weight_decay=decay)
    assert [c.kind for c in linear] == ["minimum", "minimum", "saddle"]
    assert sorted(c.point[0] for c in linear[:2]) == pytest.approx([-lowest, lowest])
    assert all(c.point[0] == pytest.approx(c.point[1]) for c in linear[:2])
    assert linear[2].point == pytest.approx([0, 0], abs=1e-9)
    relu = critical_points("two_layer_relu", weight_decay=decay)
    assert [c.kind for c in relu] == ["minimum", "saddle"]
    assert relu[0].point == pytest.approx([lowest, lowest])


@pytest.mark.parametrize("key", ["two_layer_linear", "two_layer_relu"])
def test_strong_weight_decay_leaves_only_the_origin(key: str) -> None:
    (only,) = critical_points(key, weight_decay=1.2)
    assert only.kind == "minimum"
    assert only.point == pytest.approx([0, 0], abs=1e-9)


def test_a_whole_curve_of_minima_is_listed_once() -> None:
    found = critical_points("two_layer_linear")
    assert [(c.kind, c.value) for c in found] == [("degenerate", 0), ("saddle", 0.5)]
    assert landscapes.minima("two_layer_linear").tolist() == [[1, 1]]


def test_half_of_the_plane_is_dead_flat_under_a_rectified_linear_unit() -> None:
    off = np.random.default_rng(0).uniform((-2.5, -2.5), (0, 2.5), (1000, 2))
    assert (np.asarray(jax.vmap(jax.grad(SURFACES["two_layer_relu"].f))(off)) == 0).all()
    assert (values("two_layer_relu", off) == 0.5).all()


def test_a_single_unit_has_a_strict_minimum_that_is_not_global() -> None:
    good, bad, saddle = critical_points("spurious_minimum")
    assert [c.kind for c in (good, bad, saddle)] == ["minimum", "minimum", "saddle"]
    assert min(good.eigenvalues[0], bad.eigenvalues[0]) > 0.05
    assert 1.85 * good.value < bad.value < saddle.value
    # The better one is global in the whole plane, limits of ever larger weights included.
    assert values("spurious_minimum", polar()).min() > good.value
    inputs, targets = np.array([-1.5, 0.5, 3]), np.array([-0.8, 0.8, -0.8])
    outputs = np.tanh(bad.point[0] * inputs + bad.point[1])
    assert outputs[:2] == pytest.approx(targets[:2], abs=0.03)
    assert outputs[2] > 0.99


def test_the_squared_error_s_minimum_fails_to_separate_what_can_be_separated() -> None:
    (only,) = critical_points("brady", (-3, 3, -3, 3))
    assert only.kind == "minimum" and only.eigenvalues[0] > 1
    # A point (u, class) is on the right side of the unit (x, y) where class · (x u + y) > 0.
    signed = np.array([[1, -1], [0, 1], [1, 1], [2, 1], [6, 1], [10, 1]])
    assert (signed @ only.point > 0).tolist() == [False, True, True, True, True, True]
    assert (signed @ np.array(SURFACES["brady"].start) > 0).all()
    plane = polar()
    loss = values("brady", plane)
    separating = (plane @ signed.T > 0).all(axis=1)
    assert separating.any()
    assert loss.min() > only.value
    assert loss[separating].min() > only.value + 0.004
