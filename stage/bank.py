"""The wire format: named arrays and a JSON header in one bytes message, read by assets/bank.js.

A message is the header's length in bytes as an unsigned 32-bit integer (little endian), the header, zero bytes up to
a multiple of eight, and then the arrays one after another, each at a multiple of eight. The header's ``groups`` say
which arrays belong together: ``{group key: {array name: [dtype, shape, offset]}}``. A group that the browser already
holds is named with ``null`` instead and costs no bytes.
"""

import struct
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from landscapes.shared import once

Arrays = Mapping[str, NDArray[Any]]

DTYPES = {"float32": "f4", "float64": "f8", "int32": "i4", "uint8": "u1"}
ALIGN = 8
LEVEL = 1
_GZIP_HEAD = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
_LAST_BLOCK = b"\x03\x00"


class Group:
    """Arrays that travel together, as their bytes."""

    def __init__(self, arrays: Arrays) -> None:
        """``KeyError`` for a dtype that a browser has no typed array for."""
        self.layout: dict[str, tuple[str, tuple[int, ...], int]] = {}
        chunks: list[bytes] = []
        offset = 0
        for name, array in arrays.items():
            raw = np.ascontiguousarray(array).tobytes()
            self.layout[name] = (DTYPES[array.dtype.name], array.shape, offset)
            chunks.append(raw + bytes(-len(raw) % ALIGN))
            offset += len(chunks[-1])
        self.data = b"".join(chunks)

    @once
    def deflated(self) -> bytes:
        """The bytes as whole compressed blocks, none of them the last."""
        return _deflated(self.data)


class Message(bytes):
    """A message's bytes. Its groups are shared by all who are sent them, and so are their compressed bytes."""

    head: bytes
    groups: Sequence[Group]

    def gzip(self) -> bytes:
        """The message as a gzip file (RFC 1952): parts that are compressed one by one are one stream together."""
        return self._zipped

    @once
    def _zipped(self) -> bytes:
        parts = [_deflated(self.head), *(group.deflated for group in self.groups)]
        return b"".join([_GZIP_HEAD, *parts, _LAST_BLOCK, struct.pack("<II", zlib.crc32(self), len(self) % 2**32)])


def pack(
    header: Mapping[str, Any],
    groups: Mapping[str, Arrays | Group],
    have: Collection[str] = (),
    more: bytes = b"{}",
) -> Message:
    """One message of `header` and the arrays of `groups`, without those of the groups in `have`.

    `more` is a JSON object, already written, whose entries follow those of the header.

    ``KeyError`` for a dtype that a browser has no typed array for.
    """
    index: dict[str, Any] = {}
    sent: list[Group] = []
    offset = 0
    for key, arrays in groups.items():
        if key in have:
            index[key] = None
            continue
        group = arrays if isinstance(arrays, Group) else Group(arrays)
        index[key] = {name: (code, shape, offset + start) for name, (code, shape, start) in group.layout.items()}
        sent.append(group)
        offset += len(group.data)
    head = orjson.dumps({**header, "groups": index}, option=orjson.OPT_SERIALIZE_NUMPY)
    if more != b"{}":
        head = head[:-1] + b"," + more[1:]
    head += b" " * (-(len(head) + 4) % ALIGN)
    head = struct.pack("<I", len(head)) + head
    message = Message(b"".join([head, *(group.data for group in sent)]))
    message.head, message.groups = head, sent
    return message


def _deflated(data: bytes) -> bytes:
    # The floats of paths are noise in their lower bits: a higher level takes twice the time for little less.
    press = zlib.compressobj(level=LEVEL, wbits=-zlib.MAX_WBITS)
    return press.compress(data) + press.flush(zlib.Z_FULL_FLUSH)


def unpack(message: bytes) -> tuple[dict[str, Any], dict[str, dict[str, NDArray[Any]] | None]]:
    """The header and the groups of a message, as the browser reads them."""
    (length,) = struct.unpack_from("<I", message)
    header = orjson.loads(message[4 : 4 + length])
    types = {code: name for name, code in DTYPES.items()}
    groups: dict[str, dict[str, NDArray[Any]] | None] = {}
    for key, arrays in header.pop("groups").items():
        groups[key] = arrays and {
            name: np.frombuffer(message, types[code], int(np.prod(shape)), 4 + length + offset).reshape(shape)
            for name, (code, shape, offset) in arrays.items()
        }
    return header, groups
