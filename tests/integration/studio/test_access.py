"""Token, sessions and own names: who gets into the studio (R-12.1)."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from studiolo.errors import UserError
from studiolo.server.studio.origins import Origins
from studiolo.studio import access as access_file
from studiolo.studio.access import MOST_WRONG, Access

OWN = {"host": "127.0.0.1:8765"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the secrets lie."""
    return tmp_path / "studio"


def test_the_token_is_a_secret_of_its_owner_and_stays_the_same(folder: Path) -> None:
    """Other accounts of the machine must not read it, and a restart must not sign people out (R-12.1)."""
    first = Access(folder)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", first.token)
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    session = first.begin_session()
    (folder / "token").chmod(0o644)
    second = Access(folder)
    assert second.token == first.token
    assert second.is_session(session)
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600


def test_a_removed_or_damaged_token_is_made_anew_and_ends_every_session(folder: Path) -> None:
    """Removing the file is the way to sign everybody out; half a file must not become a weak token (R-12.1)."""
    before = Access(folder)
    session = before.begin_session()
    (folder / "token").write_text("short")
    after = Access(folder)
    assert after.token != before.token
    assert not after.is_session(session)


def test_no_changed_cookie_is_a_session(folder: Path) -> None:
    """A cookie is signed as a whole: id, time and signature (R-12.1)."""
    access = Access(folder)
    session = access.begin_session()
    assert access.is_session(session)
    for place, character in enumerate(session):
        changed = session[:place] + ("1" if character != "1" else "2") + session[place + 1 :]
        assert not access.is_session(changed)
    assert not any(
        access.is_session(text) for text in ("", ".", "x" * 10_000, session + "0", session.upper())
    )


def test_a_session_ends_by_age_and_by_signing_out_also_after_a_restart(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stolen cookie is worth nothing once its owner has signed out (R-12.1)."""
    access = Access(folder)
    kept, ended = access.begin_session(), access.begin_session()
    access.end_session(ended)
    access.end_session("nonsense")
    assert (access.is_session(kept), access.is_session(ended)) == (True, False)
    again = Access(folder)
    assert (again.is_session(kept), again.is_session(ended)) == (True, False)
    now = access_file.time.time()
    monkeypatch.setattr(access_file.time, "time", lambda: now + access_file.SESSION_SECONDS + 1)
    assert not again.is_session(kept)
    Access(folder)
    assert (folder / "signed-out").read_text() == ""  # what is too old anyway is not remembered for ever


def test_wrong_tokens_are_counted_by_caller(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing is slowed down, and one guesser locks nobody else out (R-12.1)."""
    access = Access(folder)
    assert [access.is_token(text, "a") for text in ("", "x", "\ud800", access.token[:-1])] == [False] * 4
    assert access.is_token(access.token, "a")  # a right one begins the count anew
    assert not any(access.is_token("wrong", "a") for _ in range(MOST_WRONG))
    with pytest.raises(UserError) as refused:
        access.is_token(access.token, "a")
    assert refused.value.code == "too-many-tries"
    assert 0 < refused.value.details["retry_after_seconds"] <= 61
    assert access.is_token(access.token, "b")
    now = access_file.time.monotonic()
    monkeypatch.setattr(access_file.time, "monotonic", lambda: now + access_file.WINDOW_SECONDS)
    assert access.is_token(access.token, "a")


def test_a_token_for_a_browsers_command_line_works_once(folder: Path) -> None:
    """Every account sees the arguments of a program; what it sees there must be spent (R-12.1)."""
    access = Access(folder)
    once = access.make_once()
    assert [access.is_token(once, "a"), access.is_token(once, "a")] == [True, False]


@pytest.mark.parametrize(
    ("listening", "address", "host", "is_own"),
    [
        ("127.0.0.1", None, "127.0.0.1:8765", True),
        ("127.0.0.1", None, "localhost:9000", True),
        ("127.0.0.1", None, "LOCALHOST", True),
        ("127.0.0.1", None, "[::1]:8765", True),
        ("127.0.0.1", None, "evil.example:8765", False),
        ("127.0.0.1", None, "192.168.1.5:8765", False),
        ("127.0.0.1", None, "127.0.0.1.evil.example", False),
        ("127.0.0.1", None, "", False),
        ("127.0.0.1", None, "localhost:x", False),
        ("127.0.0.1", None, "localhost@evil.example", False),
        ("127.0.0.1", "https://ml.example.org", "ml.example.org", True),
        ("127.0.0.1", "https://ml.example.org", "evil.example", False),
        ("0.0.0.0", None, "192.168.1.5:8765", True),
        ("0.0.0.0", None, "evil.example:8765", False),
    ],
)
def test_only_names_that_nobody_else_can_own_are_answered(
    listening: str, address: str | None, host: str, is_own: bool
) -> None:
    """A stranger's name that points to this machine would make their page "the same origin" (R-12.1)."""
    assert Origins(listening, address).is_own_host(host) is is_own


@pytest.mark.parametrize(
    ("headers", "is_changing", "is_own"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"x-studiolo": "1"}, True, True),
        ({"x-studiolo": "1", "sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8765"}, True, True),
        ({"x-studiolo": "1", "sec-fetch-site": "same-site"}, True, False),
        ({"x-studiolo": "1", "sec-fetch-site": "none"}, True, False),
        ({"x-studiolo": "1", "origin": "http://127.0.0.1:3000"}, True, False),
        ({"x-studiolo": "1", "origin": "null"}, True, False),
        ({"sec-fetch-site": "none"}, False, True),
        ({"sec-fetch-site": "cross-site"}, False, False),
        ({"sec-fetch-site": "same-site"}, False, False),
    ],
)
def test_a_request_with_a_cookie_comes_from_our_own_page(
    headers: dict[str, str], is_changing: bool, is_own: bool
) -> None:
    """Cookies go along with requests that other pages of the same machine make (R-12.1)."""
    assert Origins("127.0.0.1").is_from_own_page({**OWN, **headers}, is_changing=is_changing) is is_own


def test_a_proxys_address_is_an_own_origin_and_a_socket_says_who_opens_it() -> None:
    """Behind a proxy the page's origin is the proxy's; a WebSocket without an origin is no page's (R-12.1)."""
    origins = Origins("127.0.0.1", "https://ml.example.org")
    page = {"host": "127.0.0.1:8765", "origin": "https://ml.example.org", "x-studiolo": "1"}
    assert origins.is_from_own_page(page, is_changing=True)
    assert origins.is_own_socket(page)
    assert not origins.is_own_socket(OWN)
    assert not origins.is_own_socket({**OWN, "origin": "https://evil.example"})
    assert origins.is_secure
