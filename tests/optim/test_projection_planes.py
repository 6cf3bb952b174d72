"""Planes hold what they say they hold, and their losses are the network's."""

import numpy as np
import pytest

from landscapes.datasets import two_moons
from landscapes.mlp import MLP
from optim.projection import (
    Plane,
    barrier,
    extent,
    filter_normalised,
    losses,
    on_line,
    on_plane,
    path_plane,
    random_plane,
)
from optim.training import Recipe, train

DATA = two_moons()
NET = MLP(2, 2, 6, 2)
RUN = train(Recipe(NET, DATA, "adam", 0.01, 32, 300))


def test_a_plane_places_its_own_points() -> None:
    random = np.random.default_rng(0)
    # Axes that are neither of length one nor at right angles.
    plane = Plane(random.standard_normal(9), random.standard_normal((2, 9)))
    places = random.standard_normal((5, 2))
    assert plane.place(plane.points(places)) == pytest.approx(places)
    assert plane.share(plane.points(places)) == pytest.approx(1)
    away = random.standard_normal((50, 9))
    residual = away - plane.points(plane.place(away))
    assert residual @ plane.axes.T == pytest.approx(0, abs=1e-12)
    assert plane.share(np.ones((3, 9))) == 1


def test_the_path_s_plane_is_that_of_the_principal_components() -> None:
    plane = path_plane([RUN.weights])
    assert plane.axes @ plane.axes.T == pytest.approx(np.eye(2), abs=1e-9)
    values = np.linalg.eigvalsh(np.cov(RUN.weights.astype(float).T))
    assert plane.share(RUN.weights) == pytest.approx(values[-2:].sum() / values.sum())
    assert plane.place(RUN.weights[-1:]) == pytest.approx(np.zeros((1, 2)), abs=1e-9)
    assert (plane.place(RUN.weights[:1]) <= 0).all()
    random = random_plane(NET, RUN.weights[-1])
    assert random.share(RUN.weights) < 0.5 * plane.share(RUN.weights)


def test_filter_normalisation_gives_each_unit_its_own_length() -> None:
    weights, drawn = RUN.weights[-1].astype(float), np.random.default_rng(1).standard_normal(NET.size)
    made = filter_normalised(NET, drawn, weights)
    for scaled, own, raw in zip(*(NET.layers(each) for each in (made, weights, drawn)), strict=True):
        assert np.linalg.norm(scaled, axis=-2) == pytest.approx(np.linalg.norm(own, axis=-2))
        ratio = np.asarray(scaled) / np.asarray(raw)
        assert ratio == pytest.approx(np.broadcast_to(ratio[..., :1, :], ratio.shape))


def test_it_takes_the_scale_of_the_layers_out_of_the_picture() -> None:
    # Doubling one rectifier layer and halving the next leaves the function, and must leave its picture.
    net = MLP(2, 2, 6, 1, "relu")
    weights = net.start(0).astype(float)
    first, hidden, last = (np.array(layer) for layer in net.layers(weights))
    last[:-1] /= 8
    scaled = np.asarray(net.flat(type(net.layers(weights))(8 * first, hidden, last)))
    drawn = np.random.default_rng(1).standard_normal(net.size)
    drawn[-2:] = 0
    moved = [each + 0.5 * filter_normalised(net, drawn, each) for each in (weights, scaled)]
    # The last layer's biases are 0 here, and its direction in them too: each column scales as a whole.
    ours, theirs = losses(net, np.array(moved), DATA)
    plain = losses(net, np.array([weights + 0.5 * drawn, scaled + 0.5 * drawn]), DATA)
    assert ours == pytest.approx(theirs, rel=1e-4)
    assert abs(plain[0] - plain[1]) > 0.01


def test_losses_on_planes_and_lines_are_the_network_s() -> None:
    plane = path_plane([RUN.weights])
    a, b = np.linspace(-1, 1, 4), np.linspace(-2, 2, 3)
    z = on_plane(NET, plane, DATA, a, b)
    assert z.shape == (3, 4)
    for i, j in ((0, 0), (2, 1), (1, 3)):
        at = plane.points(np.array([[a[j], b[i]]]))[0]
        assert z[i, j] == pytest.approx(float(NET.value(at, *DATA.part)), rel=1e-4)
    along = on_line(NET, RUN.weights[0], RUN.weights[-1], DATA, np.array([0.0, 0.5, 1.0]))
    assert along[[0, 2]] == pytest.approx(RUN.losses[[0, -1]], rel=1e-4)
    middle = (RUN.weights[0].astype(float) + RUN.weights[-1]) / 2
    assert along[1] == pytest.approx(float(NET.value(middle, *DATA.part)), rel=1e-4)


def test_a_barrier_is_measured_from_the_chord() -> None:
    shares = np.linspace(0, 1, 5)
    assert barrier(np.array([1, 1, 1, 1, 3.0]), shares) == 0
    assert barrier(np.array([1, 2.5, 2, 2.5, 3.0]), shares) == pytest.approx(1)


def test_extents_hold_the_paths_and_are_never_a_line() -> None:
    low_a, high_a, low_b, high_b = extent([np.array([[0.0, 1], [4, 1]])])
    assert low_a < 0 and high_a > 4 and high_b - low_b > 1
    assert extent([np.zeros((2, 2))], least=2.0) == (-2, 2, -2, 2)
