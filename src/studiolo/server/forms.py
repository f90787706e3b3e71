"""The forms of bodies that services speak, as `answering` takes them."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from studiolo.domain.service import Service, ServiceVersion
from studiolo.server.answering import Asked, Form
from studiolo.services.bodies import arrow, classic, designer, own, score
from studiolo.services.bodies.errors import ServiceProblem, to_classic, to_designer, to_own

PARAMETER_PREFIX = "parameters."


def own_problem(problem: ServiceProblem, request_id: str) -> bytes:
    """Write a problem in our own form."""
    return to_own(problem, request_id=request_id)


def _classic_problem(problem: ServiceProblem, request_id: str) -> bytes:
    return to_classic(problem)


def _designer_problem(problem: ServiceProblem, request_id: str) -> bytes:
    return to_designer(problem)


def _query(request: Request) -> dict[str, str]:
    return {name.lower(): value.lower() for name, value in request.query_params.items()}


def _read_classic(body: bytes, version: ServiceVersion, service: Service, request: Request) -> Asked:
    query = _query(request)
    read = classic.read_execute(body, version, max_rows=service.max_rows)
    with_types = query.get("details") == "true"
    as_rows = classic.is_swagger(query.get("format"), read)

    def write(frames: Mapping[str, bytes | memoryview]) -> bytes:
        return classic.write_results(frames, version, with_types=with_types, as_rows=as_rows)

    return Asked(read.inputs, read.parameters, read.rows, write)


def _read_designer(body: bytes, version: ServiceVersion, service: Service, request: Request) -> Asked:
    query = _query(request)
    read = designer.read_execute(body, version, max_rows=service.max_rows)
    with_types = query.get("details") == "true"
    as_rows = query.get("format", "swagger") == "swagger"

    def write(frames: Mapping[str, bytes | memoryview]) -> bytes:
        return designer.write_results(frames, version, with_types=with_types, as_rows=as_rows)

    return Asked(read.inputs, read.parameters, read.rows, write)


def _read_score(body: bytes, version: ServiceVersion, service: Service, request: Request) -> Asked:
    read = score.read_score(body, version)
    return Asked(read.inputs, read.parameters, read.rows, lambda frames: score.write_score(frames, version))


def _read_own(body: bytes, version: ServiceVersion, service: Service, request: Request) -> Asked:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == arrow.MEDIA_TYPE:
        given = {
            name.removeprefix(PARAMETER_PREFIX): value
            for name, value in request.query_params.items()
            if name.startswith(PARAMETER_PREFIX)
        }
        read = arrow.read_arrow(body, version, given, max_rows=service.max_rows)
    else:
        read = own.read_body(body, version, max_rows=service.max_rows)
    if arrow.MEDIA_TYPE in request.headers.get("accept", "").lower():
        return Asked(
            read.inputs,
            read.parameters,
            read.rows,
            lambda frames: arrow.write_arrow(frames, version),
            arrow.MEDIA_TYPE,
        )
    return Asked(
        read.inputs, read.parameters, read.rows, lambda frames: own.write_body(frames, version, read)
    )


CLASSIC = Form("classic", _read_classic, _classic_problem)
SCORE = Form("score", _read_score, _classic_problem)
DESIGNER = Form("designer", _read_designer, _designer_problem)
OWN = Form("own", _read_own, own_problem, "application/problem+json")
