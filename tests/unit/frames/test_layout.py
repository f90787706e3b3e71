"""The header of a frame: its exact bytes, and that hostile bytes never do more than raise FrameError (R-6.3)."""

from __future__ import annotations

import json
import struct
from typing import Any

import pyarrow as pa
import pytest
from frame_examples import frame_of, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo_child.frames import layout
from studiolo_child.frames.arrow_frames import table_from_frame

TABLE = pa.table(
    {
        "age": pa.array([1, None, 3], pa.int32()),
        "ä": ["a", None, "b"],
        "f": [1.5, None, 2.0],
        "group": pa.array(["x", None, "y"]).dictionary_encode(),
        "paid": pa.array([1, 2, 3], pa.decimal128(9, 2)),
    }
)


def rebuilt(header: Any, frame: bytes) -> bytes:
    """Put another header before the data of a frame."""
    _, start = layout.read_header(frame)
    raw = json.dumps(header).encode()
    head = layout.MAGIC + struct.pack("<Q", len(raw)) + raw
    return head + bytes(-len(head) % 64) + frame[start:]


def refused(frame: bytes) -> str:
    with pytest.raises(layout.FrameError) as caught:
        layout.read_header(frame)
    return str(caught.value)


def test_a_frame_is_exactly_these_bytes() -> None:
    """Frames lie in stores for years and are read by every Python: a change here needs another magic."""
    frame = frame_of(pa.table({"ä": pa.array([1, None], pa.int16())}))
    header = b'{"columns":[{"buffers":[[0,1],[64,4]],"name":"\\u00e4","nulls":1,"type":"int16"}],"rows":2}'
    head = b"STDLFRM1" + struct.pack("<Q", len(header)) + header
    assert frame == head.ljust(128, b"\0") + b"\x01".ljust(64, b"\0") + b"\x01\0\0\0".ljust(64, b"\0")


@given(tables())
@settings(max_examples=200, deadline=None)
def test_a_written_frame_is_read_whole_or_by_its_beginning(table: pa.Table) -> None:
    """A schema needs the header only, a reader the whole."""
    frame = frame_of(table)
    header, start = layout.read_header(frame)
    assert layout.read_header(frame[:start], len(frame)) == (header, start)
    assert header["rows"] == (table.num_rows if table.num_columns else 0)
    assert [column["name"] for column in header["columns"]] == table.column_names
    assert layout.write_header(header["rows"], header["columns"]) == frame[:start]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
) | st.sampled_from(
    ["int64", "bool", "string", "categorical", "float16", "decimal(38,38)", "duration[s]", -1, 2**70]
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Give (container, key) of every value inside a JSON document."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    found = [(value, key) for key in keys]
    for key in keys:
        found += places(value[key])
    return found


@settings(max_examples=700, deadline=None)
@given(st.data())
def test_a_mutated_header_raises_nothing_but_frame_error(data: st.DataObject) -> None:
    """The host must never crash on what a jailed job wrote; what is accepted can be opened without harm."""
    frame = frame_of(TABLE)
    header, _ = layout.read_header(frame)
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(header)))
        action = data.draw(st.sampled_from(["replace", "delete", "copy", "add"]))
        if action == "replace":
            container[key] = data.draw(VALUES)
        elif action == "delete":
            del container[key]
        elif action == "copy":
            other, source = data.draw(st.sampled_from(places(header)))
            container[key] = json.loads(json.dumps(other[source]))
        elif isinstance(container, dict):
            container[data.draw(st.text(max_size=6))] = data.draw(VALUES)
        else:
            container.append(data.draw(VALUES))
        if not places(header):
            break
    mutated = rebuilt(header, frame)
    try:
        read, start = layout.read_header(mutated)
    except layout.FrameError:
        return
    try:
        table_from_frame(mutated)
    except layout.FrameError:
        pass
    for column in read["columns"]:
        for offset, length in column["buffers"]:
            assert start + offset + length <= len(mutated)


