"""Reads the bytes in which R gives tables back: the form of tables_to_r.py, with a zero after each text."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.formats.reading import entry
from studiolo.modules.r_language.tables_to_r import EXACT, NA_INTEGER

NO_ZONE = ("", "UTC", "GMT")
MOST_TEXT = 1 << 20  # bytes of one text that is no value of a table

Receipt = list[dict[str, Any]]


class Reader(Protocol):
    """Where the bytes come from."""

    def fill(self, target: memoryview) -> None:
        """Read as many bytes as `target` has."""
        ...


class BrokenAnswerError(Exception):
    """What came is not what session.R writes: the script wrote to the pipe itself, or R broke off."""


class TableReader:
    """Reads integers, texts and tables one after the other.

    Args:
        reader: gives the bytes.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def integer(self) -> int:
        """Read one int32."""
        return int(self._values(np.int32, 1)[0])

    def text(self) -> str:
        """Read one short text; missing is empty.

        Raises:
            BrokenAnswerError: it is none.
        """
        length = self.integer()
        if length > MOST_TEXT or length < -1:
            raise BrokenAnswerError
        return bytes(self._values(np.uint8, length + 1)[:-1]).decode("utf-8", "replace")

    def table(self, receipt: Receipt) -> pa.Table | None:
        """Read a table, None when there is none.

        Args:
            receipt: gets an entry for each change.

        Raises:
            BrokenAnswerError: what came is no table.
        """
        if not self.integer():
            return None
        rows, count = self._count(), self._count()
        names = [name if name is not None else "" for name in self._texts(count).to_pylist()]
        columns = [self._column(rows, name, receipt) for name in names]
        return pa.Table.from_arrays(columns, names=names) if columns else pa.table({})

    def _column(self, rows: int, name: str, receipt: Receipt) -> pa.Array:
        kind = self.text()
        if kind in ("repeated", "factor", "ordered"):
            return self._coded(rows, kind)
        if kind == "moment":
            zone = self.text()
            return _moments(self._doubles(rows), zone, name, receipt)
        readers: dict[str, Callable[[], pa.Array]] = {
            "logical": lambda: _nullable(self._values(np.int32, rows)).cast(pa.bool_()),
            "integer": lambda: _nullable(self._values(np.int32, rows)).cast(pa.int64()),
            "wide": lambda: _wide(self._values(np.int64, rows)),
            "double": lambda: pa.array(_plain_nan(self._doubles(rows))),
            "text": lambda: self._texts(rows),
            "bytes": lambda: self._bytes(rows),
            "date": lambda: _dates(self._doubles(rows)),
            "span": lambda: _microseconds(self._doubles(rows), name, receipt).cast(pa.duration("us")),
        }
        if kind not in readers:
            raise BrokenAnswerError
        return readers[kind]()

    def _coded(self, rows: int, kind: str) -> pa.Array:
        levels = self._texts(self._count())
        codes = self._values(np.int32, rows)
        missing = codes == NA_INTEGER
        if len(codes) and (
            codes[~missing].min(initial=1) < 1 or codes[~missing].max(initial=0) > len(levels)
        ):
            raise BrokenAnswerError
        indices = pa.array(np.where(missing, 0, codes - 1).astype(np.int32), mask=missing)
        if kind == "repeated":
            return pc.take(levels, indices)
        return pa.DictionaryArray.from_arrays(indices, levels, ordered=kind == "ordered")

    def _texts(self, count: int) -> pa.Array:
        """Read texts; R puts a zero after each, and none has one within."""
        return self._lengths_and_data(count, pa.large_string())

    def _bytes(self, count: int) -> pa.Array:
        return self._lengths_and_data(count, pa.large_binary())

    def _lengths_and_data(self, count: int, kind: pa.DataType) -> pa.Array:
        are_texts = pa.types.is_large_string(kind)
        lengths = self._values(np.int32, count)
        if len(lengths) and lengths.min() < -1:
            raise BrokenAnswerError
        missing = lengths < 0
        offsets = np.zeros(count + 1, np.int64)
        np.cumsum(np.where(missing, 0, lengths), out=offsets[1:])
        data = self._values(np.uint8, int(offsets[-1]) + (int(count - missing.sum()) if are_texts else 0))
        if are_texts:
            data = data[data != 0]
            if len(data) != offsets[-1]:
                raise BrokenAnswerError
        is_there = pa.array(~missing).buffers()[1] if missing.any() else None
        made = pa.Array.from_buffers(kind, count, [is_there, pa.py_buffer(offsets), pa.py_buffer(data)])
        made.validate(full=True)
        return made

    def _doubles(self, count: int) -> np.ndarray:
        return self._values(np.float64, count)

    def _count(self) -> int:
        count = self.integer()
        if count < 0:
            raise BrokenAnswerError
        return count

    def _values(self, kind: Any, count: int) -> np.ndarray:
        values = np.empty(count, kind)
        if count:
            self._reader.fill(values.data.cast("B"))
        return values


def _nullable(values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=values == NA_INTEGER)


def _wide(values: np.ndarray) -> pa.Array:
    """Read what the package bit64 puts into doubles."""
    return pa.array(values, mask=values == np.iinfo(np.int64).min)


def _plain_nan(values: np.ndarray) -> np.ndarray:
    """Turn R's NA and NaN into the one NaN that means missing in a dataset."""
    values[np.isnan(values)] = np.nan
    return values


def _dates(days: np.ndarray) -> pa.Array:
    missing = ~np.isfinite(days) | (np.abs(days) > 2**31 - 1)
    whole = np.floor(np.where(missing, 0.0, days)).astype(np.int32)
    return pa.array(whole, mask=missing).cast(pa.date32())


def _moments(seconds: np.ndarray, zone: str, name: str, receipt: Receipt) -> pa.Array:
    whole = _microseconds(seconds, name, receipt)
    if zone in NO_ZONE:
        return whole.cast(pa.timestamp("us"))
    if zone == "Etc/UTC":
        zone = "UTC"
    elif zone not in zoneinfo.available_timezones():
        text = f'The zone {zone[:60]} of "{name}" is not known; its times are in UTC.'
        receipt.append(entry("unknown-zone", text, name, lossy=True))
        zone = "UTC"
    return whole.cast(pa.timestamp("us", zone))


def _microseconds(seconds: np.ndarray, name: str, receipt: Receipt) -> pa.Array:
    missing = np.isnan(seconds)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.where(missing, 0.0, seconds) * 1e6
    beyond = ~(np.abs(scaled) < EXACT * 512.0)
    if beyond.any():
        text = f'{int(beyond.sum())} times in "{name}" lie beyond what a dataset holds and became missing.'
        receipt.append(entry("time-out-of-range", text, name, lossy=True))
        scaled[beyond] = 0.0
    return pa.array(np.rint(scaled).astype(np.int64), mask=missing | beyond)
