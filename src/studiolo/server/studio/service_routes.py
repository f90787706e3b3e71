"""Published services: looked at, changed, tried, their log and their batch jobs."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from studiolo.domain.service import Service
from studiolo.errors import UserError
from studiolo.server.asking import Asking
from studiolo.server.origin import origin_of
from studiolo.server.studio import service_facts
from studiolo.server.studio.reaching import StudioOfRequest
from studiolo.server.studio.service_forms import (
    BatchJobForm,
    BatchLog,
    ClientForm,
    KeyForm,
    NewKey,
    RequestForm,
    SampleForm,
    SampleTable,
    ServiceForm,
    ServicePage,
    ServiceSettings,
    TrafficWish,
    TryAnswer,
    TryWish,
    VersionForm,
)
from studiolo.services.batch.jobs import BatchJobs
from studiolo.services.bodies.errors import ServiceProblem
from studiolo.services.documents import clients as programs
from studiolo.services.documents import samples
from studiolo.services.documents.addresses import addresses_of
from studiolo.services.registry import Services
from studiolo.studio.studio import Studio

__all__ = ["Shelf", "ShelfOfRequest", "router"]

DAY_SECONDS = 86_400.0
SAMPLE_ROWS = 5

router = APIRouter(tags=["services"])


class Shelf:
    """The services as one request sees them.

    Args:
        studio: of the process.
        asking: reaches the services of the process.
        origin: of the server as the page sees it.
    """

    def __init__(self, studio: Studio, asking: Asking, origin: str) -> None:
        self.studio, self.asking, self.origin = studio, asking, origin
        self.services = Services(studio.workspace)
        self.jobs = BatchJobs(studio.workspace)

    def form(self, name: str) -> ServiceForm:
        """Give a service."""
        service = self.services.get(name)
        counts = self.services.request_counts(time.time() - DAY_SECONDS).get(name)
        return service_facts.service_form(
            service, self.services.version(name), self.asking, counts, self.origin
        )

    def changed(self, name: str) -> ServiceForm:
        """Tell all pages that a service has changed, and give it."""
        self.studio.events.publish("services")
        return self.form(name)

    def version_form(self, name: str, number: int | None = None) -> VersionForm:
        """Give a version in full, by default the live one."""
        version = self.services.version(name, number)
        return service_facts.version_form(version, self.services.get(name), self.services.warnings(version))

    def jobs_address(self, name: str) -> str:
        """Give the address of a service's classic batch jobs."""
        return addresses_of(self.services.get(name), self.asking.workspace_id, self.origin).jobs


def _shelf(request: Request, studio: StudioOfRequest) -> Shelf:
    asking: Asking = request.state.asking
    return Shelf(studio, asking, origin_of(request, asking.address))


ShelfOfRequest = Annotated[Shelf, Depends(_shelf)]


@router.get("/services", response_model=list[ServiceForm], operation_id="listServices")
def list_services(shelf: ShelfOfRequest) -> list[ServiceForm]:
    """List the services by name, retired ones too."""
    counts = shelf.services.request_counts(time.time() - DAY_SECONDS)
    return [
        service_facts.service_form(
            one, shelf.services.version(one.name), shelf.asking, counts.get(one.name), shelf.origin
        )
        for one in shelf.services.list()
    ]


@router.get("/services/{name}", response_model=ServicePage, operation_id="getService")
def get_service(name: str, shelf: ShelfOfRequest) -> ServicePage:
    """Give a service with keys and versions."""
    service = shelf.services.get(name)
    return ServicePage(
        service=shelf.form(name),
        keys=[
            KeyForm(slot=key.slot, tail=key.tail, created=key.created)
            for key in shelf.services.keys(name).values()
        ],
        versions=[service_facts.version_row(version, service) for version in shelf.services.versions(name)],
        version=shelf.version_form(name),
    )


@router.get("/services/{name}/versions/{number}", response_model=VersionForm, operation_id="getVersion")
def get_version(name: str, number: int, shelf: ShelfOfRequest) -> VersionForm:
    """Give a version of a service: what it takes, gives and contains [87]."""
    return shelf.version_form(name, number)


@router.patch("/services/{name}", response_model=ServiceForm, operation_id="configureService")
def configure_service(name: str, wish: ServiceSettings, shelf: ShelfOfRequest) -> ServiceForm:
    """Change the settings that are given."""
    shelf.services.configure(name, **wish.model_dump(exclude_unset=True))
    return shelf.changed(name)


@router.delete("/services/{name}", response_model=ServiceForm, operation_id="retireService")
def retire_service(name: str, shelf: ShelfOfRequest) -> ServiceForm:
    """End a service: it answers no more and its keys are forgotten; publishing under its name brings it back."""
    shelf.services.retire(name)
    return shelf.changed(name)


@router.post("/services/{name}/rollback", response_model=ServiceForm, operation_id="rollbackService")
def rollback_service(name: str, shelf: ShelfOfRequest, number: int | None = None) -> ServiceForm:
    """Let another version answer, by default the one before the live one."""
    shelf.services.rollback(name, number)
    return shelf.changed(name)


