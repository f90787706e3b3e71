"""`studiolo services`: the published services of the workspace: looking at them, trying them, their log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studiolo.cli.invocation import Invocation
from studiolo.cli.name_completion import complete_service
from studiolo.cli.plain_text import clean_line, clean_lines
from studiolo.cli.quantities import moment_text, seconds_text
from studiolo.cli.sections import SectionedGroup, StudioloCommand
from studiolo.cli.tables import Cell, Heading, table_lines

if TYPE_CHECKING:
    from studiolo.domain.service import RequestRow, ServiceVersion
    from studiolo.services.registry import Services

SECTIONS = {
    "Look": {
        "list": ("services:list_services", "List them with their live version"),
        "show": ("services:show", "Addresses, inputs, outputs, versions, settings"),
        "test": ("services:test", "Send one request, without a server"),
        "logs": ("services:logs", "Who was answered how"),
        "jobs": ("services_jobs:jobs", "Batch jobs: list them, their log, cancel one"),
    },
    "Change": {
        "keys": ("services_changing:keys", "Show which keys there are, make a new one"),
        "rollback": ("services_changing:rollback", "Let an earlier version answer"),
        "split": ("services_changing:split", "Share the requests among versions"),
        "configure": ("services_changing:configure", "Limits, processes, log"),
        "retire": ("services_changing:retire", "End a service"),
    },
}


@contextmanager
def opened(invocation: Invocation) -> Iterator[Services]:
    """Open the services of the workspace."""
    from studiolo.services.registry import Services

    with invocation.open() as workspace:
        yield Services(workspace)


@click.command(
    "services",
    cls=SectionedGroup,
    sections=SECTIONS,
    examples=[
        ("studiolo publish churn --name churn", "makes one"),
        ("studiolo services test churn", "with the sample of its data"),
        ("studiolo services rollback churn", "to the version before"),
    ],
)
def services() -> None:
    """Published web services. `studiolo publish` makes them."""


@click.command("list", cls=StudioloCommand, examples=[("studiolo services list --json", "for a program")])
@click.option("--all", "is_all", is_flag=True, help="Retired ones too.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_services(invocation: Invocation, is_all: bool, is_json: bool) -> None:
    """List the published services."""
    from studiolo.cli.service_text import service_json

    invocation.is_json = is_json
    with opened(invocation) as shelf:
        found = [one for one in shelf.list() if is_all or one.retired is None]
        if is_json:
            invocation.print_json({"services": [service_json(one, shelf) for one in found]})
            return
    if not found:
        invocation.out.line("No service is published. Publish one: studiolo publish EXPERIMENT --name NAME")
        return
    rows = []
    for one in found:
        shares = ", ".join(f"{number}: {share} %" for number, share in one.traffic.items())
        live = "retired" if one.retired is not None else shares or str(one.live)
        rows.append(
            [
                Cell(one.name),
                Cell(live, "dim" if one.retired is not None else ""),
                Cell(moment_text(one.created), "dim"),
                Cell(clean_line(one.description), "dim"),
            ]
        )
    headings = [
        Heading("name", least=8),
        Heading("version"),
        Heading("first published", least=10),
        Heading("description", least=8),
    ]
    for line in table_lines(headings, rows, invocation.out):
        invocation.out.line(line)


@click.command(
    "show",
    cls=StudioloCommand,
    examples=[
        ("studiolo services show churn", "its live version"),
        ("studiolo services show churn --version 1", "another one"),
    ],
)
@click.argument("name", shell_complete=complete_service)
@click.option("--version", metavar="N", type=int, help="This version, not the live one.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def show(invocation: Invocation, name: str, version: int | None, is_json: bool) -> None:
    """Show a service: addresses, what it takes and gives, its versions, what is configured."""
    from studiolo.cli import service_text

    invocation.is_json = is_json
    with opened(invocation) as shelf:
        service, chosen, versions = shelf.get(name), shelf.version(name, version), shelf.versions(name)
        warnings = shelf.warnings(chosen)
        if is_json:
            document = service_text.service_json(service, shelf)
            document["versions"] = [one.number for one in versions]
            document["shown"] = service_text.version_json(chosen)
            document["warnings"] = list(warnings)
            invocation.print_json(document)
            return
        screen = invocation.out
        state = "retired" if service.retired is not None else service_text.share_of(service, chosen.number)
        answers = {"": "does not answer", "all": "answers", "retired": "retired"}.get(
            state, f"answers {state}"
        )
        screen.line(f"{screen.styled(name, 'bold')}  version {chosen.number}, {answers}")
        if chosen.description:
            screen.line(clean_line(chosen.description), "dim")
        parts = [service_text.port_lines(chosen, screen)]
        if service.retired is None:
            parts.append(service_text.address_lines(service, shelf, screen))
        parts += [
            service_text.fact_lines(service, chosen, screen),
            service_text.versions_lines(versions, service, screen),
        ]
        for part in parts:
            screen.line()
            for line in part:
                screen.line(line)
    for warning in warnings:
        invocation.err.line(f"Warning: {warning}", "yellow")


@click.command(
    "test",
    cls=StudioloCommand,
    arguments=[
        ("NAME", "The service."),
        ("FILE", "CSV with a row of names, or JSON, for the only input; the sample when left out."),
    ],
    examples=[
        ("studiolo services test churn", "with the rows it was published with"),
        ("studiolo services test churn new.csv --set threshold=0.7", "with these, and a parameter"),
        ("studiolo services test join --input left=a.csv --input right=b.json", "two inputs"),
    ],
)
@click.argument("name", shell_complete=complete_service)
@click.argument("file", required=False, type=click.Path())
@click.option("--input", "inputs", metavar="NAME=FILE", multiple=True, help="The rows of an input.")
@click.option("--set", "assignments", metavar="NAME=VALUE", multiple=True, help="A web-service parameter.")
@click.option("--version", metavar="N", type=int, help="This version, not the live one.")
@click.option("--json", "is_json", is_flag=True, help="Print the answer as one JSON document.")
@click.pass_obj
def test(
    invocation: Invocation,
    name: str,
    file: str | None,
    inputs: tuple[str, ...],
    assignments: tuple[str, ...],
    version: int | None,
    is_json: bool,
) -> None:
    """Send one request to a version, in this process: no server is needed, and nothing is logged."""
    from studiolo.services.trying import try_version

    invocation.is_json = is_json
    with invocation.open() as workspace:
        from studiolo.services.registry import Services

        shelf = Services(workspace)
        service, chosen = shelf.get(name), shelf.version(name, version)
        body = _body(chosen, file, inputs, assignments)
        tried = try_version(workspace, chosen, body, float(service.timeout_seconds))
    log = tried.log.decode("utf-8", "replace")
    if is_json:
        document = {"version": chosen.number, "outputs": tried.outputs, "log": log}
        invocation.print_json({**document, "seconds": tried.seconds, "warnings": tried.warnings})
        return
    from studiolo.cli.service_text import answer_lines

    screen = invocation.out
    for line in clean_lines(log):
        screen.line(f"log | {line}", "dim")
    for output, table in tried.outputs.items():
        screen.line(clean_line(output), "bold")
        for line in answer_lines(table, screen):
            screen.line(line)
        screen.line()
    loaded = seconds_text(tried.start_seconds)
    screen.line(
        f"version {chosen.number} answered in {seconds_text(tried.seconds)}, after {loaded} to load it", "dim"
    )
    for warning in tried.warnings:
        invocation.err.line(f"Warning: {warning}", "yellow")


def _body(
    version: ServiceVersion, file: str | None, inputs: tuple[str, ...], assignments: tuple[str, ...]
) -> dict[str, Any]:
    """Give the request: the files' rows, or the sample where there are none, and the parameters."""
    from studiolo.errors import UserError
    from studiolo.graph.yaml_tree import scalar_value
    from studiolo.services.trying import input_named, sample_body, table_of_file

    files: list[tuple[str | None, str]] = [(None, file)] if file is not None else []
    pairs = [*files, *(_pair(text, "--input NAME=FILE") for text in inputs)]
    tables: dict[str, Any] = {}
    whole: dict[str, Any] | None = None
    for given, path in pairs:
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise UserError(
                "unusable-source", f"{path} can't be read: {error.strerror}.", "Name a CSV or JSON file."
            ) from None
        table = table_of_file(data, path)
        if given is None and isinstance(table, dict) and "inputs" in table:
            whole = table
        else:
            tables[input_named(version, given)] = table
    if whole is None:
        whole = {"inputs": tables} if tables or not version.inputs else sample_body(version)
    values = dict(_pair(text, "--set NAME=VALUE") for text in assignments)
    types = {name: parameter.type for name, parameter in version.parameters.items()}
    read = {
        name: value if types.get(name) == "string" else scalar_value(value) for name, value in values.items()
    }
    given_already = whole.get("parameters")
    if not read or not isinstance(given_already, dict | None):
        return whole
    return {**whole, "parameters": {**(given_already or {}), **read}}


