"""`studiolo start` as a process: what it says, what it answers, how it ends (R-12.1, R-12.2)."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.studio.studio_process import COMMAND, StudioProcess

SUMS = {"inputs": {"input1": [{"expression": "2**10"}]}}
SLOW = """\
name: Slow
nodes:
  quick: {module: execute-python-script, script: scripts/quick.py}
  slow: {module: execute-python-script, script: scripts/slow.py, inputs: {dataset1: quick.result_dataset}}
"""
WEBAPP = os.environ.get("STUDIOLO_WEBAPP") or Path(__file__).parents[3] / "src" / "studiolo" / "webapp"
BUILT = Path(WEBAPP) / "index.html"


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself, without a terminal."""
    return subprocess.run(
        [*COMMAND, *args], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )


def operations(studio: StudioProcess) -> list[tuple[str, str]]:
    """Give method and path of everything that the studio's API offers, with names filled in."""
    document = studio.call("GET", "/api/studio-openapi.json").document
    paths: dict[str, dict[str, Any]] = document["paths"]
    assert len(paths) > 30
    return [
        (method.upper(), "/api" + re.sub(r"\{\w+\}", "1", path)) for path in paths for method in paths[path]
    ]


def test_no_address_of_the_api_answers_without_a_session(studio: StudioProcess) -> None:
    """One forgotten route would give everything away; only the question who is signed in is open (R-12.1)."""
    for method, path in operations(studio):
        answer = studio.call(method, path, headers={"X-Studiolo": "1"}, body=b"{}", signed_in=False)
        if path == "/api/session" and method in ("GET", "POST"):
            continue
        assert (answer.status, answer.document["error"]["code"]) == (401, "not-signed-in"), (method, path)


def test_nothing_is_changed_for_another_page_with_the_sessions_cookie(studio: StudioProcess) -> None:
    """The browser adds the cookie to what other pages send; our own page adds a header that they can't (R-12.1)."""
    cookie = (
        studio.call("GET", f"/?token={studio.token}", signed_in=False).headers["set-cookie"].partition(";")[0]
    )
    assert studio.call("GET", "/api/session", None, {"Cookie": cookie}, signed_in=False).document[
        "is_signed_in"
    ]
    for method, path in operations(studio):
        if method == "GET":
            continue
        for headers in ({}, {"X-Studiolo": "1", "Origin": "http://localhost:1"}):
            answer = studio.call(method, path, b"{}", {"Cookie": cookie, **headers}, signed_in=False)
            assert (answer.status, answer.document["error"]["code"]) == (403, "forged-request"), (
                method,
                path,
            )


def test_signing_out_ends_the_session(studio: StudioProcess) -> None:
    """A copied cookie is worth nothing afterwards (R-12.1)."""
    signed = studio.call(
        "POST", "/api/session", {"token": studio.token}, {"X-Studiolo": "1"}, signed_in=False
    )
    assert signed.document["is_signed_in"] is True
    whole = signed.headers["set-cookie"]
    assert all(word in whole for word in ("HttpOnly", "SameSite=Strict", f"studiolo-{studio.tcp_port}="))
    mine = {"Cookie": whole.partition(";")[0], "X-Studiolo": "1"}
    out = studio.call("DELETE", "/api/session", None, mine, signed_in=False)
    assert (out.status, "Max-Age=0" in out.headers["set-cookie"]) == (204, True)
    assert studio.call("GET", "/api/session", None, mine, signed_in=False).document["is_signed_in"] is False
    assert studio.call("GET", "/api/modules", None, mine, signed_in=False).status == 401


def test_every_answer_keeps_browsers_from_guessing_and_leaking(studio: StudioProcess) -> None:
    """Strict headers on the page, on the API and on refusals alike (R-12.1)."""
    for path in ("/", "/api/session", "/api/nothing", "/?token=wrong", "/favicon.svg", "/assets/none.js"):
        answer = studio.call("GET", path, signed_in=False)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert answer.headers["cross-origin-opener-policy"] == "same-origin", path
        assert "server" not in answer.headers, path


def test_the_page_takes_code_from_the_server_alone_and_a_new_nonce_each_time(studio: StudioProcess) -> None:
    """A nonce that could be guessed would let injected styles in (R-12.1)."""
    policies = [studio.call("GET", "/").headers["content-security-policy"] for _ in range(2)]
    assert policies[0] != policies[1]
    for words in ("default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"):
        assert words in policies[0]
    assert "unsafe" not in policies[0]


