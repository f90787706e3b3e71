"""Gives published services, their versions and what they answer in the forms of the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from studiolo.domain.batch import BatchJob
from studiolo.domain.service import RequestRow, Service, ServiceColumn, ServicePort, ServiceVersion
from studiolo.errors import StudioloError
from studiolo.server.asking import Answered, Asking
from studiolo.server.studio.problem_forms import ErrorForm
from studiolo.server.studio.service_forms import (
    ActivityForm,
    AnswerTable,
    BatchJobForm,
    FrozenEnvironmentForm,
    FrozenNodeForm,
    FrozenParameterForm,
    RequestForm,
    ServiceAddresses,
    ServiceColumnForm,
    ServiceForm,
    ServicePortForm,
    TryAnswer,
    VersionForm,
    VersionRow,
)
from studiolo.services.batch.answers import own_status
from studiolo.services.documents.addresses import Addresses
from studiolo.services.documents.column_types import in_words, is_categorical, kind_of
from studiolo.services.documents.languages import json_text

MOST_CHOICES = 200
MOST_ROWS = 200
MOST_TEXT = 200_000
_EXACT = 2**53
_SETTINGS = ("keeps_data", "requests_per_minute", "max_rows", "max_body_mb", "timeout_seconds", "children")


def error_form(error: StudioloError) -> ErrorForm:
    """Give an error as the API tells it."""
    return ErrorForm.model_validate(error.to_json())


def service_form(
    service: Service,
    version: ServiceVersion,
    asking: Asking,
    activity: tuple[int, int, float] | None,
    origin: str,
) -> ServiceForm:
    """Give a service.

    Args:
        service: which one.
        version: its live one.
        asking: knows whether it answers.
        activity: requests, failed ones, and when the newest came; None for none.
        origin: of the server as callers see it.
    """
    state, error = asking.state(service)
    at = Addresses(origin, asking.workspace_id, service.id, service.name)
    return ServiceForm(
        name=service.name,
        id=service.id,
        description=service.description,
        live=service.live,
        traffic={str(number): share for number, share in service.traffic.items()},
        created=service.created,
        retired=service.retired,
        **{name: getattr(service, name) for name in _SETTINGS},
        state=state,  # type: ignore[arg-type]
        error=None if error is None else error_form(error),
        experiment=version.experiment,
        published=version.created,
        activity=ActivityForm() if activity is None else _activity_form(*activity),
        addresses=ServiceAddresses(
            own=at.own,
            execute=at.execute,
            jobs=at.jobs,
            swagger=at.swagger,
            openapi=at.openapi,
            help=at.help,
            help_execute=f"{at.help}/score",
            help_jobs=f"{at.help}/jobs",
        ),
    )


def _activity_form(requests: int, errors: int, newest: float) -> ActivityForm:
    return ActivityForm(requests=requests, errors=errors, newest=newest)


def share_of(service: Service, number: int) -> int:
    """Give the percentage of requests that a version answers."""
    if service.retired is not None:
        return 0
    if service.traffic:
        return service.traffic.get(number, 0)
    return 100 if number == service.live else 0


def _row_facts(version: ServiceVersion, service: Service) -> dict[str, Any]:
    names = ("number", "created", "run", "experiment", "state", "description")
    return {**{name: getattr(version, name) for name in names}, "share": share_of(service, version.number)}


def version_row(version: ServiceVersion, service: Service) -> VersionRow:
    """Give a version for the list."""
    return VersionRow(**_row_facts(version, service))


def version_form(version: ServiceVersion, service: Service, warnings: tuple[str, ...]) -> VersionForm:
    """Give a version in full."""
    return VersionForm(
        **_row_facts(version, service),
        title=version.title,
        studiolo=version.studiolo,
        inputs=[_port_form(port) for port in version.inputs.values()],
        outputs=[_port_form(port) for port in version.outputs.values()],
        parameters=[
            FrozenParameterForm(
                name=one.name,
                target=str(one.target),
                type=one.type,
                default=one.default,
                is_required=one.is_required,
                choices=list(one.choices),
                description=one.description,
            )
            for one in version.parameters.values()
        ],
        nodes=[
            FrozenNodeForm(
                node=frozen.node.name,
                module=frozen.node.module,
                module_name=str(frozen.declaration.get("name", frozen.node.module)),
                environment=frozen.environment,
                script=None if frozen.node.script is None else frozen.node.script.file,
                static=list(frozen.static),
                files=[shown for shown, _ in frozen.files.values()],
                has_bundle=frozen.bundle is not None,
            )
            for frozen in version.nodes
        ],
        constants=list(version.constants),
        environments=[
            FrozenEnvironmentForm(
                key=key, name=one.name, python=one.version, digest=one.digest, lock=one.lock
            )
            for key, one in version.environments.items()
        ],
        warnings=list(warnings),
    )


def _port_form(port: ServicePort) -> ServicePortForm:
    columns = None if port.columns is None else [_column_form(column) for column in port.columns]
    return ServicePortForm(name=port.name, at=str(port.at), type=port.type, columns=columns)


def _column_form(column: ServiceColumn) -> ServiceColumnForm:
    kind = kind_of(column)
    choices: list[Any] = []
    if kind == "Boolean":
        choices = [True, False]
    elif is_categorical(column) and len(column.categories) <= MOST_CHOICES:
        choices = list(column.categories)
    return ServiceColumnForm(
        name=column.name,
        type=column.type,
        kind=kind,
        words=in_words(column),
        has_missing=column.has_missing,
        choices=choices,
    )


def request_form(row: RequestRow) -> RequestForm:
    """Give a line of the request log."""
    data = row.data if isinstance(row.data, Mapping) else {}
    names = ("time", "form", "status", "milliseconds", "request_id", "version", "rows", "slot", "error")
    facts = {name: getattr(row, name) for name in names}
    facts |= {name: data.get(name) for name in ("request", "answer")}
    return RequestForm(**facts)


def answer_form(answered: Answered) -> TryAnswer:
    """Give an answer as text and as tables."""
    document = json.loads(answered.body)
    text = json_text(document)
    outputs = document.get("outputs", {}) if answered.status == 200 else {}
    return TryAnswer(
        status=answered.status,
        version=answered.version,
        milliseconds=answered.milliseconds,
        body=text[:MOST_TEXT],
        is_cut=len(text) > MOST_TEXT,
        outputs=[_answer_table(name, table) for name, table in outputs.items()],
        log=answered.log[:MOST_TEXT],
        request_id=answered.request_id,
    )


def _answer_table(name: str, table: Any) -> AnswerTable:
    if isinstance(table, list):
        columns = list(dict.fromkeys(column for row in table for column in row))
        rows = [[row.get(column) for column in columns] for row in table]
    else:
        columns, rows = table["columns"], table["data"]
    shown = [[_cell(value) for value in row] for row in rows[:MOST_ROWS]]
    return AnswerTable(name=name, columns=columns, rows=shown, total=len(rows))


def _cell(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else json.dumps(value)


def job_form(job: BatchJob, jobs: str) -> BatchJobForm:
    """Give a batch job; `jobs` is the address of the service's classic jobs.

    Outputs that went elsewhere are left out: their addresses may hold a client's secrets.
    """
    told = own_status(job, jobs)["outputs"]
    return BatchJobForm(
        id=job.id,
        version=job.version,
        state="Cancelling" if job.is_cancel_requested and not job.has_ended else job.state,
        created=job.created,
        started=job.started,
        ended=job.ended,
        step=job.progress.text,
        done=job.progress.done,
        total=job.progress.total,
        error=job.error,
        outputs={name: str(one["address"]) for name, one in told.items() if "token" in job.results[name]},
    )
