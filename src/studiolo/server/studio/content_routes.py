"""What ports hold: tables by page, statistics, pictures, downloads."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from studiolo.server.studio.content_answers import NAMED, as_json, kept_answer, picture_answer, whole_file
from studiolo.server.studio.reaching import StudioOfRequest
from studiolo.server.studio.table_forms import (
    CellText,
    ColumnStatistics,
    Comparison,
    ContentCard,
    DeviceForm,
    PageWish,
    PortView,
    TableHead,
    TablePage,
    ZipListing,
)
from studiolo.studio.devices import device_of, picture_of
from studiolo.studio.downloads import Download, card_of, text_of
from studiolo.studio.filters import Filter
from studiolo.studio.orders import Sort
from studiolo.studio.port_views import view_of
from studiolo.studio.tables import WHOLE_CELL_CHARACTERS
from studiolo.studio.zip_listings import zip_listing

__all__ = ["router"]

router = APIRouter(tags=["contents"])

# Rows and columns have no more than the memory of any machine; larger numbers would be no integers of Arrow.
Position = Annotated[int, Path(ge=0, lt=1 << 62)]


@router.get("/runs/{number}/nodes/{node:path}/ports/{port}", response_model=PortView, operation_id="viewPort")
def view_port(number: int, node: str, port: str, studio: StudioOfRequest) -> Any:
    """Say how a port can be looked at, with Python code that loads it."""
    return view_of(studio.workspace, number, node, port)


@router.get("/contents/{digest}/head", response_model=TableHead, operation_id="getHead")
def get_head(digest: str, studio: StudioOfRequest, request: Request) -> Response:
    """Give rows and columns of a table."""

    def head() -> dict[str, Any]:
        schema = studio.tables.schema(digest)
        columns = [
            {
                "name": column.name,
                "type": column.type,
                "studio_type": column.studio_type,
                "role": column.role,
                "missing": column.missing,
            }
            for column in schema.columns
        ]
        size = studio.tables.size(digest)
        return {"digest": digest, "rows": schema.rows, "columns": columns, "size": size}

    return kept_answer(request, digest, head)


@router.post("/contents/{digest}/page", response_model=TablePage, operation_id="getPage")
def get_page(digest: str, wish: PageWish, studio: StudioOfRequest) -> Response:
    """Give a part of a table, sorted and filtered over all rows."""
    sort = Sort(wish.sort.column, wish.sort.descending) if wish.sort is not None else None
    filters = [Filter(one.column, one.op, one.value) for one in wish.filters]
    page = studio.tables.page(
        digest, wish.offset, wish.limit, wish.first_column, wish.column_count, sort, filters
    )
    return as_json(page)


@router.get("/contents/{digest}/cell", response_model=CellText, operation_id="getCell")
def get_cell(
    digest: str,
    row: Annotated[int, Query(ge=0, lt=1 << 62)],
    column: Annotated[int, Query(ge=0, lt=1 << 62)],
    studio: StudioOfRequest,
    request: Request,
) -> Response:
    """Give a whole cell."""

    def cell() -> dict[str, Any]:
        text, length = studio.tables.cell(digest, row, column)
        return {"text": text, "length": length, "is_cut": length > WHOLE_CELL_CHARACTERS}

    return kept_answer(request, digest, cell)


@router.get(
    "/contents/{digest}/columns/{column}", response_model=ColumnStatistics, operation_id="getStatistics"
)
def get_statistics(
    digest: str,
    column: Position,
    studio: StudioOfRequest,
    request: Request,
    bins: Annotated[int, Query(ge=1, le=200)] = 10,
    log: bool = False,
) -> Response:
    """Give statistics and a histogram of a column over all rows."""
    return kept_answer(request, digest, lambda: studio.tables.figures(digest, column, bins, log))


@router.get(
    "/contents/{digest}/columns/{x}/with/{y}", response_model=Comparison, operation_id="compareColumns"
)
def compare_columns(
    digest: str, x: Position, y: Position, studio: StudioOfRequest, request: Request
) -> Response:
    """Compare two columns: scatter, boxes or crosstab."""
    return kept_answer(request, digest, lambda: studio.tables.comparison(digest, x, y))


@router.get("/contents/{digest}/device", response_model=DeviceForm, operation_id="getDevice")
def get_device(digest: str, studio: StudioOfRequest, request: Request) -> Response:
    """Give what a Python device shows."""

    def device() -> dict[str, Any]:
        found = device_of(studio.workspace, digest)
        pictures = [
            {
                "name": picture.name,
                "media_type": picture.media_type,
                "size": picture.content.size,
                "address": f"/contents/{digest}/device/pictures/{index}",
                "is_active": picture.is_active,
            }
            for index, picture in enumerate(found.pictures)
        ]
        return {"log": found.log, "pictures": pictures}

    return kept_answer(request, digest, device)


@router.get("/contents/{digest}/device/pictures/{index}", operation_id="getPicture", response_model=None)
def get_picture(digest: str, index: int, studio: StudioOfRequest, request: Request) -> Response:
    """Give a picture of a Python device; what could run scripts comes with the walls of a sandbox."""
    picture, descriptor = picture_of(studio.workspace, digest, index)
    return picture_answer(request, picture, descriptor)


@router.get("/contents/{digest}/zip", response_model=ZipListing, operation_id="getZipListing")
def get_zip_listing(digest: str, studio: StudioOfRequest, request: Request) -> Response:
    """List the files of a zip."""
    return kept_answer(request, digest, lambda: zip_listing(studio.workspace, digest))


@router.get("/contents/{digest}/card", response_model=ContentCard, operation_id="getCard")
def get_card(digest: str, studio: StudioOfRequest, request: Request) -> Response:
    """Give what an object says of itself, such as a trained model that was saved."""
    return kept_answer(request, digest, lambda: {"card": card_of(studio.workspace, digest)})


@router.get("/contents/{digest}/text", response_model=CellText, operation_id="getText")
def get_text(digest: str, studio: StudioOfRequest, request: Request) -> Response:
    """Give bytes as text, the beginning of long ones; `length` is then their number of bytes."""
    return kept_answer(request, digest, lambda: text_of(studio.workspace, digest))


@router.get("/contents/{digest}/file", operation_id="download", response_model=None)
def download(
    digest: str,
    studio: StudioOfRequest,
    kind: NAMED,
    format: str = "csv",
    name: str = "data",
) -> Response:
    """Download content: a dataset in a format of Export Data (`csv`, `tsv`, `parquet`, ...), else as it is."""
    return whole_file(Download(studio.workspace, digest, kind, format, name).opened())
