"""Small sets of labelled examples to train on: generated, bundled, or a visitor's own."""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

HELD_OUT = 0.25
"""Share of the examples that are kept from training."""
EXAMPLES = 400
LARGEST = 200_000
"""Bytes of a visitor's file."""
MOST_ROWS, FEWEST_ROWS = 2000, 20
MOST_CLASSES = 8
LONGEST_LABEL = 20


class DataError(ValueError):
    """A file that cannot be trained on; the message says why and where, and quotes nothing of it."""


@dataclass(frozen=True)
class Data:
    """Examples `x` (N, d), float32, and their classes `y` (N,), int32 from 0; the first `trained` are trained on.

    `key` names the content: two sets with the same key hold the same examples. `labels` are the classes' names, and
    `axes` those of the features where there are two.
    """

    key: str
    x: NDArray[np.float32] = field(compare=False, repr=False)
    y: NDArray[np.int32] = field(compare=False, repr=False)
    labels: tuple[str, ...]
    axes: tuple[str, ...] = ()

    @property
    def trained(self) -> int:
        return len(self.y) - round(HELD_OUT * len(self.y))

    @property
    def part(self) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """The examples that are trained on."""
        return self.x[: self.trained], self.y[: self.trained]

    @property
    def held_out(self) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """The examples that are kept from training."""
        return self.x[self.trained :], self.y[self.trained :]


def _made(
    key: str, x: NDArray[np.float64], y: NDArray[np.intp], labels: tuple[str, ...], axes: tuple[str, ...]
) -> Data:
    order = np.random.default_rng(0).permutation(len(y))
    return Data(key, x[order].astype(np.float32), y[order].astype(np.int32), labels, axes)


def _standardised(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((x - x.mean(axis=0)) / x.std(axis=0))


@lru_cache(maxsize=1)
def two_moons() -> Data:
    """Two half circles that reach into each other, with noise of standard deviation 0.15.

    Source: scikit-learn's `make_moons`.
    """
    from sklearn.datasets import make_moons

    x, y = make_moons(EXAMPLES, noise=0.15, random_state=0)
    return _made("moons", _standardised(x), y, ("0", "1"), ("x₁", "x₂"))


@lru_cache(maxsize=1)
def spirals() -> Data:
    """Two spirals of one and a half turns each, the second turned by half a turn, with noise of 0.03.

    Source: after Lang and Witbrock, Learning to Tell Two Spirals Apart, Connectionist Models Summer School, 1988.
    """
    random = np.random.default_rng(0)
    y = np.arange(EXAMPLES) % 2
    radius = np.sqrt(random.uniform(0.02, 1, EXAMPLES))
    angle = 3 * np.pi * radius + np.pi * y
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1) + random.normal(0, 0.03, (EXAMPLES, 2))
    return _made("spirals", _standardised(x), y, ("0", "1"), ("x₁", "x₂"))


@lru_cache(maxsize=1)
def digits() -> Data:
    """1797 images of handwritten digits, 8 × 8 pixels from −1 to 1, ten classes.

    Source: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998, as bundled with scikit-learn.
    """
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return _made("digits", x / 8 - 1, y, tuple(map(str, range(10))), ())


DATASETS: Mapping[str, Callable[[], Data]] = {"moons": two_moons, "spirals": spirals, "digits": digits}


def from_csv(content: bytes) -> Data:
    """A visitor's points: rows of two numbers and a label, separated by comma, semicolon or tab, with or without a
    head. The features are shifted and scaled to mean 0 and standard deviation 1.

    ``DataError`` where the file is too large, not text, too short or long, or a row cannot be read.
    """
    if len(content) > LARGEST:
        raise DataError(f"the file has {len(content):,} bytes; at most {LARGEST:,} are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("the file is not text in UTF-8") from None
    if "\0" in text:
        raise DataError("the file is not text: there is a zero byte in it")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        read = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DataError(f"the file is not a table: {error}") from None
    rows = [(number, [cell.strip() for cell in row]) for number, row in enumerate(read, 1) if any(map(str.strip, row))]
    names: tuple[str, ...] = ("x₁", "x₂")
    if rows and len(rows[0][1]) == 3 and not any(map(_is_number, rows[0][1][:2])):
        names = tuple(name[:LONGEST_LABEL] or usual for name, usual in zip(rows.pop(0)[1], names, strict=False))
    if not FEWEST_ROWS <= len(rows) <= MOST_ROWS:
        raise DataError(
            f"there are {len(rows):,} rows of points; from {FEWEST_ROWS} to {MOST_ROWS:,} can be trained on"
        )
    for number, row in rows:
        if len(row) != 3:
            raise DataError(f"row {number} has {len(row)} columns instead of three: two features and a label")
        if not all(map(_is_number, row[:2])):
            raise DataError(f"a feature in row {number} is not a finite number")
        if not row[2]:
            raise DataError(f"row {number} has no label")
    labels = sorted({row[2] for _, row in rows})
    if not 2 <= len(labels) <= MOST_CLASSES:
        raise DataError(f"there are {len(labels)} different labels; from 2 to {MOST_CLASSES} can be told apart here")
    x = np.array([[float(cell) for cell in row[:2]] for _, row in rows])
    with np.errstate(over="ignore", invalid="ignore"):
        spread = x.std(axis=0)
    # Far from 0 a column's differences may be nothing but rounding, and so large that their squares overflow.
    if not np.isfinite(spread).all() or (spread <= 1e-12 * np.abs(x).max(axis=0)).any():
        raise DataError("one of the features is the same in every row, or too large to be scaled")
    y = np.array([labels.index(row[2]) for _, row in rows])
    key = "csv " + hashlib.sha256(content).hexdigest()[:16]
    return _made(key, _standardised(x), y, tuple(label[:LONGEST_LABEL] for label in labels), names)


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
