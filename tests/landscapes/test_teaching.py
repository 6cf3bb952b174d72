"""The numbers that the lessons lean on."""

import jax
import numpy as np
import pytest

import landscapes
from landscapes import SURFACES


def slopes(key: str, points: np.ndarray, **knobs: float) -> np.ndarray:
    """Gradient norms at points (N, 2)."""
    surface = SURFACES[key]
    gradients = jax.jit(jax.vmap(lambda p: jax.grad(surface.f)(p, **surface.fill(knobs))))(points)
    return np.linalg.norm(gradients, axis=1)


def scattered(key: str, count: int) -> np.ndarray:
    x_low, x_high, y_low, y_high = SURFACES[key].box
    return np.random.default_rng(0).uniform((x_low, y_low), (x_high, y_high), (count, 2))


def test_the_worked_example_of_a_step_that_makes_things_worse() -> None:
    start = np.array(SURFACES["ill_conditioned"].start)
    assert landscapes.value("ill_conditioned", start) == 13
    assert landscapes.gradient("ill_conditioned", start) == pytest.approx([50, 1])
    after = start - 0.05 * landscapes.gradient("ill_conditioned", start)
    assert after == pytest.approx([-2, 0.95])
    assert landscapes.value("ill_conditioned", after) == pytest.approx(200.45125)


@pytest.mark.parametrize("angle", [0.0, 30.0, -75.0])
def test_ill_conditioned_keeps_its_eigenvalues_when_turned(angle: float) -> None:
    hessian = landscapes.hessian("ill_conditioned", (0.3, -0.2), condition_number=37.0, angle=angle)
    assert np.linalg.eigvalsh(hessian) == pytest.approx([1, 37])


@pytest.mark.parametrize(
    ("key", "minimum", "condition_number"),
    [("rosenbrock", (1, 1), 2508), ("beale", (3, 0.5), 162.5), ("booth", (1, 3), 9), ("matyas", (0, 0), 25)],
)
def test_condition_numbers(key: str, minimum: tuple[float, float], condition_number: float) -> None:
    low, high = np.linalg.eigvalsh(landscapes.hessian(key, minimum))
    assert high / low == pytest.approx(condition_number, rel=2e-4)


@pytest.mark.parametrize(("key", "height"), [("cliff", 0.0), ("recurrent_cliff", -2.4)])
def test_a_cliff_is_far_steeper_than_the_rest_of_the_box(key: str, height: float) -> None:
    x_low, x_high, _, _ = SURFACES[key].box
    across = np.stack([np.linspace(x_low, x_high, 20001), np.full(20001, height)], axis=1)
    elsewhere = slopes(key, scattered(key, 4000))
    assert slopes(key, across).max() > 100 * np.median(elsewhere)
    assert slopes(key, across).max() > 80 * np.quantile(elsewhere, 0.9)


def test_one_step_over_the_cliff_leaves_the_box_and_a_clipped_one_does_not() -> None:
    surface = SURFACES["cliff"]
    edge = np.array([-0.5, 0.0])
    step = 0.4 * landscapes.gradient(surface, edge)
    assert (edge - step)[0] < surface.box[0]
    assert (edge - step / np.linalg.norm(step))[0] > surface.box[0]


@pytest.mark.parametrize("knobs", [{}, {"radius": 0.4}])
def test_every_point_of_the_flat_bottom_is_lowest(knobs: dict[str, float]) -> None:
    x, y, z = landscapes.on_grid("flat_bottom", n=301, **knobs)
    distance = np.hypot(*np.meshgrid(x, y))
    radius = knobs.get("radius", 1.0)
    assert (z[distance < radius] == 0).all()
    assert (z[distance > radius + 1e-2] > 0).all()


def test_the_plateau_is_flat_far_out_though_the_loss_is_high() -> None:
    near, far = (np.linalg.norm(landscapes.gradient("plateau", (x, 0.0))) for x in (2.0, 6.0))
    assert landscapes.value("plateau", (6.0, 0.0)) > 0.999
    assert far < 1e-5 * near


def test_untilted_wells_are_equally_deep() -> None:
    assert [landscapes.value("tilted_double_well", (x, 0), tilt=0.0) for x in (-1, 1)] == [0, 0]


def test_fewer_time_steps_make_a_gentler_recurrent_cliff() -> None:
    points = np.stack([np.linspace(3, 6.5, 20001), np.full(20001, -2.4)], axis=1)
    steepest = [slopes("recurrent_cliff", points, time_steps=t).max() for t in (2.0, 10.0, 50.0)]
    assert 25 * steepest[0] < 5 * steepest[1] < steepest[2]
