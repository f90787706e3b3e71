"""Addresses are fetched whole, bounded and with errors in words."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.integration.connectors.conftest import LOCAL

from studiolo.connectors import FetchedFile, is_address, read_source
from studiolo.connectors.address import Address, parse_address
from studiolo.connectors.http import HttpLimits
from studiolo.connectors.source import PASSWORD_WARNING
from studiolo.errors import StudioloError, UserError
from studiolo.store.digest import digest_bytes

TABLE = b"region,churned\nnorth,1\nsouth,0\n"
TEXT = b"x" * 100_000
LIMITS = HttpLimits(backoff_seconds=0.0, silence_seconds=5.0, size_bytes=1_000_000)


def fetch(workspace, address: str, **changed) -> FetchedFile:
    cancel = changed.pop("cancel", None)
    limits = replace(LIMITS, **changed)
    return read_source(
        address,
        workspace.root,
        workspace.blobs,
        workspace.metadata,
        network=LOCAL,
        limits=limits,
        cancel=cancel,
    )


def failure(workspace, address: str, **changed) -> tuple[str, str, str]:
    with pytest.raises(StudioloError) as caught:
        fetch(workspace, address, **changed)
    # Whatever went wrong, nothing is left behind.
    temporary = workspace.blobs.temporary
    assert (list(workspace.blobs.blobs()), list(temporary.iterdir()) if temporary.is_dir() else []) == (
        [],
        [],
    )
    return caught.value.code, caught.value.summary, caught.value.hint


def test_an_address_is_kept_in_the_store(workspace, server) -> None:
    """Import Data reads http(s) addresses (R-4.3)."""
    fetched = fetch(workspace, f"{server.address}/table/x.csv?key=secret")
    assert fetched == FetchedFile(
        f"{server.address}/table/x.csv?…", digest_bytes(TABLE), len(TABLE), "text/csv", (PASSWORD_WARNING,)
    )
    assert workspace.blobs.path(fetched.digest).read_bytes() == TABLE
    assert server.asked == ["/table/x.csv?key=secret"]


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/table/x.parquet", "text/csv"),
        ("/plain/x.parquet", "application/vnd.apache.parquet"),
        ("/plain/x", "text/plain"),
        ("/untold/x.csv", "text/csv"),
        ("/untold/x", "application/octet-stream"),
    ],
)
def test_the_media_type_is_the_servers_or_else_by_the_ending(workspace, server, path, media_type) -> None:
    """Many servers call everything plain text; the ending then tells more."""
    assert fetch(workspace, server.address + path).media_type == media_type


@pytest.mark.parametrize("path", ["/chunked", "/gzip"])
def test_transfer_encodings_do_not_show(workspace, server, path) -> None:
    """The content's digest is over what the server has, not over how it was sent."""
    assert fetch(workspace, server.address + path).digest == digest_bytes(TEXT)


def test_users_in_the_address_are_sent_but_never_shown(workspace, server) -> None:
    """Secrets stand in no message, row or log (R-12.1)."""
    address = server.address.replace("//", "//ann:p%40ss@")
    assert fetch(workspace, f"{address}/table").name == f"{server.address}/table"
    assert server.headers[-1]["Authorization"] == "Basic YW5uOnBAc3M="
    assert failure_text(workspace, f"{address}/nothing").count("p%40ss") == 0


def failure_text(workspace, address: str) -> str:
    with pytest.raises(UserError) as caught:
        fetch(workspace, address)
    return str(caught.value)


def test_redirects_are_followed_without_the_password(workspace, server) -> None:
    """Data sites send elsewhere; the other server must not see what was meant for the first."""
    address = server.address.replace("//", "//ann:secret@")
    fetched = fetch(workspace, f"{address}/redirect/4/table")
    assert (fetched.size, len(server.asked)) == (len(TABLE), 6)
    assert ["Authorization" in headers for headers in server.headers] == [True] + [False] * 5


