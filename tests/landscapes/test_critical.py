"""Critical points against the verified table, and that looking for them never compiles twice."""

from collections import Counter

import numpy as np
import pytest

import landscapes
from landscapes import SURFACES, calculus, critical, critical_points, minima
from landscapes.surface import Surface
from tests.compilations import Compilations, variants

# (surface, kind, value, points), six digits, recomputed outside this project.
FACTS = [
    ("himmelblau", "minimum", 0, [(3, 2), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127)]),
    ("himmelblau", "maximum", 181.6165, [(-0.270845, -0.923039)]),
    ("himmelblau", "saddle", 13.3119, [(3.385154, 0.073852)]),
    ("himmelblau", "saddle", 67.7192, [(0.086678, 2.884255)]),
    ("himmelblau", "saddle", 104.0152, [(-3.073026, -0.081353)]),
    ("himmelblau", "saddle", 178.3372, [(-0.127961, -1.953715)]),
    ("rastrigin", "minimum", 0.994959, [(0.994959, 0), (-0.994959, 0), (0, 0.994959), (0, -0.994959)]),
    ("ackley", "minimum", 2.579928, [(0.952167, 0)]),
    ("beale", "saddle", 14.203125, [(0, 1)]),
    ("beale", "saddle", 9.864512, [(0.100538, -2.644514)]),
    ("styblinski_tang", "minimum", -64.195612, [(2.746803, -2.903534), (-2.903534, 2.746803)]),
    ("styblinski_tang", "minimum", -50.058893, [(2.746803, 2.746803)]),
    ("six_hump_camel", "minimum", -0.215464, [(1.703607, -0.796084), (-1.703607, 0.796084)]),
    ("six_hump_camel", "minimum", 2.104250, [(1.607105, 0.568651), (-1.607105, -0.568651)]),
    ("three_hump_camel", "minimum", 0.298638, [(1.747552, -0.873776), (-1.747552, 0.873776)]),
    ("three_hump_camel", "saddle", 0.877362, [(1.070542, -0.535271), (-1.070542, 0.535271)]),
    ("goldstein_price", "minimum", 30, [(-0.6, -0.4)]),
    ("goldstein_price", "minimum", 84, [(1.8, 0.2)]),
    ("goldstein_price", "minimum", 840, [(1.2, 0.8)]),
    ("mccormick", "minimum", 1.228370, [(2.594395, 1.594395)]),
    ("mccormick", "saddle", 1.913223, [(1.547198, 0.547198)]),
    ("griewank", "minimum", 0.007396, [(sx * 3.140023, sy * 4.438444) for sx in (-1, 1) for sy in (-1, 1)]),
    ("saddle", "saddle", 0, [(0, 0)]),
    ("monkey_saddle", "degenerate", 0, [(0, 0)]),
    ("quartic_bowl", "degenerate", 0, [(0, 0)]),
]
EIGENVALUES = [
    ("rosenbrock", (1, 1), (0.39936, 1001.6)),
    ("booth", (1, 3), (2, 18)),
    ("matyas", (0, 0), (0.04, 1)),
    ("saddle", (0, 0), (-2, 2)),
    ("monkey_saddle", (0, 0), (0, 0)),
]
# Minima, saddles, maxima. Rastrigin's and Bohachevsky's follow from their one-dimensional parts, which are added up.
COUNTS = {
    "himmelblau": (4, 4, 1),
    "rastrigin": (121, 220, 100),
    "bohachevsky_1": (25, 40, 16),
    "beale": (1, 2, 0),
    "styblinski_tang": (4, 4, 1),
    "six_hump_camel": (6, 7, 2),
    "three_hump_camel": (3, 2, 0),
    "goldstein_price": (4, 4, 1),
    "mccormick": (2, 1, 0),
    "branin": (3, 2, 0),
    "griewank": (17, 24, 18),
    "two_gaussians": (2, 1, 0),
    "tilted_double_well": (2, 1, 0),
    "cliff": (2, 1, 0),
    "rosenbrock": (1, 0, 0),
}
CLOSED = ["himmelblau", "styblinski_tang", "six_hump_camel", "rastrigin", "bohachevsky_1", "two_gaussians", "cliff"]


