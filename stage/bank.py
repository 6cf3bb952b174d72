"""The wire format: named arrays and a JSON header in one bytes message, read by assets/bank.js.

A message is the header's length in bytes as an unsigned 32-bit integer (little endian), the header, zero bytes up to
a multiple of eight, and then the arrays one after another, each at a multiple of eight. The header's ``groups`` say
which arrays belong together: ``{group key: {array name: [dtype, shape, offset]}}``. A group that the browser already
holds is named with ``null`` instead and costs no bytes.
"""

import struct
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

DTYPES = {"float32": "f4", "float64": "f8", "int32": "i4", "uint8": "u1"}
ALIGN = 8


def pack(header: Mapping[str, Any], groups: Mapping[str, Arrays], have: Collection[str] = ()) -> bytes:
    """One message of `header` and the arrays of `groups`, without those of the groups in `have`.

    ``KeyError`` for a dtype that a browser has no typed array for.
    """
    index: dict[str, Any] = {}
    chunks: list[bytes] = []
    offset = 0
    for key, arrays in groups.items():
        if key in have:
            index[key] = None
            continue
        index[key] = {}
        for name, array in arrays.items():
            raw = np.ascontiguousarray(array).tobytes()
            index[key][name] = [DTYPES[array.dtype.name], array.shape, offset]
            chunks.append(raw + bytes(-len(raw) % ALIGN))
            offset += len(chunks[-1])
    head = orjson.dumps({**header, "groups": index}, option=orjson.OPT_SERIALIZE_NUMPY)
    head += b" " * (-(len(head) + 4) % ALIGN)
    return b"".join([struct.pack("<I", len(head)), head, *chunks])


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
