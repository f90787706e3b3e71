"""Any bytes to any address of the studio: a documented answer, and a server that goes on (R-12.2)."""

from __future__ import annotations

import json
import random
import re
import socket
import time
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from tests.acceptance.studio.studio_process import StudioProcess
from tests.raw_http import read_answer

SECONDS = 10.0
SEED = 20261121
ANSWER_SECONDS = 90.0
DISK_FULL = 507
STREAMS = ("/api/events",)
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND"]
NAMES = [
    "diabetes",
    "..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%00",
    "%ff%fe",
    "%C3%A9",
    "%F0%9F%8E%88",
    "a%0Ab",
    "a" * 3000,
    "0",
    "-1",
    "1",
    "99999999999999999999999999",
    "1e5",
    "NaN",
    "f" * 64,
    "a%20b",
    "%7B%7D",
    "*",
    ";",
    "con",
    ".studiolo",
    "",
]
QUERIES = [
    "",
    "?limit=-1",
    "?limit=99999999999999999999999",
    "?offset=1e999",
    "?offset=-1&row=0&column=0",
    "?row=99999999999&column=99999999999",
    "?folder=../..",
    "?folder=%00",
    "?folder=%ff",
    "?version=x&number=9223372036854775808",
    "?kind=x&format=exe&name=%0d%0aX:1",
    "?experiment=%00&experiment=x",
    "?&&==",
    "?" + "x" * 5000,
]
TEXTS: list[Any] = [
    "",
    "..",
    "/etc/passwd",
    "\x00",
    "\ud800",
    "a\nb",
    "é\U0001f388",
    "x" * 70_000,
    "diabetes",
    "prepare",
]
ODD: list[Any] = [None, True, -1, 0, 1, 2**63, 10**400, 1e308, [], {}, [[[]]], {"": None}, *TEXTS]
RAW: list[bytes] = [
    b"",
    b"{",
    b"null",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"\xff\xfe\x00\x01" * 100,
    b'{"token": NaN}',
    b'{"changes": [{"op": "set", "path": [' + b'"a",' * 10_000 + b'"b"]}]}',
]
HEADERS = [
    b"Content-Type: application/json",
    b"Content-Type: application/json; charset=utf-16",
    b"Content-Type: multipart/form-data; boundary=",
    b"Content-Type: \xff\xfe",
    b"Content-Encoding: gzip",
    b"Expect: 100-continue",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
    b"Cookie: " + b"a=b;" * 500,
    b"Cookie: \xff=\xfe; studiolo=\x22",
    b"Range: bytes=5-1",
    b"If-None-Match: *",
    b"If-Modified-Since: never",
    b"X-Studiolo: 1",
    b"Origin: http://[",
    b"Sec-Fetch-Site: cross-site",
    b"Accept-Encoding: br;q=x",
    b"traceparent: 00-zz",
]
HOSTS = [b"[", b"[::1", b"a@b:99999999", b"x/../y", b"\xff", b"", b"localhost:99999999"]


@pytest.fixture(scope="module")
def document(studio: StudioProcess) -> dict[str, Any]:
    """What the API says that it offers."""
    studio.command("run", "diabetes")
    nodes = studio.call("GET", "/api/experiments/diabetes/status").document["nodes"]
    found = re.findall(r'"digest": ?"([0-9a-f]{64})"', json.dumps(nodes))
    NAMES.extend([*found, "1", "prepare", "result_dataset"])
    document: dict[str, Any] = studio.call("GET", "/api/studio-openapi.json").document
    return document


def test_a_fuzzer_gets_documented_answers_only(studio: StudioProcess, document: dict[str, Any]) -> None:
    """R-12.2: seeded, bounded; nothing is a 500, and every refusal has the one form of errors."""
    rng = random.Random(SEED)
    operations = [
        (path, method.upper()) for path in sorted(document["paths"]) for method in document["paths"][path]
    ]
    last, count, seen = time.monotonic() + SECONDS, 0, set()
    while time.monotonic() < last or count < 2 * len(operations):
        path, method = operations[count % len(operations)]
        request, is_http = _request(rng, document, path, method, studio.token)
        status, headers, body = _exchange(studio, request)
        seen.add(status)
        _check(status, headers, body, request, is_http)
        count += 1
    assert seen >= {200, 404, 422}
    assert studio.call("GET", "/api/session").document["is_signed_in"] is True
    assert "Traceback" not in studio.log()


