"""Frames over real mappings and descriptors: nothing is copied, nobody else's bytes change."""

from __future__ import annotations

import hashlib
import io
import mmap
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from frame_examples import frame_of, written

from studiolo_child.frames import pandas_in, pandas_out
from studiolo_child.frames.arrow_frames import frame_from_table

ROWS = 1000
NUMBERS = np.arange(ROWS)
TABLE = pa.table(
    {
        "i": pa.array(NUMBERS),
        "small": pa.array(NUMBERS.astype("u1")),
        "f": pa.array(NUMBERS / 7),
        "missing": pa.array([None if number % 3 else float(number) for number in NUMBERS]),
        "half": pa.array(NUMBERS.astype("f2")),
        "t": pa.array(NUMBERS.view("M8[us]")),
        "zoned": pa.array(NUMBERS, pa.timestamp("ns", "Europe/Berlin")),
        "d": pa.array(NUMBERS.view("m8[ms]")),
    }
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "frame"
    path.write_bytes(frame_of(TABLE))
    return path


@pytest.fixture
def mapping(path: Path) -> mmap.mmap:
    """A private writable mapping, as a job gets its inputs."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def addresses(mapping: mmap.mmap) -> tuple[int, int]:
    begin = np.frombuffer(mapping, np.uint8).__array_interface__["data"][0]
    return begin, begin + len(mapping)


def test_numbers_and_times_lie_in_the_mapping(mapping: mmap.mmap) -> None:
    """A 1 GB numeric table reaches the function without being copied (issue 2, R-7.1)."""
    dataframe = pandas_in.read_frame(mapping)
    begin, end = addresses(mapping)
    for name in dataframe:
        values = dataframe[name].array
        values = getattr(values, "_ndarray", values)
        address = np.asarray(values).__array_interface__["data"][0]
        assert begin <= address < end, name
        assert np.shares_memory(np.asarray(values), np.frombuffer(mapping, np.uint8)), name


def test_a_change_in_place_works_and_does_not_reach_the_file(path: Path, mapping: mmap.mmap) -> None:
    """`df.loc[0, 'x'] = 1` works and changes nobody else's data."""
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    dataframe = pandas_in.read_frame(mapping)
    begin, end = addresses(mapping)
    dataframe.loc[0, "i"] = 77
    dataframe.loc[dataframe["f"] > 1, "f"] = -1.0
    dataframe.loc[1, "t"] = pd.Timestamp("2020-01-01")
    dataframe.loc[1, "zoned"] = pd.NaT
    dataframe["missing"] = dataframe["missing"].fillna(0)
    dataframe["small"] += 1
    dataframe = dataframe.sort_values("i")
    address = dataframe["i"].to_numpy().__array_interface__["data"][0]
    assert not begin <= address < end
    assert 77 in dataframe["i"].to_list()
    assert (dataframe["f"] <= 1).all()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before


def test_a_change_in_place_stays_in_place(mapping: mmap.mmap) -> None:
    """One changed cell must not copy a column of a gigabyte."""
    dataframe = pandas_in.read_frame(mapping)
    begin, end = addresses(mapping)
    dataframe.loc[0, "f"] = 5.5
    address = dataframe["f"].to_numpy().__array_interface__["data"][0]
    assert begin <= address < end
    assert dataframe.loc[0, "f"] == 5.5


def test_two_jobs_on_one_frame_do_not_see_each_other(path: Path) -> None:
    """The sealed result of one job is the input of several."""
    frames = []
    for _ in range(2):
        with path.open("rb") as file:
            frames.append(pandas_in.read_frame(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)))
    frames[0].loc[:, "i"] = -1
    assert frames[1]["i"].tolist() == list(range(ROWS))


