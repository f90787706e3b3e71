"""Reads the files of inputs and writes those of outputs, by Import Data and Export Data in the jail."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from studiolo.connectors import FetchedFile
from studiolo.domain.service import ServiceColumn, ServicePort
from studiolo.errors import UserError
from studiolo.services.batch.stopping import Stop
from studiolo.services.bodies.arrow import fitted_frame
from studiolo.services.bodies.cells import CellError, parse_cells
from studiolo.services.bodies.errors import ServiceProblem
from studiolo.services.bodies.frame_writing import write_frame
from studiolo.store.codec import check_frame_bytes, open_table
from studiolo.worker.jobs import JobInput
from studiolo.worker.sending import written_memfd
from studiolo.workspace.single_jobs import module_result

if TYPE_CHECKING:
    import pyarrow as pa

    from studiolo.workspace import Workspace

_TYPED = (".csv", ".tsv")
_PIECE_BYTES = 16 << 20


def read_file(
    workspace: Workspace, fetched: FetchedFile, port: ServicePort, stop: Stop
) -> tuple[bytes | memoryview, int]:
    """Give the frame of a file with the columns of an input, in their order and types, and its rows.

    Args:
        workspace: whose workers parse.
        fetched: the file, in the store; its name ends as its format does.
        port: the input.
        stop: ends it.

    Raises:
        ServiceProblem: its columns or cells are not those of the input.
        StudioloError: the file can't be read.
    """
    types = _texts(port) if fetched.name.lower().endswith(_TYPED) else {}
    try:
        return _read(workspace, fetched, port, stop, types)
    except UserError as error:
        if error.code != "missing-column" or not types:
            raise
        return _read(workspace, fetched, port, stop, {})  # the comparison of columns names all that are wrong


def _texts(port: ServicePort) -> dict[str, str]:
    """Give the columns whose texts may look like something else, such as postal codes."""
    return {
        column.name: "String"
        for column in port.columns or ()
        if column.type == "string"
        or (column.type == "categorical" and column.category_type in ("", "string"))
    }


def _read(
    workspace: Workspace, fetched: FetchedFile, port: ServicePort, stop: Stop, types: dict[str, str]
) -> tuple[bytes | memoryview, int]:
    parameters = {"path": fetched.name, **({"types": json.dumps(types)} if types else {})}
    with (
        stop.ending() as note,
        module_result(
            workspace,
            "import-data",
            parameters,
            files={"path": fetched},
            on_running=lambda running: note(running.cancel),
        ) as result,
    ):
        sealed = result.outputs["result_dataset"]
        assert sealed.schema is not None
        rows = sealed.schema.rows
        found = [(column.name, column.type) for column in sealed.schema.columns]
        wanted = [(column.name, column.type) for column in port.columns or ()]
        if port.columns is None or (found == wanted and "categorical" not in dict(found).values()):
            return _mapped(sealed.descriptor, sealed.size), rows
        table = open_table(sealed.descriptor)
        return fitted_frame(_parsed(table, port), port, sealed.size), rows


def _parsed(table: pa.Table, port: ServicePort) -> pa.Table:
    """Read texts of a column that is no text as requests have them, such as `9/21/2014 11:10:00 AM`."""
    import pyarrow as pa

    for column in port.columns or ():
        at = table.schema.get_field_index(column.name)
        if at < 0 or column.type in ("string", "categorical", "bytes"):
            continue
        kind = table.schema.field(at).type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            table = table.set_column(at, column.name, _cells(table.column(at).to_pylist(), column, port))
    return table


def _cells(values: list[Any], column: ServiceColumn, port: ServicePort) -> pa.ChunkedArray:
    from studiolo_child.frames.arrow_frames import table_from_frame

    try:
        buffers = parse_cells([value or None for value in values], column.type)
    except CellError as error:
        said = (
            f'Row {error.row + 1} of "{port.name}" has {str(error.value)[:60]!r} in the column "{column.name}" '
            f"({column.type}); {error.expected} is expected."
        )
        raise ServiceProblem("cell-unreadable", said, target=f"{port.name}.{column.name}") from None
    return table_from_frame(write_frame(len(values), [column.name], [buffers])).column(0)


def _mapped(descriptor: int, size: int) -> memoryview:
    """Give sealed bytes as they lie in memory: copying hundreds of MiB would hold up the requests of the process."""
    return memoryview(mmap.mmap(descriptor, size, prot=mmap.PROT_READ))


class WrittenTable:
    """The file of an output: a descriptor, its size, and what is in it. Closed at the end of a `with` block."""

    def __init__(self, descriptor: int, size: int, rows: int, columns: int) -> None:
        self.descriptor, self.size, self.rows, self.columns = descriptor, size, rows, columns

    def __enter__(self) -> WrittenTable:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)


def write_file(
    workspace: Workspace, frame: bytes | memoryview, ending: str, stop: Stop, name: str
) -> WrittenTable:
    """Write a checked frame in the format of an ending.

    Args:
        workspace: whose workers write.
        frame: what is written.
        ending: such as `.csv`.
        stop: ends it.
        name: of the output, for messages.

    Raises:
        StudioloError: the format can't hold it.
    """
    view = memoryview(frame)
    header = check_frame_bytes(view)
    held = _memfd(view)
    try:
        dataset = JobInput("dataset", "dataset", len(frame), descriptor=held)
        with (
            stop.ending() as note,
            module_result(
                workspace,
                "export-data",
                {"path": f"{name}{ending}", "format": "auto"},
                inputs=(dataset,),
                on_running=lambda running: note(running.cancel),
            ) as result,
        ):
            sealed = result.outputs["file"]
            return WrittenTable(
                os.dup(sealed.descriptor), sealed.size, header["rows"], len(header["columns"])
            )
    finally:
        os.close(held)


def _memfd(view: memoryview) -> int:
    """Give a memfd with these bytes; written in pieces, between which other threads go on."""
    descriptor = written_memfd("frame", b"")
    try:
        for at in range(0, len(view), _PIECE_BYTES):
            rest = view[at : at + _PIECE_BYTES]
            while rest:
                rest = rest[os.write(descriptor, rest) :]
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def kept_frame(workspace: Workspace, frame: bytes | memoryview) -> dict[str, Any]:
    """Keep a frame in the store and give its digest and size."""
    digest, size = workspace.blobs.put_bytes(bytes(frame))
    return {"digest": digest, "size": size}


def frame_in_store(workspace: Workspace, kept: dict[str, Any]) -> bytes:
    """Give a frame of `kept_frame`."""
    return workspace.blobs.read(kept["digest"])


def output_names(names: Sequence[str]) -> dict[str, str]:
    """Give output to the name of its file without ending, good in an address and distinct."""
    found: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        plain = "".join(one if one.isascii() and (one.isalnum() or one in "_-") else "_" for one in name)
        is_free = plain == name and plain not in found.values()
        found[name] = plain if is_free else f"{number}_{plain}"
    return found
