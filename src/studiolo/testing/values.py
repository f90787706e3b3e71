"""Values on their way into a job of a test, sealed as the host seals them, and out of it."""

from __future__ import annotations

import fcntl
import io
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from studiolo.worker.jobs import JobInput, SealedOutput
from studiolo_child import syscalls

if TYPE_CHECKING:
    import pandas as pd


def frame_input(name: str, frame: Any, warnings: list[str], opened: ExitStack) -> JobInput:
    """Write a DataFrame as a script's own result would be written; changes on the way become warnings.

    Raises:
        TypeError: it is no DataFrame.
    """
    import pandas as pd

    from studiolo_child.frames.pandas_out import write_frame

    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{name} takes a pandas DataFrame, not {type(frame).__name__}.")
    buffer, entries = io.BytesIO(), list[dict[str, Any]]()
    write_frame(buffer, frame, entries)
    warnings += [f"{name}: {entry['text']}" for entry in entries]
    return sealed_input(name, "dataset", buffer.getvalue(), opened)


def sealed_input(name: str, type_: str, data: bytes, opened: ExitStack) -> JobInput:
    """Put bytes where a job can read and nobody can change them.

    Args:
        name: of the port or parameter.
        type_: as in `JobInput`.
        data: the bytes.
        opened: closes the descriptor.
    """
    descriptor: int = syscalls.memfd("input")
    opened.callback(os.close, descriptor)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    fcntl.fcntl(descriptor, syscalls.F_ADD_SEALS, syscalls.ALL_SEALS)
    return JobInput(name, type_, len(data), descriptor=descriptor)


def sealed_bytes(sealed: SealedOutput) -> bytearray:
    """Read what a job has put out."""
    data = bytearray(sealed.size)
    done = 0
    while done < sealed.size:
        done += os.preadv(sealed.descriptor, [memoryview(data)[done:]], done)
    return data


def frame_of(sealed: SealedOutput | None) -> pd.DataFrame:
    """Give a dataset that a job has put out, as the next node would get it; an empty one when there is none."""
    import pandas as pd

    from studiolo_child.frames.pandas_in import read_frame

    if sealed is None:
        return pd.DataFrame()
    frame: pd.DataFrame = read_frame(sealed_bytes(sealed))
    return frame
