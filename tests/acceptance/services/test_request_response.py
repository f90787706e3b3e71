"""Requests to a running server as clients send them: forms, headers, keys, limits and errors (R-9.2, R-9.5, R-12.2)."""

from __future__ import annotations

import io
import json
import re
import threading
import time
import uuid

import pyarrow
import pyarrow.ipc
import pytest
from tests.acceptance.services.experiments import write_score
from tests.acceptance.services.server import Answer, Server

ROWS = [{"age": "30", "income": "1.5", "city": "Bern"}, {"age": "4", "income": "2.5", "city": None}]
TABLE = {"ColumnNames": ["income", "city", "age"], "Values": [["1.5", "Bern", "30"], ["2.5", None, "4"]]}
OWN_ROWS = [{"age": 30, "income": 1.5, "city": "Bern"}, {"age": 4, "income": 2.5, "city": None}]
NAMES, TYPES = ["city", "double", "label"], ["String", "Int64", "String"]
VALUES = [["Bern", "60", None], [None, "8", "high"]]
CLASSIC_ROWS = [dict(zip(NAMES, row, strict=True)) for row in VALUES]
STREAM = "application/vnd.apache.arrow.stream"


def classic(table: object, **parameters: object) -> dict[str, object]:
    return {"Inputs": {"input1": table}, "GlobalParameters": parameters}


@pytest.mark.parametrize(
    ("query", "table", "value"),
    [
        ("api-version=2.0", TABLE, {"ColumnNames": NAMES, "Values": VALUES}),
        ("api-version=2.0&details=false", TABLE, {"ColumnNames": NAMES, "Values": VALUES}),
        (
            "api-version=2.0&details=true",
            TABLE,
            {"ColumnNames": NAMES, "ColumnTypes": TYPES, "Values": VALUES},
        ),
        (
            "API-Version=2.0&Details=TRUE",
            TABLE,
            {"ColumnNames": NAMES, "ColumnTypes": TYPES, "Values": VALUES},
        ),
        ("api-version=2.0&format=swagger", ROWS, None),
        ("api-version=2.0&format=swagger", TABLE, None),
        ("api-version=2.0&details=true", ROWS, None),
        ("api-version=2.0", ROWS, None),
    ],
)
def test_the_classic_form(server: Server, query, table, value) -> None:
    """R-9.2: tables and row objects, seen from the request; types on request."""
    answer = server.classic("score", classic(table), query)
    assert answer.status == 200, answer.body
    wanted = CLASSIC_ROWS if value is None else {"type": "table", "value": value}
    assert answer.document == {"Results": {"output1": wanted}}


def test_headers_of_an_answer(server: Server) -> None:
    """R-9.2: a request id of its own, the version that answered, the type of the body."""
    first, second = (server.classic("score", classic(ROWS)) for _ in range(2))
    ids = {uuid.UUID(answer.headers["x-ms-request-id"]) for answer in (first, second)}
    assert len(ids) == 2
    assert first.headers["x-studiolo-version"] == "1"
    assert first.headers["content-type"] == "application/json"
    assert "server" not in first.headers


def test_subscription_addresses_name_the_same_service(server: Server) -> None:
    """R-9.2: the address of the newer classic management."""
    path = server.desk.services["score"].classic.replace("/workspaces/", "/subscriptions/")
    key = server.desk.services["score"].keys["secondary"]
    assert server.call("POST", f"{path}/execute?api-version=2.0", classic(ROWS), key).status == 200


def test_the_older_score_form(server: Server) -> None:
    """R-9.2: one row in, its texts out."""
    body = {"Id": "score00001", "Instance": {"FeatureVector": ROWS[1], "GlobalParameters": {"label": "up"}}}
    service = server.desk.services["score"]
    answer = server.call("POST", f"{service.classic}/score", body, service.keys["primary"])
    assert (answer.status, answer.document) == (200, [None, "8", "up"])


def test_the_designer_form(server: Server) -> None:
    """R-9.2: the designer's address; cells keep their types."""
    key = server.desk.services["score"].keys["primary"]
    answer = server.call("POST", "/api/v1/service/score/score", {"Inputs": {"input1": OWN_ROWS}}, key)
    assert answer.status == 200, answer.body
    rows = [{"city": "Bern", "double": 60, "label": None}, {"city": None, "double": 8, "label": "high"}]
    assert answer.document == {"Results": {"output1": rows}}


