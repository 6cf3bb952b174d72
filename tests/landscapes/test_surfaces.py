"""What holds for every surface, and the declared facts against the verified table."""

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import landscapes
from landscapes import SURFACES, Surface

EVERY = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)

# Values at the global minima, recomputed outside this project (six digits), and those of our own surfaces.
LOWEST = {
    "sphere": 0,
    "rosenbrock": 0,
    "himmelblau": 0,
    "rastrigin": 0,
    "ackley": 0,
    "beale": 0,
    "styblinski_tang": -78.332331,
    "six_hump_camel": -1.031628453,
    "three_hump_camel": 0,
    "goldstein_price": 3,
    "booth": 0,
    "matyas": 0,
    "mccormick": -1.913223,
    "easom": -1,
    "levy": 0,
    "levy_13": 0,
    "eggholder": -959.640663,
    "branin": 0.397887358,
    "griewank": 0,
    "drop_wave": -1,
    "bohachevsky_1": 0,
    "bukin_6": 0,
    "cross_in_tray": -2.062612,
    "holder_table": -19.208503,
    "michalewicz": -1.801303,
    "schaffer_4": 0.292579,
    "two_gaussians": -2.063090,
    "ill_conditioned": 0,
    "tilted_double_well": -0.621025,
    "quartic_bowl": 0,
    "flat_bottom": 0,
    "plateau": 0,
    "cliff": 0.037121,
    "mountain": -0.805635,
    "banana": 0,
    "one_neuron": 0.259642,
    "soft_margin_svm": 0.431291,
    "linear_regression": 0.857191,
    "hidden_layer": 0.538493,
    "two_layer_linear": 0,
    "two_layer_relu": 0,
    "spurious_minimum": 0.567096,
    "brady": 0.103419,
    "generated_regression": 0.395900,
    "generated_logistic": 0.235374,
    "diabetes_regression": 0.302003,
    "iris_logistic": 0.106013,
}
WITHOUT_MINIMUM = {"saddle", "monkey_saddle", "recurrent_cliff"}
# At these minima there is no positive definite Hessian: one that is singular, a kink, or the edge of the box.
IRREGULAR = {"quartic_bowl", "flat_bottom", "ackley", "bukin_6", "eggholder"}
IRREGULAR |= {"soft_margin_svm", "two_layer_linear", "two_layer_relu"}


CHUNK = 2048


@cache
def compiled(surface: Surface):
    return jax.jit(jax.vmap(lambda p, knobs: jax.value_and_grad(surface.f)(p, **knobs), (0, None)))


