"""The host's answers to hostile questions of a job (R-11.5): checked, bounded, never an exception."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studiolo import Workspace
from studiolo.domain.experiment import Node
from studiolo.domain.limits import Limits
from studiolo.domain.run import Asked
from studiolo.worker.jobs import Answer
from studiolo.workspace.answering import QUESTION_LIMIT, Answerer, answering
from studiolo_child.descriptors import MESSAGE_LIMIT

NODE = Node("n", "execute-python-script", limits=Limits(memory_mb=64))
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300) | st.just("people")
VALUES = PLAIN | st.lists(PLAIN, max_size=3) | st.dictionaries(st.text(max_size=5), PLAIN, max_size=3)
KINDS = st.sampled_from(["dataset", "datasets", "model", "models", "workspace"]) | VALUES
QUESTIONS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("name", "version", "content", "after", "id"), VALUES) | {"ask": KINDS}
)
UNUSUAL = [HealthCheck.function_scoped_fixture]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "work", "Test") as opened:
        opened.datasets.add("people", pandas.DataFrame({"age": [1, 2]}))
        yield opened


@pytest.fixture
def answerer(workspace: Workspace) -> Answerer:
    return answering(workspace, "churn", 7)(NODE)


def checked(answer: Answer) -> dict[str, Any]:
    """Close what came with an answer and give its reply as the child gets it."""
    for descriptor in answer.descriptors:
        os.close(descriptor)
    text = json.dumps(answer.reply, allow_nan=False)
    assert len(text) < MESSAGE_LIMIT
    return json.loads(text)


@given(questions=st.lists(QUESTIONS, max_size=5))
@settings(suppress_health_check=UNUSUAL, deadline=None)
def test_any_question_gets_an_answer(answerer: Answerer, questions: list[dict[str, Any]]) -> None:
    """Each a small JSON object; nothing stays open."""
    answer = answerer.for_attempt()
    checked(answer({"ask": "datasets"}))  # opens the database
    before = len(os.listdir("/proc/self/fd"))
    for question in questions:
        reply = checked(answer(question))
        assert isinstance(reply["id"], int)
        if "error" in reply:
            assert reply["text"]
    assert len(os.listdir("/proc/self/fd")) == before
    assert all(isinstance(each, Asked) for each in answerer.asked())


def test_an_honest_question_gets_the_facts(answerer: Answerer) -> None:
    """The id comes back, so that an answer belongs to its question."""
    answer = answerer.for_attempt()
    facts = {"name": "people", "version": 1, "type": "dataset", "rows": 2, "columns": 1, "file": "a program"}
    reply = checked(answer({"ask": "dataset", "name": "people", "version": None, "id": 5}))
    assert {**reply["dataset"], "size": 0} == {**facts, "size": 0}
    assert reply["id"] == 5
    place = checked(answer({"ask": "workspace", "id": 6}))
    assert place == {"workspace": {"name": "Test"}, "experiment": "churn", "run": 7, "node": "n", "id": 6}
    assert checked(answer({"ask": "datasets"}))["more"] is False
    assert checked(answer({"ask": "models"})) == {"models": [], "more": False, "id": 0}


@pytest.mark.parametrize(
    ("question", "code", "text"),
    [
        ({}, "refused", "Nobody answers None."),
        ({"ask": ["dataset"]}, "refused", "Nobody answers ['dataset']."),
        ({"ask": "__class__"}, "refused", "Nobody answers '__class__'."),
        ({"ask": "x" * 500}, "refused", "Nobody answers"),
        ({"ask": "dataset"}, "refused", "None is no name of a dataset or model."),
        ({"ask": "dataset", "name": ""}, "refused", "'' is no name"),
        ({"ask": "dataset", "name": "x" * 201}, "refused", "is no name"),
        ({"ask": "dataset", "name": "people", "version": True}, "refused", "True is no version."),
        ({"ask": "dataset", "name": "people", "version": 0}, "refused", "0 is no version."),
        ({"ask": "dataset", "name": "people", "version": 1 << 64}, "refused", "is no version."),
        ({"ask": "dataset", "name": "people", "version": 2}, "unknown-version", "has no version 2"),
        ({"ask": "dataset", "name": "\udc80"}, "unknown-dataset", "There is no dataset"),
        ({"ask": "dataset", "name": "../../etc/passwd"}, "unknown-dataset", "There is no dataset"),
        ({"ask": "model", "name": "people"}, "unknown-dataset", 'There is no model "people".'),
        ({"ask": "datasets", "after": 5}, "refused", "5 is no name"),
    ],
)
def test_wrong_questions_are_refused(
    answerer: Answerer, question: dict[str, Any], code: str, text: str
) -> None:
    """With a sentence that a script can show."""
    reply = checked(answerer.for_attempt()(question))
    assert reply["error"] == code
    assert text in reply["text"]


def test_questions_are_counted_per_attempt(answerer: Answerer) -> None:
    """The limit is no sum over the attempts of a node whose worker was lost."""
    answer = answerer.for_attempt()
    for _ in range(QUESTION_LIMIT):
        assert "error" not in checked(answer({"ask": "workspace"}))
    assert "1000 times" in checked(answer({"ask": "workspace"}))["text"]
    assert "error" not in checked(answerer.for_attempt()({"ask": "workspace"}))


def test_a_new_attempt_forgets_what_the_last_one_asked(answerer: Answerer) -> None:
    """Only what the result comes from counts for its reuse."""
    checked(answerer.for_attempt()({"ask": "dataset", "name": "people"}))
    assert [each.name for each in answerer.asked()] == ["people"]
    checked(answerer.for_attempt()({"ask": "dataset", "name": "nothing", "version": 4}))
    assert answerer.asked() == (Asked("dataset", "nothing", 4, ""),)


def test_long_lists_come_in_pages(workspace: Workspace, answerer: Answerer) -> None:
    """A reply is one packet; a thousand datasets are more than that."""
    content = workspace.datasets.get("people").content
    for number in range(1000):
        workspace.metadata.add_dataset(f"d{number:04d}", content, 2, 1, f"{'x' * 100}.csv", 0.0)
    answer = answerer.for_attempt()
    names: list[str] = []
    pages = 0
    after = None
    while True:
        reply = checked(answer({"ask": "datasets", "after": after}))
        names += [facts["name"] for facts in reply["datasets"]]
        pages += 1
        if not reply["more"]:
            break
        after = names[-1]
    assert names == [*(f"d{number:04d}" for number in range(1000)), "people"]
    assert 3 < pages < 30


def test_a_content_that_is_gone_is_told(workspace: Workspace, answerer: Answerer) -> None:
    """Someone has deleted the store's file."""
    path = workspace.blobs.path(workspace.datasets.get("people").content.digest)
    data = path.read_bytes()
    path.unlink()
    question = {"ask": "dataset", "name": "people", "content": True}
    assert checked(answerer.for_attempt()(question))["error"] == "missing-content"
    path.write_bytes(data[:-1])
    assert checked(answerer.for_attempt()(question))["error"] == "missing-content"


