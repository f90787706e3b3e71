"""Reads an experiment's text, changes it, and makes sure that what is written says what was wanted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from studiolo.domain.experiment import Experiment, Script
from studiolo.graph.reading import parse_experiment
from studiolo.graph.writing import experiment_data


def read(text: str, tmp_path: Path) -> Experiment:
    """Read an experiment's text; its scripts are not looked at."""
    reading = parse_experiment(tmp_path, tmp_path, text.encode(), has_scripts=False)
    assert not reading.problems
    return reading.experiment


def rewrite(text: str, experiment: Experiment, tmp_path: Path, renamed: dict[str, str] | None = None) -> str:
    """Give the new text, and make sure that it says what it is to say."""
    data = experiment_data(experiment, tmp_path, text.encode(), renamed, is_order_free=True).decode()
    after = read(data, tmp_path)
    assert by_name(after) == by_name(experiment)
    return data


def by_name(experiment: Experiment) -> Any:
    """Give what an experiment says, whatever the order."""
    nodes = {
        name: replace(node, script=None if node.script is None else Script(node.script.file, ""))
        for name, node in experiment.nodes.items()
    }
    return experiment.title, nodes, experiment.web_service


def with_node(experiment: Experiment, name: str, **facts: Any) -> Experiment:
    """Give the experiment with fields of a node changed."""
    return replace(experiment, nodes={**experiment.nodes, name: replace(experiment.nodes[name], **facts)})


def with_parameters(experiment: Experiment, name: str, **values: Any) -> Experiment:
    """Give the experiment with parameters of a node set; None takes one out."""
    merged = {**experiment.nodes[name].parameters, **values}
    return with_node(
        experiment, name, parameters={key: value for key, value in merged.items() if value is not None}
    )