def _pair(text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f'"{text}" is not of the form {form}.', click.get_current_context())
    return name, value


@click.command(
    "logs",
    cls=StudioloCommand,
    examples=[
        ("studiolo services logs churn --errors", "what went wrong"),
        ("studiolo services logs churn --request ID --json", "one request, with its data if it was kept"),
    ],
)
@click.argument("name", shell_complete=complete_service)
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 100_000), default=50, help="At most so many; 50."
)
@click.option("--errors", is_flag=True, help="Only requests that failed.")
@click.option("--request", "request_id", metavar="ID", help="The one that a client was told this id of.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def logs(
    invocation: Invocation, name: str, limit: int, errors: bool, request_id: str | None, is_json: bool
) -> None:
    """Show the request log of a service, newest first. It holds no data unless the service keeps it."""
    invocation.is_json = is_json
    with opened(invocation) as shelf:
        found = shelf.requests(name, limit, only_errors=errors, request_id=request_id)
    if is_json:
        invocation.print_json({"requests": [vars(row) for row in found]})
        return
    if not found:
        invocation.out.line("No request is logged.")
        return
    headings = [
        Heading("time", least=10),
        Heading("status", is_right=True),
        Heading("took", is_right=True),
        Heading("rows", is_right=True),
        Heading("version", is_right=True),
        Heading("key"),
        Heading("form"),
        Heading("error", least=8),
        Heading("request", least=8),
    ]
    for line in table_lines(headings, [_log_row(row) for row in found], invocation.out):
        invocation.out.line(line)


def _log_row(row: RequestRow) -> list[Cell]:
    return [
        Cell(time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.time)), "dim"),
        Cell(str(row.status), "red" if row.status >= 500 else "yellow" if row.status >= 400 else "green"),
        Cell(seconds_text(row.milliseconds / 1000)),
        Cell("" if row.rows is None else f"{row.rows:,}"),
        Cell("" if row.version is None else str(row.version)),
        Cell(row.slot or "", "dim"),
        Cell(clean_line(row.form), "dim"),
        Cell(clean_line(row.error or "")),
        Cell(clean_line(row.request_id), "dim"),
    ]
