"""Publishing with real runs and real workers: versions that answer the same whatever changes (R-9.1, R-9.6)."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from studiolo import Workspace
from studiolo.domain.experiment import Source
from studiolo.domain.service import ServiceColumn, ServiceParameter, ServicePort
from studiolo.errors import Problems, ScriptError, UserError
from studiolo.services.registry import Services
from studiolo.store.retention import collect
from tests.integration.services.conftest import EXPERIMENT, SCRIPTS, write

ROWS = [{"x": 10, "name": "z"}, {"x": 20, "name": None}]
ANSWER = {"output1": [[20, "z", 200.5, "high"], [40, None, 400.5, "high"]], "rates": [[0.5, 5.0]]}


def codes(problems: Problems) -> list[str]:
    """The codes of several problems."""
    return [problem.code for problem in problems.problems]


def test_a_version_holds_what_it_needs_and_says_what_it_takes(
    workspace: Workspace, services: Services, answer: Callable[..., Any]
) -> None:
    """The graph is pruned, what no request changes is frozen, columns and parameters are learnt from the run."""
    published = services.publish("score", "churn", description="Scores rows.")
    version = published.version
    assert services.version("churn") == version
    assert (version.number, version.run, version.experiment, version.title) == (1, 1, "score", "Churn score")
    assert [frozen.node.name for frozen in version.nodes] == ["wash", "score"]
    wash, score = version.nodes
    assert (wash.node.inputs, score.node.inputs) == ({}, {"dataset1": Source("wash", "out")})
    assert (list(wash.static), list(score.static)) == ([], ["dataset2"])
    assert wash.source is not None and wash.source[0] == "modules/double_x.py"
    assert score.bundle is not None and score.bundle.kind == "zip"
    assert list(version.constants) == ["rates"]
    columns = (ServiceColumn("x", "int64"), ServiceColumn("name", "string", has_missing=True))
    sample = ((1, "a"), (2, None), (3, "c"))
    assert version.inputs == {"input1": ServicePort("input1", Source("wash", "table"), columns, sample)}
    (first, *_) = version.outputs["output1"].sample
    assert first == (2, "a", 20.5, "high")
    factor, label = version.parameters.values()
    assert factor == ServiceParameter("factor", factor.target, "number", 2.0)
    assert (label.type, label.default, label.description) == ("string", "high", "what to call it")
    (environment,) = version.environments.values()
    assert environment.name == "current" and "pandas==" in environment.lock
    assert published.keys is not None and {len(key) for key in published.keys.values()} == {88}
    assert answer(version, ROWS) == ANSWER
    assert answer(version, ROWS, factor=0, label="x")["output1"][0] == [20, "z", 0.5, "x"]


def test_a_version_answers_the_same_whatever_changes_in_the_workspace(
    workspace: Workspace, services: Services, answer: Callable[..., Any]
) -> None:
    """Scripts, modules, bundles and data change, datasets and experiments go, retention runs: nothing is noticed."""
    services.publish("score", "churn")
    before = services.version("churn")
    write(workspace, "experiments/score/scripts/score.py", "def azureml_main():\n    return None\n")
    write(workspace, "modules/double_x.py", "x = (\n")
    shutil.rmtree(workspace.path / "bundles")
    shutil.rmtree(workspace.path / "data")
    shutil.rmtree(workspace.path / "experiments")
    workspace.datasets.remove("rates")
    for number in range(12):
        workspace.metadata.finish_run(
            workspace.metadata.create_run("score", {"n": number}, 1.0), "finished", 2.0
        )
    removed = collect(workspace.metadata, workspace.blobs, last_runs=1, now=time.time() + 1e6)
    assert removed.count > 0
    with Workspace(workspace.path) as again:
        version = Services(again).version("churn")
        assert version == before
        assert answer(version, ROWS) == ANSWER
        assert Services(again).warnings(version) == ()


def test_retiring_lets_go_of_the_data(workspace: Workspace, services: Services) -> None:
    """Else a workspace could only grow."""
    services.publish("score", "churn")
    workspace.datasets.remove("rates")
    for number in range(3):
        workspace.metadata.finish_run(
            workspace.metadata.create_run("score", {"n": number}, 1.0), "finished", 2.0
        )
    services.retire("churn")
    collect(workspace.metadata, workspace.blobs, last_runs=1, now=time.time() + 1e6)
    assert list(workspace.blobs.blobs()) == []


def test_what_is_known_is_not_run_again(workspace: Workspace, services: Services) -> None:
    """Publishing right after a run costs no computation; the section changes no fingerprint."""
    write(workspace, "experiments/score/experiment.yaml", EXPERIMENT.partition("web_service:")[0])
    assert workspace.run("score").is_ok
    write(workspace, "experiments/score/experiment.yaml", EXPERIMENT)
    services.publish("score", "churn")
    run = workspace.latest("score")
    assert run is not None
    assert {node.state for node in run.nodes.values()} == {"reused"}


def test_a_next_version_keeps_addresses_and_keys_and_one_can_go_back(
    workspace: Workspace, services: Services, answer: Callable[..., Any]
) -> None:
    """Programs of others go on calling; a bad version is undone at once."""
    first = services.publish("score", "churn", state="kept")
    write(workspace, "experiments/score/scripts/score.py", SCRIPTS["score"].replace("own.SHIFT", "1.5"))
    second = services.publish("score", "churn")
    assert (second.version.number, second.keys, second.is_live) == (2, None, True)
    assert (second.version.state, second.service.id) == ("kept", first.service.id)
    assert services.addresses(second.service) == services.addresses(first.service)
    assert answer(services.version("churn"), ROWS)["output1"][0][2] == 201.5
    assert services.rollback("churn").live == 1
    assert answer(services.version("churn"), ROWS) == ANSWER
    standby = services.publish("score", "churn", is_live=False)
    assert (standby.version.number, standby.is_live, services.get("churn").live) == (3, False, 1)
    assert services.rollback("churn", 3).live == 3
    with pytest.raises(UserError, match="no version 9"):
        services.rollback("churn", 9)
    services.rollback("churn", 1)
    with pytest.raises(UserError, match="before 1"):
        services.rollback("churn")


def test_an_earlier_run_can_be_published(
    workspace: Workspace, services: Services, answer: Callable[..., Any]
) -> None:
    """What was good yesterday goes out, although the script is being worked on; the section may come later."""
    write(workspace, "experiments/score/experiment.yaml", EXPERIMENT.partition("web_service:")[0])
    run = workspace.run("score")
    write(workspace, "experiments/score/experiment.yaml", EXPERIMENT)
    write(workspace, "experiments/score/scripts/score.py", "def azureml_main(a, b):\n    return 1 / 0\n")
    version = services.publish("score", "churn", run=run.number).version
    assert answer(version, ROWS) == ANSWER
    assert len(workspace.runs("score")) == 1


def test_an_earlier_run_is_refused_when_the_run_does_not_keep_all_of_it(
    workspace: Workspace, services: Services
) -> None:
    """A half-right version would be worse than none."""
    partly = workspace.run("score", to=["train"])
    with pytest.raises(Problems) as caught:
        services.publish("score", "churn", run=partly.number)
    assert set(codes(caught.value)) == {"missing-output"}
    whole = workspace.run("score")
    module = (workspace.path / "modules" / "double_x.py").read_text()
    write(workspace, "modules/double_x.py", module.replace("* 2", "* 3"))
    with Workspace(workspace.path) as again, pytest.raises(Problems) as caught:
        Services(again).publish("score", "churn", run=whole.number)
    assert codes(caught.value) == ["changed-since-run"]
    with pytest.raises(UserError, match=r"There is no run 99"):
        services.publish("score", "churn", run=99)
    assert services.list() == []


def test_a_failed_node_publishes_nothing(workspace: Workspace, services: Services) -> None:
    """The error is that of the node, as a run tells it."""
    write(workspace, "experiments/score/scripts/train.py", "def azureml_main(d):\n    return 1 / 0\n")
    with pytest.raises(ScriptError, match="ZeroDivisionError"):
        services.publish("score", "churn")
    assert services.list() == []


def test_problems_are_told_before_anything_runs(workspace: Workspace, services: Services) -> None:
    """Both of the graph and of what cannot be published, and of keywords that the script does not take."""
    text = EXPERIMENT.replace("factor: score.factor", "factor: score.faktor")
    write(workspace, "experiments/score/experiment.yaml", text)
    with pytest.raises(Problems) as caught:
        services.publish("score", "churn")
    assert [(problem.code, problem.hint) for problem in caught.value.problems] == [
        ("unknown-parameter", 'Did you mean "factor"?')
    ]
    text = EXPERIMENT.replace("    bundle:", "    grants: {network: all}\n    bundle:")
    write(workspace, "experiments/score/experiment.yaml", text)
    write(workspace, "studiolo.toml", 'name = "T"\n[grants]\nnetwork = ["*"]\n')
    with Workspace(workspace.path) as again, pytest.raises(Problems) as caught:
        Services(again).publish("score", "churn")
    assert codes(caught.value) == ["cannot-publish"]
    assert workspace.runs() == []


def test_a_script_that_asks_for_datasets_is_refused(workspace: Workspace, services: Services) -> None:
    """What it asked for may change or go; as a connected node it is kept with the version."""
    script = "from azureml.core import Dataset, Run\n\n" + SCRIPTS["score"].replace(
        'print("scoring"',
        'Dataset.get_by_name(Run.get_context().experiment.workspace, "rates")\n    print("scoring"',
    )
    write(workspace, "experiments/score/scripts/score.py", script)
    with pytest.raises(Problems) as caught:
        services.publish("score", "churn")
    assert codes(caught.value) == ["cannot-publish"]


def test_rows_of_before_keywords_were_kept_are_made_anew(workspace: Workspace, services: Services) -> None:
    """A workspace of an earlier studiolo publishes without a word about it."""
    workspace.run("score")
    connection = sqlite3.connect(workspace.places.database)
    with connection:
        connection.execute("UPDATE node_runs SET keywords = '{}'")
    connection.close()
    assert services.publish("score", "churn").version.parameters["factor"].default == 2.0


def test_without_samples_no_value_of_the_data_gets_into_a_version(
    workspace: Workspace, services: Services
) -> None:
    """The documents of a service are read without a key."""
    version = services.publish("score", "churn", has_sample=False).version
    assert [port.sample for port in (*version.inputs.values(), *version.outputs.values())] == [(), (), ()]
    assert version.inputs["input1"].columns is not None


def test_keys_are_kept_as_hashes_and_rotated_one_at_a_time(workspace: Workspace, services: Services) -> None:
    """Clients move over without a gap; the database is worth nothing to a thief."""
    published = services.publish("score", "churn")
    assert published.keys is not None
    before = services.key_hashes("churn")
    new = services.rotate_key("churn", "secondary")
    after = services.key_hashes("churn")
    assert (before["primary"] == after["primary"], before["secondary"] == after["secondary"]) == (True, False)
    for file in workspace.places.own.glob("studiolo.db*"):
        held = file.read_bytes()
        assert not any(key.encode() in held for key in (*published.keys.values(), new))
    with pytest.raises(UserError, match='no key "third"'):
        services.rotate_key("churn", "third")


def test_traffic_is_split_in_percent(services: Services) -> None:
    """A new version gets a few requests first."""
    for _ in range(2):
        services.publish("score", "churn", is_live=False)
    assert services.split("churn", {2: 10}).traffic == {1: 90, 2: 10}
    assert services.split("churn", {1: 50, 2: 50}).traffic == {1: 50, 2: 50}
    assert services.split("churn", {}).traffic == {}
    for shares in ({2: 101}, {2: -1}, {1: 10, 2: 10}, {1: 60, 2: 60}):
        with pytest.raises(UserError, match="make no hundred"):
            services.split("churn", shares)
    with pytest.raises(UserError, match="no version 7"):
        services.split("churn", {7: 10})
    whole = services.split("churn", {2: 100})
    assert (whole.live, whole.traffic) == (2, {})


def test_settings_are_checked_and_a_retired_service_has_none(services: Services) -> None:
    """A mistyped limit must not stop a service."""
    services.publish("score", "churn")
    assert services.configure("churn", children=4, requests_per_minute=60).children == 4
    assert services.configure("churn", requests_per_minute=None).requests_per_minute is None
    for wrong in ({"children": 0}, {"timeout_seconds": 10**9}, {"max_rows": "many"}):
        with pytest.raises(UserError, match="cannot be"):
            services.configure("churn", **wrong)
    assert services.retire("churn").retired is not None
    assert services.key_hashes("churn") == {}
    for change in (services.rollback, services.rotate_key, services.configure):
        with pytest.raises(UserError, match="is retired"):
            change("churn")


def test_names_are_checked(services: Services) -> None:
    """A name is part of an address."""
    for name in ("", "a b", "ä", "../x", "x" * 65, "-a"):
        with pytest.raises(UserError) as caught:
            services.publish("score", name)
        assert caught.value.code == "wrong-name"
    with pytest.raises(UserError, match='no service "churm"'):
        services.get("churm")


def test_a_changed_environment_is_told(workspace: Workspace, services: Services) -> None:
    """`current` is not ours to keep: who upgrades pandas must hear of it."""
    version = services.publish("score", "churn").version
    assert services.warnings(version) == ()
    ((key, environment),) = version.environments.items()
    changed = replace(version, environments={key: replace(environment, digest="0" * 64)})
    (warning,) = services.warnings(changed)
    assert '"current" have changed' in warning


def test_a_script_that_prints_answers_and_its_log_is_seen(workspace: Workspace, services: Services) -> None:
    """What a node prints at a request is there for who tries it."""
    from studiolo.services.trying import sample_body, try_version

    version = services.publish("score", "churn").version
    tried = try_version(workspace, version, sample_body(version), 30.0)
    assert tried.log == b"scoring 3\n"


def test_what_is_offered_can_be_said_in_python(workspace: Workspace, services: Services) -> None:
    """R-3.6: experiments written in Python are saved as the same files."""
    experiment = workspace.experiment("score")
    experiment.offer(
        inputs={"table": "score.dataset1"}, outputs={"scored": "score"}, parameters={"f": "score.factor"}
    ).save()
    version = services.publish("score", "churn").version
    assert ([frozen.node.name for frozen in version.nodes], list(version.outputs)) == (["score"], ["scored"])
    assert version.parameters["f"].default == 2.0