@router.put("/services/{name}/traffic", response_model=ServiceForm, operation_id="splitTraffic")
def split_traffic(name: str, wish: TrafficWish, shelf: ShelfOfRequest) -> ServiceForm:
    """Share the requests among versions; no shares end that."""
    shelf.services.split(name, wish.shares)
    return shelf.changed(name)


@router.post("/services/{name}/keys/{slot}", response_model=NewKey, operation_id="rotateKey")
def rotate_key(name: str, slot: str, shelf: ShelfOfRequest) -> NewKey:
    """Make a key anew; the old one opens nothing any more."""
    key = shelf.services.rotate_key(name, slot)
    shelf.changed(name)
    return NewKey(slot=slot, key=key)


@router.get("/services/{name}/sample", response_model=SampleForm, operation_id="getSample")
def get_sample(name: str, shelf: ShelfOfRequest, version: int | None = None) -> SampleForm:
    """Give rows and parameters for the test form."""
    chosen = shelf.services.version(name, version)
    tables = {input: samples.sample_table(port, SAMPLE_ROWS) for input, port in chosen.inputs.items()}
    return SampleForm(
        inputs=[
            SampleTable(name=input, columns=[column.name for column in columns], rows=rows)
            for input, (columns, rows) in tables.items()
        ],
        parameters=samples.parameters(chosen),
    )


@router.post("/services/{name}/test", response_model=TryAnswer, operation_id="tryService")
async def try_service(name: str, wish: TryWish, shelf: ShelfOfRequest) -> TryAnswer:
    """Send a request to a version by the way that clients' requests take, but for the key; it is logged as `test`."""
    service, number = await asyncio.to_thread(_asked_version, shelf, name, wish.version)
    body = wish.body.encode("utf-8", "replace")
    if len(body) > service.max_body_mb << 20:
        hint = "Send fewer rows, or raise the limit under Configure."
        raise UserError("wrong-request", f"The request has more than {service.max_body_mb:,} MiB.", hint)
    answered = await shelf.asking.ask(service, number, body)
    return await asyncio.to_thread(service_facts.answer_form, answered)


def _asked_version(shelf: Shelf, name: str, number: int | None) -> tuple[Service, int]:
    service = shelf.services.get(name)
    if service.retired is not None:
        hint = f"Publish the experiment {shelf.services.version(name).experiment} under this name again."
        raise UserError("retired-service", f"The service {name} is retired.", hint)
    return service, service.live if number is None else shelf.services.version(name, number).number


@router.get("/services/{name}/requests", response_model=list[RequestForm], operation_id="listRequests")
def list_requests(
    name: str,
    shelf: ShelfOfRequest,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    only_errors: bool = False,
) -> list[RequestForm]:
    """List the newest requests."""
    return [
        service_facts.request_form(row)
        for row in shelf.services.requests(name, limit, only_errors=only_errors)
    ]


@router.get("/services/{name}/clients", response_model=list[ClientForm], operation_id="listClients")
def list_clients(
    name: str,
    shelf: ShelfOfRequest,
    form: Annotated[str, Query(pattern="^(own|classic|batch)$")] = programs.OWN,
    version: int | None = None,
) -> list[ClientForm]:
    """Give programs that call the service, with its real columns and address [83]."""
    addresses = addresses_of(shelf.services.get(name), shelf.asking.workspace_id, shelf.origin)
    return [
        ClientForm(**vars(one))
        for one in programs.clients(shelf.services.version(name, version), addresses, form)
    ]


@router.get("/services/{name}/batch-jobs", response_model=list[BatchJobForm], operation_id="listBatchJobs")
def list_batch_jobs(
    name: str, shelf: ShelfOfRequest, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> list[BatchJobForm]:
    """List the newest batch jobs."""
    address = shelf.jobs_address(name)
    return [service_facts.job_form(job, address) for job in shelf.jobs.list(shelf.services.get(name), limit)]


@router.get("/services/{name}/batch-jobs/{job}/log", response_model=BatchLog, operation_id="getBatchLog")
def get_batch_log(name: str, job: str, shelf: ShelfOfRequest) -> BatchLog:
    """Give what a batch job has printed so far."""
    try:
        found = shelf.jobs.get(shelf.services.get(name), job)
    except ServiceProblem as problem:
        raise UserError("unknown-job", problem.summary, problem.hint) from None
    return BatchLog(text=shelf.jobs.log(found).decode("utf-8", "replace"))


@router.delete(
    "/services/{name}/batch-jobs/{job}", response_model=list[BatchJobForm], operation_id="endBatchJob"
)
def end_batch_job(name: str, job: str, shelf: ShelfOfRequest) -> list[BatchJobForm]:
    """Cancel a batch job that has not ended, forget one that has; give those that are left."""
    try:
        shelf.jobs.end(shelf.services.get(name), job)
    except ServiceProblem as problem:
        raise UserError("unknown-job", problem.summary, problem.hint) from None
    return list_batch_jobs(name, shelf)
