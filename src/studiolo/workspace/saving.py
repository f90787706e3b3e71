"""Writes an output to a file: a dataset in the format of its ending, everything else byte for byte."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from studiolo.connectors import write_target
from studiolo.worker.jobs import blob_input, path_in_store
from studiolo.workspace.output import Output
from studiolo.workspace.single_jobs import module_result

if TYPE_CHECKING:
    from studiolo.workspace.workspace import Workspace


def save_output(workspace: Workspace, output: Output, target: Path, format: str | None) -> None:
    """Write an output to `target`, whole or not at all.

    Args:
        workspace: whose store holds it.
        output: what to write.
        target: absolute path, anywhere.
        format: name of a format of Export Data; None goes by the ending.

    Raises:
        UserError: the ending or format is unknown, or the file can't be written.
    """
    if output.kind != "dataset":
        descriptor = workspace.blobs.open(output.digest)
        try:
            write_target(str(target), descriptor, output.size, target.parent, allow_outside=True)
        finally:
            os.close(descriptor)
        return
    parameters = {"path": str(target), "format": format or "auto"}
    dataset = blob_input("dataset", "dataset", output.size, path_in_store(output.digest))
    with module_result(
        workspace, "export-data", parameters, inputs=(dataset,), memory_for=output.size
    ) as result:
        sealed = result.outputs["file"]
        write_target(str(target), sealed.descriptor, sealed.size, target.parent, allow_outside=True)
