"""Arrow streams as bodies of our own form: one table in, one table out. Loads pyarrow when it is called."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studiolo.domain.service import ServiceColumn, ServicePort, ServiceVersion
from studiolo.services.bodies.categories import category_type
from studiolo.services.bodies.cells import parse_cells
from studiolo.services.bodies.classic import Frames, refuse_many_rows
from studiolo.services.bodies.errors import ServiceProblem
from studiolo.services.bodies.frame_writing import write_frame
from studiolo.services.bodies.json_text import cut
from studiolo.services.bodies.parameters import read_parameters
from studiolo.services.bodies.request import Request
from studiolo.services.bodies.tables import refuse_columns

if TYPE_CHECKING:
    import pyarrow as pa

MEDIA_TYPE = "application/vnd.apache.arrow.stream"
_LARGEST_TEXTS = 64 << 20
_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3


def read_arrow(
    body: bytes,
    version: ServiceVersion,
    parameters: Mapping[str, Any] | None = None,
    *,
    max_rows: int | None = None,
) -> Request:
    """Read an Arrow stream as the table of a version's only input.

    Columns are taken by name and cast to the input's types where no value is lost. Compressed streams, nested
    types, views and run-end encoding are refused: few bytes of them stand for any amount of data.

    Args:
        body: the stream.
        version: declares the input and the parameters.
        parameters: by name, from wherever the server found them.
        max_rows: that are taken; None for any number.

    Raises:
        ServiceProblem: whatever is wrong with it.
    """
    if len(version.inputs) != 1:
        said = f"An Arrow stream holds one table, and the service has {len(version.inputs)} inputs."
        raise ServiceProblem("operation-invalid", said, "Send JSON.")
    name, port = next(iter(version.inputs.items()))
    table = _open(body, max_rows if max_rows is not None else 8 * len(body))
    if port.columns is not None:
        table = _fitted(table, port, len(body))
    else:
        for column, field in zip(table.columns, table.schema, strict=True):
            _refuse_large_texts(column, field.name, len(body))
    if table.num_rows and not table.num_columns:
        raise ServiceProblem("input-mismatch", f'"{cut(name)}" has rows but no columns.', target=name)
    values = read_parameters(dict(parameters) if parameters else None, version)
    return Request({name: _frame(table)}, values, {}, table.num_rows)


def fitted_frame(table: pa.Table, port: ServicePort, size: int) -> bytes:
    """Give the frame of a table with the columns of an input, in their order and types.

    Args:
        table: of a checked frame; missing floats are NaN.
        port: the input; its columns are known.
        size: length of the frame that the table comes from.

    Raises:
        ServiceProblem: `input-mismatch`, `cell-unreadable`.
    """
    from studiolo_child.frames.arrow_frames import with_missing

    return _frame(_fitted(with_missing(table), port, size))


def write_arrow(frames: Frames, version: ServiceVersion) -> bytes:
    """Write the only output of a version as an Arrow stream; missing floats are nulls.

    Raises:
        ServiceProblem: `operation-invalid`: the version has several outputs.
    """
    import pyarrow as pa

    from studiolo_child.frames.arrow_frames import table_from_frame, with_missing

    if len(version.outputs) != 1:
        said = f"An Arrow stream holds one table, and the service has {len(version.outputs)} outputs."
        raise ServiceProblem("operation-invalid", said, "Accept JSON.")
    table = with_missing(table_from_frame(bytes(frames[next(iter(version.outputs))])))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _open(body: bytes, max_rows: int) -> pa.Table:
    import pyarrow as pa

    if not body:
        raise ServiceProblem("request-empty", "The request has no body.")
    try:
        rows = 0
        messages = pa.ipc.MessageReader.open_stream(body)
        while True:
            try:
                message = messages.read_next_message()
            except StopIteration:
                break
            rows += _rows_of(message.metadata.to_pybytes())
        refuse_many_rows(rows, max_rows)
        reader = pa.ipc.open_stream(body)
        for field in reader.schema:
            _refuse_type(field.name, field.type)
        table = reader.read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, struct.error, MemoryError) as error:
        raise ServiceProblem(
            "request-unreadable", f"The body is no Arrow stream: {str(error)[:300]}."
        ) from None
    names = table.column_names
    if len(set(names)) != len(names):
        raise ServiceProblem("input-mismatch", "The table has a column twice.")
    return table


def _rows_of(metadata: bytes) -> int:
    """Give the rows of a record batch or dictionary from its message; refuse it when it is compressed.

    Arrow's Message has the fields (version, header_type, header, bodyLength), a RecordBatch (length, nodes,
    buffers, compression), a DictionaryBatch (id, data); see Message.fbs of the Arrow format.
    """

    def number(form: str, at: int) -> int:
        return struct.unpack_from("<" + form, metadata, at)[0]  # type: ignore[no-any-return]

    def field(table: int, place: int) -> int | None:
        marks = table - number("i", table)
        offset = number("H", marks + 4 + 2 * place) if 4 + 2 * place < number("H", marks) else 0
        return table + offset if offset else None

    def inner(at: int | None) -> int:
        if at is None:
            raise ValueError("a message has no content")
        return at + number("I", at)

    root = number("I", 0)
    kind_at = field(root, 1)
    kind = number("B", kind_at) if kind_at is not None else 0
    if kind not in (_DICTIONARY_BATCH, _RECORD_BATCH):
        return 0
    batch = inner(field(root, 2))
    if kind == _DICTIONARY_BATCH:
        batch = inner(field(batch, 1))
    if field(batch, 3) is not None:
        raise ServiceProblem("type-unsupported", "The Arrow stream is compressed.", "Send it uncompressed.")
    length_at = field(batch, 0)
    rows = number("q", length_at) if length_at is not None else 0
    if rows < 0:
        raise ValueError("a batch has a negative length")
    return rows


def _refuse_type(name: str, kind: pa.DataType) -> None:
    import pyarrow as pa

    types = pa.types
    plain = kind.value_type if types.is_dictionary(kind) else kind
    tests = (
        types.is_boolean,
        types.is_integer,
        types.is_floating,
        types.is_string,
        types.is_large_string,
        types.is_binary,
        types.is_large_binary,
        types.is_timestamp,
        types.is_date,
        types.is_duration,
        types.is_decimal128,
        types.is_null,
    )
    if not any(test(plain) for test in tests):
        said = f'The column "{cut(name)}" has the Arrow type {cut(str(kind))}, which is not taken.'
        raise ServiceProblem("type-unsupported", said, target=cut(name))


def _refuse_large_texts(column: pa.ChunkedArray, name: str, size: int) -> None:
    """Refuse a dictionary whose texts, written out for each row, would take far more than the body."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if not pa.types.is_dictionary(kind):
        return
    value = kind.value_type
    if not (pa.types.is_string(value) or pa.types.is_large_string(value)) and not (
        pa.types.is_binary(value) or pa.types.is_large_binary(value)
    ):
        return
    total = 0
    for chunk in column.chunks:
        lengths = pc.cast(pc.binary_length(chunk.dictionary), pa.int64())
        total += pc.sum(pc.take(lengths, chunk.indices)).as_py() or 0
    if total > max(_LARGEST_TEXTS, 4 * size):
        said = f'The texts of the column "{cut(name)}" have {total} bytes together.'
        raise ServiceProblem("request-too-large", said, target=cut(name))


