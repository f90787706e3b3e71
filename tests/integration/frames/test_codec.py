"""The host reads frames from memory files and from disk, and refuses whatever a hostile job wrote (R-6.3)."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from frame_examples import frame_of, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo.domain.dataset import Column, Schema
from studiolo.errors import InternalError, WorkerError
from studiolo.store import codec
from studiolo_child.frames import layout
from studiolo_child.frames.arrow_frames import table_from_frame

Open = Callable[[bytes], int]


@pytest.fixture
def memory_file() -> Iterator[Open]:
    opened = []

    def open_memory_file(data: bytes) -> int:
        descriptor = os.memfd_create("frame", os.MFD_CLOEXEC)
        opened.append(descriptor)
        os.write(descriptor, data)
        return descriptor

    yield open_memory_file
    for descriptor in opened:
        os.close(descriptor)


def check(data: bytes) -> Schema:
    descriptor = os.memfd_create("frame", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, data)
        return codec.check_frame(descriptor, len(data))
    finally:
        os.close(descriptor)


SMALL = pa.table(
    {
        "n": pa.array([1, None, 3]),
        "f": [1.5, None, 2.5],
        "s": ["a", None, "äö"],
        "b": pa.array([True, None, False]),
        "raw": pa.array([b"\xff", b"", b"a"]),
        "group": pa.array(["x", None, "y"]).dictionary_encode(),
        "paid": pa.array([1, 2, 3], pa.decimal128(3, 2)),
    }
)


def large(rows: int) -> pa.Table:
    """Give a table whose checks need pyarrow."""
    numbers = list(range(rows))
    return pa.table(
        {
            "s": [f"ä{number}" for number in numbers],
            "group": pa.DictionaryArray.from_arrays(
                pa.array([number % 200 for number in numbers]), [f"g{number}" for number in range(200)]
            ),
            "paid": pa.array([number % 1000 for number in numbers], pa.decimal128(7, 2)),
        }
    )


def test_the_schema_comes_from_the_header_alone(tmp_path: Path) -> None:
    """Listing a store must not open the data; floats are not counted."""
    frame = frame_of(SMALL)
    path = tmp_path / "frame"
    path.write_bytes(frame)
    expected = Schema(
        rows=3,
        columns=(
            Column("n", "int64", 1),
            Column("f", "float64", None),
            Column("s", "string", 1),
            Column("b", "bool", 1),
            Column("raw", "bytes", 0),
            Column("group", "categorical", 1),
            Column("paid", "decimal(3,2)", 0),
        ),
    )
    assert codec.read_schema(path) == expected
    assert codec.read_schema(str(path)) == expected
    assert codec.read_schema(frame) == expected
    assert check(frame) == expected


def test_a_schema_with_a_large_header_and_roles(tmp_path: Path) -> None:
    """Wide tables have headers beyond the first read."""
    fields = [pa.field(f"column {n}", pa.int8(), metadata={"studiolo.role": "feature"}) for n in range(500)]
    table = pa.table([pa.array([1], pa.int8())] * 500, schema=pa.schema(fields))
    path = tmp_path / "frame"
    path.write_bytes(frame_of(table))
    schema = codec.read_schema(path)
    assert schema.names == tuple(table.column_names)
    assert {column.role for column in schema.columns} == {"feature"}


def test_an_opened_table_outlives_its_descriptor(tmp_path: Path, memory_file: Open) -> None:
    """The table keeps its mapping, so the caller may close and the store may drop the file."""
    frame = frame_of(SMALL)
    path = tmp_path / "frame"
    path.write_bytes(frame)
    by_path = codec.open_table(path)
    path.unlink()
    descriptor = os.dup(memory_file(frame))
    by_descriptor = codec.open_table(descriptor)
    os.close(descriptor)
    assert frame_of(by_path) == frame_of(by_descriptor) == frame


def test_the_empty_frame_is_a_dataset_without_rows_and_columns() -> None:
    """A port that nothing was written to holds a dataset all the same."""
    assert check(codec.empty_frame()) == Schema(0, ())
    assert table_from_frame(codec.empty_frame()).shape == (0, 0)
    assert frame_of(pa.table({})) == codec.empty_frame()


@settings(max_examples=150, deadline=None)
@given(tables())
def test_what_we_write_passes_the_check(table: pa.Table) -> None:
    """A check that refuses honest results would be worse than none."""
    schema = check(frame_of(table))
    assert schema.names == tuple(table.column_names)


@pytest.mark.parametrize("rows", [3, 1_000, 30_000])
def test_large_frames_pass_the_check(rows: int) -> None:
    """Large frames are mapped and checked by pyarrow, small ones by hand."""
    assert check(frame_of(large(rows))).rows == rows


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_mutated_data_is_refused_or_harmless(data: st.DataObject) -> None:
    """Either the check refuses, or Arrow's own full validation finds nothing and every value can be read."""
    frame = bytearray(frame_of(SMALL))
    _, start = layout.read_header(frame)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(start, len(frame) - 1))
        frame[at] = data.draw(st.sampled_from([0, 1, 2, 0x7F, 0x80, 0xC3, 0xFF]))
    try:
        check(bytes(frame))
    except WorkerError as error:
        assert error.code == "bad-result"
        return
    table = table_from_frame(bytes(frame))
    table.validate(full=True)
    table.to_pydict()


def buffer(frame: bytes, name: str, number: int) -> tuple[int, int]:
    """Give begin and end of a buffer within the frame; number -1 is the last of a categorical's dictionary."""
    header, start = layout.read_header(frame)
    column = next(column for column in header["columns"] if column["name"] == name)
    offset, length = column["dictionary"]["buffers"][2] if number == -1 else column["buffers"][number]
    return start + offset, start + offset + length