@pytest.mark.parametrize(
    "body",
    [
        {"inputs": {"input1": OWN_ROWS}},
        OWN_ROWS,
        {
            "columns": ["city", "age", "income"],
            "data": [[row["city"], row["age"], row["income"]] for row in OWN_ROWS],
        },
    ],
)
def test_our_own_form(server: Server, body) -> None:
    """R-9.3: typed JSON; the answer has the orientation of the request."""
    answer = server.own("score", body)
    assert answer.status == 200, answer.body
    output = answer.document["outputs"]["output1"]
    if isinstance(body, dict) and "columns" in body:
        assert output == {"columns": NAMES, "data": [["Bern", 60, None], [None, 8, "high"]]}
    else:
        assert output == [
            {"city": "Bern", "double": 60, "label": None},
            {"city": None, "double": 8, "label": "high"},
        ]


def test_arrow(server: Server) -> None:
    """R-9.3: an Arrow stream in and out, parameters in the address."""
    sink = io.BytesIO()
    table = pyarrow.Table.from_pylist(OWN_ROWS)
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    service = server.desk.services["score"]
    answer = server.call(
        "POST",
        "/api/services/score?parameters.label=up",
        sink.getvalue(),
        service.keys["primary"],
        {"Content-Type": STREAM, "Accept": STREAM},
    )
    assert (answer.status, answer.headers["content-type"]) == (200, STREAM), answer.body
    read = pyarrow.ipc.open_stream(answer.body).read_all()
    assert read.to_pydict() == {"city": ["Bern", None], "double": [60, 8], "label": [None, "up"]}


@pytest.mark.parametrize(
    ("parameters", "label"),
    [
        ({}, [None, "high"]),
        ({"threshold": 1}, ["high", "high"]),
        ({"threshold": "1E0", "label": "up"}, ["up", "up"]),
        ({"threshold": None}, [None, "high"]),
        ({"label": ""}, [None, ""]),
    ],
)
def test_parameters_and_their_defaults(server: Server, parameters, label) -> None:
    """R-9.1: keyword parameters of the script; those left out have the default."""
    answer = server.classic("score", classic(TABLE, **parameters))
    assert answer.status == 200, answer.body
    assert [row[2] for row in answer.document["Results"]["output1"]["value"]["Values"]] == label


def test_several_inputs_and_outputs(server: Server) -> None:
    """R-9.1: each by its name, in any form and order."""
    left = [{"key": 2, "a": "y"}, {"key": 1, "a": "x"}]
    right = {"columns": ["b", "key"], "data": [[0.5, 1]]}
    own = server.own("pair", {"inputs": {"right table": right, "left table": left}})
    assert own.status == 200, own.body
    assert own.document["outputs"] == {
        "joined": [{"key": 1, "a": "x", "b": 0.5}],
        "counted": [{"left": 2, "right": 1}],
    }
    table = {"ColumnNames": ["b", "key"], "Values": [["0.5", "1"]]}
    rows = [{"key": "1", "a": "x"}]
    both = server.classic("pair", {"Inputs": {"left table": rows, "right table": table}})
    assert both.status == 200, both.body
    assert set(both.document["Results"]) == {"joined", "counted"}


def test_a_chain_of_nodes_with_sql_between(server: Server) -> None:
    """R-9.1: script, SQL, script; parameters of the first and the last."""
    rows = [{"region": "b", "amount": 1}, {"region": "a", "amount": 2}, {"region": "b", "amount": 4}]
    answer = server.own("chain", {"inputs": {"input1": rows}, "parameters": {"factor": 10, "mark": "?"}})
    assert answer.status == 200, answer.body
    assert answer.document["outputs"]["output1"] == [
        {"region": "a?", "total": 20},
        {"region": "b?", "total": 50},
    ]


ERRORS = {
    "empty": (b"", 400, "RequestIsEmpty", "request-empty"),
    "no JSON": (b"{", 400, "RequestBodyInvalid", "request-unreadable"),
    "no UTF-8": (b"\xff\xfe\x00", 400, "RequestBodyInvalid", "request-unreadable"),
    "another form": (b'"text"', 400, "RequestBodyInvalid", "request-unreadable"),
    "no input": ({"Inputs": {}, "inputs": {}}, 400, "MissingRequestInput", None),
    "unknown column": (
        [{"age": 1, "incme": 1, "city": ""}],
        400,
        "InputMismatchError",
        "input-mismatch",
    ),
    "missing column": ([{"age": 1, "city": ""}], 400, "InputMismatchError", "input-mismatch"),
    "bad cell": ([{"age": "old", "income": 1, "city": ""}], 400, "InputParseError", "cell-unreadable"),
    "unknown parameter": (({"treshold": 1}), 400, "UnexpectedParameter", "parameter-unknown"),
    "bad parameter": (({"threshold": "much"}), 400, "UserParameterInvalid", "parameter-type"),
    "raised": (({"label": "break"}), 400, "ModuleExecutionError", "execution-failed"),
}


