"""An Experiment to files and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from studiolo.domain.experiment import Experiment, Node, Script, Source
from studiolo.domain.limits import Grants, Limits
from studiolo.errors import UserError
from studiolo.graph.reading import parse_experiment
from studiolo.graph.schema import schema_text
from studiolo.graph.writing import SCHEMA_COMMENT, experiment_text, write_experiment

CHURN = Experiment(
    "churn",
    "Churn: 2024",
    {
        "customers": Node("customers", "import-data", parameters={"path": "data/customers.csv"}),
        "pima": Node("pima", "dataset", parameters={"name": "pima", "version": 2}),
        "clean": Node(
            "clean",
            "execute-python-script",
            inputs={"dataset1": Source("customers", ""), "dataset2": Source("pima", "dataset")},
            script=Script("scripts/clean.py", "x = 1\n"),
            environment="3.11",
            dialect="classic",
            limits=Limits(memory_mb=2048),
            grants=Grants(("*",), ("data/reference",)),
            strict=True,
            outputs={"third": "dataset"},
            comment="two\nlines\n",
        ),
        "by region": Node(
            "by region",
            "apply-sql-transformation",
            parameters={"query": "select *\nfrom t1\n", "limit": 5, "note": "no", "columns": ["a", "b"]},
            inputs={"table1": Source("clean", "result_dataset")},
        ),
    },
    "experiments/churn",
)


def test_the_text_is_what_a_person_would_write():
    """The files live in git and are edited by hand: short mappings on one line, texts readable."""
    assert (
        experiment_text(CHURN)
        == """\
name: 'Churn: 2024'
nodes:
  customers:
    module: import-data
    parameters: {path: data/customers.csv}
  pima:
    dataset: pima
    version: 2
  clean:
    module: execute-python-script
    script: scripts/clean.py
    inputs: {dataset1: customers, dataset2: pima.dataset}
    outputs: {third: dataset}
    environment: '3.11'
    dialect: classic
    limits: {memory_mb: 2048}
    grants: {network: all, read: [data/reference]}
    strict: true
    comment: |
      two
      lines
  by region:
    module: apply-sql-transformation
    inputs: {table1: clean.result_dataset}
    parameters:
      query: |
        select *
        from t1
      limit: 5
      note: 'no'
      columns: [a, b]
"""
    )


def test_what_is_written_is_read_as_it_was(workspace):
    """R-3.6: experiments written in Python are saved as the same files."""
    folder = workspace / "experiments" / "churn"
    write_experiment(CHURN, folder)
    reading = parse_experiment(folder, workspace)
    assert (reading.problems, reading.experiment) == ((), CHURN)
    assert list(reading.experiment.nodes) == list(CHURN.nodes)
    assert (folder / "scripts" / "clean.py").read_text() == "x = 1\n"


def test_only_what_changed_is_written(workspace):
    """A saved experiment that says the same keeps its comments, dates and its layout file."""
    folder = workspace / "experiments" / "churn"
    write_experiment(CHURN, folder)
    text = "# mine\n" + (folder / "experiment.yaml").read_text() + "# end\n"
    (folder / "experiment.yaml").write_text(text)
    (folder / "layout.json").write_text("{}")
    (folder / "scripts" / "clean.py").write_bytes(b"\xef\xbb\xbfx = 1\n")
    write_experiment(CHURN, folder)
    assert (folder / "experiment.yaml").read_text() == text
    assert (folder / "layout.json").read_text() == "{}"
    assert (folder / "scripts" / "clean.py").read_bytes() == b"\xef\xbb\xbfx = 1\n"
    write_experiment(replace(CHURN, title="Other"), folder)
    written = (folder / "experiment.yaml").read_text()
    assert written == "# mine\n" + experiment_text(replace(CHURN, title="Other")) + "# end\n"


def test_a_new_file_names_the_schema_where_the_workspace_holds_it(workspace):
    """Editors complete and check the file then; a name that leads nowhere would only be a warning to them."""
    first, second = (workspace / "experiments" / name for name in ("first", "second"))
    write_experiment(CHURN, first)
    (workspace / ".studiolo").mkdir()
    (workspace / ".studiolo" / "experiment.schema.json").write_text(schema_text())
    write_experiment(CHURN, second)
    assert (first / "experiment.yaml").read_text() == experiment_text(CHURN)
    assert (second / "experiment.yaml").read_text() == SCHEMA_COMMENT + experiment_text(CHURN)


def test_the_order_of_nodes_and_inputs_is_a_change(workspace):
    """Key order is the author's; the files keep it."""
    folder = workspace / "experiments" / "churn"
    write_experiment(CHURN, folder)
    turned = replace(CHURN, nodes=dict(reversed(CHURN.nodes.items())))
    write_experiment(turned, folder)
    assert list(parse_experiment(folder, workspace).experiment.nodes) == list(turned.nodes)


