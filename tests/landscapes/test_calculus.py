"""Layout, types and compile counts of values, derivatives and grids."""

import numpy as np
import pytest

import landscapes
from landscapes import SURFACES
from landscapes.calculus import _computed
from tests.compilations import Compilations, variants


@pytest.mark.parametrize("key", ["beale", "mccormick", "ill_conditioned"])
def test_grid_rows_are_y_and_columns_are_x(key: str) -> None:
    box = (-1.0, 2.0, 0.25, 1.0)
    x, y, z = landscapes.on_grid(key, box, n=7)
    assert x.shape == y.shape == (7,) and z.shape == (7, 7)
    assert {a.dtype for a in (x, y, z)} == {np.dtype(np.float32)}
    assert (x[0], x[-1], y[0], y[-1]) == box
    for i in range(7):
        for j in range(7):
            assert z[i, j] == pytest.approx(
                landscapes.value(key, (np.linspace(-1, 2, 7)[j], np.linspace(0.25, 1, 7)[i]))
            )


def test_grid_covers_the_surface_s_own_box_by_default_and_turns_with_the_knobs() -> None:
    x, y, z = landscapes.on_grid("rosenbrock", b=1.0)
    assert (x[0], x[-1], y[0], y[-1]) == SURFACES["rosenbrock"].box
    assert z.shape == (101, 101)
    assert z.max() < landscapes.on_grid("rosenbrock")[2].max()


def test_curvature_on_a_grid_is_the_eigenvalues_of_the_hessian() -> None:
    x, y, eigenvalues = landscapes.curvature_on_grid("himmelblau", n=9)
    for i, j in ((0, 0), (3, 7), (8, 2)):
        expected = np.linalg.eigvalsh(landscapes.hessian("himmelblau", (x[j], y[i])))
        assert eigenvalues[i, j] == pytest.approx(expected)
    holes = landscapes.curvature_on_grid(landscapes.parse("log(x) + y^2"), n=5)[2]
    assert np.isnan(holes[:, 0]).all() and np.isfinite(holes[:, -1]).all()


def test_value_gradient_and_hessian_are_64_bit_numpy() -> None:
    assert isinstance(landscapes.value("sphere", (3, 4)), float)
    assert landscapes.value("sphere", (3, 4)) == 25
    gradient, hessian = landscapes.gradient("sphere", [3, 4]), landscapes.hessian("sphere", np.float32([3, 4]))
    assert type(gradient) is type(hessian) is np.ndarray
    assert gradient.dtype == hessian.dtype == np.float64
    assert gradient.tolist() == [6, 8]
    assert hessian.tolist() == [[2, 0], [0, 2]]


def test_key_and_object_are_the_same() -> None:
    assert landscapes.value(SURFACES["booth"], (0, 0)) == landscapes.value("booth", (0, 0)) == 74


def test_no_knob_recompiles(compilations: Compilations) -> None:
    landscapes.gradient("rosenbrock", (0, 0))
    before = variants(_computed, SURFACES["rosenbrock"], "gradient")
    with compilations() as found:
        for b in (1.0, 2.5, 999.0):
            landscapes.gradient("rosenbrock", (0.5, b), b=b)
    assert found[0] == 0
    assert variants(_computed, SURFACES["rosenbrock"], "gradient") == before > 0


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(KeyError, match=r"unknown surface 'sphare'; there are .*sphere"):
        landscapes.value("sphare", (0, 0))
    with pytest.raises(TypeError, match="sphere has no b; it has no knobs"):
        landscapes.value("sphere", (0, 0), b=1.0)
