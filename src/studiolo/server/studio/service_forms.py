"""Published services as the page shows and changes them; see `domain.service`."""

from __future__ import annotations

from typing import Any, Literal

from studiolo.server.studio.document_forms import ServiceParameterForm
from studiolo.server.studio.form import Form
from studiolo.server.studio.problem_forms import ErrorForm
from studiolo.server.studio.table_forms import Cell

State = Literal["fresh", "kept"]


class ServiceColumnForm(Form):
    """A column of a web-service port; `kind` is its studio type, `choices` the values that it may have, if few."""

    name: str
    type: str
    kind: str
    words: str
    has_missing: bool
    choices: list[Any] = []


class ServicePortForm(Form):
    """A web-service input or output; without columns any table is taken."""

    name: str
    at: str
    type: str
    columns: list[ServiceColumnForm] | None = None


class FrozenParameterForm(Form):
    """A parameter of a published version."""

    name: str
    target: str
    type: str
    default: Any = None
    is_required: bool = False
    choices: list[Any] = []
    description: str = ""


class FrozenNodeForm(Form):
    """A node that runs at each request. `static` has its ports whose content is part of the version."""

    node: str
    module: str
    module_name: str
    environment: str
    script: str | None = None
    static: list[str] = []
    files: list[str] = []
    has_bundle: bool = False


class FrozenEnvironmentForm(Form):
    """The environment of nodes as it was when the version was published; `lock` has a requirement a line."""

    key: str
    name: str
    python: str
    digest: str
    lock: str


class VersionRow(Form):
    """A published version in the list; `share` is the percentage of requests that it answers."""

    number: int
    created: float
    run: int
    experiment: str
    state: State
    description: str
    share: int


class VersionForm(VersionRow):
    """All about a published version: what it takes, gives and contains."""

    title: str
    studiolo: str
    inputs: list[ServicePortForm]
    outputs: list[ServicePortForm]
    parameters: list[FrozenParameterForm]
    nodes: list[FrozenNodeForm]
    constants: list[str]
    environments: list[FrozenEnvironmentForm]
    warnings: list[str] = []


class ServiceAddresses(Form):
    """Where a service answers, in full."""

    own: str
    execute: str
    jobs: str
    swagger: str
    openapi: str
    help: str
    help_execute: str
    help_jobs: str


class ActivityForm(Form):
    """Requests of the last 24 hours; `newest` is when the last one came."""

    requests: int = 0
    errors: int = 0
    newest: float | None = None


class ServiceForm(Form):
    """A service with its settings. `state`: `answering`, `loading`, `failed` (see `error`) or `retired`."""

    name: str
    id: str
    description: str
    live: int
    traffic: dict[str, int]
    created: float
    retired: float | None
    keeps_data: bool
    requests_per_minute: int | None
    max_rows: int
    max_body_mb: int
    timeout_seconds: int
    children: int
    state: Literal["answering", "loading", "failed", "retired"]
    error: ErrorForm | None = None
    experiment: str
    published: float
    activity: ActivityForm
    addresses: ServiceAddresses


class KeyForm(Form):
    """A key as it is known afterwards: its last characters, and when it was made."""

    slot: str
    tail: str
    created: float


class ServicePage(Form):
    """A service with its keys, its versions, the newest first, and the live one in full."""

    service: ServiceForm
    keys: list[KeyForm]
    versions: list[VersionRow]
    version: VersionForm


class PublishWish(Form):
    """Publish an experiment under a name; null leaves description and state as the version before has them."""

    experiment: str
    name: str
    description: str | None = None
    state: State | None = None
    run: int | None = None
    has_sample: bool = True
    is_live: bool = True


class PublishedForm(Form):
    """What publishing gave; keys are told only the first time."""

    service: ServiceForm
    version: VersionForm
    keys: dict[str, str] | None = None
    is_live: bool = True


class ServiceSettings(Form):
    """Settings to change: only those that are given; `requests_per_minute` null is any number."""

    description: str = ""
    keeps_data: bool = False
    requests_per_minute: int | None = None
    max_rows: int = 0
    max_body_mb: int = 0
    timeout_seconds: int = 0
    children: int = 0


class TrafficWish(Form):
    """Shares of requests by version, in percent; the live version has the rest, and all when nothing is given."""

    shares: dict[int, int]


class NewKey(Form):
    """A key, told once."""

    slot: str
    key: str


class RequestForm(Form):
    """A line of the request log; `request` and `answer` only where the service keeps data."""

    time: float
    form: str
    status: int
    milliseconds: float
    request_id: str
    version: int | None = None
    rows: int | None = None
    slot: str | None = None
    error: str | None = None
    request: str | None = None
    answer: str | None = None


class SampleTable(Form):
    """Rows for the test form, as JSON has them."""

    name: str
    columns: list[str]
    rows: list[list[Any]]


class SampleForm(Form):
    """What the test form begins with."""

    inputs: list[SampleTable]
    parameters: dict[str, Any]


class TryWish(Form):
    """A request from the test form: `body` is JSON of our own form, as text; null asks the live version."""

    body: str
    version: int | None = None


class AnswerTable(Form):
    """An output as rows; integers beyond 2**53 as text. `rows` has the first 200 of `total`."""

    name: str
    columns: list[str]
    rows: list[list[Cell]]
    total: int


class TryAnswer(Form):
    """What a client would have been answered: `body` is the JSON laid out for people, cut when it is long."""

    status: int
    version: int
    milliseconds: float
    body: str
    is_cut: bool
    outputs: list[AnswerTable]
    log: str
    request_id: str


class ClientForm(Form):
    """A program that calls the service."""

    language: str
    title: str
    file: str
    text: str


class BatchJobForm(Form):
    """A batch job; `state` as in `domain.batch`, `outputs` are links to what it left here."""

    id: str
    version: int
    state: str
    created: float
    started: float | None = None
    ended: float | None = None
    step: str
    done: int
    total: int
    error: str
    outputs: dict[str, str]


class BatchLog(Form):
    """What the nodes of a batch job printed."""

    text: str


class PlannedNode(Form):
    """A node of an experiment with the module and the environment that a version would have."""

    node: str
    module_name: str
    environment: str


class PlanForm(Form):
    """What a version would contain [87]: run at each request, run once and kept, no part of it."""

    at_request: list[PlannedNode]
    once: list[PlannedNode]
    left_out: list[PlannedNode]


class OfferForm(Form):
    """What an experiment offers, names to `node.port`."""

    inputs: dict[str, str]
    outputs: dict[str, str]
    parameters: dict[str, ServiceParameterForm]


class ServiceProposal(Form):
    """What setting up a web service for an experiment offers: what its file says, else a proposal with reasons.

    `plan` is what a version would contain; null when `problems` keep it from being published. `inputs` and
    `outputs` list every port that could be offered.
    """

    is_set_up: bool
    offer: OfferForm
    reasons: list[str]
    plan: PlanForm | None
    problems: list[ErrorForm]
    inputs: list[str]
    outputs: list[str]
    services: list[str]