@pytest.mark.parametrize(
    ("path", "does"),
    [
        ("/redirect/5/table", "sends elsewhere more than 5 times"),
        ("/redirect/file:///etc/passwd", 'sends to an address of the kind "file"'),
        ("/redirect/ftp://example.org/x", 'sends to an address of the kind "ftp"'),
    ],
)
def test_redirects_are_bounded_and_stay_http(workspace, server, path, does) -> None:
    """A server must not make the host read local files (R-6.3)."""
    code, summary, _ = failure(workspace, server.address + path)
    assert (code, summary) == ("address-redirects", f"{server.address}{path} {does}.")


def test_a_status_is_told_by_name_with_the_servers_words(workspace, server) -> None:
    """The server's own words often say what is wrong; they are foreign text, so bounded and cleaned."""
    code, summary, hint = failure(workspace, f"{server.address}/missing")
    assert (code, summary) == ("address-status", f"{server.address}/missing answered 404 Not Found.")
    assert hint.startswith(
        "Check the address; the file may have moved. The server says: no such thing [31mhere!!"
    )
    assert len(hint) < 600
    assert len(server.asked) == 1


@pytest.mark.parametrize("path", ["/failing", "/dropping"])
def test_faults_that_pass_are_tried_again(workspace, server, path) -> None:
    """A server that restarts must not fail a long run."""
    server.failures = 3
    assert fetch(workspace, server.address + path).size == len(TABLE)
    assert len(server.asked) == 4


def test_after_the_last_try_the_fault_is_told(workspace, server) -> None:
    """Three retries, then a person has to look."""
    server.failures = 99
    assert failure(workspace, f"{server.address}/failing") == (
        "address-status",
        f"{server.address}/failing answered 503 Service Unavailable.",
        "It was tried 4 times. The fault is on the server's side. The server says: later",
    )
    assert len(server.asked) == 4


@pytest.mark.parametrize("path", ["/truncated", "/cut"])
def test_content_that_breaks_off_is_an_error_not_a_shorter_file(workspace, server, path) -> None:
    """Half a table looks like a table."""
    code, summary, _ = failure(workspace, server.address + path, retries=1)
    assert (code, summary) == (
        "address-unreachable",
        f"{server.address}{path} cannot be reached: it broke off in the middle of the content.",
    )
    assert len(server.asked) == 2


@pytest.mark.parametrize("path", ["/endless", "/bomb", "/truncated"])
def test_content_beyond_the_limit_is_refused(workspace, server, path) -> None:
    """A stream without end, or a compressed bomb, must not fill the disk."""
    limit = 50_000 if path == "/truncated" else 1_000_000
    code, summary, _ = failure(workspace, server.address + path, size_bytes=limit)
    assert code == "address-too-large"
    assert summary == f"{server.address}{path} gives more than {limit / 1000:.1f} kB.".replace(
        "1000.0 kB", "1.0 MB"
    )


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("/empty", "empty-file", "gave no content"),
        ("/badgzip", "address-encoding", "cannot be read"),
        ("/halfgzip", "address-encoding", "ends too early"),
        ("/brotli", "address-encoding", 'encoded as "br"'),
        ("/nonsense", "address-unreachable", "its answer is not HTTP"),
    ],
)
def test_nonsense_of_a_server_is_told(workspace, server, path, code, words) -> None:
    """Any bytes may come from outside (R-12.2)."""
    found, summary, _ = failure(workspace, server.address + path, retries=0)
    assert (found, words in summary) == (code, True)


def test_a_silent_server_is_given_up(workspace, server) -> None:
    """A run must not hang for ever."""
    code, summary, _ = failure(workspace, f"{server.address}/silent", silence_seconds=0.1, retries=0)
    assert (code, summary) == (
        "address-unreachable",
        f"{server.address}/silent cannot be reached: it did not answer within 0.1 seconds.",
    )


def test_a_slow_server_is_given_up(workspace, server) -> None:
    """A byte now and then is no answer either."""
    code, summary, _ = failure(workspace, f"{server.address}/endless", total_seconds=-1.0)
    assert (code, "took more than" in summary) == ("address-unreachable", True)