@pytest.mark.parametrize(("sent", "status", "detail", "code"), ERRORS.values(), ids=ERRORS.keys())
def test_errors_in_both_forms(server: Server, sent, status, detail, code) -> None:
    """R-9.2, R-12.2: documented status, code and body; the same kind in either form."""
    if isinstance(sent, bytes):
        bodies = (sent, sent)
    elif isinstance(sent, list):
        bodies = (classic(sent), {"inputs": {"input1": sent}})
    elif "Inputs" in sent:
        bodies = (sent, {"inputs": {}})
    else:
        bodies = (classic(ROWS, **sent), {"inputs": {"input1": OWN_ROWS}, "parameters": sent})
    told = server.classic("score", bodies[0])
    assert (told.status, told.document["error"]["details"][0]["code"]) == (status, detail), told.body
    assert set(told.document["error"]) == {"code", "message", "details"}
    own = server.own("score", bodies[1])
    assert (own.status, own.document["code"]) == (status, code or "input-missing"), own.body
    assert own.headers["content-type"] == "application/problem+json"
    assert own.document["request_id"] == own.headers["x-ms-request-id"]
    if "column" in detail:
        assert "income" in own.document["detail"]


def test_what_a_script_raised_is_told_with_its_line(server: Server) -> None:
    """R-1.8: Error 0085, as clients of the retired product know it; no path of the machine."""
    answer = server.classic("score", classic(ROWS, label="break"))
    message = answer.document["error"]["details"][0]["message"]
    assert message.startswith("Error 0085: The following error occurred during script evaluation")
    assert "broken on purpose" in message
    assert 'File "scripts/score.py", line 5' in message
    assert str(server.desk.folder) not in message


def test_keys(server: Server) -> None:
    """R-9.5: either key opens the service; nothing else does."""
    service = server.desk.services["score"]
    for key in service.keys.values():
        assert server.own("score", OWN_ROWS, key=key).status == 200
        lower = {"Authorization": f"bearer  {key}"}
        assert server.own("score", OWN_ROWS, key=None, headers=lower).status == 200
    other = server.desk.services["pair"].keys["primary"]
    wrong = [None, "", "x", other, service.keys["primary"][:-1], service.keys["primary"] + "x"]
    for key in wrong:
        own, old = server.own("score", OWN_ROWS, key=key), server.classic("score", classic(ROWS), key=key)
        assert (own.status, own.document["code"]) == (401, "unauthorized")
        assert own.headers["www-authenticate"] == "Bearer"
        assert old.document["error"]["details"][0]["code"] == "ScoreRequestUnauthorized"
    basic = {"Authorization": f"Basic {service.keys['primary']}"}
    assert server.own("score", OWN_ROWS, key=None, headers=basic).status == 401


def test_documents_need_no_key(server: Server) -> None:
    """R-9.6: swagger, OpenAPI and help are for everybody who reaches the server."""
    service = server.desk.services["score"]
    for path in (
        f"{service.classic}/swagger.json",
        "/api/services/score/openapi.json",
        "/api/openapi.json",
        "/services/score",
        "/services/score/score",
        "/services/score/jobs",
        "/healthz",
        "/readyz",
    ):
        answer = server.call("GET", path)
        assert (answer.status, bool(answer.body)) == (200, True), path


