"""The powers of a 2×2 matrix that is given by its eigenvalues and the angle between its eigenvectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from stage.bank import pack
from stage.component import loader

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

RANGE = 1.5
"""Real and imaginary parts go from minus to plus this."""


@dataclass(frozen=True)
class Powers:
    """A real matrix W with the eigenvalues `re` ± `im`·i, or `re` and `other` where `im` is 0.

    `angle`, in degrees from above 0 to 90, is the one between the eigenvectors: at 90 W is normal. Where the two
    eigenvalues are one, W is a multiple of the identity.
    """

    re: float
    im: float
    other: float
    angle: float

    @property
    def eigenvalues(self) -> Complexes:
        """Both eigenvalues, (2,)."""
        pair = (self.re + 1j * self.im, self.re - 1j * self.im)
        return np.array(pair if self.im else (self.re, self.other), dtype=np.complex128)

    @property
    def eigenvectors(self) -> Complexes:
        """Unit eigenvectors as columns, (2, 2): their inner product is the cosine of the angle."""
        half = np.radians(self.angle) / 2
        circle = np.array([[1, 1], [-1j, 1j]] if self.im else [[1, 1], [1, -1]])
        columns: Complexes = np.array([[np.cos(half)], [np.sin(half)]]) * circle
        return columns

    @property
    def matrix(self) -> Floats:
        """W, (2, 2)."""
        return self.power(1)

    def power(self, t: int) -> Floats:
        """Wᵗ = V diag(λᵗ) V⁻¹, (2, 2)."""
        vectors = self.eigenvectors
        product: Floats = (vectors * self.eigenvalues**t @ np.linalg.inv(vectors)).real
        return product

    def norms(self, steps: int) -> Floats:
        """‖Wᵗ‖₂ for t from 0 to `steps`, (steps + 1,): how far the most stretched unit vector goes."""
        found: Floats = np.array([np.linalg.norm(self.power(t), 2) for t in range(steps + 1)])
        return found


def powers_message(
    powers: Powers, steps: int, step: int | None, *, lives: Sequence[Mapping[str, Any]], request: Mapping[str, Any]
) -> bytes:
    """The bytes that the component draws from. `step` is where the clock stands, None: it plays.

    `lives` are the sliders: ``name``, ``label``, ``low``, ``high``, ``positions`` and ``marks``.
    """
    header = {
        "seq": request.get("seq", 0),
        "re": powers.re,
        "im": powers.im,
        "other": powers.other,
        "angle": powers.angle,
        "steps": steps,
        "step": step,
        "range": {"low": -RANGE, "high": RANGE},
        "lives": lives,
    }
    return pack(header, {})


@lru_cache(maxsize=1)
def _component() -> Any:
    return st.components.v2.component("powers", js=loader("powers.js"), isolate_styles=False)


def powers_figure(key: str, data: bytes) -> None:
    """Mount the figure, or hand it a new `powers_message`."""
    _component()(key=key, data=data, on_request_change=lambda: None)