def nearest(found: list[landscapes.CriticalPoint], point: tuple[float, float]) -> landscapes.CriticalPoint:
    return min(found, key=lambda c: float(np.linalg.norm(c.point - np.array(point))))


@pytest.mark.parametrize(("key", "kind", "value", "points"), FACTS)
def test_known_critical_points(key: str, kind: str, value: float, points: list[tuple[float, float]]) -> None:
    for point in points:
        found = nearest(critical_points(key), point)
        assert found.point == pytest.approx(point, abs=1.1e-6)
        assert found.value == pytest.approx(value, abs=1.1e-6 if abs(value) < 10 else 6e-5)
        assert found.kind == kind


@pytest.mark.parametrize(("key", "point", "eigenvalues"), EIGENVALUES)
def test_known_eigenvalues(key: str, point: tuple[float, float], eigenvalues: tuple[float, float]) -> None:
    assert nearest(critical_points(key), point).eigenvalues == pytest.approx(eigenvalues, rel=1e-4, abs=1e-12)


@pytest.mark.parametrize("key", COUNTS)
def test_all_are_found_and_none_twice(key: str) -> None:
    kinds = Counter(c.kind for c in critical_points(key))
    assert (kinds["minimum"], kinds["saddle"], kinds["maximum"], kinds["degenerate"]) == (*COUNTS[key], 0)


@pytest.mark.parametrize("key", CLOSED)
def test_kinds_add_up_as_topology_demands(key: str) -> None:
    """Where the gradient points outwards all along the edge, minima − saddles + maxima = 1 (Poincaré and Hopf)."""
    surface = SURFACES[key]
    x_low, x_high, y_low, y_high = surface.box
    for t in np.linspace(0, 1, 101):
        x, y = x_low + t * (x_high - x_low), y_low + t * (y_high - y_low)
        assert landscapes.gradient(surface, (x_low, y))[0] < 0 < landscapes.gradient(surface, (x_high, y))[0]
        assert landscapes.gradient(surface, (x, y_low))[1] < 0 < landscapes.gradient(surface, (x, y_high))[1]
    kinds = Counter(c.kind for c in critical_points(surface))
    assert kinds["minimum"] - kinds["saddle"] + kinds["maximum"] == 1


@pytest.mark.parametrize("key", ["himmelblau", "rastrigin", "goldstein_price", "six_hump_camel", "levy", "cliff"])
def test_points_are_exact_and_what_is_said_of_them_is_true(key: str) -> None:
    found = critical_points(key)
    assert [c.value for c in found] == sorted(c.value for c in found)
    for c in found[:40]:
        hessian = landscapes.hessian(key, c.point)
        assert np.abs(np.linalg.solve(hessian, landscapes.gradient(key, c.point))).max() < 1e-12
        assert c.eigenvalues == pytest.approx(np.linalg.eigvalsh(hessian), rel=1e-6)
        assert c.value == pytest.approx(landscapes.value(key, c.point), abs=1e-12, rel=1e-12)
        signs = tuple(np.sign(c.eigenvalues))
        assert c.kind == {(1, 1): "minimum", (-1, 1): "saddle", (-1, -1): "maximum"}[signs]


@pytest.mark.parametrize("surface", [s for s in SURFACES.values() if s.smooth and len(s.minima)], ids=lambda s: s.key)
def test_declared_minima_are_found(surface: Surface) -> None:
    found = critical_points(surface)
    assert len(found) <= critical.LIMIT
    for minimum in surface.minima:
        match = nearest(found, minimum)
        assert match.point == pytest.approx(minimum, abs=1e-8)
        flat = surface.key in ("quartic_bowl", "flat_bottom", "two_layer_linear")
        assert match.kind == ("degenerate" if flat else "minimum")
    assert minima(surface)[: len(surface.minima)] == pytest.approx(surface.minima)