def test_every_operation_keeps_the_word_of_the_openapi_document(
    studio: StudioProcess, document: dict[str, Any]
) -> None:
    """R-12.2: schemathesis sends what the document allows and what it does not."""
    schema = schemathesis.openapi.from_dict(document)
    base = f"{studio.address}/api"
    statuses = set()

    for result in schema.get_all_operations():
        operation = result.ok()
        if f"/api{operation.path}" in STREAMS:
            continue

        @settings(
            max_examples=3,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: schemathesis.Case) -> None:
            response = case.call(
                base_url=base, headers={"Authorization": f"Bearer {studio.token}"}, timeout=ANSWER_SECONDS
            )
            assert response.status_code < 500 or response.status_code == DISK_FULL, (
                case.as_curl_command(),
                response.content[:500],
            )
            if response.status_code >= 400:
                case.validate_response(response, checks=[schemathesis.checks.response_schema_conformance])
            statuses.add(response.status_code)

        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            with suppress(Unsatisfiable):  # nothing can be wrong with a request that has no parts
                given(operation.as_strategy(generation_mode=mode))(ask)()
    assert statuses >= {200, 404, 422}
    assert "Traceback" not in studio.log()


def _request(
    rng: random.Random, document: dict[str, Any], path: str, method: str, token: str
) -> tuple[bytes, bool]:
    """Give a request, and whether it keeps to HTTP."""
    body = b""
    content = document["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
    if content and rng.random() < 0.9:
        schema = content["application/json"]["schema"]
        body = json.dumps(_value(rng, document, schema, 0)).encode()
    if rng.random() < 0.25:
        body = rng.choice(RAW)
    if body and rng.random() < 0.2:
        changed = bytearray(body)
        for _ in range(rng.randint(1, 8)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        body = bytes(changed)
    target = "/api" + re.sub(r"\{\w+\}", lambda _: rng.choice(NAMES), path)
    if rng.random() < 0.1:
        target += "/" + rng.choice(NAMES)
    if rng.random() < 0.1:
        method = rng.choice(METHODS)
    if target.startswith(STREAMS):
        method = "POST"
    lines = [f"{method} {target}{rng.choice(QUERIES)} HTTP/1.1".encode()]
    lines.append(b"Host: " + (rng.choice(HOSTS) if rng.random() < 0.05 else b"localhost"))
    lines.append(b"Content-Type: application/json")
    if rng.random() < 0.3:
        lines += rng.sample(HEADERS, rng.randint(1, 3))
    if rng.random() < 0.95:
        lines.append(b"Authorization: Bearer " + token.encode())
    lines.append(b"Content-Length: %d" % len(body))
    is_http = not any(line.startswith(b"Upgrade") for line in lines)
    return b"\r\n".join(lines) + b"\r\nConnection: close\r\n\r\n" + body, is_http


def _value(rng: random.Random, document: dict[str, Any], schema: dict[str, Any], depth: int) -> Any:
    """Give a value that mostly fits a schema."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if rng.random() < 0.12 or depth > 6:
        return rng.choice(ODD)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _value(rng, document, rng.choice(schema[key]), depth + 1)
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        needed = schema.get("required", [])
        made = {
            name: _value(rng, document, one, depth + 1)
            for name, one in properties.items()
            if name in needed or rng.random() < 0.5
        }
        return made or {rng.choice(["a", "prepare", ""]): rng.choice(ODD)}
    if kind == "array":
        return [_value(rng, document, schema.get("items", {}), depth + 1) for _ in range(rng.randint(0, 3))]
    if kind == "integer":
        return rng.choice([0, 1, 2, 7, -1, 2**31, 2**64])
    if kind == "number":
        return rng.choice([0.0, 1.5, -1e300])
    return rng.choice(TEXTS) if kind == "string" else rng.choice(ODD)


def _exchange(studio: StudioProcess, data: bytes) -> tuple[int | None, dict[str, str], bytes]:
    """Send bytes and read until the server closes, or the answer is whole."""
    with socket.create_connection((studio.host, studio.tcp_port), timeout=ANSWER_SECONDS) as end:
        try:
            end.sendall(data)
        except OSError:  # it has answered already, and hung up
            pass
        return read_answer(end)


def _check(status: int | None, headers: dict[str, str], body: bytes, request: bytes, is_http: bool) -> None:
    """Hold an answer against the statuses and the form of errors."""
    told = (status, headers, body[:500], request[:1500])
    if status in (None, 400) and headers.get("content-type", "").startswith("text/plain"):
        return  # the parser of HTTP refused it before it had an address
    assert status is not None or not is_http, told
    if status is None:
        return
    assert status < 500 or status == DISK_FULL, told
    assert headers.get("x-content-type-options") == "nosniff" or "problem+json" in headers["content-type"], (
        told
    )
    if status >= 400 and not request.startswith(b"HEAD"):
        document = json.loads(body)
        if headers["content-type"] == "application/problem+json":
            return  # an address of the published services
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", document["error"]["code"]), told
        assert document["error"]["summary"], told
