"""Rows as they go between a database and a job: one line that says the columns, then text as `COPY` has it.

Rows that were read come as CSV and are typed here, exactly, by the types that the database tells. Rows to write leave
in the text form. The host's side is `studiolo.connectors.row_text`.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from studiolo.formats.missing import with_nulls
from studiolo.formats.reading import ReadResult, Source, entry, unreadable
from studiolo.formats.table_types import as_dataset

MAGIC = b'{"studiolo-rows": 1, '
BATCH_ROWS = 65_536
MISSING = r"\N"
_BLOCK_BYTES = 8 << 20
_LARGEST_BLOCK_BYTES = (1 << 31) - 1
_NUMERIC, _INTERVAL, _BYTES = 1700, 1186, 17
_TYPES = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    26: pa.int64(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
    1083: pa.time64("us"),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
}
"""Number of a type in PostgreSQL to what it becomes; the numbers never change. All others are text."""

_SPAN = re.compile(
    r"P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+)(?:\.(\d+))?S)?)?"
)


def is_rows(source: Source) -> bool:
    """Say whether a source holds rows of a database."""
    with source.open() as file:
        return file.read(len(MAGIC)) == MAGIC


def read(source: Source) -> ReadResult:
    """Read the rows of a database.

    Whole numbers keep their width and numerics all their digits. What a dataset can't hold, such as infinite dates,
    becomes missing, with a receipt. Arrays, JSON, UUIDs, enumerations and what the database has else become text as it
    shows them.

    Raises:
        ModuleError: `wrong-format`.
    """
    buffer = pa.py_buffer(source.map())
    head, _, _ = bytes(buffer[: min(buffer.size, 4 << 20)]).partition(b"\n")
    try:
        columns = json.loads(head)["columns"]
    except (ValueError, KeyError, TypeError):
        raise unreadable(source, "rows of a database") from None
    receipt: list[dict[str, Any]] = []
    raw = _parsed(buffer.slice(len(head) + 1), columns)
    names = [str(column["name"]) for column in columns]
    arrays = [
        _typed(values, column, name, receipt)
        for values, column, name in zip(raw.columns, columns, names, strict=True)
    ]
    return ReadResult(as_dataset(pa.Table.from_arrays(arrays, names=names), receipt), receipt)


def _parsed(data: pa.Buffer, columns: list[dict[str, Any]]) -> pa.Table:
    places = [str(place) for place in range(len(columns))]
    wanted = [_wanted(column) for column in columns]
    if data.size == 0:
        return pa.table({place: pa.array([], kind) for place, kind in zip(places, wanted, strict=True)})
    try:
        return _csv(data, dict(zip(places, wanted, strict=True)))
    except pa.ArrowInvalid:
        # A value that its type does not have here, such as infinity of a date: these columns are taken as text first.
        is_odd = [_may_be_odd(kind) for kind in wanted]
        plain = [pa.large_string() if odd else kind for odd, kind in zip(is_odd, wanted, strict=True)]
        return _csv(data, dict(zip(places, plain, strict=True)))


def _csv(data: pa.Buffer, types: dict[str, pa.DataType]) -> pa.Table:
    try:
        return _csv_in_blocks(data, types, _BLOCK_BYTES)
    except pa.ArrowInvalid as fault:
        if "straddl" not in str(fault):
            raise
        return _csv_in_blocks(data, types, min(data.size + 1, _LARGEST_BLOCK_BYTES))


def _csv_in_blocks(data: pa.Buffer, types: dict[str, pa.DataType], block: int) -> pa.Table:
    """Parse CSV by blocks; no row may be longer than one."""
    return csv.read_csv(
        pa.BufferReader(data),
        read_options=csv.ReadOptions(column_names=list(types), block_size=block),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
            timestamp_parsers=[csv.ISO8601],
        ),
    )


def _wanted(column: dict[str, Any]) -> pa.DataType:
    if column["type"] == _NUMERIC:
        precision, scale = _digits(column)
        return pa.decimal128(precision, scale) if 0 < precision <= 38 else pa.large_string()
    return _TYPES.get(column["type"], pa.large_string())


def _digits(column: dict[str, Any]) -> tuple[int, int]:
    """Give precision and scale that a numeric column declares; zeros for none, or a point outside of the digits."""
    modifier = column["modifier"] - 4
    if modifier < 0:
        return 0, 0
    precision, scale = (modifier >> 16) & 0xFFFF, ((modifier & 0x7FF) ^ 1024) - 1024
    return (precision, scale) if 0 <= scale <= precision else (0, 0)


def _may_be_odd(kind: pa.DataType) -> bool:
    return bool(pa.types.is_temporal(kind) or pa.types.is_decimal(kind))


def _typed(
    values: pa.ChunkedArray, column: dict[str, Any], name: str, receipt: list[dict[str, Any]]
) -> pa.ChunkedArray:
    if not pa.types.is_large_string(values.type):
        return values
    if column["type"] == _NUMERIC:
        return _numbers(values, _digits(column), name, receipt)
    if column["type"] == _INTERVAL:
        return _spans(values, name, receipt)
    if column["type"] == _BYTES:
        content = [None if text is None else bytes.fromhex(text[2:]) for text in values.to_pylist()]
        return pa.chunked_array([pa.array(content, pa.large_binary())])
    wanted = _TYPES.get(column["type"])
    return values if wanted is None else _moments(values, wanted, name, receipt)


def _numbers(
    values: pa.ChunkedArray, declared: tuple[int, int], name: str, receipt: list[dict[str, Any]]
) -> pa.ChunkedArray:
    """Give decimals with the digits that the values need; Double when there is infinity or more than 38 digits."""
    if pc.any(pc.equal(values, "NaN")).as_py():
        receipt.append(entry("nan-to-missing", f'NaN in "{name}" became missing.', name))
        values = pc.if_else(pc.equal(values, "NaN"), pa.scalar(None, values.type), values)
    is_endless = pc.any(pc.match_substring(values, "Inf")).as_py()
    precision, scale = declared if declared[0] else _needed_digits(values)
    if precision <= 38 and not is_endless:
        return pc.cast(values, pa.decimal128(precision, scale))
    why = "is infinite" if is_endless else "has more than 38 digits"
    text = f'A number in "{name}" {why}: the column became Double.'
    receipt.append(entry("decimal-to-double", text, name, lossy=True))
    return pc.cast(values, pa.float64())


def _needed_digits(values: pa.ChunkedArray) -> tuple[int, int]:
    """Give precision and scale that hold all values."""
    digits = pc.utf8_ltrim(values, "-")
    points = pc.find_substring(digits, ".")
    length = pc.utf8_length(digits)
    behind = pc.if_else(pc.less(points, 0), 0, pc.subtract(pc.subtract(length, points), 1))
    before = pc.if_else(pc.less(points, 0), length, points)
    scale = pc.max(behind).as_py() or 0
    return max(1, (pc.max(before).as_py() or 0) + scale), scale


def _spans(values: pa.ChunkedArray, name: str, receipt: list[dict[str, Any]]) -> pa.ChunkedArray:
    """Give time spans; text when an interval has years or months, whose length is not known."""
    found = []
    for text in values.to_pylist():
        match = None if text is None else _SPAN.fullmatch(text)
        if text is not None and (match is None or any(int(part or 0) for part in match.groups()[:2])):
            what = f'The intervals in "{name}" have months and stay text.'
            receipt.append(entry("interval-to-text", what, name))
            return values
        found.append(None if match is None else _microseconds(match))
    return pa.chunked_array([pa.array(found, pa.int64())]).cast(pa.duration("us"))


def _microseconds(match: re.Match[str]) -> int:
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[2:7])
    part = int((match[8] or "0").ljust(6, "0")[:6])
    sign = -1 if (match[7] or "").startswith("-") else 1
    return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000_000 + sign * part


def _moments(
    values: pa.ChunkedArray, wanted: pa.DataType, name: str, receipt: list[dict[str, Any]]
) -> pa.ChunkedArray:
    """Give dates and times; infinite ones, and those before the year 1 or after 9999, become missing."""
    is_odd = pc.or_(
        pc.match_substring_regex(values, "(?i)infinity| BC$|^[0-9]{5,}-"), pc.equal(values, "24:00:00")
    )
    count = pc.sum(pc.cast(is_odd, pa.int64())).as_py() or 0
    if count:
        text = f'In "{name}", infinite and out-of-range dates and times became missing: {count:,}.'
        receipt.append(entry("moment-to-missing", text, name, lossy=True))
        values = pc.if_else(is_odd, pa.scalar(None, values.type), values)
    if pa.types.is_time(wanted):
        day = pa.scalar("1970-01-01", values.type)
        return pc.cast(
            pc.cast(pc.binary_join_element_wise(day, values, _large(" ")), pa.timestamp("us")), wanted
        )
    if not pa.types.is_timestamp(wanted) or wanted.tz is None:
        return pc.cast(values, wanted)
    return pc.cast(pc.cast(pc.replace_substring_regex(values, r"\+00$", "Z"), wanted), wanted)


def write(table: pa.Table) -> bytes:
    """Write a dataset as rows that the host hands to a database.

    Missing values, and NaN of a Double, are missing there. Times of day beyond microseconds are cut.
    """
    table = with_nulls(table)
    columns = [plain_values(column) for column in table.columns]
    facts = [
        {"name": name, **kind_of(column.type)}
        for name, column in zip(table.column_names, columns, strict=True)
    ]
    out = [MAGIC + json.dumps({"columns": facts}).encode()[1:] + b"\n"]
    plain = pa.Table.from_arrays(columns, names=[str(place) for place in range(len(columns))])
    for batch in plain.to_batches(max_chunksize=BATCH_ROWS):
        texts = [_texts(column) for column in batch.columns]
        lines = pc.binary_join_element_wise(*texts, _large("\t")) if len(texts) > 1 else texts[0]
        lines = pc.binary_join_element_wise(lines, _large(""), _large("\n"))
        begin, end = lines.offset, lines.offset + len(lines)
        offsets = memoryview(lines.buffers()[1]).cast("q")
        out.append(lines.buffers()[2][offsets[begin] : offsets[end]].to_pybytes())
    return b"".join(out)


def _large(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())


def plain_values(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give a column without dictionary and with times in microseconds."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return plain_values(pc.cast(column, kind.value_type))
    if pa.types.is_timestamp(kind) and kind.unit != "us":
        return pc.cast(column, pa.timestamp("us", kind.tz), safe=False)
    if pa.types.is_duration(kind) and kind.unit != "us":
        return pc.cast(column, pa.duration("us"), safe=False)
    return column


def kind_of(kind: pa.DataType) -> dict[str, Any]:
    """Give what the host is told of a type."""
    if pa.types.is_decimal(kind):
        return {"kind": "decimal", "precision": kind.precision, "scale": kind.scale}
    if pa.types.is_timestamp(kind):
        return {"kind": "timestamp-utc" if kind.tz else "timestamp"}
    for kinds, name in (
        ((pa.bool_(),), "boolean"),
        ((pa.int8(), pa.uint8(), pa.int16()), "int16"),
        ((pa.uint16(), pa.int32()), "int32"),
        ((pa.uint32(), pa.int64()), "int64"),
        ((pa.uint64(),), "uint64"),
        ((pa.float16(), pa.float32()), "float32"),
        ((pa.float64(),), "float64"),
        ((pa.date32(),), "date"),
        ((pa.duration("us"),), "span"),
        ((pa.binary(), pa.large_binary()), "bytes"),
    ):
        if kind in kinds:
            return {"kind": name}
    return {"kind": "text"}


def _texts(column: pa.Array) -> pa.Array:
    """Give the values as text, missing ones as the mark."""
    kind = column.type
    if pa.types.is_boolean(kind):
        texts = pc.if_else(column, "t", "f")
    elif pa.types.is_timestamp(kind) and kind.tz:
        texts = pc.binary_join_element_wise(
            pc.cast(pc.cast(column, pa.timestamp("us")), pa.string()), "+00", ""
        )
    elif pa.types.is_duration(kind):
        texts = pc.binary_join_element_wise(
            pc.cast(pc.cast(column, pa.int64()), pa.string()), "microseconds", " "
        )
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        texts = pa.array(
            [None if one is None else f"\\\\x{one.hex()}" for one in column.to_pylist()], pa.large_string()
        )
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        texts = _escaped(column)
    else:
        texts = pc.cast(column, pa.string())
    return pc.fill_null(pc.cast(texts, pa.large_string()), MISSING)


def _escaped(column: pa.Array) -> pa.Array:
    if not pc.any(pc.match_substring_regex(column, r"[\\\t\n\r]")).as_py():
        return column
    for letter, written in (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r")):
        column = pc.replace_substring(column, letter, written)
    return column
