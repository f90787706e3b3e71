"""Published versions as JSON and back."""

from __future__ import annotations

import json
from dataclasses import asdict

from hypothesis import given, settings
from hypothesis import strategies as st

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Experiment, Node, Script, Source
from studiolo.domain.limits import Grants, Limits
from studiolo.domain.service import (
    FrozenEnvironment,
    FrozenNode,
    ParameterTarget,
    ServiceColumn,
    ServiceParameter,
    ServicePort,
    ServiceVersion,
    WebService,
)
from studiolo.graph.experiment_json import experiment_from_json
from studiolo.services.frozen_json import version_from_json, version_to_json

TEXT = st.text(alphabet=st.characters(), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
CONTENTS = st.builds(
    Content,
    st.sampled_from(["dataset", "zip", "file", "object"]),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.integers(0, 2**40),
)
SOURCES = st.builds(Source, TEXT, TEXT)
MANY = {"max_size": 2}
NODES = st.builds(
    Node,
    name=TEXT,
    module=TEXT,
    parameters=st.dictionaries(TEXT, VALUES, **MANY),
    inputs=st.dictionaries(TEXT, SOURCES, **MANY),
    script=st.none() | st.builds(Script, TEXT, TEXT),
    bundle=st.none() | TEXT,
    environment=st.none() | TEXT,
    dialect=st.sampled_from(["designer", "classic"]),
    limits=st.builds(Limits, memory_mb=st.integers(1, 10**6)),
    grants=st.builds(Grants, st.lists(TEXT, **MANY).map(tuple), st.lists(TEXT, **MANY).map(tuple)),
    strict=st.booleans(),
    outputs=st.dictionaries(TEXT, TEXT, **MANY),
    comment=TEXT,
)
FROZEN = st.builds(
    FrozenNode,
    node=NODES,
    declaration=st.dictionaries(TEXT, VALUES, **MANY),
    environment=TEXT,
    static=st.dictionaries(TEXT, CONTENTS, **MANY),
    files=st.dictionaries(TEXT, st.tuples(TEXT, CONTENTS), **MANY),
    bundle=st.none() | CONTENTS,
    source=st.none() | st.tuples(TEXT, TEXT),
    further_inputs=st.dictionaries(TEXT, TEXT, **MANY),
)
COLUMNS = st.builds(ServiceColumn, TEXT, TEXT, st.lists(SCALARS, **MANY).map(tuple), st.booleans())
ROWS = st.lists(st.lists(SCALARS, **MANY).map(tuple), **MANY).map(tuple)
PORTS = st.builds(ServicePort, TEXT, SOURCES, st.none() | st.lists(COLUMNS, **MANY).map(tuple), ROWS, TEXT)
TARGETS = st.builds(ParameterTarget, TEXT, TEXT, VALUES, st.booleans(), TEXT, st.booleans())
PARAMETERS = st.builds(
    ServiceParameter, TEXT, TARGETS, TEXT, VALUES, st.booleans(), st.lists(SCALARS, **MANY).map(tuple), TEXT
)
VERSIONS = st.builds(
    ServiceVersion,
    service=TEXT,
    number=st.integers(0, 10**6),
    experiment=TEXT,
    title=TEXT,
    run=st.integers(1, 10**6),
    created=st.floats(0, 2e9),
    nodes=st.lists(FROZEN, **MANY).map(tuple),
    inputs=st.dictionaries(TEXT, PORTS, **MANY),
    outputs=st.dictionaries(TEXT, PORTS, **MANY),
    constants=st.dictionaries(TEXT, CONTENTS, **MANY),
    parameters=st.dictionaries(TEXT, PARAMETERS, **MANY),
    environments=st.dictionaries(
        TEXT,
        st.builds(FrozenEnvironment, TEXT, TEXT, TEXT, TEXT),
        **MANY,
    ),
    state=st.sampled_from(["fresh", "kept"]),
    description=TEXT,
    studiolo=TEXT,
)


@settings(max_examples=60, deadline=None)
@given(VERSIONS)
def test_any_version_is_read_as_it_was_written(version: ServiceVersion) -> None:
    """A version answers for years; nothing of it may get lost or change its type on the way through the database."""
    text = json.dumps(version_to_json(version))
    assert version_from_json(json.loads(text)) == version


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(TEXT, NODES, **MANY),
    st.none()
    | st.builds(
        WebService,
        st.dictionaries(TEXT, SOURCES, **MANY),
        st.dictionaries(TEXT, SOURCES, **MANY),
        st.dictionaries(TEXT, TARGETS, **MANY),
    ),
)
def test_any_experiment_is_read_from_the_snapshot_of_its_run(
    nodes: dict[str, Node], offered: WebService | None
) -> None:
    """Publishing takes the experiment from the run, not from the files, which may have changed."""
    experiment = Experiment("churn", "Churn", nodes, "experiments/churn", offered)
    assert experiment_from_json(json.loads(json.dumps(asdict(experiment)))) == experiment


def test_a_document_of_a_later_studiolo_is_read_without_what_is_unknown_here() -> None:
    """Fields are added; going back to an earlier studiolo must not lose the services."""
    port = ServicePort("input1", Source("a", "b"), (ServiceColumn("x", "int64"),))
    node = FrozenNode(Node("n", "m"), {}, "current")
    version = ServiceVersion("s", 1, "e", "E", 1, 1.0, (node,), {"input1": port}, {})
    document = json.loads(json.dumps(version_to_json(version)))
    document["later"] = document["nodes"][0]["later"] = document["nodes"][0]["node"]["later"] = 1
    document["inputs"]["input1"]["later"] = document["inputs"]["input1"]["columns"][0]["later"] = 1
    assert version_from_json(document) == version


def test_a_snapshot_of_an_earlier_studiolo_is_read() -> None:
    """Runs made before there were services can be published."""
    document = json.loads(json.dumps(asdict(Experiment("e", "E", {"n": Node("n", "m")}))))
    del document["web_service"]
    assert experiment_from_json(document) == Experiment("e", "E", {"n": Node("n", "m")})
