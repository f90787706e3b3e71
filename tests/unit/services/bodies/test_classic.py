"""The classic form: what old clients send and read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pyarrow as pa
import pytest

from studiolo.services.bodies import classic, score
from studiolo.services.bodies.errors import ServiceProblem, to_classic

TABLE = {"ColumnNames": ["income", "city", "age"], "Values": [["1.5", "Bern", "30"], [None, "", 4]]}
OBJECTS = [{"income": "1.5", "city": "Bern", "age": "30"}, {"age": 4, "city": "", "income": ""}]


def body(inputs: Any, **others: Any) -> bytes:
    return orjson.dumps({"Inputs": inputs, "GlobalParameters": {}, **others})


def refused(make: Callable[[], Any]) -> ServiceProblem:
    with pytest.raises(ServiceProblem) as caught:
        make()
    return caught.value


def test_both_forms_give_the_same_frame(make_version: Any, opened: Any) -> None:
    """Columns in any order, by name; the form is found for each input (facts 2.1)."""
    version = make_version()
    table = classic.read_execute(body({"input1": TABLE}), version)
    objects = classic.read_execute(body({"input1": OBJECTS}), version)
    assert table.inputs == objects.inputs
    assert (table.forms, objects.forms) == ({"input1": "table"}, {"input1": "rows"})
    assert (table.rows, objects.rows) == (2, 2)
    frame = opened(table.inputs["input1"])
    assert frame.column_names == ["age", "income", "city"]
    assert frame.column("age").to_pylist() == [30, 4]
    assert str(frame.column("income").to_pylist()) == "[1.5, nan]"
    assert frame.column("city").to_pylist() == ["Bern", ""]


def test_a_request_may_mix_the_forms(make_version: Any) -> None:
    """Each input is told apart by itself, whatever the address says (facts 2.1)."""
    version = make_version({"a": {"x": "float64"}, "b": {"x": "float64"}})
    request = classic.read_execute(
        body({"a": {"ColumnNames": ["x"], "Values": [[1]]}, "b": [{"x": "1"}]}), version
    )
    assert request.inputs["a"] == request.inputs["b"]
    assert request.forms == {"a": "table", "b": "rows"}
    assert not request.is_in_rows


@pytest.mark.parametrize(
    "text", [b"{}", b'{"Inputs":null,"GlobalParameters":null}', b'{"Inputs":{}}', b"\xef\xbb\xbf{}"]
)
def test_a_service_without_inputs_takes_a_body_without_them(make_version: Any, text: bytes) -> None:
    """Both members may be absent or null (facts 2.1)."""
    assert classic.read_execute(text, make_version({})).inputs == {}


def test_many_columns_and_no_rows(make_version: Any, opened: Any) -> None:
    """10,000 columns are read, and a table without rows is one."""
    kinds = {f"c{number}": "float64" if number % 2 else "string" for number in range(10_000)}
    version = make_version({"input1": kinds})
    row = dict.fromkeys(kinds, 1)
    assert opened(classic.read_execute(body({"input1": [row]}), version).inputs["input1"]).shape == (
        1,
        10_000,
    )
    empty = classic.read_execute(body({"input1": []}), version).inputs["input1"]
    assert opened(empty).shape == (0, 10_000)
    problem = refused(lambda: classic.read_execute(body({"input1": [{"x" * 90: 1, **row}]}), version))
    assert "unknown" in problem.summary


def test_an_input_of_any_columns_takes_what_comes(make_version: Any, opened: Any) -> None:
    """Types are inferred; texts stay texts, though they look like numbers."""
    version = make_version({"input1": None})
    rows = [
        {"i": 1, "f": 1, "b": True, "t": "1", "m": 1, "n": None},
        {"i": None, "f": 2.5, "m": "x", "u": 2**63},
    ]
    table = opened(classic.read_execute(body({"input1": rows}), version).inputs["input1"])
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds == {
        "i": "int64", "f": "double", "b": "bool", "t": "large_string", "m": "large_string", "n": "double",
        "u": "uint64",
    }  # fmt: skip
    assert table.column("m").to_pylist() == ["1", "x"]


PROBLEMS = [
    (b"", "RequestIsEmpty", "no body"),
    (b"  ", "RequestIsEmpty", "no body"),
    (b"[1]", "RequestBodyInvalid", "is a list"),
    (b"7", "RequestBodyInvalid", "is 7"),
    (b'{"Inputs": NaN}', "RequestBodyInvalid", "not JSON"),
    (b'{"Inputs": 1}', "RequestBodyInvalid", "inputs are 1"),
    (b"[" * 900 + b"]" * 900, "RequestBodyInvalid", "list"),
    (b"{}", "MissingRequestInput", 'lacks the input "input1"'),
    (body({"input": OBJECTS}), "InvalidInputNames", 'Did you mean "input1"?'),
    (body({"input1": OBJECTS, "b": []}), "InvalidInputNames", 'no input "b"'),
    (body({"input1": "x"}), "RequestBodyInvalid", "list of row objects"),
    (body({"input1": {"Values": []}}), "RequestBodyInvalid", '"ColumnNames" of "input1"'),
    (body({"input1": {"ColumnNames": ["age"], "Values": 3}}), "RequestBodyInvalid", '"Values" of "input1"'),
    (body({"input1": {"ColumnNames": [1], "Values": []}}), "RequestBodyInvalid", "list of column names"),
    (
        body({"input1": {"ColumnNames": ["age"], "Values": [1]}}),
        "RequestBodyInvalid",
        'Row 1 of "input1" is 1',
    ),
    (
        body({"input1": {"ColumnNames": ["age"], "Values": [[1, 2]]}}),
        "InputMismatchError",
        "2 cells for 1 columns",
    ),
    (body({"input1": {"ColumnNames": ["age", "age"], "Values": []}}), "InputMismatchError", '"age" twice'),
    (body({"input1": [{"age": 1, "incme": 2, "city": ""}]}), "InputMismatchError", 'Did you mean "income"?'),
    (body({"input1": [{"age": 1, "city": ""}]}), "InputMismatchError", 'lacks the column "income"'),
    (body({"input1": [*OBJECTS, {}]}), "InputMismatchError", 'Row 3 of "input1" lacks'),
    (body({"input1": [OBJECTS[0], 1]}), "RequestBodyInvalid", "Row 2"),
    (
        body({"input1": [{**OBJECTS[0], "age": "old"}]}),
        "InputParseError",
        'has "old" in the column "age" (int64)',
    ),
    (b'{"Inputs":{"input1":[{"age":1,"age":2,"income":1,"city":""}]}}', "RequestBodyInvalid", '"age" twice'),
    (
        b'{"Inputs" : {"input1" : [{"age" : 1, "\\u0061ge" :2, "income" : 1, "city" : ""}]}}',
        "RequestBodyInvalid",
        '"age" twice',
    ),
    (b'{"Inputs":{"input1":[]},"Inputs":{"input1":[]}}', "RequestBodyInvalid", '"Inputs" twice'),
    (b'{"Inputs":{"input1":[{"age":1,"income":"\\ud800","city":""}]}}', "RequestBodyInvalid", "not JSON"),
    (b'{"Inputs":{"input1":[{"age":1e999,"income":1,"city":""}]}}', "RequestBodyInvalid", "not JSON"),
    (body({"input1": OBJECTS}, GlobalParameters=[]), "RequestBodyInvalid", "parameters are a list"),
    (body({"input1": OBJECTS}, GlobalParameters={"x": 1}), "UnexpectedParameter", 'no parameter "x"'),
]


@pytest.mark.parametrize(("text", "code", "said"), PROBLEMS)
def test_what_is_wrong_is_named_with_a_documented_code(
    make_version: Any, text: bytes, code: str, said: str
) -> None:
    """Clients read error.code, error.message and error.details[0].message (facts 2.3)."""
    problem = refused(lambda: classic.read_execute(text, make_version()))
    error = orjson.loads(to_classic(problem))["error"]
    assert problem.status == 400
    assert error["details"][0]["code"] == code
    assert any(said in detail["message"] for detail in error["details"]), error


def test_colons_and_quotes_in_texts_are_no_repeated_names(make_version: Any) -> None:
    """Only a name that an object really has twice is refused."""
    version = make_version({"input1": {"a:b": "string", 'c":': "string"}})
    rows = [{"a:b": '":":"', 'c":': "12:30:00"}] * 3
    assert classic.read_execute(body({"input1": rows}), version).rows == 3


def test_more_rows_than_allowed_are_refused_before_they_are_read(make_version: Any) -> None:
    """R-9.4: the limit is of all inputs together."""
    version = make_version({"a": {"x": "float64"}, "b": {"x": "float64"}})
    text = body({"a": [{"x": "no"}] * 3, "b": {"ColumnNames": ["x"], "Values": [[1]] * 2}})
    assert refused(lambda: classic.read_execute(text, version, max_rows=4)).status == 413


def test_parameters_are_converted_to_their_types(make_version: Any, parameter: Any) -> None:
    """Old clients send texts; null and empty texts leave the default (facts 2.1, R-9.6)."""
    version = make_version(
        {},
        parameter("n", "integer"),
        parameter("x", "number", default=0.5),
        parameter("on", "boolean"),
        parameter("s", "string"),
        parameter("mode", "string", default="fast", choices=("fast", "slow")),
        parameter("any", "any", default=[1]),
    )
    given = {"n": "3", "x": "", "on": "True", "s": "", "mode": None}
    request = classic.read_execute(body({}, GlobalParameters=given), version)
    assert request.parameters == {"n": 3, "x": 0.5, "on": True, "s": "", "mode": "fast", "any": [1]}
    given = {"n": 4.0, "x": 2, "on": 0, "s": 5, "mode": "slow", "any": {"a": [1]}}
    request = classic.read_execute(body({}, GlobalParameters=given), version)
    assert request.parameters == {"n": 4, "x": 2, "on": False, "s": "5", "mode": "slow", "any": {"a": [1]}}


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({}, "MissingRequiredGlobalParameters", 'lacks the parameter "factor"'),
        ({"factor": ""}, "MissingRequiredGlobalParameters", "factor"),
        ({"factor": "x"}, "UserParameterInvalid", 'is "x", a number is expected'),
        ({"factor": "NaN"}, "UserParameterInvalid", "factor"),
        ({"factor": "Infinity"}, "UserParameterInvalid", "factor"),
        ({"factor": True}, "UserParameterInvalid", "is true"),
        ({"factor": 1, "mode": "x"}, "BadParameterValue", "fast, slow"),
        ({"factor": 1, "facter": 1}, "UnexpectedParameter", 'Did you mean "factor"?'),
        ({"factor": 1, "any": orjson.loads("[" * 90 + "]" * 90)}, "UserParameterInvalid", "32 levels"),
    ],
)
def test_wrong_parameters_have_their_codes(
    make_version: Any, parameter: Any, given: Any, code: str, said: str
) -> None:
    """Unknown, missing and wrong values, with the codes of the table (facts 2.3)."""
    version = make_version(
        {},
        parameter("factor", "number", is_required=True),
        parameter("mode", "string", default="fast", choices=("fast", "slow")),
        parameter("any", "any"),
    )
    problem = refused(lambda: classic.read_execute(body({}, GlobalParameters=given), version))
    assert problem.details[0].code == code
    assert said in problem.summary


@pytest.fixture
def result(frame_of: Any) -> dict[str, bytes]:
    """The output of two rows."""
    table = pa.table(
        {"Scored Labels": pa.array([1, None], pa.int32()), "Scored Probabilities": [0.287719696760178, 1e-5]}
    )
    return {"output1": frame_of(table)}


def test_replies_are_texts_in_the_documented_wrapper(make_version: Any, result: Any) -> None:
    """`type` is exactly "table"; ColumnTypes only with details (facts 2.2)."""
    version = make_version()
    value = {
        "ColumnNames": ["Scored Labels", "Scored Probabilities"],
        "ColumnTypes": ["Int32", "Double"],
        "Values": [["1", "0.287719696760178"], [None, "1E-05"]],
    }
    detailed = classic.write_results(result, version, with_types=True, as_rows=False)
    assert orjson.loads(detailed) == {"Results": {"output1": {"type": "table", "value": value}}}
    del value["ColumnTypes"]
    plain = classic.write_results(result, version, with_types=False, as_rows=False)
    assert orjson.loads(plain) == {"Results": {"output1": {"type": "table", "value": value}}}
    rows = classic.write_results(result, version, with_types=True, as_rows=True)
    assert orjson.loads(rows)["Results"]["output1"] == [
        {"Scored Labels": "1", "Scored Probabilities": "0.287719696760178"},
        {"Scored Labels": None, "Scored Probabilities": "1E-05"},
    ]


def test_the_reply_has_the_form_of_the_query_or_of_the_request(make_version: Any) -> None:
    """`format=swagger` decides; without it the request does (facts 2.1)."""
    rows = classic.read_execute(body({"input1": OBJECTS}), make_version())
    table = classic.read_execute(body({"input1": TABLE}), make_version())
    assert [classic.is_swagger(None, rows), classic.is_swagger(None, table)] == [True, False]
    assert [classic.is_swagger("Swagger", table), classic.is_swagger("classic", rows)] == [True, False]
    assert refused(lambda: classic.is_swagger("xml", rows)).details[0].code == "InvalidQueryParameter"


def test_score_takes_one_row_and_gives_a_list_of_texts(
    make_version: Any, result: Any, parameter: Any
) -> None:
    """The oldest clients (facts 2.1)."""
    version = make_version(None, parameter("n", "integer", default=1))
    instance = {"FeatureVector": OBJECTS[0], "GlobalParameters": {"n": "2"}}
    request = score.read_score(orjson.dumps({"Id": "score00001", "Instance": instance}), version)
    assert request.inputs == classic.read_execute(body({"input1": OBJECTS[:1]}), version).inputs
    assert request.parameters == {"n": 2}
    assert orjson.loads(score.write_score(result, version)) == [["1", "0.287719696760178"], [None, "1E-05"]]


@pytest.mark.parametrize(
    "text", [b"{}", b"[]", b'{"Instance":1}', b'{"Instance":{}}', b'{"Instance":{"FeatureVector":[]}}']
)
def test_score_refuses_other_bodies(make_version: Any, text: bytes) -> None:
    """Whatever comes gets a documented 400."""
    assert refused(lambda: score.read_score(text, make_version())).status == 400
    assert refused(lambda: score.read_score(text, make_version({"a": None, "b": None}))).status == 400
