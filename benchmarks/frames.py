"""Measures frames: fixed cost of a small one, and large ones against the bare write of as many bytes.

Run it with `python benchmarks/frames.py`; needs about 2 GB of memory. Figures are the best of several tries in
milliseconds; the column `bare` is what the kernel needs for the bytes alone.
"""

import mmap
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from studiolo.store.codec import check_frame
from studiolo_child.frames.pandas_in import read_frame
from studiolo_child.frames.pandas_out import write_frame

RNG = np.random.default_rng(0)
MILLION = 1_000_000


def best(action: Callable[[], Any], tries: int) -> float:
    """Give the shortest time of `tries` calls in milliseconds."""
    times = []
    for _ in range(tries):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return min(times) * 1000


def measure(name: str, dataframe: pd.DataFrame, tries: int) -> None:
    """Print one line: write, bare write of the same number of bytes, check by the host, read."""
    descriptor = os.memfd_create("frame", os.MFD_CLOEXEC)

    def emptied() -> int:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        return descriptor

    written = best(lambda: write_frame(emptied(), dataframe, []), tries)
    size = os.fstat(descriptor).st_size
    zeros = bytes(min(size, MILLION))

    def read() -> None:
        read_frame(mmap.mmap(descriptor, size, access=mmap.ACCESS_COPY), receipt=[])

    checked = best(lambda: check_frame(descriptor, size), tries)
    got = best(read, tries)

    def write_bare() -> None:
        target = emptied()
        for _ in range(size // len(zeros)):
            os.write(target, zeros)

    bare = best(write_bare, tries)
    os.close(descriptor)
    print(f"{name:32} {size / 1e6:9.1f} {written:9.2f} {bare:9.2f} {checked:9.2f} {got:9.2f}")


def small() -> pd.DataFrame:
    """Give 100 rows of ten common types."""
    numbers = np.arange(100)
    return pd.DataFrame(
        {
            "integer": numbers,
            "small": numbers.astype("i4"),
            "double": numbers / 7,
            "missing": np.where(numbers % 3 == 0, np.nan, numbers),
            "flag": numbers % 2 == 0,
            "text": [f"text {number}" for number in numbers],
            "maybe": [f"text {number % 7}" if number % 5 else None for number in numbers],
            "moment": pd.date_range("2020", periods=100),
            "zoned": pd.date_range("2020", periods=100, tz="Europe/Berlin"),
            "group": pd.Categorical(["a", "b"] * 50),
        }
    )


def main() -> None:
    """Print the table."""
    print(f"{'ms':32} {'MB':>9} {'write':>9} {'bare':>9} {'check':>9} {'read':>9}")
    measure("100 rows, 10 types", small(), 500)
    measure("100 rows, 10 doubles", pd.DataFrame(RNG.random((100, 10))).rename(columns=str), 500)
    columns = {f"c{number}": RNG.random(MILLION) for number in range(10)}
    measure("1e6 x 10 doubles", pd.DataFrame(columns), 5)
    rows = pd.DataFrame(RNG.random((MILLION, 10)), columns=list(columns), copy=False)
    measure("1e6 x 10 doubles, row by row", rows, 5)
    wide = pd.DataFrame(RNG.random((MILLION // 10, 200)), copy=False).rename(columns=str)
    measure("1e5 x 200 doubles, row by row", wide, 5)
    texts = pa.array(
        np.char.add("name ", RNG.integers(0, MILLION, 10 * MILLION).astype("U7")), pa.large_string()
    )
    measure("1e7 texts, Arrow-backed", pd.DataFrame({"s": pd.Series(texts, dtype="str")}), 3)
    objects = pd.Series(texts.to_numpy(zero_copy_only=False), dtype=object)
    measure("1e7 texts, objects", pd.DataFrame({"s": objects}), 2)
    gigabyte = pd.DataFrame({f"c{number}": np.arange(12.5 * MILLION) for number in range(10)})
    measure("1 GB of doubles", gigabyte, 2)


if __name__ == "__main__":
    main()