@pytest.mark.skipif(not BUILT.is_file(), reason="the page is not built: make page")
def test_the_files_of_the_page_are_kept_for_ever_and_sent_compressed(studio: StudioProcess) -> None:
    """Their names change with their content; the second visit loads nothing (R-7.4)."""
    text = studio.call("GET", "/").body.decode()
    (script,) = re.findall(r'src="\./(assets/[^"]+\.js)"', text)
    plain = studio.call("GET", f"/{script}")
    packed = studio.call("GET", f"/{script}", headers={"Accept-Encoding": "gzip, br"})
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (packed.headers["content-encoding"], "content-encoding" in plain.headers) == ("br", False)
    assert len(packed.body) < len(plain.body) / 2
    assert studio.call("GET", "/third-party-licences.txt").status == 200
    for name in (
        "../index.html",
        "..%2findex.html",
        "%2e%2e/index.html",
        ".made-of",
        "..%5cx",
        "%00",
        "a" * 5000,
    ):
        assert studio.call("GET", f"/assets/{name}").status == 404, name


def test_only_own_names_are_answered(studio: StudioProcess) -> None:
    """A stranger's page under a name that points to this machine gets neither page nor API (R-12.1)."""
    for path in ("/", f"/?token={studio.token}", "/api/session"):
        answer = studio.call("GET", path, headers={"Host": "evil.example"})
        assert (answer.status, answer.document["error"]["code"]) == (403, "wrong-host")
        assert "set-cookie" not in answer.headers


def test_a_socket_is_opened_by_our_own_page_only(studio: StudioProcess) -> None:
    """WebSockets know no other protection than the origin that the browser tells (R-12.1)."""
    cookie = (
        studio.call("GET", f"/?token={studio.token}", signed_in=False).headers["set-cookie"].partition(";")[0]
    )
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        asked = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "Cookie": cookie,
        }
        answer = studio.call(
            "GET", "/api/language/diabetes/prepare", None, {**asked, **headers}, signed_in=False
        )
        assert answer.status == 403, headers


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {"Content-Type": "application/json"}, 422),
        (b'{"token": "\\ud800"}', {"Content-Type": "application/json"}, 401),
        (b'{"token": 1e999}', {"Content-Type": "application/json"}, 422),
        (b"[" * 100_000, {"Content-Type": "application/json"}, 422),
        (b"\xff\xfe\x00", {"Content-Type": "application/json"}, 422),
        (b"token=x", {"Content-Type": "application/x-www-form-urlencoded"}, 422),
        (b"", {}, 422),
    ],
)
def test_a_body_that_is_none_is_refused_in_the_one_form_of_errors(
    studio: StudioProcess, body: bytes, headers: dict[str, str], status: int
) -> None:
    """Any byte sequence gets a documented answer (R-12.2)."""
    answer = studio.call("POST", "/api/session", body, {"X-Studiolo": "1", **headers}, signed_in=False)
    assert answer.status == status
    error = answer.document["error"]
    assert set(error) == {"kind", "code", "summary", "hint", "where", "details", "traceback", "problems"}