def test_nothing_half_written_stays_behind(workspace):
    """R-12.3: files are replaced as a whole."""
    folder = workspace / "experiments" / "churn"
    write_experiment(CHURN, folder)
    assert sorted(path.name for path in folder.rglob("*")) == ["clean.py", "experiment.yaml", "scripts"]


def test_a_script_outside_is_not_written(workspace):
    """Writing keeps the wall that reading has."""
    node = Node("a", "execute-python-script", script=Script("../../evil.py", "x"))
    with pytest.raises(UserError) as refused:
        write_experiment(Experiment("e", "e", {"a": node}), workspace / "experiments" / "e")
    assert refused.value.code == "script-outside"
    assert not (workspace / "evil.py").exists()


def test_a_script_keeps_the_coding_it_declares(workspace):
    """An old Latin-1 script read and written back is the same bytes."""
    text = "# coding: latin-1\ns = 'Ü'\n"
    folder = workspace / "experiments" / "e"
    write_experiment(Experiment("e", "e", {"a": Node("a", "m", script=Script("a.py", text))}), folder)
    assert (folder / "a.py").read_bytes() == text.encode("latin-1")
    euro = Node("a", "m", script=Script("a.py", text + "'€'"))
    with pytest.raises(UserError) as refused:
        write_experiment(Experiment("e", "e", {"a": euro}), folder)
    assert refused.value.code == "script-encoding"
    assert (folder / "a.py").read_bytes() == text.encode("latin-1")


names = st.text(st.characters(codec="utf-8", exclude_characters="."), min_size=1, max_size=12).filter(
    lambda text: text.isprintable() and text == text.strip()
)
texts = st.text(max_size=20) | st.sampled_from(
    ["no", "3", "1e3", "0o17", "12:30", "~", "", " a", "a: b", "- x", "#", "\n a\n", "a\r\nb"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
nodes = st.builds(
    Node,
    name=names,
    module=names,
    parameters=st.dictionaries(names, values, max_size=3),
    inputs=st.dictionaries(names, st.builds(Source, names, names | st.just("")), max_size=3),
    bundle=st.none()
    | names.map(lambda text: text.replace("\\", "/")),  # Windows' separators are read as these
    environment=st.none() | names,
    dialect=st.sampled_from(["designer", "classic"]),
    limits=st.builds(Limits, memory_mb=st.integers(1, 9999)),
    strict=st.booleans(),
    outputs=st.dictionaries(names, st.just("dataset"), max_size=2),
    comment=st.text(max_size=30).filter(lambda text: text == "" or text.strip() != ""),
)


@settings(
    max_examples=200,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(nodes, max_size=3, unique_by=lambda node: node.name), names)
@example([Node("a", "m", parameters={"p": {"\x85": "a\u2028b"}})], "ends of lines of YAML 1.1")
def test_any_experiment_survives_the_round_trip(workspace, made, title):
    """Texts that look like numbers, dates or YAML syntax, odd names and nested values come back as they were."""
    experiment = Experiment("e", title, {node.name: node for node in made}, "experiments/e")
    text = experiment_text(experiment)
    folder = workspace / "experiments" / "e"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "experiment.yaml").write_text(text, "utf-8", newline="")
    reading = parse_experiment(folder, workspace)
    assert reading.problems == ()
    assert reading.experiment == experiment
    assert experiment_text(reading.experiment) == text


def test_other_yaml_readers_see_the_same():
    """Editors and scripts of the author may read YAML 1.1."""
    tricky = {
        "a": "no",
        "b": "12:30",
        "c": "2024-01-01",
        "d": "1_000",
        "e": "0o17",
        "f": "1e3",
        "g": 1.5,
        "h": None,
    }
    node = Node("n", "m", parameters=tricky)
    loaded = yaml.safe_load(experiment_text(Experiment("e", "e", {"n": node})))
    assert loaded["nodes"]["n"]["parameters"] == tricky
