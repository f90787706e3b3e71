"""Registered datasets and uploads."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from studiolo.server.studio.form import Form
from studiolo.server.studio.problem_forms import ErrorForm
from studiolo.server.studio.run_forms import ReceiptForm


class DatasetForm(Form):
    """One version of a registered dataset."""

    name: str
    version: int
    kind: str
    digest: str
    size: int
    rows: int | None = None
    columns: int | None = None
    origin: str = ""
    created: float
    receipt: list[ReceiptForm] = []


class DatasetRow(DatasetForm):
    """A dataset in the list: its newest version, and how many there are."""

    versions: int


class SaveAsDataset(Form):
    """Registers the content of a port under a name."""

    name: str
    run: int
    node: str
    port: str


class NewUpload(Form):
    """A file that is going to be sent."""

    file_name: str
    size: int = Field(ge=0, lt=1 << 62)


class UploadForm(Form):
    """An upload: `received` bytes are here. `state` is `receiving`, `reading`, `done` or `failed`."""

    id: str
    file_name: str
    size: int
    received: int
    state: str
    dataset: DatasetForm | None = None
    error: ErrorForm | None = None


class FinishUpload(Form):
    """What to make of a whole upload: a dataset, read with the parameters of Import Data; a zip stays a zip."""

    name: str
    options: dict[str, Any] = {}
