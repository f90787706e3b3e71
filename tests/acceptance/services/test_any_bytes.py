"""Any bytes to any address: an answer that is documented, in the right form, and a server that goes on (R-12.2)."""

from __future__ import annotations

import json
import random
import socket
import time

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from tests.acceptance.services.server import Desk, Server
from tests.raw_http import read_answer

from studiolo.services.bodies.errors import CODES

SECONDS = 10.0
SEED = 20261121
ANSWER_SECONDS = 30.0
STATUSES = {200, 400, 401, 404, 405, 408, 413, 503}
CLASSIC_CODES = {kind.group for kind in CODES.values()}
BODIES: list[bytes] = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b"{",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"inputs": {"input1": [{"age": 1e999}]}}',
    b'{"inputs": {"input1": {"columns": ["age"], "data": [[1], [1, 2], {}]}}}',
    b'{"inputs": {"input1": [{"age": 1, "age": 2}]}}',
    b'{"inputs": {"input1": [{"age": "\\ud800", "income": NaN, "city": 1}]}}',
    b'{"Inputs": {"input1": {"ColumnNames": [1, null], "Values": 5}}, "GlobalParameters": []}',
    b'{"Inputs": {"input1": {"ColumnNames": ["age","age"], "Values": [["1","2"]]}}}',
    b'{"Inputs": [], "GlobalParameters": {"threshold": {"a": 1}}}',
    b'{"Id": 1, "Instance": {"FeatureVector": {"age": [], "income": {}, "city": true}}}',
    b'{"Instance": {"FeatureVector": []}}',
    b"\xff\xfe\x00\x01" * 100,
    b"\xef\xbb\xbf[]",
    b"\x00" * 1000,
    b"\xff\xff\xff\xff\x10\x00\x00\x00" + b"\x00" * 64,
    b"PK\x03\x04" + b"a" * 100,
    json.dumps([{"age": 10**400, "income": "1", "city": "x" * 1000}]).encode(),
    json.dumps([{"age": 1, "income": 1, "city": None}]).encode(),
    json.dumps(
        {"inputs": {"input1": [{"age": 1, "income": 1, "city": "x"}]}, "parameters": {"threshold": []}}
    ).encode(),
]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND"]
PIECES = [
    "..",
    "%2e%2e",
    "%00",
    "%ff%fe",
    "%C3%A9",
    "a" * 3000,
    "services",
    "score",
    "jobs",
    "execute",
    "a b",
    "{}",
    "*",
    ";",
]
QUERIES = [
    "",
    "?api-version=2.0",
    "?details=maybe",
    "?format=swagger",
    "?format=x",
    "?a=%ff&a=%00",
    "?&&==",
    "?" + "x" * 5000,
]
HEADERS = [
    b"Content-Type: application/json",
    b"Content-Type: application/vnd.apache.arrow.stream",
    b"Content-Type: \xff\xfe",
    b"Accept: application/vnd.apache.arrow.stream",
    b"Accept: " + b"*" * 5000,
    b"Content-Encoding: gzip",
    b"Content-Encoding: br",
    b"Transfer-Encoding: gzip",
    b"Expect: 100-continue",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
    b"Cookie: " + b"a=b;" * 500,
    b"Range: bytes=0-",
    b"X-Forwarded-For: ::1, [",
    b"Authorization: Basic \xff",
    b"Authorization: Bearer",
    b"If-None-Match: *",
]
HOSTS = [b"localhost", b"[", b"[::1", b"a@b:99999999", b"x/../y", b"<script>", b"\xff", b""]


def test_a_fuzzer_gets_documented_answers_only(server: Server) -> None:
    """R-12.2: seeded, bounded; each answer has a documented status and the body form of its address."""
    rng = random.Random(SEED)
    last, count, seen = time.monotonic() + SECONDS, 0, set()
    paths = _paths(server.desk)
    while time.monotonic() < last:
        request, path, method, is_http = _request(rng, paths, server.desk)
        status, headers, body = _exchange(server, request)
        seen.add(status)
        _check(status, headers, body, path, method, is_http, request)
        count += 1
    assert count > 50
    assert seen >= {200, 400, 401, 404, 405}
    assert server.call("GET", "/healthz").status == 200
    row = [{"age": 1, "income": 1, "city": "x"}]
    assert server.own("score", row).status == 200
    assert "Traceback" not in server.log()


