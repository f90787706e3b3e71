"""The definition of a frame: the bytes of one dataset, alike in memory files, in the store and in mappings.

    0   8 bytes  magic b"STDLFRM1"
    8   u64      length H of the header, little endian
    16  H bytes  header: canonical ASCII JSON {"columns": [...], "rows": n}
        zeros up to the next multiple of 64: here the data begins
        buffers in the order of the columns, each followed by zeros up to the next multiple of 64

A column is {"name", "type", "nulls", "buffers": [[offset, length], ...]}, optionally with "role" and "category"
(text). A name, role or category has at most 65,536 characters. Offsets count from the start of the data; a buffer
without bytes is [0, 0]. Buffers are Arrow's: one chunk, Arrow offset 0, little endian, bits from the lowest.

    bool                                    [validity, bits]
    int8 ... int64, uint8 ... uint64        [validity, values]
    float16, float32, float64               [values]: missing is NaN, "nulls" is -1 (not counted)
    string, bytes                           [validity, rows + 1 int64 offsets from 0, data]
    timestamp[U], timestamp[U, ZONE]        [validity, int64], U one of s, ms, us, ns
    duration[U], date32, decimal(P,S)       [validity, int64 | int32 days | 16 bytes two's complement]
    categorical                             [validity, codes] with "index" (int8, int16, int32), "ordered" and
                                            "dictionary": {"rows", "type", "nulls", "buffers"}

The validity buffer is [0, 0] when "nulls" is 0, else ceil(rows / 8) bytes, 1 for present, unused bits 0. Values
and codes under nulls are 0, texts under nulls have length 0. So equal tables are equal bytes whoever wrote them.

This file does not look at the values; studiolo.store.codec does that for bytes that a hostile job wrote.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re
import struct

MAGIC = b"STDLFRM1"
ALIGNMENT = 64
HEADER_LIMIT = 64 * 1024 * 1024
ROWS_LIMIT = 1 << 62
NAME_LIMIT = 65536  # characters of a name, role or category
_LARGE_HEADER = 1024 * 1024

_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(str(","), str(":")), ensure_ascii=True, check_circular=False
)
_TEXT = type("")
_INTEGERS = (int, type(1 << 80))

# type: (kind, bytes for each value)
_PLAIN = {
    "bool": ("bool", 0),
    "string": ("string", 0),
    "bytes": ("bytes", 0),
    "categorical": ("categorical", 0),
    "date32": ("date", 4),
    "float16": ("float", 2),
    "float32": ("float", 4),
    "float64": ("float", 8),
    "int8": ("integer", 1),
    "int16": ("integer", 2),
    "int32": ("integer", 4),
    "int64": ("integer", 8),
    "uint8": ("integer", 1),
    "uint16": ("integer", 2),
    "uint32": ("integer", 4),
    "uint64": ("integer", 8),
}
INDEX_WIDTHS = {"int8": 1, "int16": 2, "int32": 4}
_TIME = re.compile(r"(timestamp|duration)\[(s|ms|us|ns)(?:, ([A-Za-z0-9_+\-:/]{1,64}))?\]\Z")
_DECIMAL = re.compile(r"decimal\(([0-9]{1,2}),([0-9]{1,2})\)\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ZONE = re.compile(r"[A-Za-z0-9_+\-:/]{1,64}\Z")

_COLUMN_KEYS = frozenset(["name", "type", "nulls", "buffers"])
_MARKS = frozenset(["role", "category"])
_CATEGORICAL_KEYS = frozenset(["index", "ordered", "dictionary"])
_DICTIONARY_KEYS = frozenset(["rows", "type", "nulls", "buffers"])


class FrameError(ValueError):
    """The bytes are not a frame; the text says what is wrong and names the column."""


class Type(object):
    """A column type taken apart.

    Attributes:
        kind: bool, integer, float, string, bytes, timestamp, duration, date, decimal or categorical.
        width: bytes for each value; 0 for bool, string, bytes and categorical.
        unit: s, ms, us or ns for times, else None.
        zone: name of the time zone of a timestamp, or None.
        precision: digits of a decimal, or None.
        scale: digits after the point of a decimal, or None.
    """

    __slots__ = ("kind", "precision", "scale", "unit", "width", "zone")

    def __init__(self, kind, width, unit=None, zone=None, precision=None, scale=None):
        self.kind = kind
        self.width = width
        self.unit = unit
        self.zone = zone
        self.precision = precision
        self.scale = scale


_KNOWN = dict((name, Type(kind, width)) for name, (kind, width) in _PLAIN.items())
for _unit in ("s", "ms", "us", "ns"):
    _KNOWN["timestamp[%s]" % _unit] = Type("timestamp", 8, _unit)
    _KNOWN["duration[%s]" % _unit] = Type("duration", 8, _unit)


def parse_type(text):
    """Take a column type apart.

    Returns:
        A `Type`, or None when `text` is no type of frames.
    """
    known = _KNOWN.get(text)
    if known is not None:
        return known
    match = _TIME.match(text)
    if match is not None:
        kind, unit, zone = match.groups()
        return Type(kind, 8, unit, zone) if kind == "timestamp" else None
    match = _DECIMAL.match(text)
    if match is not None:
        precision, scale = int(match.group(1)), int(match.group(2))
        if 1 <= precision <= 38 and scale <= precision and text == "decimal(%d,%d)" % (precision, scale):
            return Type("decimal", 16, precision=precision, scale=scale)
    return None


def is_zone(text):
    """Say whether `text` can stand as the time zone in a type."""
    return _ZONE.match(text) is not None


def index_type(categories):
    """Give the one type of codes that frames use for so many categories; it is the type that pandas uses."""
    if categories < 127:
        return "int8"
    return "int16" if categories < 32767 else "int32"


def padded(length):
    """Give `length` rounded up to a multiple of 64."""
    return (length + 63) & ~63


def place(lengths, position):
    """Give each buffer its place in the data, one after the other.

    Args:
        lengths: lengths in bytes of the buffers.
        position: where the first goes, a multiple of 64.

    Returns:
        (`[[offset, length], ...]`, position after the last padding).
    """
    places = []
    for length in lengths:
        if length:
            places.append([position, length])
            position += (length + 63) & ~63
        else:
            places.append([0, 0])
    return places, position


def write_header(rows, columns):
    """Give the bytes of a frame from its beginning up to the start of the data.

    Args:
        rows: number of rows.
        columns: column dictionaries as the file's head describes them, places included.
    """
    text = _ENCODER.encode({"rows": rows, "columns": columns})
    raw = text.encode("ascii") if isinstance(text, _TEXT) else text
    head = MAGIC + struct.pack(str("<Q"), len(raw)) + raw
    return head + b"\0" * (-len(head) % ALIGNMENT)


def read_header(buffer, size=None, limit=HEADER_LIMIT):
    """Read and check the header of a frame.

    After it returned, every buffer lies inside the file, has the length that its type and the rows ask for,
    is aligned and overlaps no other. Time and memory are bounded by the header's own length.

    Args:
        buffer: bytes, mapping or memoryview; at least the header must be in it.
        size: length of the whole frame in bytes when `buffer` is only its beginning.
        limit: longest header taken, in bytes.

    Returns:
        (header, position where the data begins).

    Raises:
        FrameError: the bytes are not a frame.
    """
    if size is None:
        size = len(buffer)
    head = _take(buffer, 0, 16)
    if size < 16 or len(head) < 16:
        raise FrameError("the frame ends within its first 16 bytes")
    if head[:8] != MAGIC:
        raise FrameError("the bytes do not begin like a frame")
    length = struct.unpack(str("<Q"), head[8:])[0]
    if length > limit:
        raise FrameError("the header has %d bytes, at most %d are allowed" % (length, limit))
    start = padded(16 + length)
    if start > size:
        raise FrameError("the header reaches past the end of the frame")
    raw = _take(buffer, 16, 16 + length)
    if len(raw) != length:
        raise FrameError("the header is cut off")
    header = _parse(raw)
    _check(header, size - start)
    return header, start


def _take(buffer, start, stop):
    part = buffer[start:stop]
    return part.tobytes() if isinstance(part, memoryview) else bytes(part)


def _refuse_number(text):
    raise ValueError("not a whole number")


_DECODER = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)


def _parse(raw):
    # Objects of JSON take up to thirty times the room of their text: a large header must at least have the
    # proportions of columns before it is parsed.
    if len(raw) > _LARGE_HEADER and (
        raw.count(b"{") * 30 > len(raw) or raw.count(b"[") * 14 > len(raw) or raw.count(b",") * 7 > len(raw)
    ):
        raise FrameError("the header is not a list of columns")
    try:
        return _DECODER.decode(raw.decode("ascii"))
    except (ValueError, RuntimeError) as error:  # RuntimeError: nested too deeply
        raise FrameError("the header is not JSON of a frame: %s" % str(error)[:200])


def _check(header, data_size):
    if type(header) is not dict or sorted(header) != ["columns", "rows"]:
        raise FrameError('the header has other parts than "columns" and "rows"')
    rows, columns = header["rows"], header["columns"]
    if type(rows) not in _INTEGERS or not 0 <= rows <= ROWS_LIMIT:
        raise FrameError("the number of rows is not a number from 0")
    if type(columns) is not list:
        raise FrameError("the columns are not a list")
    if rows and not columns:
        raise FrameError("there are rows but no columns")
    position = 0
    names = set()
    for number, column in enumerate(columns, 1):
        try:
            position = _check_column(column, rows, position, data_size)
            if column["name"] in names:
                raise FrameError("the name is there twice")
        except FrameError as error:
            raise FrameError("column %d%s: %s" % (number, _shown(column), error))
        names.add(column["name"])
    if position != data_size:
        raise FrameError("the data has %d bytes, the columns ask for %d" % (data_size, position))


def _shown(column):
    name = column.get("name") if type(column) is dict else None
    if not isinstance(name, _TEXT):
        return ""
    name = _SURROGATE.sub("?", name)
    return " `%s`" % (name if len(name) <= 80 else name[:77] + "...")


def _check_column(column, rows, position, data_size):
    if type(column) is not dict:
        raise FrameError("it is not an object")
    keys = frozenset(column)
    if keys != _COLUMN_KEYS:
        extra = _CATEGORICAL_KEYS if column.get("type") == "categorical" else frozenset()
        if not keys >= (_COLUMN_KEYS | extra) or keys - _COLUMN_KEYS - _MARKS - extra:
            raise FrameError("it has missing or unknown parts")
        for mark in keys & _MARKS:
            _check_text(mark, column[mark])
    name = column["name"]
    _check_text("name", name)
    if _SURROGATE.search(name) is not None:
        raise FrameError("its name is not Unicode text")
    kind, position = _check_values(column, rows, position, data_size)
    if kind != "categorical":
        return position
    if "dictionary" not in column:
        raise FrameError("it has no dictionary")
    if type(column["ordered"]) is not bool:
        raise FrameError('"ordered" is not true or false')
    return _check_dictionary(column["dictionary"], position, data_size)


def _check_text(what, text):
    if not isinstance(text, _TEXT):
        raise FrameError("its %s is not a text" % what)
    if len(text) > NAME_LIMIT:
        raise FrameError("its %s has %d characters, at most %d are allowed" % (what, len(text), NAME_LIMIT))


def _check_dictionary(values, position, data_size):
    if type(values) is not dict or frozenset(values) != _DICTIONARY_KEYS:
        raise FrameError("its dictionary has missing or unknown parts")
    rows = values["rows"]
    if type(rows) not in _INTEGERS or not 0 <= rows <= 0x7FFFFFFF:
        raise FrameError("its dictionary has a wrong number of rows")
    if values["type"] == "categorical":
        raise FrameError("its dictionary is categorical itself")
    kind, position = _check_values(values, rows, position, data_size)
    if values["nulls"] > 0:
        raise FrameError("its dictionary has missing values")
    return position


def _check_values(column, rows, position, data_size):
    """Check type, nulls and buffers; give the kind and the position after the last buffer."""
    text, nulls, buffers = column["type"], column["nulls"], column["buffers"]
    parts = parse_type(text) if isinstance(text, _TEXT) and len(text) < 100 else None
    if parts is None:
        raise FrameError("its type is unknown")
    kind = parts.kind
    if type(nulls) not in _INTEGERS or not (-1 if kind == "float" else 0) <= nulls <= rows:
        raise FrameError("its number of missing values is wrong")
    if type(buffers) is not list:
        raise FrameError("its buffers are not a list")
    expected = _expected(column, parts, rows, nulls)
    if len(buffers) != len(expected):
        raise FrameError("it has %d buffers, %d expected for %s" % (len(buffers), len(expected), text))
    for number, (buffer, wanted) in enumerate(zip(buffers, expected)):
        if type(buffer) is not list or len(buffer) != 2:
            raise FrameError("buffer %d is not an offset and a length" % number)
        offset, length = buffer
        if type(offset) not in _INTEGERS or type(length) not in _INTEGERS or length < 0:
            raise FrameError("buffer %d is not an offset and a length" % number)
        if wanted is not None and length != wanted:
            raise FrameError(
                "buffer %d has %d bytes, %d expected for %d rows of %s" % (number, length, wanted, rows, text)
            )
        if offset != (position if length else 0):
            raise FrameError("buffer %d is not where it belongs" % number)
        position += (length + 63) & ~63
        if position > data_size:
            raise FrameError("buffer %d reaches past the end of the frame" % number)
    return kind, position


def _expected(column, parts, rows, nulls):
    """Give the length of each buffer, None where the content decides."""
    kind = parts.kind
    if kind == "float":
        return (rows * parts.width,)
    validity = (rows + 7) // 8 if nulls else 0
    if kind == "bool":
        return (validity, (rows + 7) // 8)
    if kind in ("string", "bytes"):
        return (validity, (rows + 1) * 8, None)
    if kind != "categorical":
        return (validity, rows * parts.width)
    index = column.get("index")
    width = INDEX_WIDTHS.get(index) if isinstance(index, _TEXT) else None
    if width is None:
        raise FrameError("its codes have an unknown type")
    return (validity, rows * width)
