"""Writes the dataset of a conversion module, whose faults are those of its input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from studiolo.sdk import ModuleError


def written(write: Callable[..., bytes], dataset: pa.Table, **options: Any) -> bytes:
    """Give the bytes of a writer of `studiolo.formats`.

    Raises:
        ModuleError: what the writer raises, told at the port: a conversion has no parameter for the format.
    """
    try:
        return write(dataset, **options)
    except ModuleError as error:
        raise ModuleError(error.summary, error.hint, code=error.code, port="dataset") from None