def test_a_body_that_is_too_long_is_not_read(studio: StudioProcess) -> None:
    """Neither when it says how long it is, nor when it does not (R-12.2)."""
    connection = http.client.HTTPConnection(studio.host, studio.tcp_port, timeout=60)
    connection.putrequest("POST", "/api/lint")
    connection.putheader("Authorization", f"Bearer {studio.token}")
    connection.putheader("Content-Length", str(10**12))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, b'"request-too-large"' in answer.read()) == (413, True)
    connection.close()
    chunk = b"a" * (1 << 20)
    with socket.create_connection((studio.host, studio.tcp_port), timeout=60) as end:
        head = f"POST /api/lint HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {studio.token}\r\n"
        end.sendall(head.encode() + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            for _ in range(40):
                end.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        except ConnectionError:  # it has answered, and hung up
            pass
        try:
            got = end.recv(1 << 16)
        except ConnectionError:
            got = b""
    assert not got or got.startswith(b"HTTP/1.1 413 ")


def test_it_ends_with_open_streams_and_leaves_the_token(start_studio) -> None:
    """Ctrl-C must not hang on a page that listens; the next start knows the same sessions (R-12.1)."""
    studio = start_studio("hello-bundle")
    connection = http.client.HTTPConnection(studio.host, studio.tcp_port, timeout=60)
    connection.request("GET", "/api/events", headers={"Authorization": f"Bearer {studio.token}"})
    stream = connection.getresponse()
    assert (stream.status, stream.readline().startswith(b"event: hello")) == (200, True)
    assert studio.stop() == 0
    stream.read()  # it has ended, not hung
    connection.close()
    assert studio.log() == ""
    again = start_studio(studio.folder)
    assert again.token == studio.token


def test_a_taken_port_and_a_missing_workspace_are_told(studio: StudioProcess, tmp_path: Path) -> None:
    """The first two things that go wrong; neither is answered by doing something else in silence (R-12.1)."""
    taken = run(studio.folder, "start", "--no-browser", "--port", str(studio.tcp_port))
    assert (taken.returncode, "[cannot-listen]" in taken.stderr) == (2, True)
    missing = run(tmp_path, "start", "--no-browser")
    assert (missing.returncode, "studiolo start --new" in missing.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_new_workspace_begins_with_the_sample(start_studio, tmp_path: Path) -> None:
    """From nothing to an experiment on the screen in one command (UX 1)."""
    folder = tmp_path / "study"
    studio = start_studio(folder, "--new", str(folder), "--sample")
    assert (folder / "studiolo.toml").is_file()
    assert (folder / "data" / "measures.csv").is_file()
    assert not list(folder.rglob("__pycache__"))
    assert [row["name"] for row in studio.call("GET", "/api/experiments").document] == ["diabetes"]


def test_published_services_answer_at_the_same_port_with_their_own_keys(start_studio) -> None:
    """One process is enough to try a service; the studio's session opens no service, and no key the studio (R-12.1)."""
    studio = start_studio("expression")
    key = json.loads(studio.command("publish", "expression", "--name", "sums", "--json"))["keys"]["primary"]
    last = time.monotonic() + 60
    while (
        answer := studio.call("POST", "/api/services/sums", SUMS, {"Authorization": f"Bearer {key}"})
    ).status in (404, 503):
        assert time.monotonic() < last  # it is being loaded
    assert (answer.status, "1024" in answer.body.decode()) == (200, True), answer.body
    assert studio.call("POST", "/api/services/sums", SUMS).status == 401
    assert studio.call("GET", "/api/workspace", None, {"Authorization": f"Bearer {key}"}).status == 401


def test_a_run_that_goes_on_is_left_and_continued(start_studio, tmp_path: Path) -> None:
    """Ending the studio ends no work: what has finished is not computed again (R-3.4, R-12.3)."""
    folder = tmp_path / "work"
    scripts = folder / "experiments" / "slow" / "scripts"
    scripts.mkdir(parents=True)
    (folder / "studiolo.toml").write_text('name = "Slow"\n')
    (scripts.parent / "experiment.yaml").write_text(SLOW)
    (scripts / "quick.py").write_text(
        "import pandas as pd\ndef azureml_main():\n    return pd.DataFrame({'a': [1]})\n"
    )
    (scripts / "slow.py").write_text("import time\ndef azureml_main(frame):\n    time.sleep(3600)\n")
    studio = start_studio(folder)
    assert studio.call("POST", "/api/experiments/slow/runs", {}).status == 202
    last = time.monotonic() + 60
    while (status := studio.call("GET", "/api/experiments/slow/status").document)["nodes"]["slow"][
        "state"
    ] != "running":
        assert time.monotonic() < last, status
    assert studio.stop() == 0
    assert "A run of slow is going on." in studio.log()
    assert "interrupted" in studio.command("runs")
    (scripts / "slow.py").write_text("def azureml_main(frame):\n    return frame\n")
    studio.command("run", "slow")
    assert "reused" in studio.command("show", "slow")


def test_a_second_signal_ends_it_at_once(start_studio) -> None:
    """Who presses Ctrl-C twice does not want to wait for a request that goes on (R-12.1)."""
    studio = start_studio("hello-bundle")
    with socket.create_connection((studio.host, studio.tcp_port), timeout=60) as held:
        head = f"POST /api/lint HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {studio.token}\r\n"
        held.sendall(head.encode() + b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        studio.call("GET", "/api/session")
        studio.process.send_signal(signal.SIGINT)
        while True:  # the port is closed: the first signal has been seen
            try:
                socket.create_connection((studio.host, studio.tcp_port), timeout=60).close()
            except ConnectionError:
                break
        studio.process.send_signal(signal.SIGINT)
        assert studio.process.wait(60) == 130