def test_texts_are_those_of_read_csv_and_lie_in_the_mapping(tmp_path: Path) -> None:
    """Strings use the Arrow-backed dtype that pandas itself gives, without copying (R-2.2)."""
    table = pa.table({"s": ["a", None, "äö", ""] * 100})
    path = tmp_path / "frame"
    path.write_bytes(frame_of(table))
    with path.open("rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    dataframe = pandas_in.read_frame(mapping)
    by_csv = pd.read_csv(io.StringIO("s\na\nNA\näö\n"))
    assert dataframe["s"].dtype == by_csv["s"].dtype
    assert (dataframe["s"].array.dtype.storage, dataframe["s"][1] is np.nan) == ("pyarrow", True)
    begin, end = addresses(mapping)
    buffers = pa.chunked_array(dataframe["s"]).chunk(0).buffers()
    assert all(begin <= buffer.address < end for buffer in buffers)
    dataframe.loc[0, "s"] = "changed"
    assert dataframe["s"].tolist()[:3] == ["changed", np.nan, "äö"]


@pytest.mark.parametrize("count", [1, 100, 101, 150])
def test_wide_tables_are_views_too_and_take_new_columns_quietly(tmp_path: Path, count: int) -> None:
    """Beyond 100 blocks pandas warns the author of a fragmented frame, which he did not make."""
    columns = {f"x{number}": NUMBERS + number for number in range(count)}
    table = pa.table({**columns, "s": ["a"] * ROWS, **{f"y{n}": NUMBERS / 2 for n in range(count)}})
    path = tmp_path / "frame"
    path.write_bytes(frame_of(table))
    with path.open("rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    dataframe = pandas_in.read_frame(mapping)
    begin, end = addresses(mapping)
    for name in ("x0", f"x{count - 1}", "y0", f"y{count - 1}"):
        assert begin <= dataframe[name].to_numpy().__array_interface__["data"][0] < end
    dataframe.loc[3, "x0"] = -5
    dataframe["new"] = 1
    expected = table.to_pandas()
    expected.loc[3, "x0"] = -5
    expected["new"] = 1
    pd.testing.assert_frame_equal(dataframe, expected)


def descriptor_bytes(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0)


@pytest.fixture
def memory_file() -> Iterator[int]:
    descriptor = os.memfd_create("frame", os.MFD_CLOEXEC)
    yield descriptor
    os.close(descriptor)


def layouts() -> dict[str, Any]:
    """Give DataFrames of 1.5 MB and more in the memory layouts that pandas meets."""
    rng = np.random.default_rng(1)
    rows = rng.random((70_000, 7))
    mixed = pd.DataFrame(rows, columns=list("abcdefg"))
    mixed["s"] = "x"
    return {
        "columns": pd.DataFrame(np.asfortranarray(rows), columns=list("abcdefg")),
        "rows": pd.DataFrame(rows, columns=list("abcdefg")),
        "rows, others between": mixed[["a", "b", "s", "c", "d"]],
        "rows, some of them": pd.DataFrame(rows, columns=list("abcdefg"))[["a", "c", "d", "g"]],
        "rows, backwards": pd.DataFrame(rows[::-1], columns=list("abcdefg")),
        "columns, backwards": pd.DataFrame(rows[:, ::-1], columns=list("abcdefg")),
        "small integers": pd.DataFrame((rows * 100).astype("i1").repeat(5, axis=0), columns=list("abcdefg")),
        "many": pd.DataFrame(rng.random((35_000, 300)), columns=[f"c{n}" for n in range(300)]),
        "times": pd.DataFrame((rows * 1e9).astype("i8").view("M8[ns]"), columns=list("abcdefg")),
    }


@pytest.mark.parametrize("name", list(layouts()))
def test_every_layout_is_written_the_same_to_descriptors_and_files(memory_file: int, name: str) -> None:
    """Tiles are written out of order where the descriptor can seek; the bytes are those of a plain write."""
    dataframe = layouts()[name]
    os.write(memory_file, b"before")
    receipt: list[dict[str, Any]] = []
    shape = pandas_out.write_frame(memory_file, dataframe, receipt)
    plain = io.BytesIO()
    frame_from_table(pa.Table.from_pandas(dataframe, preserve_index=False), plain)
    assert receipt == []
    assert descriptor_bytes(memory_file) == b"before" + plain.getvalue()
    assert shape == {"rows": len(dataframe), "columns": dataframe.shape[1], "size": len(plain.getvalue())}


def test_a_pipe_is_written_front_to_back(tmp_path: Path) -> None:
    """A descriptor that can't seek gets the same bytes."""
    dataframe = layouts()["rows"]
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        pandas_out.write_frame(write, dataframe)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        got = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    plain = io.BytesIO()
    pandas_out.write_frame(plain, dataframe)
    assert got == plain.getvalue()


def test_long_columns_are_written_in_slices() -> None:
    """Bits, masks and texts are made piece by piece: their borders must not show."""
    count = 300_001
    numbers = np.arange(count)
    mask = numbers % 7 == 0
    dataframe = pd.DataFrame(
        {
            "b": numbers % 3 == 0,
            "i": pd.arrays.IntegerArray(numbers.copy(), mask.copy()),
            "maybe": pd.arrays.BooleanArray(numbers % 2 == 0, mask.copy()),
            "f": pd.arrays.FloatingArray(numbers / 3, mask.copy()),
            "t": np.where(mask, np.datetime64("NaT"), numbers.view("M8[us]")),
            "s": pd.Series([f"ä{n}" if n % 5 else None for n in numbers], dtype=object),
            "raw": pd.Series([b"%d" % n for n in numbers], dtype=object),
        }
    )
    table, receipt = written(dataframe)
    assert receipt == []
    assert table.column("b").to_pylist() == (numbers % 3 == 0).tolist()
    assert table.column("i").to_pylist() == [
        None if m else n for n, m in zip(numbers.tolist(), mask, strict=True)
    ]
    assert table.column("maybe").null_count == mask.sum()
    assert np.isnan(table.column("f").to_numpy()).sum() == mask.sum()
    assert table.column("t").null_count == mask.sum()
    assert table.column("s").to_pylist() == [f"ä{n}" if n % 5 else None for n in numbers]
    assert table.column("raw").to_pylist() == [b"%d" % n for n in numbers]
