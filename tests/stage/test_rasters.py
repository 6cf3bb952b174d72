"""Clickable maps: their pixels survive the journey, and a click is a pair of numbers or nothing."""

import io

import numpy as np
import pytest
from PIL import Image

from stage.rasters import LEVELS, Axis, _picked, levels, png

AXES = (Axis("η", 1e-4, 10.0, log=True), Axis("β", 0.0, 1.0))


def test_a_picture_has_every_byte_and_its_top_row_first() -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(8, 32)
    read = np.asarray(Image.open(io.BytesIO(png(pixels))))
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, pixels[::-1])


def test_levels_are_even_along_the_scale() -> None:
    values = np.array([[1e-4, 1e-2, 1.0, np.nan, np.inf, 1e-9, 5.0]])
    np.testing.assert_array_equal(levels(values, 1e-4, 1.0, True)[0], [0, LEVELS // 2, LEVELS, 255, 255, 0, LEVELS])
    np.testing.assert_array_equal(levels(np.array([[0.0, 0.5, 1.0]]), 0, 1, False)[0], [0, LEVELS // 2, LEVELS])


def test_a_click_is_a_point_on_both_axes() -> None:
    found = _picked({"panel": 1, "x": 0.4, "y": 0.25}, 2, AXES)
    assert found is not None and found.panel == 1
    assert found.point == pytest.approx((1e-2, 0.25))


@pytest.mark.parametrize(
    "said",
    [
        None,
        "x",
        {},
        {"panel": 2, "x": 0.5, "y": 0.5},
        {"panel": 0, "x": 1.5, "y": 0.5},
        {"panel": 0, "x": float("nan"), "y": 0.5},
        {"panel": 0, "x": "0.5", "y": 0.5},
        {"panel": "0", "x": 0.5, "y": 0.5},
    ],
)
def test_anything_else_is_not_a_click(said: object) -> None:
    assert _picked(said, 2, AXES) is None
