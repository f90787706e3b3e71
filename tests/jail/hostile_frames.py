"""Frames that are none: each breaks one rule of studiolo_child/frames/layout.py or store/frame_values.py."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator
from typing import Any

from studiolo_child.frames import layout

NUMBERS = {"name": "a", "type": "int64", "nulls": 0, "buffers": [[0, 0], [0, 16]]}
TEXTS = {"name": "t", "type": "string", "nulls": 0, "buffers": [[0, 0], [0, 24], [64, 2]]}


def framed(header: bytes, data: bytes = b"", length: int | None = None) -> bytes:
    """Give the bytes of a frame with any header; `length` is what it claims of the header."""
    head: bytes = layout.MAGIC + struct.pack("<Q", len(header) if length is None else length) + header
    return head + b"\0" * (-len(head) % 64) + data


def frame(columns: Any, rows: Any = 2, data: bytes = bytes(64), **more: Any) -> bytes:
    """Give a frame of these columns, right or wrong."""
    text = json.dumps({"columns": columns, "rows": rows, **more}, sort_keys=True, separators=(",", ":"))
    return framed(text.encode("ascii"), data)


def padded(*parts: bytes) -> bytes:
    """Give buffers one after the other, each filled up to 64 bytes."""
    return b"".join(part + b"\0" * (-len(part) % 64) for part in parts)


def texts(offsets: list[int], text: bytes, rows: int = 2) -> bytes:
    """Give a frame of one text column with these offsets."""
    column = {**TEXTS, "buffers": [[0, 0], [0, 8 * (rows + 1)], [64, len(text)]]}
    return frame([column], rows, padded(struct.pack(f"<{len(offsets)}q", *offsets), text))


def categories(codes: bytes, dictionary: dict[str, Any], data: bytes, **more: Any) -> bytes:
    """Give a frame of one categorical column of two rows."""
    column = {
        "name": "c",
        "type": "categorical",
        "nulls": 0,
        "index": "int8",
        "ordered": False,
        "buffers": [[0, 0], [0, 2]],
        "dictionary": dictionary,
        **more,
    }
    return frame([column], 2, padded(codes) + data)


def _changed(**values: Any) -> bytes:
    return frame([{**NUMBERS, **values}])


def headers() -> Iterator[tuple[str, bytes]]:
    """Give frames whose beginning is wrong."""
    good = frame([NUMBERS])
    yield "nothing but a beginning", layout.MAGIC
    yield "another beginning", b"ARROW1\0\0" + good[8:]
    yield "cut in the header", good[:40]
    yield "cut in the data", good[:-1]
    yield "more than its data", good + bytes(64)
    for length in (0, 1, len(good), 1 << 26, 1 << 31, 1 << 63, (1 << 64) - 1):
        yield f"header of {length} bytes", framed(good[16:100], bytes(64), length)
    for text in (
        *("", "null", "[]", "{}", '"x"', "\0", "NaN", "[" * 100_000, '{"a":' * 100_000, "{" * 2_000_000),
        *('{"columns":[],"rows":2}', '{"columns":[],"rows":-1}', '{"columns":{},"rows":0}', '{"rows":0}'),
        *(
            '{"columns":[],"rows":0,"metadata":"x"}',
            '{"columns":[],"rows":1e400}',
            '{"columns":[],"rows":NaN}',
        ),
        '{"columns":[],"rows":' + "9" * 10_000 + "}",
    ):
        yield f"header {text[:40]}", framed(text.encode())
    yield "header in UTF-16", framed('{"columns":[],"rows":0}'.encode("utf-16"))
    yield "header with bytes beyond ASCII", framed(b'{"columns":[],"rows":0,"\xff":0}')


def columns() -> Iterator[tuple[str, bytes]]:
    """Give frames with a column that is wrong."""
    for rows in (-1, 3, 1 << 60, 1 << 62, 1 << 63, 1 << 64, True, None, "2", 2.0):
        yield f"rows {rows!r}", frame([NUMBERS], rows)
    odd: tuple[Any, ...] = (None, 1, [], {}, {"name": "a"})
    for column in odd:
        yield f"column {column!r}", frame([column])
    yield "twice the same name", frame([NUMBERS, {**NUMBERS, "buffers": [[0, 0], [64, 16]]}], 2, bytes(128))
    for name in (None, 1, ["a"], "\ud800", "a" * (8 << 20)):
        yield f"name {str(name)[:20]!r}", _changed(name=name)
    for role in (1, None, {"a": 1}, "r" * (8 << 20)):
        yield f"role {str(role)[:20]!r}", _changed(role=role)
    for kind in (
        None,
        5,
        "object",
        "pickle",
        "int128",
        "int64 ",
        "decimal(39,0)",
        "decimal(1,2)",
        "list<int64>",
    ):
        yield f"type {kind!r}", _changed(type=kind)
    yield "an endless type", _changed(type="timestamp[ns, " + "x" * 1_000_000 + "]")
    yield "a zone that is a path", _changed(type="timestamp[ns, ../../etc/passwd%n\0]")
    for nulls in (-1, 3, 1, 1 << 63, True, None, "0"):
        yield f"missing {nulls!r}", _changed(nulls=nulls)
    places: tuple[Any, ...] = (
        *(None, {}, [], [[0, 0]], [[0, 0], [0, 16], [0, 0]], [[0, 0], [0]], [[0, 0], ["0", "16"]]),
        *([[0, 0], [0, -16]], [[0, 0], [-64, 16]], [[0, 0], [1, 16]], [[0, 0], [0, 1 << 63]]),
        *([[0, 0], [1 << 63, 16]], [[0, 0], [-(1 << 63), 16]], [[0, 0], [0, 17]], [[64, 0], [0, 16]]),
        *([[0, 0], [True, 16]], [[0, 0], [0.0, 16]], [[0, 0], [0, None]]),
    )
    for buffers in places:
        yield f"buffers {buffers!r}", _changed(buffers=buffers)
    overlapping = [NUMBERS, {**NUMBERS, "name": "b"}]
    yield "columns that share bytes", frame(overlapping)
    half = {**NUMBERS, "type": "float64", "nulls": -2, "buffers": [[0, 16]]}
    yield "a float with -2 missing", frame([half])


def values() -> Iterator[tuple[str, bytes]]:
    """Give frames whose values would lead a reader astray."""
    yield "offsets that go back", texts([0, 2, 1], b"ab")
    yield "offsets beyond the end", texts([0, 1 << 40, 2], b"ab")
    yield "offsets below 0", texts([0, -(1 << 40), 2], b"ab")
    yield "a last offset beyond the end", texts([0, 1, 1 << 62], b"ab")
    yield "a first offset within", texts([1, 1, 2], b"ab")
    yield "text that is not UTF-8", texts([0, 1, 2], b"\xff\xfe")
    yield "a text that begins within a character", texts([0, 1, 2], "é".encode())
    yield "a surrogate in UTF-8", texts([0, 3, 3], b"\xed\xa0\x80")
    many = 30_000  # so many are left to pyarrow
    yield "many offsets, one back", texts([0, *([5] * (many - 1)), 2], b"ab", many)
    yield "many texts, one not UTF-8", texts([*range(many), many], b"a" * (many - 1) + b"\xff", many)
    counted = {**NUMBERS, "nulls": 1, "buffers": [[0, 1], [64, 16]]}
    yield "missing values that its bits deny", frame([counted], 2, padded(b"\3", bytes(16)))
    yield "bits after the last row", frame([counted], 2, padded(b"\xfd", bytes(16)))
    digits = {**NUMBERS, "type": "decimal(1,0)", "buffers": [[0, 0], [0, 32]]}
    yield "a decimal with too many digits", frame([digits], 2, b"\xff" * 15 + b"\x7f" + bytes(16 + 32))
    words = {"rows": 2, "type": "string", "nulls": 0, "buffers": [[0, 0], [64, 24], [128, 2]]}
    data = padded(struct.pack("<3q", 0, 1, 2), b"xy")
    yield "a code without category", categories(b"\0\2", words, data)
    yield "a code below 0", categories(b"\0\xff", words, data)
    yield "a category twice", categories(b"\0\1", words, padded(struct.pack("<3q", 0, 1, 2), b"xx"))
    yield "categories of categories", categories(b"\0\1", {**words, "type": "categorical"}, data)
    yield "more categories than bytes", categories(b"\0\1", {**words, "rows": 1 << 31}, data)
    yield "an endless number of categories", categories(b"\0\1", {**words, "rows": 1 << 62}, data)
    yield "missing categories", categories(b"\0\1", {**words, "nulls": 1}, data)
    yield "codes of another type", categories(b"\0\1", words, data, index="int64")
    yield "no order", categories(b"\0\1", words, data, ordered="yes")
    nothing = {"rows": 2, "type": "float64", "nulls": 0, "buffers": [[64, 16]]}
    yield (
        "a category that is no number",
        categories(b"\0\1", nothing, padded(struct.pack("<2d", 0, float("nan")))),
    )


def mutated(count: int, seed: int) -> Iterator[bytes]:
    """Give frames of several types in which some bytes of the header's numbers or of the data are changed."""
    chance = random.Random(seed)
    good = bytearray(texts([0, 1, 2], b"ab"))
    for _ in range(count):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(bad))
            bad[at] = chance.choice((0, 0xFF, chance.randrange(256), bad[at] ^ 1 << chance.randrange(8)))
        yield bytes(bad)
