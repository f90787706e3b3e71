"""A script that lacks a network grant is told which one (R-1.9 (1): a denied action names the grant)."""

from __future__ import annotations

import pytest

from studiolo.errors import ScriptError, UserError, Where, WorkerError
from studiolo.worker.denials import better_error
from studiolo.worker.network.rules import Denied

GENERAL = (
    'A script has no network unless its node is granted a host and port: `grants: {network: ["host:443"]}`.'
)
AT = Where(node="clean", file="clean.py", line=3)


def error(summary="ConnectionResetError: [Errno 104] Connection reset by peer", hint="", traceback=""):
    return ScriptError("script-raised", summary, hint, AT, traceback=traceback, shown=1)


def hint(*denied, grants=(), **values):
    return better_error(error(**values), denied, grants).hint


def test_the_hint_names_the_grant_literally():
    """It is copied into the experiment."""
    better = better_error(error(), [Denied("example.org", 443)], ["other.org:443"])
    assert better.hint == (
        'Node clean may not reach example.org:443. To allow it: `grants: {network: ["example.org:443"]}`; '
        "studiolo.toml has to allow it too, under [grants]."
    )
    assert (better.summary, better.where, better.details) == (error().summary, AT, {"shown": 1})


def test_a_port_that_dns_does_not_know_comes_from_the_script():
    """The child found host and port in the frames of the exception."""
    named = GENERAL.replace("host:443", "example.org:8443")
    assert '["example.org:8443"]' in hint(Denied("example.org", None), hint=named)
    assert '["example.org:8443"]' in hint(Denied("tracker.example", 443), hint=named)
    assert '["example.org:80"]' in hint(Denied("example.org", None), Denied("example.org", 80), hint=GENERAL)
    assert '["example.org:PORT"]' in hint(Denied("example.org", None), hint=GENERAL)


def test_without_a_gate_the_childs_own_finding_is_told():
    """A port that nothing listens on is refused by the kernel: the gate never hears of it."""
    named = GENERAL.replace("host:443", "[fe80::1]:22")
    assert hint(hint=named, grants=["a.org:443"]).startswith(
        "Node clean may not reach [fe80::1]:22. To allow it"
    )
    assert hint(hint=GENERAL) == GENERAL


def test_what_is_granted_and_failed_is_not_called_forbidden():
    """The grant is right: looking for another one would be time lost."""
    named = GENERAL.replace("host:443", "a.org:443")
    told = "Node clean may reach a.org:443, but the connection failed on the way or at the other end."
    assert hint(hint=named, grants=["A.org:443"]) == told
    assert hint(hint=named, grants=["*"]) == told


def test_a_granted_name_that_stands_for_the_host_names_the_address():
    """A name never stands for loopback; the address itself can be granted."""
    named = GENERAL.replace("host:443", "a.org:443")
    assert '["127.0.0.1:443"]' in hint(Denied("127.0.0.1", 443), hint=named, grants=["a.org:443"])
    assert '["[::1]:443"]' in hint(Denied("::1", 443), hint=named, grants=["a.org:443"])


@pytest.mark.parametrize(
    "values",
    [
        {"summary": "SSLEOFError: EOF occurred in violation of protocol"},
        {"summary": "ConnectionError: ('Connection aborted.', RemoteDisconnected('...'))"},
        {"summary": "OperationalError: server closed the connection unexpectedly"},
        {
            "summary": "MyError: no data",
            "traceback": "Traceback\n  File x\nConnectionResetError: [Errno 104]\n\nMyError",
        },
    ],
)
def test_network_errors_of_libraries_are_known(values):
    """The library's own exception, or one it came from."""
    assert "example.org:443" in hint(Denied("example.org", 443), **values)


@pytest.mark.parametrize(
    "other",
    [
        None,
        UserError("script-raised", "URLError"),
        WorkerError("wall-limit", "The job ran for 60 s"),
        ScriptError("missing-library", "ImportError: URLError"),
        ScriptError("script-raised", "KeyError: 'age'", 'There is "Age".'),
        ScriptError("script-raised", "KeyError: 'age'", traceback="  ConnectionError = 5\nKeyError: 'age'"),
    ],
)
def test_other_errors_stay_as_they_are(other):
    """A denied connection that the script coped with explains nothing."""
    assert better_error(other, [Denied("example.org", 443)], []) is other
