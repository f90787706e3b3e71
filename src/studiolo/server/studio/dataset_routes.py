"""Registered datasets and uploads."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from studiolo.domain.dataset import RegisteredDataset
from studiolo.errors import StudioloError
from studiolo.server.studio.dataset_forms import (
    DatasetForm,
    DatasetRow,
    FinishUpload,
    NewUpload,
    SaveAsDataset,
    UploadForm,
)
from studiolo.server.studio.problem_forms import ErrorForm
from studiolo.server.studio.reaching import StudioOfRequest
from studiolo.server.studio.run_forms import ReceiptForm
from studiolo.studio.studio import Studio
from studiolo.studio.upload_facts import Upload

__all__ = ["router"]

router = APIRouter(tags=["datasets"])

_PIECE_BYTES = 1 << 20


@router.get("/datasets", response_model=list[DatasetRow], operation_id="listDatasets")
def list_datasets(studio: StudioOfRequest) -> list[DatasetRow]:
    """List the datasets."""
    return [
        DatasetRow(**_facts(dataset), versions=versions)
        for dataset, versions in studio.workspace.datasets.list()
    ]


@router.get("/datasets/{name:path}", response_model=list[DatasetForm], operation_id="listDatasetVersions")
def list_dataset_versions(name: str, studio: StudioOfRequest) -> list[DatasetForm]:
    """List the versions of a dataset, newest first."""
    return [DatasetForm(**_facts(dataset)) for dataset in studio.workspace.datasets.versions(name)]


@router.delete("/datasets/{name:path}", response_model=None, operation_id="removeDataset", status_code=204)
def remove_dataset(
    name: str, studio: StudioOfRequest, version: Annotated[int | None, Query(ge=1, lt=1 << 62)] = None
) -> None:
    """Remove a version of a dataset, or all; results of runs stay."""
    studio.workspace.datasets.remove(name, version)
    studio.events.publish("datasets", {})


@router.post("/datasets", response_model=DatasetForm, operation_id="saveAsDataset", status_code=201)
def save_as_dataset(wish: SaveAsDataset, studio: StudioOfRequest) -> DatasetForm:
    """Register what a port holds as a dataset."""
    output = studio.workspace.result(wish.run)[wish.node].output(wish.port)
    origin = f"run {wish.run}, {output.name}"
    dataset = studio.workspace.datasets.add_content(wish.name, output.content, origin, output.receipt)
    studio.events.publish("datasets", {})
    return DatasetForm(**_facts(dataset))


@router.post("/uploads", response_model=UploadForm, operation_id="beginUpload", status_code=201)
def begin_upload(wish: NewUpload, studio: StudioOfRequest) -> UploadForm:
    """Begin an upload."""
    return _upload_form(studio, studio.uploads.begin(wish.file_name, wish.size))


@router.get("/uploads/{id}", response_model=UploadForm, operation_id="getUpload")
def get_upload(id: str, studio: StudioOfRequest) -> UploadForm:
    """Say how far an upload is."""
    return _upload_form(studio, studio.uploads.get(id))


@router.put("/uploads/{id}", response_model=UploadForm, operation_id="putChunk")
async def put_chunk(
    id: str, request: Request, studio: StudioOfRequest, offset: Annotated[int, Query(ge=0, lt=1 << 62)]
) -> UploadForm:
    """Send the bytes from an offset on (the body, any type, at most 16 MiB).

    What has come of a body that is cut off is kept: ask for the upload and go on behind it.
    """
    uploads = studio.uploads
    waiting = bytearray()
    error: StudioloError | None = None

    async def write(least: int) -> None:
        nonlocal offset, error
        if error is None and len(waiting) >= least:
            try:
                offset = await run_in_threadpool(uploads.append, id, offset, bytes(waiting))
            except StudioloError as found:
                error = found
            waiting.clear()

    await write(0)  # tells a wrong offset
    try:
        async for piece in request.stream():
            if (
                error is None
            ):  # else the rest is only read: a caller that still sends would not see the answer
                waiting += piece
                await write(_PIECE_BYTES)
    finally:
        await write(1)
    if error is not None:
        raise error
    return await run_in_threadpool(lambda: _upload_form(studio, uploads.get(id)))


@router.post("/uploads/{id}/finish", response_model=UploadForm, operation_id="finishUpload", status_code=202)
def finish_upload(id: str, wish: FinishUpload, studio: StudioOfRequest) -> UploadForm:
    """Make a dataset of a whole upload; poll the upload for the end."""
    return _upload_form(studio, studio.uploads.finish(id, wish.name, wish.options))


@router.delete("/uploads/{id}", response_model=None, operation_id="dropUpload", status_code=204)
def drop_upload(id: str, studio: StudioOfRequest) -> None:
    """Give an upload up."""
    studio.uploads.drop(id)


def _facts(dataset: RegisteredDataset) -> dict[str, Any]:
    content = dataset.content
    return {
        "name": dataset.name,
        "version": dataset.version,
        "kind": content.kind,
        "digest": content.digest,
        "size": content.size,
        "rows": dataset.rows,
        "columns": dataset.columns,
        "origin": dataset.origin,
        "created": dataset.created,
        "receipt": [ReceiptForm(**entry.to_json()) for entry in dataset.receipt],
    }


def _upload_form(studio: Studio, upload: Upload) -> UploadForm:
    dataset = None
    if upload.state == "done" and upload.dataset is not None:
        found = studio.workspace.metadata.dataset(upload.dataset, upload.version)
        dataset = DatasetForm(**_facts(found)) if found is not None else None
    return UploadForm(
        id=upload.id,
        file_name=upload.file_name,
        size=upload.size,
        received=upload.received,
        state=upload.state,
        dataset=dataset,
        error=ErrorForm.model_validate(upload.error) if upload.error is not None else None,
    )
