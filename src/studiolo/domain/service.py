"""Web services as nouns: what an experiment offers, and a published version of it that never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Node, Source

FRESH, KEPT = "fresh", "kept"
STATES = (FRESH, KEPT)
"""`fresh`: each request runs in a process of its own that ends with it. `kept`: one process serves many requests."""


@dataclass(frozen=True)
class ParameterTarget:
    """A web-service parameter: a parameter of a node that a request may set.

    Attributes:
        node: name of the node.
        parameter: declared parameter, or keyword parameter of its script.
        default: value when a request gives none, if `has_default`; else the node's own value, or that of its module
            or script.
        has_default: whether `default` counts.
        description: one line for people.
        is_required: every request must give a value; there is no default then.
    """

    node: str
    parameter: str
    default: Any = None
    has_default: bool = False
    description: str = ""
    is_required: bool = False

    def __str__(self) -> str:
        return f"{self.node}.{self.parameter}"


@dataclass(frozen=True)
class WebService:
    """What an experiment offers as a web service: the section `web_service` of its file.

    Attributes:
        inputs: name to the input port whose connection a request's table replaces, such as `clean.dataset1`.
        outputs: name to the output port that is returned.
        parameters: name to the node parameter it sets.
    """

    inputs: Mapping[str, Source] = field(default_factory=dict)
    outputs: Mapping[str, Source] = field(default_factory=dict)
    parameters: Mapping[str, ParameterTarget] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceColumn:
    """A column of a web-service port.

    Attributes:
        name: unique within the port.
        type: precise frame type, see `domain.dataset.Column.type`.
        categories: values of a categorical column, at most 1,000 of them; empty for others.
        has_missing: whether the data it was learnt from had missing values.
        category_type: frame type of a categorical column's categories; empty: what `categories` are.
        is_ordered: whether the categories of a categorical column have an order.
    """

    name: str
    type: str
    categories: tuple[Any, ...] = ()
    has_missing: bool = False
    category_type: str = ""
    is_ordered: bool = False


@dataclass(frozen=True)
class ServicePort:
    """An input or output of a published version.

    Attributes:
        name: such as `input1`.
        at: port of a node.
        columns: known columns in order; None when any table is taken.
        sample: up to five rows of JSON-ready values (dates as ISO 8601 text), from the run that was published.
        type: type of the port; `dataset` but for outputs such as models.
    """

    name: str
    at: Source
    columns: tuple[ServiceColumn, ...] | None = None
    sample: tuple[tuple[Any, ...], ...] = ()
    type: str = "dataset"


@dataclass(frozen=True)
class ServiceParameter:
    """A web-service parameter of a published version.

    Attributes:
        name: as requests give it.
        target: what it sets.
        type: `string`, `integer`, `number`, `boolean` or `any`.
        default: value when a request gives none.
        is_required: every request must give it; `default` does not count then.
        choices: allowed values; empty for all.
        description: one line for people.
    """

    name: str
    target: ParameterTarget
    type: str = "any"
    default: Any = None
    is_required: bool = False
    choices: tuple[Any, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class FrozenEnvironment:
    """The environment of a node as it was when the version was published.

    Attributes:
        name: such as `current`.
        digest: lock digest.
        version: of Python.
        lock: requirements, one a line.
    """

    name: str
    digest: str
    version: str
    lock: str = ""


@dataclass(frozen=True)
class FrozenNode:
    """A node that runs at each request.

    Attributes:
        node: resolved, with its script's text; its `inputs` are the connections to other nodes of the version, and
            nothing else: other ports are in `static`, or are web-service inputs (`ServiceVersion.inputs`).
        declaration: JSON of its module's declaration.
        environment: key of `ServiceVersion.environments`.
        static: input port to content that is the same at every request.
        files: `path` and `address` parameters to (shown name, content).
        bundle: the script bundle that the node's file names.
        source: (file, text) of a user's own module; None for built-in ones.
        further_inputs: of a script: inputs beyond those of its module that are not in `static`, with their types.
    """

    node: Node
    declaration: Mapping[str, Any]
    environment: str
    static: Mapping[str, Content] = field(default_factory=dict)
    files: Mapping[str, tuple[str, Content]] = field(default_factory=dict)
    bundle: Content | None = None
    source: tuple[str, str] | None = None
    further_inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ServiceVersion:
    """A published version: everything that answers a request, frozen.

    Attributes:
        service: name of the service.
        number: from 1.
        experiment: name of the experiment it was made from.
        title: of the experiment.
        run: number of the run whose results it holds.
        created: seconds since the epoch, UTC.
        nodes: in an order in which each comes after those it needs.
        inputs: by name.
        outputs: by name.
        constants: outputs that no input and no parameter reaches: by name, their content.
        parameters: by name.
        environments: by key.
        state: `fresh` or `kept`.
        description: one line for people.
        studiolo: version of studiolo.
    """

    service: str
    number: int
    experiment: str
    title: str
    run: int
    created: float
    nodes: tuple[FrozenNode, ...]
    inputs: Mapping[str, ServicePort]
    outputs: Mapping[str, ServicePort]
    constants: Mapping[str, Content] = field(default_factory=dict)
    parameters: Mapping[str, ServiceParameter] = field(default_factory=dict)
    environments: Mapping[str, FrozenEnvironment] = field(default_factory=dict)
    state: str = FRESH
    description: str = ""
    studiolo: str = ""


@dataclass(frozen=True)
class Service:
    """A published service.

    Attributes:
        name: unique within the workspace; letters, digits, `-` and `_`.
        id: 32 lower-case hexadecimal digits, part of the classic addresses.
        live: number of the version that answers.
        traffic: version to its share of the requests, in percent, when several answer; empty for `live` alone.
        created: seconds since the epoch, UTC.
        retired: seconds since the epoch, None while it answers.
        keeps_data: the request log keeps inputs and outputs too.
        requests_per_minute: rate limit of each key; None for none.
        max_rows: rows of a request's inputs together.
        max_body_mb: MiB of a request's body.
        timeout_seconds: time of a request.
        children: processes that serve it at once in each server process.
        description: one line for people.
    """

    name: str
    id: str
    live: int
    traffic: Mapping[int, int] = field(default_factory=dict)
    created: float = 0.0
    retired: float | None = None
    keeps_data: bool = False
    requests_per_minute: int | None = None
    max_rows: int = 100_000
    max_body_mb: int = 32
    timeout_seconds: int = 100
    children: int = 2
    description: str = ""


PRIMARY, SECONDARY = "primary", "secondary"
SLOTS = (PRIMARY, SECONDARY)


@dataclass(frozen=True)
class ServiceKey:
    """What is kept of a key of a service; the key itself is shown once and never kept.

    Attributes:
        slot: `primary` or `secondary`; either opens the service.
        hash: SHA-256 of the key in hexadecimal.
        tail: its last four characters, by which people tell keys apart.
        created: seconds since the epoch, UTC.
    """

    slot: str
    hash: str
    tail: str
    created: float


@dataclass(frozen=True)
class RequestRow:
    """A line of the request log.

    Attributes:
        service: name of the service.
        time: when it came, seconds since the epoch, UTC.
        form: form of its body, such as `classic` or `own`.
        status: HTTP status of the answer.
        milliseconds: from its last byte to the first of the answer.
        request_id: as the answer's header names it.
        version: that answered; None when none did.
        rows: rows of its inputs together; None when they were not read.
        slot: of the key it came with; None when it had none that fits.
        error: code of the error, or None.
        data: inputs and outputs, JSON-ready; only where the service keeps data.
    """

    service: str
    time: float
    form: str
    status: int
    milliseconds: float
    request_id: str
    version: int | None = None
    rows: int | None = None
    slot: str | None = None
    error: str | None = None
    data: Any = None
