"""Services on the screen and for programs: addresses, inputs and outputs, facts, tables of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from studiolo.cli.plain_text import clean_line, fit
from studiolo.cli.quantities import count_text, listing, moment_text
from studiolo.cli.screen import Screen
from studiolo.cli.tables import Cell, Heading, table_lines
from studiolo.domain.dataset import studio_type

if TYPE_CHECKING:
    from studiolo.domain.service import Service, ServicePort, ServiceVersion
    from studiolo.services.registry import Services

SERVER = "http://127.0.0.1:8765"
"""Where `studiolo serve` answers unless told otherwise."""

MOST_COLUMNS = 12
MOST_ROWS = 20
WIDEST_CELL = 60


def service_json(service: Service, services: Services) -> dict[str, Any]:
    """Give a service for a program; no keys."""
    return {
        "name": service.name,
        "id": service.id,
        "live": service.live,
        "traffic": {str(number): share for number, share in service.traffic.items()},
        "created": service.created,
        "retired": service.retired,
        "description": service.description,
        "keeps_data": service.keeps_data,
        "requests_per_minute": service.requests_per_minute,
        "max_rows": service.max_rows,
        "max_body_mb": service.max_body_mb,
        "timeout_seconds": service.timeout_seconds,
        "children": service.children,
        "workspace_id": services.workspace_id,
        "addresses": services.addresses(service),
    }


def version_json(version: ServiceVersion) -> dict[str, Any]:
    """Give a version for a program: what it takes and gives, and what it was made of."""
    return {
        "version": version.number,
        "experiment": version.experiment,
        "run": version.run,
        "created": version.created,
        "state": version.state,
        "description": version.description,
        "studiolo": version.studiolo,
        "nodes": [frozen.node.name for frozen in version.nodes],
        "inputs": {name: _port_json(port) for name, port in version.inputs.items()},
        "outputs": {name: _port_json(port) for name, port in version.outputs.items()},
        "parameters": {
            name: {
                "target": str(parameter.target),
                "type": parameter.type,
                "default": parameter.default,
                "is_required": parameter.is_required,
                "choices": list(parameter.choices),
                "description": parameter.description,
            }
            for name, parameter in version.parameters.items()
        },
        "environments": {
            key: {"name": one.name, "digest": one.digest, "version": one.version}
            for key, one in version.environments.items()
        },
    }


def _port_json(port: ServicePort) -> dict[str, Any]:
    columns = None
    if port.columns is not None:
        columns = [
            {"name": column.name, "type": column.type, "has_missing": column.has_missing}
            for column in port.columns
        ]
    return {"at": str(port.at), "columns": columns, "sample": port.sample}


def address_lines(service: Service, services: Services, screen: Screen) -> Iterator[str]:
    """Give the addresses of a service, as `studiolo serve` answers them."""
    addresses = services.addresses(service)
    words = {"own": "JSON", "classic": "classic", "batch": "batch", "swagger": "swagger", "help": "help"}
    for key, word in words.items():
        yield f"  {word:<9}  {screen.styled(SERVER + addresses[key], 'cyan')}"
    yield screen.styled("  studiolo serve answers them", "dim")


def port_lines(version: ServiceVersion, screen: Screen) -> Iterator[str]:
    """Give inputs, outputs and parameters of a version, a line each."""
    for name, port in version.inputs.items():
        yield f"  input      {clean_line(name)}  {_columns(port)}"
    for name, port in version.outputs.items():
        yield f"  output     {clean_line(name)}  {_columns(port)}"
    for name, parameter in version.parameters.items():
        default = "required" if parameter.is_required else f"default {clean_line(str(parameter.default))}"
        kind = "" if parameter.type == "any" else f"{parameter.type}, "
        yield f"  parameter  {clean_line(name)}  {kind}{fit(default, WIDEST_CELL, screen.ellipsis)}"


def _columns(port: ServicePort) -> str:
    if port.columns is None:
        return "any table"
    told = [f"{clean_line(column.name)}: {studio_type(column.type)}" for column in port.columns]
    return listing(told, 6)


def fact_lines(service: Service, version: ServiceVersion, screen: Screen) -> Iterator[str]:
    """Give what is configured and what the version was made of, a line each."""
    rate = service.requests_per_minute
    facts = {
        "state": version.state,
        "processes": f"{service.children} in each server process",
        "limits": f"{service.max_rows:,} rows, {service.max_body_mb:,} MiB, {service.timeout_seconds:,} s a request, "
        + (f"{rate:,} requests a minute for each key" if rate else "any number of requests"),
        "log": "with data" if service.keeps_data else "without data",
        "made from": f"{version.experiment}, run {version.run}, {moment_text(version.created)}",
        "runs": listing([clean_line(frozen.node.name) for frozen in version.nodes])
        or "nothing: it is constant",
        "in": listing(
            sorted({f"{one.name} (Python {one.version})" for one in version.environments.values()})
        ),
    }
    for word, told in facts.items():
        if told:
            yield f"  {screen.styled(f'{word:<9}', 'dim')}  {told}"


def versions_lines(versions: Sequence[ServiceVersion], service: Service, screen: Screen) -> Iterator[str]:
    """Give a table of a service's versions."""
    headings = [
        Heading("version", is_right=True),
        Heading("answers"),
        Heading("run", is_right=True),
        Heading("published", least=10),
        Heading("description", least=8),
    ]
    rows = []
    for version in versions:
        share = share_of(service, version.number)
        rows.append(
            [
                Cell(str(version.number)),
                Cell(share, "green" if share else ""),
                Cell(str(version.run)),
                Cell(moment_text(version.created), "dim"),
                Cell(clean_line(version.description), "dim"),
            ]
        )
    yield from table_lines(headings, rows, screen)


def share_of(service: Service, number: int) -> str:
    """Give what share of the requests a version answers, in words; nothing when it answers none."""
    if service.retired is not None:
        return ""
    if service.traffic:
        return f"{service.traffic[number]} %" if number in service.traffic else ""
    return "all" if number == service.live else ""


def answer_lines(table: Mapping[str, Any], screen: Screen) -> Iterator[str]:
    """Give the first rows and columns of a table of an answer."""
    names, data = list(table["columns"]), list(table["data"])
    if not names:
        yield "no columns"
        return
    shown = names[:MOST_COLUMNS]
    headings = [Heading(fit(clean_line(str(name)), WIDEST_CELL, screen.ellipsis), least=6) for name in shown]
    rows = [[_cell(value, screen) for value in row[:MOST_COLUMNS]] for row in data[:MOST_ROWS]]
    yield from table_lines(headings, rows, screen)
    if len(data) > MOST_ROWS:
        yield screen.styled(f"and {count_text(len(data) - MOST_ROWS, 'more row')}", "dim")
    if len(names) > MOST_COLUMNS:
        yield screen.styled(f"and {count_text(len(names) - MOST_COLUMNS, 'more column')}", "dim")


def _cell(value: Any, screen: Screen) -> Cell:
    if value is None:
        return Cell("NA", "dim")
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return Cell(fit(clean_line(text), WIDEST_CELL, screen.ellipsis))
