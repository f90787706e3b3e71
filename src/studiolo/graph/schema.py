"""The JSON Schema of experiment.yaml, made from the same tables that the reader uses.

`python -m studiolo.graph.schema > docs/experiment.schema.json` brings the published copy up to date.
"""

from __future__ import annotations

import json
from typing import Any

from studiolo.domain.column_rules import BEGINNINGS, ROLES, TYPES, VERBS
from studiolo.domain.limits import Limits
from studiolo.graph.node_reading import DIALECTS
from studiolo.graph.permissions import LIMIT_RANGES
from studiolo.graph.validation import EXTRA_OUTPUT_TYPES
from studiolo.graph.web_service_reading import NAME_LIMIT

_TEXT: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_PATH: dict[str, Any] = {"type": "string", "minLength": 1}
_TEXTS: dict[str, Any] = {"oneOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}


def experiment_schema() -> dict[str, Any]:
    """Give the schema (draft 2020-12) that editors complete and check `experiment.yaml` with.

    It knows the keys, not the modules: ports and parameters are checked by `studiolo check`.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "studiolo experiment",
        "description": "The graph of an experiment: experiments/NAME/experiment.yaml.",
        "type": "object",
        "required": ["nodes"],
        "additionalProperties": False,
        "properties": {
            "name": {**_TEXT, "description": "What people read; the folder's name when absent."},
            "nodes": {
                "description": "Name to node. A name has no dot.",
                "type": ["object", "null"],
                "propertyNames": {"pattern": r"^[^.\s]([^.]*[^.\s])?$", "maxLength": 200},
                "additionalProperties": {"$ref": "#/$defs/node"},
            },
            "web_service": {"$ref": "#/$defs/web_service"},
        },
        "$defs": {
            "node": _node(),
            "column_rules": _column_rules(),
            "limits": _limits(),
            "grants": _grants(),
            "web_service": _web_service(),
        },
    }


def schema_text() -> str:
    """Give the text of `docs/experiment.schema.json`."""
    return json.dumps(experiment_schema(), indent=2) + "\n"


def _node() -> dict[str, Any]:
    properties: dict[str, dict[str, Any]] = {
        "module": {"type": "string", "description": "Id of the module, such as execute-python-script."},
        "dataset": {**_TEXT, "description": "Name of a saved dataset; stands for the module dataset."},
        "version": {
            "type": "integer",
            "minimum": 1,
            "description": "Version of the saved dataset; the newest one.",
        },
        "script": {
            **_PATH,
            "description": "Script file, relative to the experiment's folder: scripts/clean.py.",
        },
        "bundle": {**_PATH, "description": "Zip or folder of the workspace for the input script_bundle."},
        "inputs": {
            "type": ["object", "null"],
            "description": "Input port, or keyword parameter of a script, to NODE or NODE.PORT; a node with one "
            "output needs no port.",
            "additionalProperties": {**_TEXT, "minLength": 1},
        },
        "parameters": {
            "type": ["object", "null"],
            "description": "Parameter to value; defaults may be left out.",
            "additionalProperties": {"anyOf": [{"$ref": "#/$defs/column_rules"}, {}]},
        },
        "outputs": {
            "type": ["object", "null"],
            "description": "Further outputs of a script, in the order in which it returns them.",
            "additionalProperties": {"enum": list(EXTRA_OUTPUT_TYPES)},
            "propertyNames": {"pattern": r"^[^\W\d]\w*$"},
        },
        "environment": {**_TEXT, "description": "Name of the environment; the workspace's when absent."},
        "requirements": {
            **_TEXTS,
            "description": 'Packages that the script needs, as pip writes them: ["textblob", "numpy<2"].',
        },
        "dialect": {"enum": list(DIALECTS), "description": "How datasets become arguments."},
        "limits": {"$ref": "#/$defs/limits"},
        "grants": {"$ref": "#/$defs/grants"},
        "strict": {"type": "boolean", "description": "A lossy change of data at the border fails the node."},
        "comment": {**_TEXT, "description": "Free text; never costs a rerun."},
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "anyOf": [{"required": ["module"]}, {"required": ["dataset"]}],
        "dependentRequired": {"version": ["dataset"]},
    }


def _column_rules() -> dict[str, Any]:
    index = {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": r"^\d+(-\d+)?$"}]}
    items: dict[str, Any] = {
        "names": {"type": "string"},
        "indices": index,
        "types": {"enum": list(TYPES)},
        "roles": {"enum": list(ROLES)},
    }
    lists = {name: {"type": "array", "minItems": 1, "items": item} for name, item in items.items()}
    what = {
        "oneOf": [{"const": "all"}, {"type": "object", "additionalProperties": False, "properties": lists}]
    }
    rule = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
        "properties": dict.fromkeys(VERBS, what),
    }
    return {
        "type": "object",
        "description": "Which columns a parameter means, by rules in order.",
        "additionalProperties": False,
        "required": ["begin", "rules"],
        "properties": {"begin": {"enum": list(BEGINNINGS)}, "rules": {"type": "array", "items": rule}},
    }


def _limits() -> dict[str, Any]:
    default = Limits()
    properties = {
        name: {"type": "integer", "minimum": low, "maximum": high, "default": getattr(default, name)}
        for name, (low, high) in LIMIT_RANGES.items()
    }
    return {
        "type": ["object", "null"],
        "description": "Upper bounds of the node's job.",
        "additionalProperties": False,
        "properties": properties,
    }


def _grants() -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "description": "What the node's job may reach; studiolo.toml must allow it.",
        "additionalProperties": False,
        "properties": {
            "network": {**_TEXTS, "description": 'HOST:PORT names, "all" or "none".'},
            "read": {**_TEXTS, "description": "Folders of the workspace."},
        },
    }


def _web_service() -> dict[str, Any]:
    names = {"pattern": r"^\S(.*\S)?$", "maxLength": NAME_LIMIT}
    ports = {
        "type": ["object", "null"],
        "propertyNames": names,
        "additionalProperties": {**_TEXT, "minLength": 1},
    }
    target = {"type": "string", "pattern": r"^[^.]+\..+$", "description": "NODE.PARAMETER"}
    long_form = {
        "type": "object",
        "additionalProperties": False,
        "required": ["target"],
        "properties": {
            "target": target,
            "default": {"description": "When a request gives none; the node's own value when absent."},
            "required": {"type": "boolean", "description": "Every request must give a value."},
            "description": {**_TEXT, "description": "One line for those who call the service."},
        },
    }
    return {
        "type": ["object", "null"],
        "description": "What the experiment offers when it is published as a web service.",
        "additionalProperties": False,
        "properties": {
            "inputs": {
                **ports,
                "description": "Name to the input port that a request's table fills: NODE.PORT.",
            },
            "outputs": {
                **ports,
                "description": "Name to the output port that is answered: NODE.PORT or NODE.",
            },
            "parameters": {
                "type": ["object", "null"],
                "description": "Name to the node parameter that a request may set.",
                "propertyNames": names,
                "additionalProperties": {"oneOf": [target, long_form]},
            },
        },
    }


if __name__ == "__main__":
    print(schema_text(), end="")
