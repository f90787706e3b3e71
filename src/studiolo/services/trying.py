"""Sends one request to a published version in this process, as `studiolo services test` does; needs no server."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studiolo.domain.nearest import did_you_mean
from studiolo.domain.service import ServiceVersion
from studiolo.errors import UserError
from studiolo.services.bodies.errors import ServiceProblem
from studiolo.services.bodies.own import read_body, write_body
from studiolo.services.runtime import Runtime

if TYPE_CHECKING:
    from studiolo.workspace import Workspace

Table = dict[str, Any]


@dataclass(frozen=True)
class Tried:
    """What a version answered.

    Attributes:
        outputs: name of the output to `columns` and `data`, rows of JSON-ready values.
        log: what its nodes printed.
        seconds: time of the request, once everything was loaded.
        start_seconds: time it took to load.
        warnings: what has changed since it was published.
    """

    outputs: Mapping[str, Table]
    log: bytes
    seconds: float
    start_seconds: float
    warnings: tuple[str, ...]


def sample_body(version: ServiceVersion) -> Table:
    """Give a request with the sample rows that the version was published with.

    Raises:
        UserError: `no-sample`.
    """
    inputs = {}
    for name, port in version.inputs.items():
        if port.columns is None or not port.sample:
            raise UserError(
                "no-sample",
                f'Version {version.number} of {version.service} has no sample for the input "{name}".',
                f"Give its rows: studiolo services test {version.service} --input '{name}=FILE.csv'",
            )
        inputs[name] = {"columns": [column.name for column in port.columns], "data": port.sample}
    return {"inputs": inputs}


def table_of_file(data: bytes, name: str) -> Any:
    """Read a table from a CSV or JSON file as a request in our own form has it.

    Args:
        data: the file's bytes.
        name: its name; one that ends in `.json` is JSON, everything else CSV with a row of names.

    Raises:
        UserError: `unusable-source`.
    """
    try:
        text = data.decode("utf-8-sig")
        if name.lower().endswith(".json"):
            return json.loads(text)
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except (ValueError, csv.Error, RecursionError) as error:
        raise UserError(
            "unusable-source",
            f"{name} can't be read: {error}.",
            "Give a CSV file with a row of names, or JSON.",
        ) from None
    if not rows:
        raise UserError("unusable-source", f"{name} is empty.", "Give a CSV file with a row of names.")
    return {"columns": rows[0], "data": [[cell or None for cell in row] for row in rows[1:]]}


def input_named(version: ServiceVersion, name: str | None) -> str:
    """Give the name of an input, None standing for the only one.

    Raises:
        UserError: `unknown-port`.
    """
    names = list(version.inputs)
    if name is None and len(names) == 1:
        return names[0]
    if name is not None and name in version.inputs:
        return name
    summary = (
        f'The service {version.service} has no input "{name}".' if name else "Which input is the file for?"
    )
    hint = did_you_mean(name or "", names, "input")
    raise UserError("unknown-port", summary, f"{hint} Write --input NAME=FILE.")


def try_version(
    workspace: Workspace, version: ServiceVersion, body: Mapping[str, Any], timeout_seconds: float
) -> Tried:
    """Load a version, send it one request of our own form, and end it.

    Args:
        workspace: opened.
        version: what answers.
        body: `inputs` and `parameters`.
        timeout_seconds: of the request.

    Raises:
        UserError: `wrong-request`, as a client would be told.
        StudioloError: what a node did wrong.
    """
    try:
        request = read_body(json.dumps(body).encode(), version)
    except ServiceProblem as problem:
        raise _wrong_request(problem) from None

    async def answered() -> Tried:
        loop = asyncio.get_running_loop()
        runtime = Runtime(version, workspace, children=1)
        began = loop.time()
        await runtime.start()
        loaded = loop.time()
        try:
            reply = await runtime.invoke(request.inputs, request.parameters, timeout_seconds)
            written = json.loads(write_body(reply.outputs, version, request))
            outputs = {name: _as_table(table) for name, table in written["outputs"].items()}
            return Tried(outputs, reply.log, loop.time() - loaded, loaded - began, runtime.warnings)
        finally:
            await runtime.close(0.0)

    return asyncio.run(answered())


def _as_table(table: Any) -> Table:
    if isinstance(table, Mapping):
        return dict(table)
    names = list(dict.fromkeys(name for row in table for name in row))
    return {"columns": names, "data": [[row.get(name) for name in names] for row in table]}


def _wrong_request(problem: ServiceProblem) -> UserError:
    return UserError("wrong-request", problem.summary, problem.hint)


def shares_from_text(words: Sequence[str]) -> dict[int, int]:
    """Read `2=10` and the like: version and percent.

    >>> shares_from_text(["2=10", "1=90%"])
    {2: 10, 1: 90}

    Raises:
        UserError: `wrong-value`.
    """
    shares = {}
    for word in words:
        number, _, share = word.partition("=")
        share = share.removesuffix("%")
        if not (number.isdecimal() and share.isdecimal()):
            raise UserError(
                "wrong-value", f'"{word[:80]}" is no share.', "Write VERSION=PERCENT, as in 2=10."
            )
        shares[int(number)] = int(share)
    return shares
