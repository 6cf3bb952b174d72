"""Data sets are what they say, and a visitor's file is read or refused with a reason."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscapes.datasets import DATASETS, FEWEST_ROWS, HELD_OUT, LARGEST, MOST_ROWS, DataError, from_csv

ROWS = [f"{u},{u * u % 7},{'a' if u % 2 else 'b'}" for u in range(30)]


@pytest.mark.parametrize("key", DATASETS)
def test_bundled_sets_hold_together(key: str) -> None:
    data = DATASETS[key]()
    assert data is DATASETS[key]()
    assert data.x.dtype == np.float32 and data.y.dtype == np.int32
    assert np.isfinite(data.x).all()
    assert set(data.y.tolist()) == set(range(len(data.labels)))
    (x, y), (held_x, held_y) = data.part, data.held_out
    assert len(x) == len(y) == data.trained and len(x) + len(held_x) == len(data.y)
    assert len(held_y) == round(HELD_OUT * len(data.y))
    # Shuffled: every class is on both sides.
    assert set(y.tolist()) == set(held_y.tolist())


def test_what_the_sets_are() -> None:
    moons, spirals, digits = (DATASETS[key]() for key in ("moons", "spirals", "digits"))
    assert np.allclose(moons.x.mean(axis=0), 0, atol=1e-6) and np.allclose(moons.x.std(axis=0), 1, atol=1e-6)
    assert digits.x.shape == (1797, 64) and digits.x.min() == -1 and digits.x.max() == 1
    # A spiral turned by half a turn is the other one: no line through the middle can part them.
    assert abs((spirals.y == 0).mean() - 0.5) < 1e-9
    for angle in np.linspace(0, np.pi, 24):
        side = spirals.x @ np.array([np.cos(angle), np.sin(angle)]) > 0
        assert 0.2 < (side == spirals.y).mean() < 0.8


@pytest.mark.parametrize("head", ["", "height,weight,kind\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_is_read(head: str, delimiter: str) -> None:
    data = from_csv((head + "\n".join(ROWS)).replace(",", delimiter).encode())
    assert data.x.shape == (30, 2) and data.labels == ("a", "b")
    assert data.axes == (("height", "weight") if head else ("x₁", "x₂"))
    assert np.allclose(data.x.mean(axis=0), 0, atol=1e-6) and np.allclose(data.x.std(axis=0), 1, atol=1e-6)
    assert data.key.startswith("csv ")


def test_equal_files_are_equal_data_and_others_are_not() -> None:
    one, same, other = (from_csv("\n".join(rows).encode()) for rows in (ROWS, ROWS, ROWS[:25]))
    assert one == same and hash(one) == hash(same)
    assert one != other


def test_windows_line_ends_and_a_byte_order_mark_are_read() -> None:
    assert from_csv(("\ufeff" + "\r\n".join(ROWS) + "\r\n\r\n").encode()).x.shape == (30, 2)


def swapped(row: int, text: str) -> bytes:
    return "\n".join([*ROWS[:row], text, *ROWS[row + 1 :]]).encode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 rows"),
        (b"\xff\xfe\x00\x01" * 9, "UTF-8"),
        (b"a\0b", "zero byte"),
        (b"x" * (LARGEST + 1), "bytes"),
        ("\n".join(ROWS[: FEWEST_ROWS - 1]).encode(), f"{FEWEST_ROWS - 1} rows"),
        ("\n".join(["1,2,a", "2,3,b"] * MOST_ROWS).encode(), "rows of points"),
        (swapped(4, "1,2"), "row 5 has 2 columns"),
        (swapped(4, "1,2,a,b"), "row 5 has 4 columns"),
        (swapped(4, "1,two,a"), "row 5 is not a finite number"),
        (swapped(4, "1,nan,a"), "row 5 is not a finite number"),
        (swapped(4, "1,1e999,a"), "row 5 is not a finite number"),
        (swapped(4, "1,2, "), "row 5 has no label"),
        (swapped(4, '1,2,"a'), "not a table"),
        ("\n".join(["1,2,a"] * 30).encode(), "1 different labels"),
        ("\n".join(f"{u},{-u},c{u}" for u in range(30)).encode(), "30 different labels"),
        ("\n".join(f"{u},5,{u % 2}" for u in range(30)).encode(), "same in every row"),
        ("\n".join(f"{u},{u}e300,{u % 2}" for u in range(30)).encode(), "too large"),
    ],
)
def test_a_file_is_refused_with_a_reason(content: bytes, says: str) -> None:
    with pytest.raises(DataError, match=says):
        from_csv(content)


def test_no_message_quotes_the_file() -> None:
    script = "<script>alert(1)</script>"
    for content in (swapped(3, f"{script},2,a"), swapped(3, f"1,2,a,{script}"), script.encode()):
        with pytest.raises(DataError) as caught:
            from_csv(content)
        assert "script" not in str(caught.value)


@given(st.binary(max_size=400) | st.text(",;\t\n\"'1e5.-xa \r", max_size=400).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        data = from_csv(content)
    except DataError as error:
        assert str(error)
    else:
        assert np.isfinite(data.x).all() and len(data.labels) >= 2