def test_a_continuum_is_one_point() -> None:
    (floor,) = critical_points("flat_bottom")
    assert floor.kind == "degenerate" and floor.value == 0
    (valley,) = critical_points("matyas", coupling=0.52)
    assert valley.kind == "degenerate" and valley.point[0] == pytest.approx(valley.point[1], abs=1e-6)
    rings = [c for c in critical_points("drop_wave") if c.kind == "degenerate"]
    assert len({round(c.value, 9) for c in rings}) == len(rings) > 5


def test_knobs_move_merge_and_change_the_kinds() -> None:
    assert Counter(c.kind for c in critical_points("tilted_double_well", tilt=2.0)) == {"minimum": 1}
    assert [c.kind for c in critical_points("matyas", coupling=0.6)] == ["saddle"]
    assert [c.kind for c in critical_points("rastrigin", amplitude=0.0)] == ["minimum"]
    assert critical_points("rosenbrock", b=3.0)[0].point == pytest.approx([1, 1])


def test_box_restricts_and_extends() -> None:
    corner = critical_points("himmelblau", (0, 5, 0, 5))
    assert Counter(c.kind for c in corner) == {"minimum": 1, "saddle": 2}
    assert len(critical_points("mccormick", (-5, 8, -6, 8))) > len(critical_points("mccormick"))


def test_minima_join_the_declared_and_the_found() -> None:
    assert minima("himmelblau").shape == (4, 2)
    assert minima("rastrigin").shape == (121, 2)
    assert minima("himmelblau", (0, 5, 0, 5)) == pytest.approx(np.array([[3, 2]]))
    assert minima("eggholder")[0] == pytest.approx([512, 404.231805], abs=1e-6)
    assert minima("ackley").shape == (121, 2)
    assert minima("saddle").shape == (0, 2)
    assert minima("quartic_bowl") == pytest.approx(np.zeros((1, 2)))
    assert minima("himmelblau").dtype == np.float64


def test_declared_minima_do_not_outlive_a_turned_knob() -> None:
    moved = minima("himmelblau", a=9.0)
    values = [landscapes.value("himmelblau", p, a=9.0) for p in moved]
    assert moved.shape == (4, 2)
    assert values == pytest.approx([0] * 4, abs=1e-12)
    assert not (np.abs(moved - [3, 2]).max(axis=1) < 1e-2).any()


def test_nothing_recompiles_for_another_knob_or_box(compilations: Compilations) -> None:
    # A number that no other test asks for: points that are known already would leave their search uncompiled.
    critical_points("himmelblau", a=10.8125)
    before = variants(calculus.derivatives, SURFACES["himmelblau"])
    with compilations() as found:
        critical_points("himmelblau", a=10.5)
        critical_points("himmelblau", b=6.5)
        critical_points("himmelblau", (-1, 5, -2, 4), a=12.0, b=3.25)
        minima("himmelblau", a=8.125)
    assert found[0] == 0
    assert variants(calculus.derivatives, SURFACES["himmelblau"]) == before > 0


def test_the_same_question_is_answered_from_memory() -> None:
    critical_points("himmelblau", a=7.75)
    hits = critical._search.cache_info().hits
    first, again = critical_points("himmelblau", a=7.75), critical_points("himmelblau", a=7.75)
    assert critical._search.cache_info().hits == hits + 2
    first.clear()
    assert len(again) == len(critical_points("himmelblau", a=7.75)) > 0
    with pytest.raises(ValueError, match="read-only"):
        again[0].point[0] = 1


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(TypeError, match="himmelblau has no c; it has a, b"):
        critical_points("himmelblau", c=1.0)
    with pytest.raises(KeyError, match="unknown surface 'hillblau'"):
        critical_points("hillblau")
    with pytest.raises(ValueError, match="empty"):
        critical_points("himmelblau", (1, 1, 0, 2))
