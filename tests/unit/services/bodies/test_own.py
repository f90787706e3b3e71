"""Our own form, Arrow bodies and the designer's form."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from typing import Any

import orjson
import pyarrow as pa
import pytest

from studiolo.domain.service import ServiceColumn
from studiolo.services.bodies import arrow, classic, designer, own
from studiolo.services.bodies.errors import ServiceProblem, to_designer

ROWS = [{"age": 30, "income": 1.5, "city": "Bern"}, {"age": "4", "city": "", "income": None}]
TABLE = {"columns": ["income", "city", "age"], "data": [[1.5, "Bern", 30], [None, "", "4"]]}


def refused(make: Callable[[], Any]) -> ServiceProblem:
    with pytest.raises(ServiceProblem) as caught:
        make()
    return caught.value


@pytest.fixture
def result(frame_of: Any) -> dict[str, bytes]:
    """The output of two rows."""
    moments = pa.array([datetime.datetime(2014, 9, 21, 11, 10), None], pa.timestamp("us"))
    return {"output1": frame_of(pa.table({"label": ["a", None], "p": [0.5, float("inf")], "at": moments}))}


def test_records_and_columns_below_inputs_or_alone_are_the_same(make_version: Any) -> None:
    """With one input, its table may be the whole body (R-9.2)."""
    version = make_version()
    bodies = [{"inputs": {"input1": ROWS}}, {"inputs": {"input1": TABLE}}, ROWS, TABLE]
    requests = [own.read_body(orjson.dumps(body), version) for body in bodies]
    expected = orjson.dumps({"Inputs": {"input1": ROWS}})
    frame = classic.read_execute(expected, version).inputs
    assert [request.inputs for request in requests] == [frame] * 4
    assert [request.is_bare for request in requests] == [False, False, True, True]


def test_replies_are_typed_and_written_as_the_request_was(make_version: Any, result: Any) -> None:
    """Numbers as numbers, missing null, dates ISO 8601, infinities texts (R-9.2)."""
    version = make_version()
    request = own.read_body(orjson.dumps(ROWS), version)
    assert orjson.loads(own.write_body(result, version, request)) == {
        "outputs": {
            "output1": [
                {"label": "a", "p": 0.5, "at": "2014-09-21T11:10:00"},
                {"label": None, "p": "Infinity", "at": None},
            ]
        }
    }
    request = own.read_body(orjson.dumps(TABLE), version)
    assert orjson.loads(own.write_body(result, version, request))["outputs"]["output1"] == {
        "columns": ["label", "p", "at"],
        "data": [["a", 0.5, "2014-09-21T11:10:00"], [None, "Infinity", None]],
    }


def test_a_service_without_inputs_takes_an_empty_body(make_version: Any, parameter: Any) -> None:
    """Nothing to say is said by nothing."""
    version = make_version({}, parameter("n", "integer", default=3))
    assert own.read_body(b"", version).parameters == {"n": 3}
    assert own.read_body(b'{"parameters":{"n":4}}', version).parameters == {"n": 4}


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (b"", "request-empty", "no body"),
        (b'{"input": {}}', "request-unreadable", 'Did you mean "inputs"?'),
        (b"3", "request-unreadable", "3"),
        (b"{}", "input-missing", "input1"),
        (b"[1]", "request-unreadable", "Row 1"),
        (b'{"columns":["age"],"data":[[1]]}', "input-mismatch", "income"),
        (b'[{"age":1,"age":2,"income":1,"city":""}]', "request-unreadable", "twice"),
        (b'{"columns":[],"data":[],"columns":["age","income","city"]}', "request-unreadable", "twice"),
    ],
)
def test_wrong_bodies_are_named(make_version: Any, text: bytes, code: str, said: str) -> None:
    """Our own codes say what it is (R-9.2)."""
    problem = refused(lambda: own.read_body(text, make_version()))
    assert problem.code == code
    assert said in problem.summary


def test_a_table_alone_needs_a_service_of_one_input(make_version: Any) -> None:
    """Else nobody knows which input is meant."""
    assert (
        refused(lambda: own.read_body(b"[]", make_version({"a": None, "b": None}))).code
        == "request-unreadable"
    )


def stream(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, **options) as writer:
        writer.write_table(table)
    return sink.getvalue()


def test_arrow_gives_the_frame_that_json_gives(make_version: Any) -> None:
    """By name, cast to the input's types where nothing is lost (R-9.2)."""
    version = make_version()
    table = pa.table(
        {
            "city": pa.array(["Bern", ""]).dictionary_encode(),
            "age": pa.array([30, 4], pa.int8()),
            "income": [1.5, None],
        }
    )
    assert (
        arrow.read_arrow(stream(table), version).inputs == own.read_body(orjson.dumps(ROWS), version).inputs
    )


def test_arrow_gives_the_categories_that_json_gives(make_version: Any) -> None:
    """Known categories first, in their order, then the new ones."""
    column = ServiceColumn("x", "categorical", ("red", "green"), is_ordered=True)
    version = make_version({"input1": (column,)})
    table = pa.table({"x": pa.array(["green", None, "blue"]).dictionary_encode()})
    rows = orjson.dumps([{"x": "green"}, {"x": None}, {"x": "blue"}])
    assert arrow.read_arrow(stream(table), version).inputs == own.read_body(rows, version).inputs


