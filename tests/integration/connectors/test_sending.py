"""Content is sent to addresses by PUT or POST."""

from __future__ import annotations

import os

import pytest
from tests.integration.connectors.conftest import LOCAL

from studiolo.connectors import WrittenTarget, write_target
from studiolo.connectors.http import HttpLimits
from studiolo.errors import UserError

TABLE = b"region,churned\nnorth,1\nsouth,0\n"
LIMITS = HttpLimits(backoff_seconds=0.0, silence_seconds=5.0)


def send(workspace, address: str, data: bytes = TABLE, **facts) -> WrittenTarget:
    descriptor = os.memfd_create("result")
    try:
        os.write(descriptor, data)
        return write_target(
            address, descriptor, len(data), workspace.root, network=LOCAL, limits=LIMITS, **facts
        )
    finally:
        os.close(descriptor)


def failure(workspace, address: str, **facts) -> tuple[str, str, str]:
    with pytest.raises(UserError) as caught:
        send(workspace, address, **facts)
    return caught.value.code, caught.value.summary, caught.value.hint


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("size", [0, 31, 1_000_000])
def test_content_arrives_whole(workspace, server, method: str, size: int) -> None:
    """Export Data writes to http(s) addresses (R-4.3)."""
    data = os.urandom(size)
    written = send(workspace, f"{server.address}/x.csv?sig=secret", data, method=method)
    assert written == WrittenTarget(f"{server.address}/x.csv?…", size, True)
    assert server.received == {"/x.csv?sig=secret": (data, "text/csv")}


def test_the_media_type_can_be_given(workspace, server) -> None:
    """An address often has no ending."""
    send(workspace, f"{server.address}/upload", media_type="application/vnd.apache.parquet")
    assert server.received == {"/upload": (TABLE, "application/vnd.apache.parquet")}


def test_a_put_is_tried_again_with_the_whole_content(workspace, server) -> None:
    """Putting the same twice is putting it once (RFC 9110, 9.2.2)."""
    server.failures = 2
    send(workspace, f"{server.address}/x.csv")
    assert (len(server.asked), server.received["/x.csv"][0]) == (3, TABLE)


def test_a_post_that_reached_the_server_is_not_sent_twice(workspace, server) -> None:
    """Posting twice may add the rows twice."""
    server.failures = 2
    code, summary, hint = failure(workspace, f"{server.address}/x.csv", method="POST")
    assert (code, summary) == (
        "address-status",
        f"{server.address}/x.csv answered 503 Service Unavailable.",
    )
    assert hint.endswith("It was not sent again, as the server may have acted on it already.")
    assert len(server.asked) == 1


def test_a_refusal_is_told_with_the_servers_words(workspace, server) -> None:
    """The server's error page says why, behind its markup."""
    assert failure(workspace, f"{server.address}/refused/x.csv") == (
        "address-status",
        f"{server.address}/refused/x.csv answered 403 Forbidden.",
        "The server knows the address but does not let you have it; a link may have expired. "
        "The server says: Quota of 3 MB is used up",
    )


def test_content_does_not_follow_redirects(workspace, server) -> None:
    """Data goes where the author said and nowhere else."""
    code, summary, _ = failure(workspace, f"{server.address}/redirect/http://127.0.0.1:1/x")
    assert (code, summary) == (
        "address-redirects",
        f"{server.address}/redirect/http://127.0.0.1:1/x sends to http://127.0.0.1:1/x.",
    )
    assert server.received == {}


def test_an_unknown_method_is_told(workspace, server) -> None:
    """Unknown names come with the nearest match."""
    assert failure(workspace, f"{server.address}/x.csv", method="put") == (
        "bad-method",
        'Content cannot be sent by the method "put".',
        'Did you mean "PUT"?',
    )