def test_a_fault_of_ours_is_an_answer_too(answerer: Answerer, workspace: Workspace) -> None:
    """The run goes on when the database can't be read."""
    workspace.metadata.close()
    os.rename(workspace.places.database, workspace.places.database.with_name("gone"))
    reply = checked(answerer.for_attempt()({"ask": "dataset", "name": "people"}))
    assert reply["error"] in ("internal", "metadata-unusable")
    os.rename(workspace.places.database.with_name("gone"), workspace.places.database)


@pytest.mark.parametrize(
    ("origin", "file"),
    [
        ("/data/me/m.zip", "m.zip"),
        ("https://example.com/a/b.csv?key=secret", "b.csv"),
        ("C:\\data\\m.pkl", "m.pkl"),
        ("", "named"),
        ("..", "named"),
        ("x" * 300, "named"),
    ],
)
def test_a_file_has_the_name_that_it_came_with(
    workspace: Workspace, answerer: Answerer, origin: str, file: str
) -> None:
    """A name only, never a path, and nothing of the address's question part."""
    content = workspace.datasets.get("people").content
    workspace.metadata.add_dataset("named", content, 2, 1, origin, 0.0)
    assert checked(answerer.for_attempt()({"ask": "dataset", "name": "named"}))["dataset"]["file"] == file