@settings(max_examples=700, deadline=None)
@given(st.data())
def test_mutated_bytes_raise_nothing_but_frame_error(data: st.DataObject) -> None:
    """Random damage anywhere in the first kilobyte, cut off or drawn out."""
    frame = bytearray(frame_of(TABLE))
    for _ in range(data.draw(st.integers(0, 4))):
        frame[data.draw(st.integers(0, min(len(frame) - 1, 1024)))] = data.draw(st.integers(0, 255))
    mutated = bytes(frame[: data.draw(st.integers(0, len(frame)))]) + data.draw(st.binary(max_size=8))
    try:
        layout.read_header(mutated)
    except layout.FrameError:
        pass


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_raise_nothing_but_frame_error(raw: bytes) -> None:
    """The same for bytes that never were a frame, with and without a frame's beginning."""
    for frame in (raw, layout.MAGIC + raw, layout.MAGIC + struct.pack("<Q", len(raw)) + raw + bytes(64)):
        try:
            layout.read_header(frame)
        except layout.FrameError:
            pass


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        (["rows"], -1, "the number of rows is not a number from 0"),
        (["rows"], True, "the number of rows is not a number from 0"),
        (["rows"], 2**63, "the number of rows is not a number from 0"),
        (["rows"], 4, "column 1 `age`: buffer 1 has 12 bytes, 16 expected for 4 rows of int32"),
        (["columns"], [], "there are rows but no columns"),
        (["columns", 0], 5, "column 1: it is not an object"),
        (["columns", 0, "name"], 5, "column 1: its name is not a text"),
        (["columns", 0, "name"], "\ud800", "column 1 `?`: its name is not Unicode text"),
        (["columns", 0, "name"], "ä", "column 2 `ä`: the name is there twice"),
        (["columns", 0, "name"], "x" * 500, ""),
        (["columns", 0, "type"], "int128", "column 1 `age`: its type is unknown"),
        (["columns", 0, "type"], "timestamp[us, ../../etc/passwd]", "column 1 `age`: its type is unknown"),
        (["columns", 0, "type"], "decimal(039,2)", "column 1 `age`: its type is unknown"),
        (["columns", 0, "nulls"], 4, "column 1 `age`: its number of missing values is wrong"),
        (["columns", 0, "nulls"], -1, "column 1 `age`: its number of missing values is wrong"),
        (["columns", 0, "nulls"], 0, "column 1 `age`: buffer 0 has 1 bytes, 0 expected for 3 rows of int32"),
        (["columns", 0, "buffers"], [[0, 1]], "column 1 `age`: it has 1 buffers, 2 expected for int32"),
        (["columns", 0, "buffers", 0], [0], "column 1 `age`: buffer 0 is not an offset and a length"),
        (["columns", 0, "buffers", 0], [0.0, 1], "the header is not JSON of a frame: not a whole number"),
        (["columns", 0, "buffers", 1, 0], 65, "column 1 `age`: buffer 1 is not where it belongs"),
        (["columns", 0, "buffers", 1, 0], 0, "column 1 `age`: buffer 1 is not where it belongs"),
        (["columns", 0, "role"], 5, "column 1 `age`: its role is not a text"),
        (["columns", 0, "role"], "x" * 65_536, ""),
        (
            ["columns", 0, "role"],
            "x" * 65_537,
            "column 1 `age`: its role has 65537 characters, at most 65536 are allowed",
        ),
        (
            ["columns", 0, "category"],
            "x" * (8 << 20),
            "column 1 `age`: its category has 8388608 characters, at most 65536 are allowed",
        ),
        (["columns", 0, "name"], "x" * 65_536, ""),
        (
            ["columns", 0, "name"],
            "x" * 65_537,
            f"column 1 `{'x' * 77}...`: its name has 65537 characters, at most 65536 are allowed",
        ),
        (["columns", 0, "x"], 5, "column 1 `age`: it has missing or unknown parts"),
        (["columns", 1, "buffers", 2, 1], 2**60, "column 2 `ä`: buffer 2 reaches past the end of the frame"),
        (["columns", 1, "buffers", 2, 1], 65, "column 3 `f`: buffer 0 is not where it belongs"),
        (["columns", 3, "index"], "int64", "column 4 `group`: its codes have an unknown type"),
        (["columns", 3, "ordered"], 1, 'column 4 `group`: "ordered" is not true or false'),
        (
            ["columns", 3, "dictionary", "rows"],
            2**31,
            "column 4 `group`: its dictionary has a wrong number of rows",
        ),
        (
            ["columns", 3, "dictionary", "type"],
            "categorical",
            "column 4 `group`: its dictionary is categorical itself",
        ),
        (
            ["columns", 3, "dictionary", "name"],
            "x",
            "column 4 `group`: its dictionary has missing or unknown parts",
        ),
        (
            ["columns", 4, "buffers", 1, 1],
            47,
            "column 5 `paid`: buffer 1 has 47 bytes, 48 expected for 3 rows of decimal(9,2)",
        ),
    ],
)
def test_the_refusal_names_column_and_fault(path: list[Any], value: Any, text: str) -> None:
    """The author of a script, or of a module, must see which column it is."""
    frame = frame_of(TABLE)
    header, _ = layout.read_header(frame)
    inner: Any = header
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    if text:
        assert refused(rebuilt(header, frame)) == text
    else:
        assert layout.read_header(rebuilt(header, frame))[0] == header


def with_header(raw: bytes) -> bytes:
    head = layout.MAGIC + struct.pack("<Q", len(raw)) + raw
    return head + bytes(-len(head) % 64)


def test_headers_made_to_exhaust_are_refused_before_they_cost() -> None:
    """Time and memory are bounded by the header's own length, and that by the limit."""
    assert "nested" in refused(with_header(b"[" * 100_000)) or "JSON" in refused(with_header(b"[" * 100_000))
    assert refused(with_header(b'{"rows":' + b"1" * 100_000 + b',"columns":[]}'))
    assert refused(with_header(b"[" + b"{}," * 700_000 + b"{}]")) == "the header is not a list of columns"
    assert refused(with_header(b"[" + b"0," * 700_000 + b"0]")) == "the header is not a list of columns"
    with pytest.raises(layout.FrameError, match="at most 100 are allowed"):
        layout.read_header(frame_of(TABLE), limit=100)
    huge = layout.MAGIC + struct.pack("<Q", 2**63) + bytes(48)
    assert refused(huge) == f"the header has {2**63} bytes, at most 67108864 are allowed"


def test_the_length_of_the_frame_is_exact() -> None:
    """A frame that is cut off or drawn out is not what its header says."""
    frame = frame_of(TABLE)
    assert refused(frame[:-64]).startswith("column 5 `paid`: buffer 1 reaches past the end")
    assert refused(frame + bytes(64)).endswith("bytes, the columns ask for 704")
    assert refused(frame[:100]) == "the header reaches past the end of the frame"
    assert refused(b"") == "the frame ends within its first 16 bytes"
    assert refused(b"PK" + frame[2:]) == "the bytes do not begin like a frame"
    with pytest.raises(layout.FrameError, match="the header is cut off"):
        layout.read_header(frame[:100], len(frame))


def test_many_columns_have_a_large_header_that_is_read() -> None:
    """Wide tables exist: the guard against exhausting headers must not refuse them."""
    frame = frame_of(pa.table({f"[{number}], {{x}}": [number] for number in range(20_000)}))
    header, start = layout.read_header(frame)
    assert (len(header["columns"]), start > 1024 * 1024) == (20_000, True)
