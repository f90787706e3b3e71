"""Who may use the studio: the token of the terminal's link, and the sessions that it begins (R-12.1).

Does not know the web: `server/studio/guard.py` reads headers and cookies.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import threading
import time
from collections import OrderedDict
from pathlib import Path

from studiolo.errors import UserError
from studiolo.store.failures import storing

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
SESSION = re.compile(r"([0-9a-f]{32})\.([0-9]{1,12})\.([0-9a-f]{64})")
SESSION_SECONDS = 30 * 24 * 3600
WINDOW_SECONDS = 60.0
MOST_WRONG = 20
MOST_CALLERS = 10_000


class Access:
    """The token of a workspace's studio and its sessions.

    The token is made once and lies in a file that only its owner may read. A session's cookie is signed with it, so
    sessions outlive the server; signed-out ones are remembered. Who removes the file signs everybody out.

    Args:
        folder: for the secrets, `.studiolo/studio`; made when it is missing.

    Raises:
        UserError: `workspace-unwritable` or `workspace-disk-full`.
    """

    def __init__(self, folder: Path) -> None:
        with storing(folder.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)
            self._token = _read_or_make(folder / "token")
            self._ended_file = folder / "signed-out"
            self._ended = self._read_ended()
        self._key = hashlib.sha256(b"studiolo session " + self._token.encode()).digest()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._once: dict[bytes, float] = {}
        self._lock = threading.Lock()

    @property
    def token(self) -> str:
        """The token, for the link in the terminal."""
        return self._token

    def make_once(self) -> str:
        """Give a token that works once, within a minute: for a browser's command line, which others can see."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._once[_digest(token)] = time.monotonic() + WINDOW_SECONDS
        return token

    def is_token(self, given: str, caller: str) -> bool:
        """Tell whether a text is the token. Takes the same time for every wrong one.

        Args:
            given: what somebody says it is.
            caller: address of who says so; wrong tokens are counted by it.

        Raises:
            UserError: `too-many-tries`, for right ones too, with `retry_after_seconds` in its details.
        """
        now = time.monotonic()
        with self._lock:
            count, since = self._wrong.get(caller, (0, now))
            if now - since >= WINDOW_SECONDS:
                count, since = 0, now
            if count >= MOST_WRONG:
                wait = int(since + WINDOW_SECONDS - now) + 1
                raise UserError(
                    "too-many-tries",
                    f"{MOST_WRONG} wrong tokens came from {caller} within a minute.",
                    f"Try again in {wait} s, with the link that studiolo start printed.",
                    retry_after_seconds=wait,
                )
            digest = _digest(given)
            is_once = self._once.pop(digest, 0.0) > now
            if hmac.compare_digest(digest, _digest(self._token)) or is_once:
                self._wrong.pop(caller, None)
                return True
            self._wrong[caller] = (count + 1, since)
            self._wrong.move_to_end(caller)
            if len(self._wrong) > MOST_CALLERS:
                self._wrong.popitem(last=False)
            return False

    def begin_session(self) -> str:
        """Give the cookie of a new session."""
        id, began = secrets.token_hex(16), int(time.time())
        return f"{id}.{began}.{self._sign(id, began)}"

    def is_session(self, cookie: str) -> bool:
        """Tell whether a cookie is one of ours, neither ended nor older than 30 days."""
        return self._session_id(cookie) is not None

    def end_session(self, cookie: str) -> None:
        """End a session for good; a cookie that is none is left alone.

        Raises:
            UserError: `workspace-unwritable` or `workspace-disk-full`.
        """
        id = self._session_id(cookie)
        if id is None:
            return
        with self._lock, storing(self._ended_file.parent):
            self._ended[id] = time.time()
            descriptor = os.open(self._ended_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{id} {int(time.time())}\n")

    def _session_id(self, cookie: str) -> str | None:
        found = SESSION.fullmatch(cookie)
        if found is None:
            return None
        id, began, signature = found[1], int(found[2]), found[3]
        is_ours = hmac.compare_digest(self._sign(id, began), signature)
        is_young = -60 <= time.time() - began < SESSION_SECONDS
        return id if is_ours and is_young and id not in self._ended else None

    def _sign(self, id: str, began: int) -> str:
        return hmac.new(self._key, f"{id}.{began}".encode(), hashlib.sha256).hexdigest()

    def _read_ended(self) -> dict[str, float]:
        """Give the sessions that were ended, and write the file anew without those that are too old anyway."""
        try:
            lines = self._ended_file.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return {}
        earliest = time.time() - SESSION_SECONDS
        found = [re.fullmatch(r"([0-9a-f]{32}) ([0-9]{1,12})", line) for line in lines]
        ended = {one[1]: float(one[2]) for one in found if one is not None and float(one[2]) > earliest}
        _write_secret(self._ended_file, "".join(f"{id} {int(at)}\n" for id, at in ended.items()))
        return ended


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _read_or_make(path: Path) -> str:
    """Give the token of a file; make both where there is none, or nothing that could be one."""
    try:
        known = path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        known = ""
    if TOKEN.fullmatch(known):
        path.chmod(0o600)
        return known
    _write_secret(path, secrets.token_urlsafe(32) + "\n")
    return path.read_text(encoding="ascii").strip()


def _write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
