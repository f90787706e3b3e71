"""Columns ready to be written, and the writer that streams them to a descriptor or file in large pieces."""

from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import os

from . import layout

# Pieces smaller than this are gathered, larger ones are written as they are.
_GATHER_BYTES = 128 * 1024
# Buffers that may be written at once, tile by tile.
_RUN_BUFFERS = 128


class Column(object):
    """One column as buffers that exist already or are made while they are written.

    Attributes:
        type: the type in the header.
        nulls: number of missing values, -1 for floats.
        buffers: list of (length in bytes, source); a source is None when the length is 0, bytes or a
            contiguous array of uint8, or a function without arguments that gives an iterable of such pieces.
            One with `write_run` (strided.py) may write several buffers at once.
        codes: for categorical the type of the codes, else None.
        ordered: for categorical whether the categories have an order.
        dictionary: for categorical the column of the categories.
        rows: number of values; only asked of a dictionary.
    """

    __slots__ = ("buffers", "codes", "dictionary", "nulls", "ordered", "rows", "type")

    def __init__(self, type, nulls, buffers, rows=0):
        self.type = type
        self.nulls = nulls
        self.buffers = buffers
        self.rows = rows
        self.codes = None
        self.ordered = False
        self.dictionary = None


ABSENT = (0, None)


def buffer_of(piece):
    """Give bytes or a contiguous uint8 array as a buffer of a `Column`."""
    return (len(piece), piece) if len(piece) else ABSENT


def write_columns(target, rows, names, columns, marks=None):
    """Write a whole frame.

    Args:
        target: descriptor, written from its current position, or a file object with `write`.
        rows: number of rows.
        names: column names, unique texts.
        columns: a `Column` for each.
        marks: column name to {"role", "category"}, where known.

    Returns:
        Number of bytes written.
    """
    described, sources, position = [], [], 0
    for name, column in zip(names, columns):
        entry, position = _describe(column, position, sources)
        entry["name"] = name
        if marks and name in marks:
            entry.update(marks[name])
        if column.dictionary is not None:
            values, position = _describe(column.dictionary, position, sources)
            values["rows"] = column.dictionary.rows
            entry.update({"index": column.codes, "ordered": column.ordered, "dictionary": values})
        described.append(entry)
    head = layout.write_header(rows, described)
    writer = _Writer(target)
    writer.put(head)
    done = 0
    while done < len(sources):
        count = 0
        if hasattr(sources[done][1], "write_run"):
            count = writer.put_run(sources[done : done + _RUN_BUFFERS])
        if not count:
            _write_buffer(writer, *sources[done])
            count = 1
        done += count
    writer.flush()
    return len(head) + position


def _describe(column, position, sources):
    places, position = layout.place([buffer[0] for buffer in column.buffers], position)
    sources.extend(buffer for buffer in column.buffers if buffer[0])
    return {"type": column.type, "nulls": column.nulls, "buffers": places}, position


def _write_buffer(writer, length, source):
    if callable(source):
        written = 0
        for piece in source():
            writer.put(piece)
            written += len(piece)
    else:
        writer.put(source)
        written = len(source)
    if written != length:
        raise layout.FrameError("a buffer of %d bytes was announced with %d" % (written, length))
    if length % layout.ALIGNMENT:
        writer.put(b"\0" * (-length % layout.ALIGNMENT))


class _Writer(object):
    """Gathers small pieces and writes large ones without copying them."""

    def __init__(self, target):
        self._descriptor = None if hasattr(target, "write") else target
        self._write = target.write if self._descriptor is None else _writer_of(target)
        self._gathered = []
        self._size = 0

    def put(self, piece):
        size = len(piece)
        if size >= _GATHER_BYTES:
            self.flush()
            self._write(memoryview(piece))
            return
        self._gathered.append(piece if isinstance(piece, bytes) else piece.tobytes())
        self._size += size
        if self._size >= _GATHER_BYTES:
            self.flush()

    def put_run(self, sources):
        """Let the first of `sources` write as many of them as it can at once; give their number."""
        if self._descriptor is None:
            return 0
        self.flush()
        return sources[0][1].write_run(sources, self._descriptor)

    def flush(self):
        if self._gathered:
            self._write(b"".join(self._gathered))
            self._gathered, self._size = [], 0


def _writer_of(descriptor):
    def write(data):
        data = memoryview(data)
        while len(data):
            try:
                done = os.write(descriptor, data)
            except OSError as error:
                if error.errno != errno.EINTR:
                    raise
                continue
            data = data[done:]

    return write