def test_bytes_that_are_no_request(server: Server) -> None:
    """R-12.2: what is no HTTP gets 400 or an end; half requests hold nobody else."""
    rng = random.Random(SEED)
    held = []
    for data in (
        b"GET",
        b"POST /api/services/score HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
        b"POST /api/services/score HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ):
        end = socket.create_connection((server.host, server.port))
        end.sendall(data)
        held.append(end)
    for data in (
        b"\r\n" * 10 + b"x",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50 + b"\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
        b"GET / HTTP/1.1\r\na: " + b"b" * 300_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /api/services/score HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        *(rng.randbytes(200) + b"\r\n\r\n" for _ in range(30)),
    ):
        status, _, _ = _exchange(server, data)
        assert status in {None, *STATUSES}, data[:100]
    assert server.own("score", [{"age": 1, "income": 1, "city": "x"}]).status == 200
    for end in held:
        end.close()


def test_a_body_that_never_comes_is_given_up(server: Server) -> None:
    """R-12.2: 408 when the service's time is over; a client can't hold a request for ever."""
    server.desk.run("services", "configure", "pair", "--timeout", "1")
    key = server.desk.services["pair"].keys["primary"]
    head = f"POST /api/services/pair HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 9\r\n\r\n["
    last = time.monotonic() + 30
    status = None
    while status != 408:
        assert time.monotonic() < last
        try:
            status, _, body = _exchange(server, head.encode(), 3.0)
        except TimeoutError:  # the server has not yet seen that less time is allowed
            continue
    assert json.loads(body)["code"] == "request-timeout"
    server.desk.run("services", "configure", "pair", "--timeout", "100")


def test_every_operation_of_the_openapi_document_keeps_its_word(server: Server) -> None:
    """R-9.6, R-12.2: schemathesis sends what the document allows and what it does not."""
    document = server.call("GET", "/api/services/score/openapi.json").document
    schema = schemathesis.openapi.from_dict(document)
    key = server.desk.services["score"].keys["primary"]
    address = f"http://{server.host}:{server.port}"
    checked = []

    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=40,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: schemathesis.Case) -> None:
            response = case.call(base_url=address, headers={"Authorization": f"Bearer {key}"})
            assert response.status_code in STATUSES, (response.status_code, response.content[:500])
            checks = [
                schemathesis.checks.not_a_server_error,
                schemathesis.checks.status_code_conformance,
                schemathesis.checks.content_type_conformance,
            ]
            if response.status_code != 200:  # what types the script's own table has, no document can promise
                checks.append(schemathesis.checks.response_schema_conformance)
            case.validate_response(response, checks=checks)
            checked.append(response.status_code)

        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            given(operation.as_strategy(generation_mode=mode))(ask)()
    assert 200 in checked


def _paths(desk: Desk) -> list[str]:
    found = ["/", "/healthz", "/readyz", "/api/openapi.json", "/static/x"]
    for name in ("score", "pair", "nothing"):
        found += [
            f"/api/services/{name}",
            f"/api/services/{name}/openapi.json",
            f"/api/v1/service/{name}/score",
        ]
        found += [f"/services/{name}", f"/services/{name}/score"]
    for name in ("score", "chain"):
        classic = desk.services[name].classic
        found += [
            f"{classic}/{end}"
            for end in ("execute", "score", "jobs", "jobs/x", "jobs/x/start", "swagger.json")
        ]
        found.append(classic.replace("/workspaces/", "/subscriptions/") + "/execute")
    return found


def _request(rng: random.Random, paths: list[str], desk: Desk) -> tuple[bytes, str, str, bool]:
    """Give a request, its path, its method and whether it keeps to HTTP."""
    path = rng.choice(paths)
    while rng.random() < 0.15:
        path += "/" + rng.choice(PIECES)
    if rng.random() < 0.05:
        path = "/" + "/".join(rng.choices(PIECES, k=3))
    path = path.replace(" ", "%20")
    method = rng.choice([*METHODS, "POST", "POST", "POST", "GET"])
    body = rng.choice(BODIES)
    if body and rng.random() < 0.4:
        changed = bytearray(body)
        for _ in range(rng.randint(1, 8)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        body = bytes(changed)
    lines = [f"{method} {path}{rng.choice(QUERIES)} HTTP/1.1".encode()]
    lines.append(b"Host: " + (rng.choice(HOSTS) if rng.random() < 0.3 else b"localhost"))
    lines += rng.sample(HEADERS, rng.randint(0, 3))
    is_http = not any(line.startswith(b"Transfer-Encoding") for line in lines)
    if rng.random() < 0.7:
        name = rng.choice(["score", "pair", "chain"])
        lines.append(b"Authorization: Bearer " + desk.services[name].keys["primary"].encode())
    if rng.random() < 0.2 and is_http:
        lines.append(b"Transfer-Encoding: chunked")
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    else:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\nConnection: close\r\n\r\n" + body, path, method, is_http


def _exchange(
    server: Server, data: bytes, seconds: float = ANSWER_SECONDS
) -> tuple[int | None, dict[str, str], bytes]:
    """Send bytes and read until the server closes, or an answer is whole; the status of the last answer."""
    with socket.create_connection((server.host, server.port), timeout=seconds) as end:
        try:
            end.sendall(data)
            end.shutdown(
                socket.SHUT_WR
            ) if b"Connection: close" not in data and b"Content-Length: 9" not in data else None
        except OSError:  # it has answered already, and hung up
            pass
        return read_answer(end)


def _check(
    status: int | None,
    headers: dict[str, str],
    body: bytes,
    path: str,
    method: str,
    is_http: bool,
    request: bytes,
) -> None:
    """Hold an answer against the documented statuses and the form of its address."""
    told = (status, headers, body[:300], request[:600])
    if status == 400 and headers.get("content-type", "").startswith("text/plain"):
        return  # the parser of HTTP refused it before it had an address
    assert status in STATUSES, told
    if status == 200 or method == "HEAD":
        return
    assert body, told
    document = json.loads(body)
    if path.startswith(("/workspaces/", "/subscriptions/")):
        assert document["error"]["code"] in CLASSIC_CODES, told
    elif path.startswith("/api/v1/service/"):
        assert document["error"]["code"] in (400, 500), told
    else:
        assert headers["content-type"] == "application/problem+json", told
        assert CODES[document["code"]].status == status == document["status"], told