@pytest.mark.parametrize("rows", [3, 30_000], ids=["by hand", "by pyarrow"])
@pytest.mark.parametrize(
    ("name", "number", "at", "value", "fault"),
    [
        ("s", 1, 8, struct.pack("<q", 2**40), "go backwards|offset|Offset"),
        ("s", 1, 8, struct.pack("<q", -1), "go backwards|offset|Offset"),
        ("s", 1, 0, struct.pack("<q", 1), "do not fill"),
        ("s", 1, -8, struct.pack("<q", 0), "do not fill"),
        ("s", 1, 8, struct.pack("<q", 1), "within a character|UTF8|UTF-8"),
        ("s", 2, 0, b"\xff", "UTF8|UTF-8"),
        ("group", 1, 0, b"\xff\xff", "no category"),
        ("group", 1, 0, b"\x7f\x7f", "no category"),
        ("paid", 1, 0, b"\xff" * 15 + b"\x7f", "digits|precision"),
    ],
)
def test_values_that_would_harm_a_reader_are_refused(
    rows: int, name: str, number: int, at: int, value: bytes, fault: str
) -> None:
    """Offsets, UTF-8, codes and decimals are what readers written in C trust."""
    frame = bytearray(frame_of(large(rows)))
    begin, end = buffer(frame, name, number)
    place = (begin if at >= 0 else end) + at
    frame[place : place + len(value)] = value
    with pytest.raises(WorkerError, match=fault) as caught:
        check(bytes(frame))
    assert caught.value.code == "bad-result"
    assert f"`{name}`" in caught.value.summary


@pytest.mark.parametrize(
    ("name", "number", "at", "value", "fault"),
    [
        ("n", 0, 0, b"\x07", "the number of missing values is not that of its bits"),
        ("n", 0, 0, b"\x0d", "bits after the last row are set"),
        ("b", 1, 0, b"\x81", "bits after the last row are set"),
        ("group", -1, 0, b"yy", "a category is there twice"),
    ],
)
def test_bits_and_categories_are_checked(name: str, number: int, at: int, value: bytes, fault: str) -> None:
    """A wrong count of missing values makes a reader allocate wrong; pandas takes no category twice."""
    frame = bytearray(frame_of(SMALL))
    begin, _ = buffer(frame, name, number)
    frame[begin + at : begin + at + len(value)] = value
    with pytest.raises(WorkerError, match=fault):
        check(bytes(frame))


@pytest.mark.parametrize("rows", [3, 25_000])
@pytest.mark.parametrize("kind", [pa.float64(), pa.float32()])
def test_nan_is_no_category(kind: pa.DataType, rows: int) -> None:
    """Categories of pandas are never missing, so the next job would fail in a place that is not at fault."""
    numbers = pa.array([float(number) for number in range(rows)], kind)
    table = pa.table({"x": pa.DictionaryArray.from_arrays(pa.array([0]), numbers)})
    frame = bytearray(frame_of(table))
    check(bytes(frame))
    header, start = layout.read_header(frame)
    offset, _ = header["columns"][0]["dictionary"]["buffers"][0]
    frame[start + offset : start + offset + kind.bit_width // 8] = b"\xff" * (kind.bit_width // 8)
    with pytest.raises(WorkerError, match="a category is NaN"):
        check(bytes(frame))
    repeated = bytearray(frame_of(table))
    width = kind.bit_width // 8
    repeated[start + offset : start + offset + width] = repeated[
        start + offset + width : start + offset + 2 * width
    ]
    with pytest.raises(WorkerError, match="a category is there twice"):
        check(bytes(repeated))


def test_categories_in_bulk_are_refused_without_unpacking_them() -> None:
    """A hostile dictionary of a hundred million equal bits must not become a hundred million objects."""
    rows = 100_000_000
    column = {
        "name": "x",
        "type": "categorical",
        "nulls": 0,
        "buffers": [[0, 0], [0, 1]],
        "index": "int8",
        "ordered": False,
        "dictionary": {"rows": rows, "type": "bool", "nulls": 0, "buffers": [[0, 0], [64, rows // 8]]},
    }
    frame = layout.write_header(1, [column]) + bytes(64 + layout.padded(rows // 8))
    with pytest.raises(WorkerError, match="a category is there twice"):
        check(frame)


@pytest.mark.parametrize("size", [0, 10, 100, 10**6, 10**12])
def test_a_wrong_size_is_a_bad_result(memory_file: Open, size: int) -> None:
    """The size comes with the report of the job; the file may be shorter or longer."""
    descriptor = memory_file(frame_of(SMALL))
    with pytest.raises(WorkerError) as caught:
        codec.check_frame(descriptor, size)
    assert caught.value.code == "bad-result"


@pytest.mark.parametrize("data", [b"", b"x" * 1000, frame_of(SMALL)[:-64]])
def test_damaged_content_in_the_store_is_ours(tmp_path: Path, data: bytes) -> None:
    """Content was checked when it came in: if it is broken now, no author can mend it."""
    path = tmp_path / "frame"
    path.write_bytes(data)
    for read in (codec.read_schema, codec.open_table):
        with pytest.raises(InternalError) as caught:
            read(path)
        assert caught.value.code == "damaged-frame"


def test_schemas_and_small_checks_need_no_pyarrow(tmp_path: Path) -> None:
    """An import of pyarrow costs 110 ms, which an unchanged re-run or a small node must not pay (R-7.2)."""
    path = tmp_path / "frame"
    path.write_bytes(frame_of(SMALL))
    code = (
        "import os, sys; from studiolo.store import codec; "
        f"path = {str(path)!r}; codec.read_schema(path); codec.empty_frame(); "
        "codec.check_frame(os.open(path, os.O_RDONLY), os.path.getsize(path)); "
        "print(sorted({'numpy', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
