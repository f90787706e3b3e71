"""Pages of tables, statistics over all rows, and what else a port can show."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from studiolo.server.studio.form import Form

Cell = bool | int | float | str | None
"""A cell: integers beyond 2**53, infinities, times, decimals and bytes as text; null is missing."""


class ColumnForm(Form):
    """One column: precise type, and the studio's name of it."""

    name: str
    type: str
    studio_type: str
    role: str | None = None
    missing: int | None = None


class TableHead(Form):
    """What is known of a table without reading its rows."""

    digest: str
    rows: int
    columns: list[ColumnForm]
    size: int


class SortForm(Form):
    """Order by one column; missing values last."""

    column: int = Field(ge=0, lt=1 << 62)
    descending: bool = False


class FilterForm(Form):
    """Keeps rows where a column (by position) compares so. `value` as text, read by the column's type.

    Days as 2020-01-31 mean the whole day; `contains` and `begins` do not mind capitals; a missing cell is kept by
    `missing` alone.
    """

    column: int = Field(ge=0, lt=1 << 62)
    op: Literal[
        "equals",
        "not-equals",
        "less",
        "at-most",
        "greater",
        "at-least",
        "contains",
        "begins",
        "missing",
        "present",
    ]
    value: str = Field(default="", max_length=10_000)


class PageWish(Form):
    """Which part of a table: rows after sorting and filtering, and a window of columns by position."""

    offset: int = Field(default=0, ge=0, lt=1 << 62)
    limit: int = Field(default=100, ge=0, le=500)
    first_column: int = Field(default=0, ge=0, lt=1 << 62)
    column_count: int = Field(default=100, ge=0, le=500)
    sort: SortForm | None = None
    filters: list[FilterForm] = Field(default=[], max_length=50)


class TablePage(Form):
    """A part of a table. `matching` counts rows that the filters keep; `row_numbers` are positions in the whole table.

    Cells longer than 300 characters are cut; `cut` lists [row in page, column in page, whole length].
    """

    offset: int
    matching: int
    first_column: int
    row_numbers: list[int]
    rows: list[list[Cell]]
    cut: list[list[int]] = []


class CellText(Form):
    """A whole cell as text; `is_cut` beyond 200,000 characters."""

    text: str
    length: int
    is_cut: bool


class Bin(Form):
    """A bar of a histogram: numbers from `low` to `high` (the last one includes it), or one text value.

    Times are seconds since 1970, time spans seconds. A column with one value has one bar whose ends are it.
    """

    label: str
    count: int
    low: float | None = None
    high: float | None = None


class ColumnStatistics(Form):
    """Statistics of one column over all rows; what a type does not have is null. Times as ISO text in min and max.

    `other_values` counts the present values that no bar has: infinities, and the less frequent texts. Infinite
    figures are the texts `inf` and `-inf`.
    """

    name: str
    type: str
    missing: int
    unique: int | None = None
    mean: float | str | None = None
    median: float | str | None = None
    min: float | str | None = None
    max: float | str | None = None
    std: float | str | None = None
    quartiles: list[float] | None = None
    bins: list[Bin] = []
    other_values: int = 0


class ScatterForm(Form):
    """Points of two columns: all, or a sample spread evenly over the `rows` that have both. Times in seconds."""

    kind: Literal["scatter"] = "scatter"
    x: list[float]
    y: list[float]
    rows: int
    is_sample: bool


class BoxForm(Form):
    """A number by the values of a category: five numbers each."""

    label: str
    count: int
    low: float
    q1: float
    median: float
    q3: float
    high: float


class BoxesForm(Form):
    """Boxes of a number by category, the most frequent first; `is_swapped` when x is the number.

    `low` and `high` are the last values within 1.5 widths of the box; `other_values` counts the rows of categories
    without a box.
    """

    kind: Literal["boxes"] = "boxes"
    boxes: list[BoxForm]
    is_swapped: bool
    other_values: int = 0


class CrosstabForm(Form):
    """Counts of two categories, the most frequent values of each."""

    kind: Literal["crosstab"] = "crosstab"
    x: list[str]
    y: list[str]
    counts: list[list[int]]
    other_rows: int = 0


Comparison = ScatterForm | BoxesForm | CrosstabForm


class PictureForm(Form):
    """A picture of a Python device; `address` below /api serves it. `is_active`: only for a sandboxed frame."""

    name: str
    media_type: str
    size: int
    address: str
    is_active: bool = False


class DeviceForm(Form):
    """What a Python device shows: console text and pictures in order of creation."""

    log: str
    pictures: list[PictureForm]


class ZipEntry(Form):
    """One file of a script bundle."""

    name: str
    size: int
    is_folder: bool = False


class ZipListing(Form):
    """The files of a zip, at most 10,000."""

    entries: list[ZipEntry]
    total: int


class CardTable(Form):
    """A table of a card; `total_rows` is how many rows it had before it was cut."""

    title: str
    columns: list[str]
    rows: list[list[Cell]]
    total_rows: int


class CardForm(Form):
    """What an object, such as a trained model, says of itself; `settings` are pairs of a name and a value."""

    title: str
    settings: list[tuple[Cell, Cell]]
    tables: list[CardTable]


class ContentCard(Form):
    """The card of any content; null for what has none."""

    card: CardForm | None


class PortView(Form):
    """How one port of a node run can be looked at: `view` is `table`, `device`, `zip`, `text`, `object` or `bytes`."""

    view: str
    name: str
    kind: str
    digest: str
    size: int
    code: str
    card: CardForm | None = None
