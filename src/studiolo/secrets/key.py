"""The key that seals the secrets of a workspace: a file of the user, outside of the workspace, or a variable."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from pathlib import Path

from studiolo.errors import UserError

VARIABLE = "STUDIOLO_SECRETS_KEY"
_BYTES = 32
_ID = re.compile(r"[0-9a-f]{32}")


def is_id(id: object) -> bool:
    """Say whether this can be the id of a workspace's secrets; empty for one that has had none."""
    return isinstance(id, str) and (id == "" or _ID.fullmatch(id) is not None)


def key_path(id: str, environment: Mapping[str, str] | None = None) -> Path:
    """Give where the key of a workspace lies: `studiolo/keys` in the user's folder of settings.

    Args:
        id: of the workspace's secrets, 32 hexadecimal digits; it goes with the workspace when that is moved.
        environment: variables; those of this process when None.
    """
    given = os.environ if environment is None else environment
    if not _ID.fullmatch(id):
        raise ValueError("no id of a workspace's secrets")
    root = given.get("XDG_CONFIG_HOME") or ""
    folder = Path(root) if root.startswith("/") else Path(given.get("HOME") or "/", ".config")
    return folder / "studiolo" / "keys" / f"{id}.key"


def given_key(environment: Mapping[str, str] | None = None) -> bytes | None:
    """Give the key that the variable `STUDIOLO_SECRETS_KEY` holds, or None.

    Raises:
        UserError: `bad-secrets-key`.
    """
    text = (os.environ if environment is None else environment).get(VARIABLE, "").strip()
    if not text:
        return None
    key = _decoded(text)
    if key is None:
        raise UserError(
            "bad-secrets-key",
            f"The variable {VARIABLE} holds no key: 32 bytes in base64 are needed.",
            "Make one: openssl rand -base64 32",
        )
    return key


def read_key(id: str) -> bytes | None:
    """Give the key of the workspace with this id, or None when there is none here.

    Raises:
        UserError: `bad-secrets-key`.
    """
    key = given_key()
    if key is not None:
        return key
    path = key_path(id)
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, os.strerror(error.errno or 0)) from None
    key = _decoded(text.strip())
    if key is None:
        raise _unusable(path, "it does not hold 32 bytes in base64")
    return key


def make_key(id: str) -> bytes:
    """Make the key of a workspace and keep it in a file that its owner alone may read.

    Raises:
        UserError: `bad-secrets-key`: the file can't be written.
    """
    key = given_key()
    if key is not None:
        return key
    key, path = os.urandom(_BYTES), key_path(id)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise _unusable(path, os.strerror(error.errno or 0)) from None
    return key


def _decoded(text: str) -> bytes | None:
    try:
        if re.fullmatch(r"[0-9a-fA-F]{64}", text):
            return bytes.fromhex(text)
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == _BYTES else None


def _unusable(path: Path, why: str) -> UserError:
    return UserError(
        "bad-secrets-key",
        f"The key of the workspace's secrets can't be used: {why}.",
        f"It lies in {path}. On a server, give the key in the variable {VARIABLE} instead.",
    )