def test_arrow_goes_out_with_nulls(make_version: Any, result: Any) -> None:
    """Missing floats are nulls outside of frames."""
    table = pa.ipc.open_stream(arrow.write_arrow(result, make_version())).read_all()
    assert table.column("label").to_pylist() == ["a", None]
    assert table.column("at").to_pylist() == [datetime.datetime(2014, 9, 21, 11, 10), None]
    assert refused(lambda: arrow.write_arrow(result, make_version(outputs=("a", "b")))).status == 400


def test_arrow_that_does_not_fit_or_hides_its_size_is_refused(make_version: Any) -> None:
    """A few bytes must not stand for any amount of memory."""
    version = make_version({"input1": {"x": "int64"}})
    free = make_version({"input1": None})
    assert refused(lambda: arrow.read_arrow(b"", version)).code == "request-empty"
    assert refused(lambda: arrow.read_arrow(b"x" * 100, version)).code == "request-unreadable"
    assert (
        refused(lambda: arrow.read_arrow(stream(pa.table({"x": [1.5]})), version)).code == "cell-unreadable"
    )
    assert refused(lambda: arrow.read_arrow(stream(pa.table({"y": [1]})), version)).code == "input-mismatch"
    zipped = stream(pa.table({"x": range(999)}), options=pa.ipc.IpcWriteOptions(compression="zstd"))
    assert refused(lambda: arrow.read_arrow(zipped, version)).code == "type-unsupported"
    assert refused(lambda: arrow.read_arrow(stream(pa.table({"x": [[1]]})), free)).code == "type-unsupported"
    nothing = stream(pa.table({"x": pa.nulls(10_000_000)}))
    assert refused(lambda: arrow.read_arrow(nothing, free)).code == "request-too-large"
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000, pa.int8()), pa.array(["x" * 100_000]))
    for one in (free, make_version({"input1": {"x": "string"}})):
        assert (
            refused(lambda one=one: arrow.read_arrow(stream(pa.table({"x": texts})), one)).code
            == "request-too-large"
        )
    two = make_version({"a": None, "b": None})
    assert refused(lambda: arrow.read_arrow(stream(pa.table({"x": [1]})), two)).code == "operation-invalid"


def test_damaged_arrow_streams_are_refused(make_version: Any) -> None:
    """Each byte of a stream flipped in turn: a table or a documented problem, nothing else."""
    version = make_version({"input1": None})
    whole = stream(pa.table({"x": [1, None, 3], "t": ["a", None, "c"]}))
    for place in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        try:
            arrow.read_arrow(bytes(damaged), version)
        except ServiceProblem as problem:
            assert 400 <= problem.status < 500


def test_designer_replies_are_typed_in_the_wrappers_of_its_two_formats(
    make_version: Any, frame_of: Any
) -> None:
    """Without `Results` and with `DataTable` in the classic format (facts 6.6)."""
    version = make_version({"WebServiceInput0": {"x": "float64"}}, outputs=("WebServiceOutput0",))
    assert designer.is_designer(version)
    assert not designer.is_designer(make_version())
    frames = {"WebServiceOutput0": frame_of(pa.table({"y": [1, 2], "z": [0.5, None]}))}
    rows = designer.write_results(frames, version, with_types=False, as_rows=True)
    assert orjson.loads(rows) == {"Results": {"WebServiceOutput0": [{"y": 1, "z": 0.5}, {"y": 2, "z": None}]}}
    table = designer.write_results(frames, version, with_types=True, as_rows=False)
    value = {"ColumnNames": ["y", "z"], "ColumnTypes": ["Int64", "Double"], "Values": [[1, 0.5], [2, None]]}
    assert orjson.loads(table) == {"WebServiceOutput0": {"type": "DataTable", "value": value}}


def test_designer_requests_write_nan_as_an_object(make_version: Any) -> None:
    """`{"isNan": true}` is NaN in rows and in tables (facts 6.6)."""
    version = make_version({"WebServiceInput0": {"x": "float64"}}, outputs=("WebServiceOutput0",))
    rows: Any = [{"x": {"isNan": True}}, {"x": 2}]
    table = {"ColumnNames": ["x"], "Values": [[{"isNan": True}], [2]]}
    frames = [
        designer.read_execute(orjson.dumps({"Inputs": {"WebServiceInput0": one}}), version).inputs
        for one in (rows, table, [{"x": None}, {"x": 2}])
    ]
    assert frames[0] == frames[1] == frames[2]
    twice = b'{"Inputs":{"WebServiceInput0":[{"x":{"isNan":true},"x":1}]}}'
    assert "twice" in refused(lambda: designer.read_execute(twice, version)).summary
    problem = refused(lambda: designer.read_execute(b'{"Inputs":{}}', version))
    error = orjson.loads(to_designer(problem))["error"]
    assert error["code"] == 400
    assert error["message"].startswith("Input Data Error. ")
    assert error["details"] == ""