def test_nobody_there_is_told(workspace) -> None:
    """The most common fault of all needs the clearest words."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        tcp_port = free.getsockname()[1]
    code, summary, hint = failure(workspace, f"http://127.0.0.1:{tcp_port}/x")
    assert (code, summary) == (
        "address-unreachable",
        f"http://127.0.0.1:{tcp_port}/x cannot be reached: nothing accepts connections there.",
    )
    assert hint == "It was tried 4 times. Try again later, or check the address."


def test_a_server_that_does_not_exist_is_told(workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is reserved for not existing (RFC 6761)."""
    monkeypatch.setenv("no_proxy", "*")
    code, summary, _ = failure(workspace, "https://nothing.invalid/x.csv", retries=0)
    assert code == "address-unreachable"
    assert summary.startswith("https://nothing.invalid/x.csv cannot be reached: ")


def test_a_cancelled_run_stops_fetching(workspace, server) -> None:
    """Cancel works within a second (R-3.4)."""
    cancel = threading.Event()
    cancel.set()
    assert failure(workspace, f"{server.address}/endless", cancel=cancel)[0] == "cancelled"


def test_an_untrusted_certificate_is_told(workspace, tmp_path: Path, monkeypatch) -> None:
    """Never a silent fetch from somebody else's server."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the program openssl to make a certificate")
    monkeypatch.setenv("no_proxy", "*")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    command = ["openssl", *request.split(), "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"

    def serve(listener: socket.socket, connections: int) -> None:
        for _ in range(connections):
            connection, _ = listener.accept()
            connection.settimeout(10)
            try:
                with context.wrap_socket(connection, server_side=True) as protected:
                    protected.recv(4096)
                    protected.sendall(answer)
                    protected.unwrap()
            except OSError:
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=serve, args=(listener, 3))
        thread.start()
        address = f"https://localhost:{listener.getsockname()[1]}/x.csv"
        code, summary, _ = failure(workspace, address)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        other = failure(workspace, address.replace("localhost", "127.0.0.1"))
        fetched = fetch(workspace, address)
        thread.join(10)
    assert code == other[0] == "address-certificate"
    assert summary.startswith(f'The certificate of "{address.split("/")[2]}" is not trusted: ')
    assert fetched.digest == digest_bytes(b"ok")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "http://example.org",
            Address("http://example.org/", "http://example.org/", "example.org", "", None),
        ),
        (
            "HTTPS://ann:x@Example.org:8443/a b/ü.csv?q=ö&k=1#part",
            Address(
                "https://example.org:8443/a%20b/%C3%BC.csv?q=%C3%B6&k=1",
                "https://example.org:8443/a%20b/%C3%BC.csv?…",
                "example.org:8443",
                "/a b/ü.csv",
                ("ann", "x"),
            ),
        ),
        (
            "http://münchen.de/x%20y",
            Address(*["http://xn--mnchen-3ya.de/x%20y"] * 2, "xn--mnchen-3ya.de", "/x y", None),
        ),
        ("http://[::1]:80/x", Address(*["http://[::1]:80/x"] * 2, "[::1]:80", "/x", None)),
    ],
)
def test_addresses_are_taken_apart_as_a_browser_does(text: str, expected: Address) -> None:
    """People paste what their browser shows."""
    assert (is_address(text), parse_address(text)) == (True, expected)


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd",
        "ftp://example.org/x",
        "htpps://example.org/x",
        "http://",
        "http:///x",
        "http://ann:secret@",
        "http://example.org:99999/x",
        "http://example.org:x/x",
        "http://exa mple.org/",
        "http://example.org/\r\nHost: other",
        "http://[::1/x",
        "http://" + "a" * 64 + ".org/",
    ],
)
def test_what_is_no_address_is_refused(workspace, text: str) -> None:
    """Nothing but http(s), and nothing that could smuggle a header (R-12.2)."""
    code, summary, hint = failure(workspace, text)
    assert (code, "secret" in summary + hint) == ("bad-address", False)


@pytest.mark.parametrize("text", ["data/x.csv", "C:\\data\\x.csv", "/data/x.csv", "http:x", "", "://x"])
def test_everything_else_is_a_path(text: str) -> None:
    """A file may have almost any name."""
    assert is_address(text) is False
