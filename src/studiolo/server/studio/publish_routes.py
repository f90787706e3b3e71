"""Making a web service of an experiment: what it would offer, and publishing it."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter

from studiolo.domain.service import WebService
from studiolo.errors import Problems, UserError
from studiolo.graph.resolving import Resolution, input_ports, output_ports
from studiolo.server.studio import service_facts
from studiolo.server.studio.document_forms import ServiceParameterForm
from studiolo.server.studio.service_forms import (
    OfferForm,
    PlanForm,
    PlannedNode,
    PublishedForm,
    PublishWish,
    ServiceProposal,
)
from studiolo.server.studio.service_routes import Shelf, ShelfOfRequest
from studiolo.services.freezing import ENDED_WELL
from studiolo.services.proposing import TABLES, IsEmpty, Plan, plan, propose
from studiolo.services.registry import check_service_name

__all__ = ["router"]

router = APIRouter(tags=["services"])


@router.post("/services", response_model=PublishedForm, operation_id="publish", status_code=201)
def publish(wish: PublishWish, shelf: ShelfOfRequest) -> PublishedForm:
    """Publish an experiment: runs first what is not known yet; pages that look at it see how the run goes on."""
    check_service_name(wish.name)
    shelf.studio.documents.folder(wish.experiment)
    with shelf.studio.runs.hold(wish.experiment) as (listener, leash):
        published = shelf.services.publish(
            wish.experiment,
            wish.name,
            state=wish.state,
            description=wish.description,
            run=wish.run,
            has_sample=wish.has_sample,
            is_live=wish.is_live,
            listener=listener,
            leash=leash,
        )
    version = published.version
    shelf.asking.wait(published.service)
    return PublishedForm(
        service=shelf.changed(wish.name),
        version=service_facts.version_form(version, published.service, shelf.services.warnings(version)),
        keys=dict(published.keys) if published.keys is not None else None,
        is_live=published.is_live,
    )


@router.get(
    "/experiments/{name}/service-proposal", response_model=ServiceProposal, operation_id="proposeService"
)
def propose_service(name: str, shelf: ShelfOfRequest) -> ServiceProposal:
    """Say what a web service of an experiment offers, or could offer, and what a version would contain."""
    documents = shelf.studio.documents
    document = documents.read(name)
    resolution, problems = document.resolution, documents.problems(document)
    said = resolution.experiment.web_service
    is_set_up = said is not None and bool(said.inputs or said.outputs or said.parameters)
    offered, contents = said or WebService(), None
    reasons: tuple[str, ...] = ()
    if not problems:
        if not is_set_up:
            proposal = propose(resolution, _emptiness(shelf, name))
            offered, reasons = proposal.offered, proposal.reasons
        try:
            contents = _plan_form(shelf, resolution, plan(resolution, offered))
        except Problems as found:
            problems = [*found.problems]
        except UserError as error:
            problems = [error if offered.outputs else _returns_nothing()]
    inputs, outputs = _ports(resolution)
    versions = {
        one.name: shelf.services.version(one.name) for one in shelf.services.list() if one.retired is None
    }
    return ServiceProposal(
        is_set_up=is_set_up,
        offer=_offer_form(offered),
        reasons=list(reasons),
        plan=contents,
        problems=[service_facts.error_form(problem) for problem in problems],
        inputs=inputs,
        outputs=outputs,
        services=[service for service, version in versions.items() if version.experiment == name],
    )


def _emptiness(shelf: Shelf, name: str) -> IsEmpty:
    """Give what says whether a node's newest run has left nothing at an output."""
    rows = {row.node: row for row in shelf.studio.workspace.metadata.newest_node_runs(name)}

    def is_empty(node: str, port: str) -> bool:
        row = rows.get(node)
        if row is None or row.state not in ENDED_WELL:
            return False
        return port not in row.outputs or row.shapes.get(port, (1, 1))[1] == 0

    return is_empty


def _returns_nothing() -> UserError:
    return UserError("no-web-service", "The web service returns nothing yet.", "Offer at least one output.")


def _plan_form(shelf: Shelf, resolution: Resolution, contents: Plan) -> PlanForm:
    default = shelf.studio.workspace.settings.environment
    nodes = resolution.experiment.nodes

    def planned(names: Iterable[str]) -> list[PlannedNode]:
        return [
            PlannedNode(
                node=name,
                module_name=resolution.declared[name].name,
                environment=nodes[name].environment or default,
            )
            for name in names
        ]

    return PlanForm(
        at_request=planned(contents.at_request),
        once=planned(contents.once),
        left_out=planned(contents.left_out),
    )


def _offer_form(offered: WebService) -> OfferForm:
    return OfferForm(
        inputs={name: str(port) for name, port in offered.inputs.items()},
        outputs={name: str(port) for name, port in offered.outputs.items()},
        parameters={
            name: ServiceParameterForm(
                target=str(target),
                default=target.default,
                has_default=target.has_default,
                required=target.is_required,
                description=target.description,
            )
            for name, target in offered.parameters.items()
        },
    )


def _ports(resolution: Resolution) -> tuple[list[str], list[str]]:
    """Give the ports that could be web-service inputs and outputs."""
    inputs, outputs = [], []
    for name, node in resolution.experiment.nodes.items():
        declaration = resolution.declared.get(name)
        if declaration is not None:
            ports = input_ports(node, resolution.experiment.nodes, resolution.declared)
            inputs += [f"{name}.{port.name}" for port in ports if port.type in TABLES]
            outputs += [
                f"{name}.{port.name}" for port in output_ports(node, declaration) if port.type in TABLES
            ]
    return inputs, outputs
