"""The published JSON Schema of experiment.yaml."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from studiolo.domain.limits import LIMIT_NAMES
from studiolo.graph.keys import GRANT_KEYS, NODE_KEYS, TOP_KEYS
from studiolo.graph.schema import experiment_schema, schema_text

PUBLISHED = Path(__file__).parents[3] / "docs" / "experiment.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(experiment_schema())


def test_the_published_copy_is_up_to_date():
    """The command python -m studiolo.graph.schema > docs/experiment.schema.json brings it up to date."""
    assert PUBLISHED.read_text("utf-8") == schema_text()


def test_the_schema_is_sound_and_knows_the_readers_keys():
    """Reader and schema must not drift apart."""
    schema = experiment_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    definitions = schema["$defs"]
    assert tuple(schema["properties"]) == TOP_KEYS
    assert set(definitions["node"]["properties"]) == set(NODE_KEYS)
    assert tuple(definitions["limits"]["properties"]) == LIMIT_NAMES
    assert tuple(definitions["grants"]["properties"]) == GRANT_KEYS


GOOD = """\
name: Churn
nodes:
  customers: {module: import-data, parameters: {path: data/customers.csv}}
  clean:
    module: execute-python-script
    script: scripts/clean.py
    inputs: {dataset1: customers}
    environment: designer-py36
    dialect: classic
    limits: {memory_mb: 2048, cpu_seconds: 60, wall_seconds: 120, processes: 32, disk_mb: 512}
    grants: {network: ["myaccount.blob.core.windows.net:443"], read: [data/reference]}
    strict: true
    outputs: {third: dataset, model: object}
  pima: {dataset: pima, version: 2}
"""


@pytest.mark.parametrize(
    "text", [GOOD, "nodes: {}", "nodes:", "nodes: {a b: {module: m, grants: {network: all}}}"]
)
def test_what_the_reader_takes_the_schema_takes(read, text):
    """An editor must not underline a good file."""
    assert read(text).problems == () or "scripts/clean.py" in text
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "nodes: [a]",
        "nodes: {a: {modul: m}}",
        "nodes: {a.b: {module: m}}",
        "nodes: {a: {comment: x}}",
        "nodes: {a: {module: m, version: 2}}",
        "nodes: {a: {module: m, inputs: {d: [x, y]}}}",
        "nodes: {a: {module: m, limits: {memory: 5}}}",
        "nodes: {a: {module: m, limits: {memory_mb: 0}}}",
        "nodes: {a: {module: m, grants: {net: all}}}",
        "nodes: {a: {module: m, strict: 'yes'}}",
        "nodes: {a: {module: m, dialect: clasic}}",
        "nodes: {a: {module: m, outputs: {x: device}}}",
    ],
)
def test_what_the_checks_refuse_the_schema_refuses(check, text):
    """An editor should underline what a run would refuse."""
    assert check(text) != []
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text))) != []
