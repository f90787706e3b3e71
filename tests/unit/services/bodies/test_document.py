"""The examples and tables of docs/services-protocol.md, run."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest

from studiolo.services.bodies import classic, designer, own, score
from studiolo.services.bodies.errors import CODES, ServiceProblem, to_classic, to_own

TEXT = (Path(__file__).parents[4] / "docs" / "services-protocol.md").read_text(encoding="utf-8")
READERS: dict[str, Callable[..., Any]] = {
    "own": own.read_body,
    "classic": classic.read_execute,
    "score": score.read_score,
}


def examples(label: str) -> list[str]:
    return re.findall(rf"```json {label}\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def version(make_version: Any, parameter: Any) -> Any:
    """The service of the document."""
    return make_version(None, parameter("threshold", "number", default=0.5))


@pytest.fixture
def frames(frame_of: Any) -> dict[str, bytes]:
    """The result of the document."""
    moments = pa.array([datetime.datetime(2014, 9, 21, 11, 10), None], pa.timestamp("us"))
    return {
        "output1": frame_of(
            pa.table({"label": ["yes", None], "probability": [0.287719696760178, 1e-05], "at": moments})
        )
    }


def test_every_example_is_of_a_kind_that_is_run() -> None:
    """An example with a misspelt label would be run by nobody."""
    labels = set(re.findall(r"```(.*)\n", TEXT)) - {""}
    assert labels == {
        "json own request", "json own reply rows", "json own reply table", "json own error", "json classic request",
        "json classic reply rows", "json classic reply table", "json classic error", "json score request",
        "json score reply", "json designer reply rows", "json designer reply table",
    }  # fmt: skip


@pytest.mark.parametrize(("form", "count"), [("own", 2), ("classic", 2), ("score", 1)])
def test_the_requests_of_the_document_are_the_same(version: Any, form: str, count: int, opened: Any) -> None:
    """Every form leads to the same table (R-9.2)."""
    texts = examples(f"{form} request")
    assert len(texts) == count
    for text in texts:
        request = READERS[form](text.encode(), version)
        assert request.parameters == {"threshold": 0.5}
        first = opened(request.inputs["input1"]).slice(0, 1).to_pylist()
        assert first == [{"age": 30, "income": 1.5, "city": "Bern"}]


def test_the_replies_of_the_document_are_what_is_written(version: Any, frames: dict[str, bytes]) -> None:
    """Each reply is what its writer gives for the same result (R-9.2)."""
    rows, table = (own.read_body(text.encode(), version) for text in examples("own request"))
    written = {
        "own reply rows": own.write_body(frames, version, rows),
        "own reply table": own.write_body(frames, version, table),
        "classic reply rows": classic.write_results(frames, version, with_types=True, as_rows=True),
        "classic reply table": classic.write_results(frames, version, with_types=True, as_rows=False),
        "score reply": score.write_score(frames, version),
        "designer reply rows": designer.write_results(frames, version, with_types=True, as_rows=True),
        "designer reply table": designer.write_results(frames, version, with_types=True, as_rows=False),
    }
    for label, body in written.items():
        (text,) = examples(label)
        assert orjson.loads(text) == orjson.loads(body), label


def test_the_errors_of_the_document_are_what_is_answered(version: Any) -> None:
    """A misspelt column, and a cell of another type."""
    with pytest.raises(ServiceProblem) as caught:
        own.read_body(b'[{"age": 1, "incme": 2, "city": ""}]', version)
    assert orjson.loads(examples("own error")[0]) == orjson.loads(to_own(caught.value))
    with pytest.raises(ServiceProblem) as caught:
        classic.read_execute(b'{"Inputs":{"input1":[{"age":"old","income":1,"city":""}]}}', version)
    assert orjson.loads(examples("classic error")[0]) == orjson.loads(to_classic(caught.value))


def test_the_table_of_codes_is_whole() -> None:
    """Every code that a client can meet is explained."""
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| (\w+) / (\w+) \| .+ \|$", TEXT, re.MULTILINE)
    assert {row[0]: row[1:] for row in rows} == {
        code: (str(kind.status), kind.group, kind.detail) for code, kind in CODES.items()
    }