def test_unknown_addresses_and_methods(server: Server) -> None:
    """R-12.2: 404 and 405 in the body form of the addresses around."""
    old = server.desk.services["score"].classic
    nowhere = "0" * 32
    cases = [
        ("GET", "/nothing", 404, "address-unknown"),
        ("POST", "/api/services/nothing", 404, "service-unknown"),
        ("GET", "/api/services/nothing/openapi.json", 404, "service-unknown"),
        ("DELETE", "/api/services/score", 405, "method-not-allowed"),
    ]
    for method, path, status, code in cases:
        answer = server.call(method, path, b"{}" if method == "POST" else None)
        assert (answer.status, answer.document["code"]) == (status, code), path
        assert answer.headers["content-type"] == "application/problem+json"
    for method, path, status, code in [
        ("GET", f"{old}/execute", 405, "BadVersionCall"),
        ("POST", f"{old}/nothing", 404, "WebServiceNotFound"),
        ("POST", f"{old[:-32]}{nowhere}/execute", 404, "WebServiceNotFound"),
        ("POST", f"/workspaces/{nowhere}/services/{old[-32:]}/execute", 404, "WebServiceNotFound"),
    ]:
        answer = server.call(method, path, b"{}" if method == "POST" else None)
        assert (answer.status, answer.document["error"]["details"][0]["code"]) == (status, code), path
    designer = server.call("GET", "/api/v1/service/score/score")
    assert (designer.status, designer.document["error"]["code"]) == (405, 400)


def test_limits_of_a_service(server: Server) -> None:
    """R-9.5: rows, bytes and requests a minute, each with its own answer; servers follow without a restart."""
    desk = server.desk
    write_score(desk, "small")
    desk.publish("small")
    wait_for(lambda: server.own("small", OWN_ROWS).status == 200)
    desk.run("services", "configure", "small", "--max-rows", "3", "--max-body", "1")
    wait_for(lambda: server.own("small", OWN_ROWS * 2).status == 413)
    answer = server.own("small", OWN_ROWS * 2)
    assert (answer.status, answer.document["code"]) == (413, "request-too-large")
    long = server.own("small", b" " * (1 << 20) + b"[]")
    assert (long.status, long.document["code"]) == (413, "request-too-large")
    assert server.own("small", OWN_ROWS).status == 200
    desk.run("services", "configure", "small", "--rate", "2")
    answers = wait_for(lambda: throttled(server))
    assert answers.document["code"] == "request-throttled"
    assert 1 <= int(answers.headers["retry-after"]) <= 60


def throttled(server: Server) -> Answer | None:
    answer = server.own("small", OWN_ROWS)
    return answer if answer.status == 503 else None


def test_parameters_that_are_too_long_cost_one_error_each(server: Server) -> None:
    """R-10.1: a request that can't be sent to a process leaves the process as it was."""
    for _ in range(6):
        answer = server.own("score", {"inputs": {"input1": OWN_ROWS}, "parameters": {"label": "x" * 200_000}})
        assert (answer.status, answer.document["code"]) == (413, "request-too-large"), answer.body
    assert server.own("score", OWN_ROWS).status == 200


def test_a_key_is_changed_while_requests_run(server: Server) -> None:
    """R-9.5: the secondary key is made anew and then the primary one; no request of a client fails meanwhile."""
    desk = server.desk
    service = desk.services["chain"]
    answers: list[int] = []
    current = [service.keys["primary"]]
    is_over = threading.Event()

    def ask() -> None:
        connection = server.connection()
        while not is_over.is_set():
            body = [{"region": "a", "amount": 1}]
            answers.append(server.own("chain", body, key=current[0], connection=connection).status)
        connection.close()

    client = threading.Thread(target=ask)
    client.start()
    try:
        for slot in ("secondary", "primary"):
            said = json.loads(desk.run("services", "keys", "chain", "--rotate", slot, "--json"))
            key = said["new"][slot]
            wait_for(
                lambda key=key: server.own("chain", [{"region": "a", "amount": 1}], key=key).status == 200
            )
            current[0] = service.keys[slot] = key
    finally:
        is_over.set()
        client.join()
    assert set(answers) == {200}


def test_the_request_log_has_a_line_for_each_request_and_no_data(server: Server) -> None:
    """R-9.5: time, status, code, request id; what was sent and answered is not there."""
    answer = server.classic("score", classic(ROWS, label="break"))
    id = answer.headers["x-ms-request-id"]

    def found() -> str | None:
        said = server.desk.run("services", "logs", "score", "--json")
        return said if id in said else None

    said = wait_for(found)
    line = next(row for row in json.loads(said)["requests"] if row["request_id"] == id)
    assert (line["status"], line["error"], line["form"]) == (400, "execution-failed", "classic")
    assert "Bern" not in said
    assert not re.search("[A-Za-z0-9+/]{80}==", said)


def wait_for(condition, seconds: float = 30.0):
    """Wait until a condition holds; give what it gave."""
    last = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < last, "it never came to be"
        time.sleep(0.1)
    return found
