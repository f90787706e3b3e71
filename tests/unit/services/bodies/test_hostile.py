"""Any bytes, any JSON: a request or a documented 4xx, never another exception, and frames that pass every check."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studiolo.domain.service import ServiceColumn, ServiceVersion
from studiolo.services.bodies import arrow, classic, designer, own, score
from studiolo.services.bodies.errors import ServiceProblem, to_classic, to_designer, to_own

KINDS = [
    "bool", "int8", "int64", "uint64", "float16", "float32", "float64", "string", "bytes", "timestamp[ns]",
    "timestamp[s, UTC]", "date32", "duration[us]", "decimal(9,2)", "decimal(38,0)",
]  # fmt: skip
NAMES = [f"c{number}" for number in range(len(KINDS) + 2)]
BOUNDED = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

numbers = st.one_of(st.integers(), st.floats(), st.sampled_from([2**63, 2**64, 2**70, 1e308, -0.0, 1e-320]))
texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["NaN", "1e999", "9" * 400, "0x10", "1_0", "٣", "9/21/2014 11:10:00 AM", "2014-13-01", "-1.00:00:00"]
    ),
)
leaves = st.one_of(st.none(), st.booleans(), numbers, texts)
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.sampled_from([*NAMES[:3], "columns", "data", "isNan"]), texts), inner, max_size=4
        ),
    ),
    max_leaves=12,
)
cell_rows = st.lists(st.lists(leaves, min_size=len(NAMES), max_size=len(NAMES)), max_size=4)


@pytest.fixture
def every_kind(make_version: Any) -> ServiceVersion:
    """A version whose input has a column of each type."""
    columns = [ServiceColumn(name, kind) for name, kind in zip(NAMES, KINDS, strict=False)]
    columns += [
        ServiceColumn(NAMES[-2], "categorical", ("a", "b")),
        ServiceColumn(NAMES[-1], "categorical", (1.5, 2.5)),
    ]
    version: ServiceVersion = make_version({"input1": tuple(columns)})
    return version


def survive(read: Callable[..., Any], body: bytes, version: ServiceVersion, opened: Any) -> None:
    """Read a body: its frames pass the checks for frames of hostile jobs, or it is refused with a written problem."""
    try:
        request = read(body, version)
    except ServiceProblem as problem:
        assert 400 <= problem.status < 500
        for write in (to_classic, to_own, to_designer):
            assert len(write(problem)) < 200_000
        return
    assert set(request.inputs) == set(version.inputs)
    for frame in request.inputs.values():
        opened(frame)


def survive_all(body: bytes, every_kind: ServiceVersion, free: ServiceVersion, opened: Any) -> None:
    for version in (every_kind, free):
        for read in (classic.read_execute, designer.read_execute, own.read_body, score.read_score):
            survive(read, body, version, opened)


@BOUNDED
@given(body=st.binary(max_size=200))
def test_any_bytes(body: bytes, every_kind: Any, make_version: Any, opened: Any) -> None:
    """Bytes that are no JSON, and no Arrow stream."""
    free = make_version({"input1": None})
    survive_all(body, every_kind, free, opened)
    survive(arrow.read_arrow, body, free, opened)


@BOUNDED
@given(document=anything)
def test_any_json(document: Any, every_kind: Any, make_version: Any, opened: Any) -> None:
    """JSON of any form: NaN, huge numbers and lone surrogates too, as json.dumps writes them."""
    body = json.dumps(document).encode()
    survive_all(body, every_kind, make_version({"input1": None}), opened)


@BOUNDED
@given(table=anything, parameters=anything)
def test_any_table_in_the_right_place(
    table: Any, parameters: Any, every_kind: Any, make_version: Any, parameter: Any, opened: Any
) -> None:
    """Anything where a table belongs, and where the parameters do."""
    free = make_version(
        {"input1": None}, parameter("c0", "integer"), parameter("c1", "number"), parameter("c2", "any")
    )
    for version in (every_kind, free):
        body = json.dumps({"Inputs": {"input1": table}, "GlobalParameters": parameters}).encode()
        survive(classic.read_execute, body, version, opened)
        survive(designer.read_execute, body, version, opened)
        survive(
            own.read_body,
            json.dumps({"inputs": {"input1": table}, "parameters": parameters}).encode(),
            version,
            opened,
        )
        survive(
            score.read_score, json.dumps({"Instance": {"FeatureVector": table}}).encode(), version, opened
        )


@BOUNDED
@given(rows=cell_rows)
def test_wrong_types_everywhere(rows: list[Any], every_kind: Any, make_version: Any, opened: Any) -> None:
    """Tables of the right shape with any cells, in both forms."""
    free = make_version({"input1": None})
    objects = [dict(zip(NAMES, row, strict=True)) for row in rows]
    for table in ({"ColumnNames": NAMES, "Values": rows}, objects):
        for version in (every_kind, free):
            survive(classic.read_execute, json.dumps({"Inputs": {"input1": table}}).encode(), version, opened)


@settings(BOUNDED, max_examples=60)
@given(values=st.lists(leaves, min_size=1, max_size=4), place=st.integers(0, len(NAMES) - 1))
def test_one_column_of_anything(values: list[Any], place: int, every_kind: Any, opened: Any) -> None:
    """Only one column is strange: the others do not hide what its values do."""
    good: list[Any] = [True, 1, 1, 1, 1, 1, 1, "", "AP8=", None, None, None, None, 1, 1, "a", 1.5]
    rows = [copy.copy(good) for _ in values]
    for row, value in zip(rows, values, strict=True):
        row[place] = value
    body = json.dumps({"Inputs": {"input1": {"ColumnNames": NAMES, "Values": rows}}}).encode()
    survive(classic.read_execute, body, every_kind, opened)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"Inputs":{"input1":' + b"[" * 1_000 + b"]" * 1_000 + b"}}",
        b'[{"c0":' + b"[" * 1_000 + b"]" * 1_000 + b"}]",
        b'[{"' + b"n" * 70_000 + b'":1}]',
        b'{"Inputs":{"input1":[' + b",".join(b'{"k%d":1}' % number for number in range(3_000)) + b"]}}",
        orjson.dumps([{f"d{number}" * 30: number for number in range(10_000)}]),
        b"1" * 100_000,
        b"[" + b"1" * 100_000 + b"]",
        "{}".encode("utf-16"),
        b'{"Inputs":{"input1":[{"c0":"\xed\xa0\x80"}]}}',
        b'{"a":1,"a":' + b"[" * 900 + b"]" * 900 + b"}",
    ],
)
def test_known_attacks(body: bytes, every_kind: Any, make_version: Any, opened: Any) -> None:
    """Nesting, long names, columns that multiply with rows, other encodings."""
    survive_all(body, every_kind, make_version({"input1": None}), opened)
