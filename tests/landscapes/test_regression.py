"""Surfaces that are means over examples: their data, and the losses of single examples."""

import jax.numpy as jnp
import numpy as np
import pytest

import landscapes
from landscapes import SURFACES, Surface
from landscapes.regression import GENERATED, diabetes, generated_classes, generated_line, iris

EVERY = pytest.mark.parametrize("surface", [s for s in SURFACES.values() if s.examples], ids=lambda s: s.key)
LINEAR = {"generated_regression": generated_line, "diabetes_regression": diabetes}
LOGISTIC = {"generated_logistic": generated_classes, "iris_logistic": iris}


def test_there_are_linear_and_logistic_ones_on_generated_and_on_real_data() -> None:
    assert {s.key for s in SURFACES.values() if s.examples} == set(LINEAR) | set(LOGISTIC)
    assert [len(load()[1]) for load in (generated_line, generated_classes, diabetes, iris)] == [
        GENERATED,
        GENERATED,
        442,
        100,
    ]


@EVERY
def test_the_surface_is_the_mean_loss(surface: Surface) -> None:
    assert surface.examples
    point = np.array(surface.start)
    losses = np.asarray(surface.examples.losses(jnp.asarray(point)))
    assert losses.shape == (surface.examples.count,)
    assert landscapes.value(surface, point) == pytest.approx(losses.mean(), rel=1e-12)
    rows = jnp.array([3, 0, 3])
    np.testing.assert_allclose(surface.examples.losses(jnp.asarray(point), rows), losses[[3, 0, 3]], rtol=1e-12)


@pytest.mark.parametrize("key", LINEAR)
def test_the_linear_minimum_is_that_of_least_squares(key: str) -> None:
    features, targets = LINEAR[key]()
    (minimum,) = SURFACES[key].minima
    np.testing.assert_allclose(minimum, np.linalg.lstsq(features, targets)[0], rtol=1e-9)


@pytest.mark.parametrize("key", LOGISTIC)
def test_the_logistic_minimum_is_that_of_another_library(key: str) -> None:
    from sklearn.linear_model import LogisticRegression

    features, classes = LOGISTIC[key]()
    fit = LogisticRegression(C=1e12, fit_intercept=False, tol=1e-10, max_iter=1000).fit(features, classes)
    (minimum,) = SURFACES[key].minima
    np.testing.assert_allclose(minimum, fit.coef_[0], rtol=1e-4)


@pytest.mark.parametrize("load", [diabetes, iris])
def test_real_features_are_standardised(load) -> None:
    features, _ = load()
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(features.std(axis=0), 1, rtol=1e-12)


@pytest.mark.parametrize("key", LOGISTIC)
def test_no_line_through_the_origin_parts_the_classes(key: str) -> None:
    features, classes = LOGISTIC[key]()
    angles = np.linspace(0, 2 * np.pi, 3601)
    margins = classes[:, None] * (features @ np.stack([np.cos(angles), np.sin(angles)]))
    assert (margins.min(axis=0) < 0).all()
