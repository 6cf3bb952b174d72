"""Linear and logistic regression with two weights: means over examples, from which a minibatch can be drawn."""

from functools import lru_cache

import jax.numpy as jnp
import numpy as np
from jax import Array, nn
from numpy.typing import NDArray

from landscapes.surface import Examples, Point, Scalar, surface

Floats = NDArray[np.float64]
Table = tuple[Floats, Floats]
"""Features (N, 2) and targets (N,)."""

GENERATED = 100
"""Examples of each generated set."""


def squared_errors(weights: Point, features: Array, targets: Array) -> Array:
    """½ (x u + y v − t)² of every example (R,), with features (u, v) and target t."""
    return (features @ weights - targets) ** 2 / 2


def logistic_losses(weights: Point, features: Array, classes: Array) -> Array:
    """log(1 + exp(−c (x u + y v))) of every example (R,), with features (u, v) and class c = ±1."""
    return nn.softplus(-classes * (features @ weights))


def _standardised(columns: Floats) -> Floats:
    return np.asarray((columns - columns.mean(axis=0)) / columns.std(axis=0))


@lru_cache(maxsize=1)
def generated_line() -> Table:
    """Two features of correlation 0.6 and a target 1.5 u − 0.5 v + noise of standard deviation 0.8."""
    random = np.random.default_rng(0)
    features = random.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], GENERATED, method="cholesky")
    return features, features @ [1.5, -0.5] + random.normal(0, 0.8, GENERATED)


@lru_cache(maxsize=1)
def generated_classes() -> Table:
    """Two clouds of standard deviation 1 about (1, 0.5) and (−1, −0.5), with their classes 1 and −1."""
    random = np.random.default_rng(1)
    classes = np.where(np.arange(GENERATED) % 2, 1.0, -1.0)
    return classes[:, None] * [1, 0.5] + random.normal(0, 1, (GENERATED, 2)), classes


@lru_cache(maxsize=1)
def diabetes() -> Table:
    """Body mass index and blood pressure of 442 patients, and the progress of their disease; all standardised."""
    # Only here: the library takes a second to import, and most of the course needs none of it.
    from sklearn.datasets import load_diabetes

    table = load_diabetes()
    columns = [table.feature_names.index(name) for name in ("bmi", "bp")]
    return _standardised(table.data[:, columns]), _standardised(table.target)


@lru_cache(maxsize=1)
def iris() -> Table:
    """Petal length and width, standardised, of the two kinds of iris that overlap: virginica 1, versicolor −1."""
    from sklearn.datasets import load_iris

    table = load_iris()
    kept = table.target > 0
    return _standardised(table.data[kept][:, 2:]), np.where(table.target[kept] == 2, 1.0, -1.0)


GENERATED_LINE = Examples(squared_errors, generated_line)
GENERATED_CLASSES = Examples(logistic_losses, generated_classes)
DIABETES = Examples(squared_errors, diabetes)
IRIS = Examples(logistic_losses, iris)


@surface(
    box=(-1.5, 3.5, -2.5, 2.5),
    start=(-1.0, 1.8),
    minima=[(1.332569929555567, -0.3455908919926059)],
    examples=GENERATED_LINE,
)
def generated_regression(p: Point) -> Scalar:
    r"""Linear regression, generated

    $$\frac1N\sum_{i=1}^N\tfrac12\left(x\,u_i + y\,v_i - t_i\right)^2$$

    Two weights, x and y, fit a target t to two features u and v that say partly the same. Each example alone has a
    valley of its own through the plane of the weights; only their mean is a bowl.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, sections 5.1.4 and 5.9; the data are generated.
    """
    return jnp.mean(GENERATED_LINE.losses(p))


@surface(
    box=(-1.5, 3.5, -2, 3), start=(-1.0, 2.5), minima=[(2.61370511914972, 2.33215881647852)], examples=GENERATED_CLASSES
)
def generated_logistic(p: Point) -> Scalar:
    r"""Logistic regression, generated

    $$\frac1N\sum_{i=1}^N\log\left(1+e^{-c_i(x u_i + y v_i)}\right)$$

    Two weights tell two clouds of points apart that overlap. Examples that are well on the right side have next to no
    gradient: near the minimum a few examples at the border make most of the noise.

    Source: Goodfellow, Bengio and Courville, Deep Learning, 2016, section 5.7.1; the data are generated.
    """
    return jnp.mean(GENERATED_CLASSES.losses(p))


@surface(
    box=(-1.5, 2.5, -2, 2), start=(-1.0, 1.4), minima=[(0.4882158804868325, 0.24843587849101317)], examples=DIABETES
)
def diabetes_regression(p: Point) -> Scalar:
    r"""Diabetes, linear regression.

    $$\frac1N\sum_{i=1}^N\tfrac12\left(x\,u_i + y\,v_i - t_i\right)^2$$

    The progress of a disease, t, from body mass index u and blood pressure v of 442 patients, all three shifted and
    scaled to mean 0 and standard deviation 1. The two features explain less than half of it, so that single patients
    pull the weights far apart.

    Source: Efron, Hastie, Johnstone and Tibshirani, Least Angle Regression, Annals of Statistics 32(2), 2004, as
    bundled with scikit-learn.
    """
    return jnp.mean(DIABETES.losses(p))


@surface(box=(-3, 8, -3, 8), start=(-2.0, 1.0), minima=[(4.752782763776967, 4.191149652872207)], examples=IRIS)
def iris_logistic(p: Point) -> Scalar:
    r"""Iris, logistic regression.

    $$\frac1N\sum_{i=1}^N\log\left(1+e^{-c_i(x u_i + y v_i)}\right)$$

    Versicolor or virginica, from length u and width v of the petals of 100 flowers. No line parts them, so that there
    is a minimum; but it lies far out, where the bowl is shallow.

    Source: Fisher, The Use of Multiple Measurements in Taxonomic Problems, Annals of Eugenics 7(2), 1936, as bundled
    with scikit-learn.
    """
    return jnp.mean(IRIS.losses(p))
