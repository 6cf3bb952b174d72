"""The wire format: what is packed comes out again, at addresses a typed array can start from."""

import gzip
import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from numpy.typing import NDArray

from stage import bank
from stage.bank import ALIGN, DTYPES, Group, pack, unpack

Groups = dict[str, dict[str, NDArray[Any]]]

NAMES = st.text(st.characters(codec="utf-8"), max_size=6)
ARRAYS = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda dtype: arrays_of.arrays(dtype, arrays_of.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5))
)
GROUPS = st.dictionaries(NAMES, st.dictionaries(NAMES, ARRAYS, max_size=4), max_size=3)
HEADERS = st.dictionaries(
    NAMES.filter(lambda name: name != "groups"), st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NAMES
)


def parts(message: bytes) -> tuple[dict[str, Any], int]:
    """The header as the standard library reads it, and where the arrays begin."""
    (length,) = struct.unpack_from("<I", message)
    return json.loads(message[4 : 4 + length]), 4 + length


@given(HEADERS, GROUPS)
def test_what_is_packed_comes_out_again(header: dict[str, Any], groups: Groups) -> None:
    read, found = unpack(pack(header, groups))
    assert read == header
    assert {key: list(arrays or ()) for key, arrays in found.items()} == {key: list(a) for key, a in groups.items()}
    for key, arrays in groups.items():
        for name, array in arrays.items():
            got = (found[key] or {})[name]
            assert (got.dtype, got.shape) == (array.dtype, array.shape)
            # Bytes, because a NaN is not equal to itself and may carry a payload.
            assert got.tobytes() == array.tobytes()


@given(HEADERS, GROUPS)
def test_every_array_starts_at_a_multiple_of_eight_and_none_overlaps(header: dict[str, Any], groups: Groups) -> None:
    message = pack(header, groups)
    read, begin = parts(message)
    end = begin
    for key, arrays in groups.items():
        for name, array in arrays.items():
            code, shape, offset = read["groups"][key][name]
            assert (code, shape) == (DTYPES[array.dtype.name], list(array.shape))
            start = begin + offset
            assert start % ALIGN == 0
            assert start >= end
            end = start + array.nbytes
            assert message[start:end] == array.tobytes()
    assert 0 <= len(message) - end < ALIGN


@pytest.mark.parametrize("have", [(), ("a",), ("b", "elsewhere"), ("a", "b")])
def test_groups_that_the_browser_has_cost_no_bytes(have: tuple[str, ...]) -> None:
    groups = {"a": {"x": np.arange(3.0)}, "b": {"y": np.arange(5, dtype=np.uint8), "z": np.ones((2, 2))}}
    sizes = {"a": 24, "b": 8 + 32}
    message = pack({"seq": 7}, groups, have)
    _, begin = parts(message)
    assert len(message) - begin == sum(size for key, size in sizes.items() if key not in have)
    header, found = unpack(message)
    assert header == {"seq": 7}
    for key, arrays in groups.items():
        got = found[key]
        if key in have:
            assert got is None
        else:
            assert got is not None
            assert {name: array.tolist() for name, array in got.items()} == {n: a.tolist() for n, a in arrays.items()}


@pytest.mark.parametrize("view", [np.arange(12.0).reshape(3, 4).T, np.arange(12.0)[::-2], np.broadcast_to(2.5, (2, 3))])
def test_views_that_are_not_contiguous_are_packed_in_reading_order(view: NDArray[np.float64]) -> None:
    _, found = unpack(pack({}, {"a": {"view": view}}))
    assert found["a"] is not None
    np.testing.assert_array_equal(found["a"]["view"], view)


def test_numbers_in_the_header_may_be_numpys_own() -> None:
    header = {"lives": [{"positions": np.linspace(0, 1, 3)}], "index": np.int64(4), "value": np.float64(0.1)}
    assert unpack(pack(header, {}))[0] == {"lives": [{"positions": [0.0, 0.5, 1.0]}], "index": 4, "value": 0.1}


@pytest.mark.parametrize("dtype", ["int64", "float16", "complex128", "bool", "uint16"])
def test_a_type_without_a_typed_array_is_refused(dtype: str) -> None:
    with pytest.raises(KeyError, match=dtype):
        pack({}, {"a": {"x": np.zeros(2, dtype)}})


@given(HEADERS, GROUPS)
def test_a_compressed_message_is_one_gzip_file_with_the_same_bytes(header: dict[str, Any], groups: Groups) -> None:
    message = pack(header, {key: Group(arrays) for key, arrays in groups.items()})
    assert gzip.decompress(message.gzip()) == message
    # A browser's decoder stops at the end of the first member: there is only one.
    reader = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    assert reader.decompress(message.gzip()) == message and reader.eof and not reader.unused_data


def test_a_group_is_compressed_once_for_all_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    pressed: list[bytes] = []
    press = bank._deflated
    monkeypatch.setattr(bank, "_deflated", lambda data: pressed.append(data) or press(data))
    group = Group({"x": np.arange(1000.0)})
    messages = [pack({"seq": seq}, {"a": group}) for seq in range(3)]
    assert [gzip.decompress(message.gzip()) for message in messages] == messages
    assert pressed.count(group.data) == 1 and len(pressed) == 1 + 3
    assert messages[0].gzip() is messages[0].gzip()


def test_a_header_may_be_half_written_already() -> None:
    whole = {"seq": 4, "page": "saddles", "deep": {"x": [1.5, None]}}
    rest = json.dumps({key: whole[key] for key in ("page", "deep")}).encode()
    assert unpack(pack({"seq": 4}, {}, (), rest))[0] == whole
    assert unpack(pack({"seq": 4}, {}, (), b"{}"))[0] == {"seq": 4}
