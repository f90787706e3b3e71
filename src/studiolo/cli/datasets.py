"""`studiolo dataset`: the registered datasets of the workspace, by name and version."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import click

from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_dataset
from studiolo.cli.plain_text import clean_line
from studiolo.cli.quantities import bytes_text, count_text, moment_text, shape_text
from studiolo.cli.sections import SectionedGroup, StudioloCommand
from studiolo.cli.tables import Cell, Heading, table_lines

if TYPE_CHECKING:
    from studiolo.domain.dataset import RegisteredDataset

COMMANDS = {
    "add": ("datasets:add", "Read a file or address and keep it under a name"),
    "list": ("datasets:list_datasets", "List them with rows, columns and versions"),
    "show": ("datasets:show", "First rows, statistics, receipt"),
    "remove": ("datasets:remove", "Remove one version, or all"),
}


@click.command(
    "dataset",
    cls=SectionedGroup,
    sections={"Commands": COMMANDS},
    examples=[
        ("studiolo dataset add data/fruit.csv", "as fruit"),
        ("studiolo dataset list", "what there is"),
    ],
)
def dataset() -> None:
    """Datasets with a name and versions, for any experiment of the workspace.

    A node uses one by `dataset: NAME` in experiment.yaml.
    """


@click.command(
    "add",
    cls=StudioloCommand,
    arguments=[
        ("NAME", "What experiments call it; the file's name when left out."),
        ("SOURCE", "A file or folder of this machine, or an address."),
    ],
    examples=[
        ("studiolo dataset add fruit.csv", "as fruit"),
        ("studiolo dataset add customers export.txt --format tsv --no-header", "tabs, no names"),
        ("studiolo dataset add zips zips.csv --types 'zip: String'", "keep leading zeros"),
        ("studiolo dataset add helpers helpers.zip", "a script bundle"),
        ("studiolo dataset add orders shop.sqlite --table orders", "of a database"),
    ],
)
@click.argument("words", metavar="[NAME] SOURCE", nargs=-1, required=True, type=click.Path())
@click.option(
    "--format", "format_", metavar="FORMAT", help="csv, tsv, parquet, excel, jsonl …; by the ending."
)
@click.option("--header/--no-header", default=None, help="The first row holds names (default), or not.")
@click.option("--delimiter", metavar="CHARACTER", help="As in ';' or tab; found out when not given.")
@click.option("--encoding", metavar="NAME", help="As in latin-1; found out when not given.")
@click.option("--decimal", metavar="MARK", help="Decimal mark: . or ,")
@click.option("--missing-values", metavar="TEXTS", help="Texts that mean missing, with commas between.")
@click.option(
    "--types", metavar="TYPES", help="Types that are not to be found out: 'zip: String, n: Integer'."
)
@click.option("--sheet", metavar="SHEET", help="Name or number of the sheet, for Excel.")
@click.option("--query", metavar="SQL", help="What to read of a database: one SELECT.")
@click.option("--table", metavar="NAME", help="The table to read of a database.")
@click.option("--json", "is_json", is_flag=True, help="Print the entry as one JSON document.")
@click.pass_obj
def add(
    invocation: Invocation,
    /,
    words: tuple[str, ...],
    format_: str | None,
    is_json: bool,
    **given: str | bool | None,
) -> None:
    """Read a file or address and keep it as a dataset. Under a name that is there it becomes a new version.

    Types come from the whole file; a value that does not fit is an error with its row and column. A zip stays
    a zip, for script bundles.
    """
    invocation.is_json = is_json
    if len(words) > 2:
        raise click.UsageError(
            f"Too many words: {', '.join(words)}. Write [NAME] SOURCE.", click.get_current_context()
        )
    source = words[-1]
    name = words[0] if len(words) == 2 else _name_of(source)
    options = {key: value for key, value in {"format": format_, **given}.items() if value is not None}
    with invocation.open() as workspace:
        before = {one.name: one.version for one, _ in workspace.datasets.list()}
        added = workspace.datasets.add(name, source, **options)
    if is_json:
        invocation.print_json(entry_json(added))
        return
    is_same = before.get(added.name) == added.version
    told = "is the same as before" if is_same else "added"
    invocation.out.line(
        f"Dataset {clean_line(added.name)}, version {added.version}, {told}: {_facts(added)}."
    )
    if added.receipt:
        from studiolo.cli.dataset_text import receipt_lines

        for line in receipt_lines(added.receipt, invocation.out):
            invocation.out.line(line)


@click.command("list", cls=StudioloCommand, examples=[("studiolo dataset list --json", "for a program")])
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_datasets(invocation: Invocation, is_json: bool) -> None:
    """List the datasets of the workspace, each with its newest version."""
    invocation.is_json = is_json
    with invocation.open() as workspace:
        found = workspace.datasets.list()
    if is_json:
        invocation.print_json({"datasets": [{**entry_json(one), "versions": count} for one, count in found]})
        return
    if not found:
        invocation.out.line("There is no dataset yet. Add one: studiolo dataset add FILE")
        return
    rows = [
        [
            Cell(clean_line(one.name)),
            Cell(_facts(one)),
            Cell(count_text(count, "version"), "dim"),
            Cell(moment_text(one.created), "dim"),
            Cell(clean_line(one.origin), "dim"),
        ]
        for one, count in found
    ]
    headings = [
        Heading("name", least=8),
        Heading("rows x columns", least=9),
        Heading("versions"),
        Heading("added", least=10),
        Heading("from", least=8),
    ]
    for line in table_lines(headings, rows, invocation.out):
        invocation.out.line(line)


@click.command(
    "show",
    cls=StudioloCommand,
    examples=[
        ("studiolo dataset show fruit", "its newest version"),
        ("studiolo dataset show fruit --version 1 --rows 50", "an earlier one, more of it"),
    ],
)
@click.argument("name", shell_complete=complete_dataset)
@click.option("--version", metavar="N", type=int, help="This version, not the newest.")
@click.option("--rows", metavar="N", type=click.IntRange(0, 10_000), default=10, help="Rows shown; 10.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def show(invocation: Invocation, name: str, version: int | None, rows: int, is_json: bool) -> None:
    """Show a dataset: first rows, statistics of each column over all rows, what reading changed, versions."""
    from studiolo.cli.show import dataset_json

    invocation.is_json = is_json
    with invocation.open() as workspace:
        found = workspace.datasets.get(name, version)
        versions = workspace.datasets.versions(name)
        if is_json:
            document = {**entry_json(found.facts), "versions": [one.version for one in versions]}
            invocation.print_json(
                {**document, **(dataset_json(found, rows) if found.kind == "dataset" else {})}
            )
            return
        screen, facts = invocation.out, found.facts
        screen.line(f"{screen.styled(clean_line(name), 'bold')}  version {facts.version}, {_facts(facts)}")
        screen.line(f"from {clean_line(facts.origin)}, {moment_text(facts.created)}", "dim")
        screen.line()
        if found.kind == "dataset":
            from studiolo.cli.dataset_text import dataset_lines

            for line in dataset_lines(found, rows, screen):
                screen.line(line)
        if len(versions) > 1:
            screen.line()
            screen.line("versions", "bold")
            for one in versions:
                screen.line(f"  {one.version}  {_facts(one)}  {moment_text(one.created)}")


@click.command(
    "remove",
    cls=StudioloCommand,
    examples=[
        ("studiolo dataset remove fruit", "all versions"),
        ("studiolo dataset remove fruit --version 1", "this one only"),
    ],
)
@click.argument("name", shell_complete=complete_dataset)
@click.option("--version", metavar="N", type=int, help="This version only.")
@click.pass_obj
def remove(invocation: Invocation, name: str, version: int | None) -> None:
    """Remove a dataset, or one version of it. Results of runs that used it stay."""
    with invocation.open() as workspace:
        count = workspace.datasets.remove(name, version)
    invocation.out.line(f"Removed {clean_line(name)}: {count_text(count, 'version')}.")


def entry_json(entry: RegisteredDataset) -> dict[str, Any]:
    """Give an entry for a program."""
    return {
        "name": entry.name,
        "version": entry.version,
        "kind": entry.content.kind,
        "digest": entry.content.digest,
        "size": entry.content.size,
        "rows": entry.rows,
        "column_count": entry.columns,
        "origin": entry.origin,
        "created": entry.created,
        "receipt": [one.to_json() for one in entry.receipt],
    }


def _facts(entry: RegisteredDataset) -> str:
    if entry.rows is None or entry.columns is None:
        return f"{entry.content.kind}, {bytes_text(entry.content.size)}"
    return shape_text(entry.rows, entry.columns)


def _name_of(source: str) -> str:
    """Give the name of a file or address without its endings.

    >>> _name_of("data/fruit.csv.gz"), _name_of("https://example.com/a%20b.csv?raw=1")
    ('fruit', 'a b')
    """
    is_address = source.lower().startswith(("http://", "https://"))
    name = PurePosixPath(unquote(urlsplit(source).path) if is_address else source).name
    return name.split(".", 1)[0].strip() or name or "dataset"
