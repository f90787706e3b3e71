"""Published versions made by hand, and frames taken apart."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pytest

from studiolo.domain.experiment import Source
from studiolo.domain.service import (
    ParameterTarget,
    ServiceColumn,
    ServiceParameter,
    ServicePort,
    ServiceVersion,
)
from studiolo.store.frame_values import check_values
from studiolo_child.frames import layout
from studiolo_child.frames.arrow_frames import frame_from_table, table_from_frame

Columns = Mapping[str, str] | None
MakeVersion = Callable[..., ServiceVersion]


def _port(name: str, columns: Columns | tuple[ServiceColumn, ...]) -> ServicePort:
    if isinstance(columns, Mapping):
        columns = tuple(ServiceColumn(column, kind) for column, kind in columns.items())
    return ServicePort(name, Source("score", "dataset1"), columns)


@pytest.fixture
def make_version() -> MakeVersion:
    """Make a version of inputs (name to columns and types), outputs and parameters."""

    def make(
        inputs: Mapping[str, Any] | None = None,
        *parameters: ServiceParameter,
        outputs: tuple[str, ...] = ("output1",),
    ) -> ServiceVersion:
        if inputs is None:
            inputs = {"input1": {"age": "int64", "income": "float64", "city": "string"}}
        return ServiceVersion(
            service="test",
            number=1,
            experiment="test",
            title="Test",
            run=1,
            created=0.0,
            nodes=(),
            inputs={name: _port(name, columns) for name, columns in inputs.items()},
            outputs={name: _port(name, None) for name in outputs},
            parameters={parameter.name: parameter for parameter in parameters},
        )

    return make


@pytest.fixture
def parameter() -> Callable[..., ServiceParameter]:
    """Make a web-service parameter."""

    def make(name: str, kind: str, **facts: Any) -> ServiceParameter:
        return ServiceParameter(name, ParameterTarget("score", name), kind, **facts)

    return make


@pytest.fixture
def opened() -> Callable[[bytes], pa.Table]:
    """Check a frame as one of a hostile job would be, and open it."""

    def open_frame(frame: bytes) -> pa.Table:
        header, start = layout.read_header(frame)
        check_values(memoryview(frame), start, header)
        return table_from_frame(frame)

    return open_frame


@pytest.fixture
def frame_of() -> Callable[[pa.Table], bytes]:
    """Write a table as a frame with the writer of the modules."""

    def write(table: pa.Table) -> bytes:
        target = io.BytesIO()
        frame_from_table(table, target)
        return target.getvalue()

    return write