def both(surface: Surface, points: np.ndarray, **knobs: float) -> tuple[np.ndarray, np.ndarray]:
    """Values (N,) and gradients (N, 2) at points (N, 2), in their dtype, by chunks of one size that compile once."""
    count = len(points)
    chunks = np.resize(points, (-(-count // CHUNK), CHUNK, 2))
    answers = [compiled(surface)(chunk, surface.fill(knobs)) for chunk in chunks]
    values, gradients = (np.concatenate(part)[:count] for part in zip(*answers, strict=True))
    return values, gradients


def grid(surface: Surface, n: int) -> np.ndarray:
    x_low, x_high, y_low, y_high = surface.box
    return np.stack(np.meshgrid(np.linspace(x_low, x_high, n), np.linspace(y_low, y_high, n)), axis=-1).reshape(-1, 2)


def in_box(surface: Surface, points: np.ndarray) -> np.ndarray:
    low, high = np.array(surface.box[0::2]), np.array(surface.box[1::2])
    return ((points >= low) & (points <= high)).all(axis=-1)


def test_table_covers_every_surface() -> None:
    assert set(SURFACES) == set(LOWEST) | WITHOUT_MINIMUM
    assert {key for key, surface in SURFACES.items() if not len(surface.minima)} == WITHOUT_MINIMUM


@EVERY
def test_caption_is_complete(surface: Surface) -> None:
    caption = surface.caption
    assert "$" not in caption.title and 0 < len(caption.title) < 60
    assert caption.formula and "$" not in caption.formula
    assert len(caption.notice) > 60
    assert any(word in caption.source for word in ("19", "20", "summary")), "no year, and not the summary's own"


@EVERY
def test_start_and_minima_lie_in_the_box(surface: Surface) -> None:
    assert in_box(surface, np.array(surface.start))
    assert in_box(surface, surface.minima).all()
    assert all(not np.allclose(surface.start, minimum) for minimum in surface.minima)


@pytest.mark.parametrize("key", LOWEST)
def test_value_at_declared_minima(key: str) -> None:
    surface = SURFACES[key]
    values, _ = both(surface, surface.minima)
    # A value that the table gives as a whole number is exact; rounding alone remains.
    tolerance = 1e-12 if LOWEST[key] == round(LOWEST[key]) else 6e-7
    assert values == pytest.approx(np.full(len(values), LOWEST[key]), abs=tolerance)


@pytest.mark.parametrize("key", sorted(set(LOWEST) - IRREGULAR))
def test_declared_minima_to_nine_digits(key: str) -> None:
    surface = SURFACES[key]
    for minimum in surface.minima:
        hessian = landscapes.hessian(surface, minimum)
        assert np.linalg.eigvalsh(hessian)[0] > 0
        newton_step = np.linalg.solve(hessian, both(surface, minimum[None])[1][0])
        assert np.abs(newton_step).max() < 1e-9 * max(1, np.abs(minimum).max())


@pytest.mark.parametrize("key", LOWEST)
def test_nothing_in_the_box_is_lower_than_the_declared_minima(key: str) -> None:
    surface = SURFACES[key]
    bottom = both(surface, surface.minima)[0].min()
    slack = 1e-12 * max(1, abs(bottom))
    assert both(surface, grid(surface, 401))[0].min() >= bottom - slack
    angles = np.linspace(0, 2 * np.pi, 37)[:-1]
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for minimum in surface.minima:
        near = np.concatenate([minimum + radius * ring for radius in (1e-5, 1e-3, 1e-1)])
        assert both(surface, near[in_box(surface, near)])[0].min() >= bottom - slack


@settings(max_examples=15)
@given(place=st.tuples(*[st.floats(0.01, 0.99)] * 2))
@EVERY
def test_gradient_against_central_differences(surface: Surface, place: tuple[float, float]) -> None:
    low, high = np.array(surface.box[0::2]), np.array(surface.box[1::2])
    p = low + (high - low) * np.array(place)
    # The error of a fourth-order difference from the four points next to it is far below what is asserted.
    steps = 2e-6 * np.array([-4, -2, -1, 1, 2, 4])
    points = np.concatenate([p + np.outer(steps, axis) for axis in np.eye(2)] + [p[None]])
    values, gradients = both(surface, points)
    weights = np.array([1, -8, 8, -1]) / 12
    along = values[:-1].reshape(2, 6)
    near = along[:, 1:5] @ weights / 2e-6
    sides = along[:, [[1, 0], [4, 5]]]
    left, right = (4 * sides[..., 0] - sides[..., 1] - 3 * values[-1]).T / 8e-6
    noise = 1e-9 * max(1, np.abs(values).max())
    size = max(np.abs(near).max(), noise)
    # Where two sides disagree there is a kink, and no difference says anything about the gradient.
    assume(surface.smooth or np.abs(left + right).max() < 1e-6 * size + noise)
    assert gradients[-1] == pytest.approx(near, abs=2e-6 * size + noise)


@settings(max_examples=8)
@given(place=st.tuples(*[st.floats(0.01, 0.99)] * 2))
@pytest.mark.parametrize("surface", [s for s in SURFACES.values() if s.smooth], ids=lambda s: s.key)
def test_hessian_is_symmetric_and_the_slope_of_the_gradient(surface: Surface, place: tuple[float, float]) -> None:
    low, high = np.array(surface.box[0::2]), np.array(surface.box[1::2])
    p = low + (high - low) * np.array(place)
    hessian = landscapes.hessian(surface, p)
    size = np.abs(hessian).max()
    assert hessian == pytest.approx(hessian.T, abs=1e-12 * size)
    points = np.concatenate([p + np.outer(2e-6 * np.array([-2, -1, 1, 2]), axis) for axis in np.eye(2)])
    gradients = both(surface, points)[1].reshape(2, 4, 2)
    differences = np.einsum("k,akb->ab", np.array([1, -8, 8, -1]) / 12 / 2e-6, gradients)
    noise = 1e-9 * max(1, np.abs(gradients).max())
    assert hessian == pytest.approx(differences, abs=1e-5 * size + noise)


@EVERY
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_dtype_of_the_point_is_kept(surface: Surface, dtype: jnp.dtype) -> None:
    point = jax.ShapeDtypeStruct((2,), dtype)
    for f in (surface.f, partial(surface.f, **surface.fill({}))):
        value, gradient = jax.eval_shape(jax.value_and_grad(f), point)
        assert (value.shape, value.dtype) == ((), dtype)
        assert (gradient.shape, gradient.dtype) == ((2,), dtype)


@EVERY
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_and_gradients_are_finite_on_the_whole_box(surface: Surface, dtype: type) -> None:
    middle = np.array([[np.mean(surface.box[:2]), np.mean(surface.box[2:])]])
    # An odd number of points puts axes, diagonals and the middle on the grid: the places where roots and moduli kink.
    points = np.concatenate([grid(surface, 101), surface.minima, middle]).astype(dtype)
    for values in both(surface, points):
        assert values.dtype == dtype
        assert np.isfinite(values).all()


@pytest.mark.parametrize("surface", [s for s in SURFACES.values() if s.smooth], ids=lambda s: s.key)
def test_hessian_is_finite_at_special_points(surface: Surface) -> None:
    middle = (np.mean(surface.box[:2]), np.mean(surface.box[2:]))
    for point in [middle, surface.start, *surface.minima]:
        assert np.isfinite(landscapes.hessian(surface, point)).all()


@pytest.mark.parametrize(("key", "name"), [(key, name) for key, surface in SURFACES.items() for name in surface.knobs])
def test_both_ends_of_every_knob_give_a_finite_and_different_surface(key: str, name: str) -> None:
    surface = SURFACES[key]
    knob = surface.knobs[name]
    default, _ = both(surface, grid(surface, 101))
    for end in (knob.low, knob.high):
        if end == knob.default:
            continue
        values, gradients = both(surface, grid(surface, 101), **{name: end})
        assert np.isfinite(values).all() and np.isfinite(gradients).all()
        assert not np.allclose(values, default)
