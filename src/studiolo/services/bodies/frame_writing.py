"""Writes frames from the buffers of parsed columns, in plain Python: small tables are what requests carry."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii
from typing import NamedTuple

from studiolo_child.frames import layout

Part = bytes | array  # type: ignore[type-arg]


class Buffers(NamedTuple):
    """A parsed column: what studiolo_child.frames.layout says of its type.

    Attributes:
        type: frame type.
        nulls: missing values; -1 for floats.
        parts: its buffers.
        categories: of a categorical column: (number of them, their buffers).
        is_ordered: of a categorical column.
    """

    type: str
    nulls: int
    parts: Sequence[Part]
    categories: tuple[int, Buffers] | None = None
    is_ordered: bool = False


_PADDING = [b"\0" * (-length % 64) for length in range(64)]
_CACHED_HEADERS = 256
_CACHED_BYTES = 16 << 10
_headers: dict[object, bytes] = {}


def write_frame(rows: int, names: Sequence[str], columns: Sequence[Buffers]) -> bytes:
    """Give the frame of these columns, the same bytes as every other writer gives for the same values."""
    parts: list[Part] = []
    lengths: list[int] = []
    shape: list[object] = [rows, *names]
    for column in columns:
        _gather(column, parts, lengths, shape)
    key = (tuple(shape), tuple(lengths))
    head = _headers.get(key)
    if head is None:
        head = _header(rows, names, columns, lengths)
        if len(head) <= _CACHED_BYTES:
            if len(_headers) >= _CACHED_HEADERS:
                _headers.clear()
            _headers[key] = head
    pieces: list[Part] = [head]
    for part, length in zip(parts, lengths, strict=True):
        if length:
            pieces.append(part)
            if length & 63:
                pieces.append(_PADDING[length & 63])
    return b"".join(pieces)


def _gather(column: Buffers, parts: list[Part], lengths: list[int], shape: list[object]) -> None:
    shape.append(column.type)
    shape.append(column.nulls)
    for part in column.parts:
        parts.append(part)
        lengths.append(len(part) if type(part) is bytes else len(part) * part.itemsize)  # type: ignore[union-attr]
    if column.categories is not None:
        shape.append(column.is_ordered)
        shape.append(column.categories[0])
        _gather(column.categories[1], parts, lengths, shape)


def _header(rows: int, names: Sequence[str], columns: Sequence[Buffers], lengths: Sequence[int]) -> bytes:
    """Write what `layout.write_header` does, without building the dictionaries that it takes."""
    places = iter(layout.place(lengths, 0)[0])
    texts = []
    for name, column in zip(names, columns, strict=True):
        shown = encode_basestring_ascii(name)
        buffers = _buffers(column, places)
        if column.categories is None:
            texts.append(
                f'{{"buffers":{buffers},"name":{shown},"nulls":{column.nulls},"type":"{column.type}"}}'
            )
            continue
        count, values = column.categories
        inner = _buffers(values, places)
        dictionary = f'{{"buffers":{inner},"nulls":{values.nulls},"rows":{count},"type":"{values.type}"}}'
        ordered = "true" if column.is_ordered else "false"
        texts.append(
            f'{{"buffers":{buffers},"dictionary":{dictionary},"index":"{layout.index_type(count)}",'
            f'"name":{shown},"nulls":{column.nulls},"ordered":{ordered},"type":"categorical"}}'
        )
    raw = f'{{"columns":[{",".join(texts)}],"rows":{rows}}}'.encode("ascii")
    head = layout.MAGIC.encode() if isinstance(layout.MAGIC, str) else layout.MAGIC
    start = head + len(raw).to_bytes(8, "little") + raw
    return start + _PADDING[len(start) & 63]


def _buffers(column: Buffers, places: object) -> str:
    found = [next(places) for _ in column.parts]  # type: ignore[call-overload]
    return "[" + ",".join(f"[{offset},{length}]" for offset, length in found) + "]"


def bits(flags: Sequence[object]) -> bytes:
    """Give truth values as bits, the lowest first."""
    if not flags:
        return b""
    text = "".join(["1" if flag else "0" for flag in reversed(flags)])
    return int(text, 2).to_bytes((len(flags) + 7) // 8, "little")
