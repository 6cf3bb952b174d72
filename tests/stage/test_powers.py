"""The matrix has the eigenvalues and the angle that it is made from, and its powers are its powers."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stage.bank import unpack
from stage.powers import RANGE, Powers, powers_message

PARTS = st.floats(-RANGE, RANGE).map(lambda value: round(value, 3))
STATES = st.builds(Powers, PARTS, PARTS, PARTS, st.floats(1, 90))


@given(STATES)
def test_it_has_its_eigenvalues(powers: Powers) -> None:
    found = np.linalg.eigvals(powers.matrix)
    size = np.abs(powers.matrix).max()
    assert found.sum() == pytest.approx(powers.eigenvalues.sum(), abs=1e-9 * max(size, 1))
    assert found.prod() == pytest.approx(powers.eigenvalues.prod(), abs=1e-9 * max(size, 1) ** 2)
    assert powers.matrix.dtype == np.float64 and powers.matrix.shape == (2, 2)


@given(STATES)
def test_its_eigenvectors_are_that_angle_apart(powers: Powers) -> None:
    vectors = powers.eigenvectors
    assert np.linalg.norm(vectors, axis=0) == pytest.approx([1, 1])
    cosine = np.abs(np.vdot(vectors[:, 0], vectors[:, 1]))
    assert cosine == pytest.approx(np.cos(np.radians(powers.angle)), abs=1e-9)
    difference = powers.matrix @ vectors - vectors * powers.eigenvalues
    assert np.abs(difference).max() <= 1e-9 * max(1, np.abs(powers.matrix).max())


@given(STATES, st.integers(0, 30))
def test_a_power_is_the_repeated_product(powers: Powers, t: int) -> None:
    expected = np.linalg.matrix_power(powers.matrix, t)
    radius, condition = np.abs(powers.eigenvalues).max(), np.linalg.cond(powers.eigenvectors)
    assert powers.power(t) == pytest.approx(expected, rel=1e-6, abs=1e-9 * max(1, radius) ** t * condition**2)


@given(STATES)
def test_norms_lie_between_the_eigenvalue_and_its_bound(powers: Powers) -> None:
    radius = np.abs(powers.eigenvalues).max()
    assume(radius > 0.1)
    condition = np.linalg.cond(powers.eigenvectors)
    assert condition == pytest.approx(1 / np.tan(np.radians(powers.angle) / 2))
    norms, alone = powers.norms(40), radius ** np.arange(41)
    assert norms[0] == pytest.approx(1)
    assert (norms >= alone * (1 - 1e-8)).all()
    assert (norms <= condition * alone * (1 + 1e-8)).all()


@pytest.mark.parametrize(("re", "im", "other"), [(0.9, 0.3, 0), (1.1, 0, -0.4), (-0.7, 0, 0)])
def test_a_normal_matrix_grows_as_its_eigenvalue_does(re: float, im: float, other: float) -> None:
    powers = Powers(re, im, other, 90)
    radius = np.abs(powers.eigenvalues).max()
    assert powers.norms(30) == pytest.approx(radius ** np.arange(31))
    assert powers.matrix @ powers.matrix.T == pytest.approx(powers.matrix.T @ powers.matrix, abs=1e-12)


def test_where_the_eigenvalues_meet_it_is_a_multiple_of_the_identity() -> None:
    assert Powers(0.7, 0, 0.7, 3).matrix == pytest.approx(0.7 * np.eye(2), abs=1e-12)
    assert Powers(0.7, 1e-9, 0, 3).matrix == pytest.approx(0.7 * np.eye(2), abs=1e-6)


def test_the_message_has_the_state() -> None:
    lives = [{"name": "angle", "positions": [1.0, 90.0]}]
    header, groups = unpack(powers_message(Powers(0.5, 0.25, 0.1, 30), 80, None, lives=lives, request={"seq": 7}))
    assert groups == {}
    assert {name: header[name] for name in ("re", "im", "other", "angle", "steps", "step", "seq")} == {
        "re": 0.5,
        "im": 0.25,
        "other": 0.1,
        "angle": 30,
        "steps": 80,
        "step": None,
        "seq": 7,
    }
    assert header["range"] == {"low": -RANGE, "high": RANGE} and header["lives"] == lives