def _fitted(table: pa.Table, port: ServicePort, size: int) -> pa.Table:
    """Give the columns of an input in their order and types."""
    import pyarrow as pa

    columns = port.columns or ()
    names = [column.name for column in columns]
    if set(names) != set(table.column_names):
        refuse_columns(table.column_names, port)
    arrays = []
    for column in columns:
        data = table.column(column.name)
        _refuse_large_texts(data, column.name, size)
        try:
            arrays.append(_cast(data, column))
        except (pa.ArrowException, ValueError, TypeError) as error:
            said = (
                f'The column "{cut(column.name)}" of "{cut(port.name)}" is {cut(str(data.type))} and does not fit '
                f"{column.type}: {str(error)[:200]}"
            )
            target = f"{cut(port.name)}.{cut(column.name)}"
            raise ServiceProblem("cell-unreadable", said, target=target) from None
    return pa.Table.from_arrays(arrays, names=names)


def _cast(data: pa.ChunkedArray, column: ServiceColumn) -> pa.ChunkedArray | pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    from studiolo_child.frames.arrow_types import arrow_type

    if pa.types.is_dictionary(data.type):
        data = pc.cast(data, data.type.value_type)
    if column.type != "categorical":
        return pc.cast(data, arrow_type(column.type))
    kind = arrow_type(category_type(column))
    values = pc.cast(data, kind)
    known = pc.unique(_known(column, kind))
    found = pc.unique(values).drop_null()
    if pa.types.is_floating(kind):
        found = found.filter(pc.invert(pc.is_nan(found)))
    new = found.filter(pc.invert(pc.is_in(found, value_set=known)))
    dictionary = pa.concat_arrays([known, new])
    codes = pc.index_in(values, value_set=dictionary, skip_nulls=True).combine_chunks()
    if isinstance(codes, pa.ChunkedArray):
        codes = pa.concat_arrays(codes.chunks)
    return pa.DictionaryArray.from_arrays(codes, dictionary, ordered=column.is_ordered)


def _known(column: ServiceColumn, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    from studiolo_child.frames.arrow_frames import table_from_frame

    categories = parse_cells(column.categories, category_type(column))
    frame = write_frame(len(column.categories), ["x"], [categories])
    chunks = table_from_frame(frame).column(0).chunks
    return pa.concat_arrays(chunks) if chunks else pa.array([], kind)


def _frame(table: pa.Table) -> bytes:
    from studiolo_child.frames.arrow_frames import frame_from_table

    target = io.BytesIO()
    frame_from_table(table, target)
    return target.getvalue()
