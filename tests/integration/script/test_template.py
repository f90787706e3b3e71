"""The text of a new node works as it stands (R-1.2)."""

from __future__ import annotations

import pytest

from studiolo.modules.python_language.execute_python_script import TEMPLATE, execute_python_script


def test_the_template_runs_with_nothing_connected(child):
    """A new node must run at the first click."""
    outcome = child.script(TEMPLATE)
    assert outcome.rows() == {"city": ["Oslo", "Lima", "Hue"], "degrees": [4.5, 19.0, 25.2]}
    assert outcome.rows("result_dataset2")["column"] == ["city", "degrees"]
    assert (outcome.log, outcome.warnings, outcome.report["keywords"]) == (
        "3 rows, 2 columns\n",
        [],
        {"rows": 5},
    )


@pytest.mark.parametrize("dialect", ["designer", "classic"])
def test_the_template_runs_on_a_dataset(child, dialect):
    """With its parameter set on the node."""
    outcome = child.script(TEMPLATE, dataset1={"x": [1, 2, 3]}, parameters={"rows": 2}, dialect=dialect)
    assert outcome.rows() == {"x": [1, 2]}


def test_the_template_names_every_port():
    """It carries the port-to-argument table (R-1.2)."""
    declaration = execute_python_script.declaration
    ports = [port.name for port in (*declaration.inputs, *declaration.outputs)]
    assert [name for name in ports if f"#   {name}" not in TEMPLATE] == []
    assert [name for name in ports if f"| {name}" not in declaration.description] == []
