"""What can go wrong with a request, in a sentence for each code: for help pages and OpenAPI."""

from __future__ import annotations

import json
from typing import Any

from studiolo.domain.service import ServiceVersion
from studiolo.services.bodies.errors import CODES, ServiceProblem, to_classic, to_own

MEANINGS = {
    "request-empty": "The request has no body.",
    "request-unreadable": "The body is not JSON of this form.",
    "query-invalid": "The query of the address has a value that is not allowed.",
    "input-missing": "An input of the service is missing.",
    "input-unknown": "The request names an input that the service does not have.",
    "type-unsupported": "The body is of a content type that the service does not take.",
    "input-mismatch": "A table lacks a column, or has one that the service does not know.",
    "cell-unreadable": "A value does not fit the type of its column.",
    "parameter-missing": "A parameter that every request must give is missing.",
    "parameter-unknown": "The request names a parameter that the service does not have.",
    "parameter-type": "The value of a parameter is of the wrong type.",
    "parameter-choice": "The value of a parameter is not one of its choices.",
    "operation-invalid": "The service can't do this, such as a form for one input when it has several.",
    "batch-inputs-missing": "The service has inputs, and the batch job names none.",
    "batch-inputs-twice": "The batch job has both Input and Inputs.",
    "reference-incomplete": "The place of an input lacks a part.",
    "output-reference-incomplete": "The place of an output lacks a part.",
    "output-unknown": "The batch job names an output that the service does not have.",
    "connection-string-invalid": "A connection string can't be read.",
    "location-invalid": "An address or RelativeLocation can't be used.",
    "location-not-allowed": "The server may not write there, or not read there with its own access.",
    "container-invalid": "A container can't have that name.",
    "blob-name-too-long": "The name of a blob is too long.",
    "ending-unknown": "A place does not end as a table's file does.",
    "job-not-startable": "The batch job was started already, or has ended.",
    "execution-failed": "A script or module of the service failed; its stack trace is in the answer.",
    "unauthorized": "The key is missing or wrong.",
    "service-unknown": "There is no such service.",
    "workspace-unknown": "There is no such workspace.",
    "job-unknown": "The service has no such batch job.",
    "address-unknown": "There is nothing at this address.",
    "method-not-allowed": "The address takes another method.",
    "request-timeout": "The request took longer than the service's limit.",
    "request-cancelled": "The request was cancelled.",
    "request-too-large": "The body or the number of rows is over the service's limit.",
    "memory-exhausted": "The request needed more memory than the service's limit.",
    "service-failed": "The service itself failed; the answer has the id to look for in its log.",
    "service-busy": "All processes of the service are at work; try again after the seconds in Retry-After.",
    "request-throttled": "The key has used up its requests of this minute; Retry-After says how long to wait.",
    "service-starting": "The service is being started; try again after the seconds in Retry-After.",
}


def meaning(code: str) -> str:
    """Say in a sentence what a code of `CODES` means."""
    return MEANINGS.get(code, CODES[code].title)


FAILURES: dict[int, dict[str, str]] = {
    status: {code: meaning(code) for code, kind in CODES.items() if kind.status == status}
    for status in sorted({kind.status for kind in CODES.values()})
}
"""Status to its codes, each with what it means."""


def missing_column(version: ServiceVersion) -> ServiceProblem:
    """Give the problem of a request that lacks a real column of the version."""
    for port in version.inputs.values():
        for column in port.columns or ():
            message = f'The input "{port.name}" has no column "{column.name}".'
            # Half a surrogate pair, which JSON can carry in a name, stands in no answer.
            message, target = (
                text.encode("utf-8", "replace").decode("utf-8")
                for text in (message, f"{port.name}.{column.name}")
            )
            return ServiceProblem("input-mismatch", message, target=target)
    return example_problem("request-unreadable")


def example_problem(code: str) -> ServiceProblem:
    """Give a problem of a code."""
    return ServiceProblem(code, meaning(code))


def own_body(problem: ServiceProblem) -> Any:
    """Give the error body of our own form as data."""
    return json.loads(to_own(problem, request_id="4f6c2d0e9b8a4f6c8d0e9b8a4f6c2d0e"))


def classic_body(problem: ServiceProblem) -> Any:
    """Give the error body of the classic form as data."""
    return json.loads(to_classic(problem))
