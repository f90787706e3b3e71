"""Keeps the secrets of a workspace in one encrypted file; values leave it only to be put into an address."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studiolo.domain.nearest import did_you_mean
from studiolo.domain.secret_names import SHORTEST_VALUE, is_secret_name, unknown_secret
from studiolo.errors import UserError
from studiolo.secrets.key import VARIABLE, key_path, make_key, read_key
from studiolo.store.failures import storing
from studiolo.store.temporary import TemporaryFile, sync_folder

FILE = "secrets.json"
LONGEST_VALUE = 16_384
_FORMAT = 1
_NONCE_BYTES = 12


@dataclass(frozen=True)
class SecretFacts:
    """What may be known of a secret.

    Attributes:
        name: by which addresses want it.
        changed: when it was set, seconds since the epoch.
    """

    name: str
    changed: float


class SecretStore:
    """The secrets of one workspace. Safe from several threads and processes.

    Each value is sealed by AES-256-GCM, bound to its name and workspace: a value that was moved to another name
    does not open. The names are not secret.

    Args:
        folder: `.studiolo` of the workspace.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / FILE

    def facts(self) -> list[SecretFacts]:
        """Give what there is, by name; needs no key.

        Raises:
            UserError: `secrets-damaged`.
        """
        held = self._read()["secrets"]
        return [SecretFacts(name, float(held[name].get("changed", 0))) for name in sorted(held)]

    def names(self) -> list[str]:
        """Give the names, sorted.

        Raises:
            UserError: `secrets-damaged`.
        """
        return sorted(self._read()["secrets"])

    def set(self, name: str, value: str) -> None:
        """Keep a value under a name; an earlier one is forgotten.

        Raises:
            UserError: `bad-secret`: the name or the value can't be used; `secrets-key-missing`, `bad-secrets-key`,
                `secrets-damaged`.
        """
        _check(name, value)
        with self._locked():
            document = self._read()
            key = self._key(document, may_make=True)
            nonce = os.urandom(_NONCE_BYTES)
            sealed = _cipher(key).encrypt(nonce, value.encode(), _bound(document["id"], name))
            entry = {"sealed": base64.b64encode(nonce + sealed).decode(), "changed": time.time()}
            self._write({**document, "secrets": {**document["secrets"], name: entry}})

    def remove(self, name: str) -> None:
        """Forget a secret.

        Raises:
            UserError: `unknown-secret`, `secrets-damaged`.
        """
        with self._locked():
            document = self._read()
            if name not in document["secrets"]:
                hint = did_you_mean(name, document["secrets"], "secret")
                raise UserError("unknown-secret", f'The workspace has no secret "{name[:80]}".', hint)
            rest = {other: entry for other, entry in document["secrets"].items() if other != name}
            self._write({**document, "secrets": rest})

    def values(self, names: Iterable[str]) -> dict[str, str]:
        """Give the values of secrets by name.

        Raises:
            UserError: `unknown-secret`, `secrets-key-missing`, `bad-secrets-key`, `secrets-damaged`.
        """
        wanted = list(names)
        if not wanted:
            return {}
        document = self._read()
        for name in wanted:
            if name not in document["secrets"]:
                raise unknown_secret(name, document["secrets"])
        cipher = _cipher(self._key(document, may_make=False))
        return {name: self._opened(cipher, document, name) for name in wanted}

    def _opened(self, cipher: Any, document: Mapping[str, Any], name: str) -> str:
        from cryptography.exceptions import InvalidTag

        try:
            sealed = base64.b64decode(document["secrets"][name]["sealed"], validate=True)
            value = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(document["id"], name))
            return bytes(value).decode()
        except (InvalidTag, KeyError, TypeError, ValueError):
            raise UserError(
                "secrets-key-missing",
                f'The secret "{name}" was sealed with another key than the one that is here.',
                f"Bring that key (the variable {VARIABLE}, or its file), or set the secret anew.",
            ) from None

    def _key(self, document: dict[str, Any], *, may_make: bool) -> bytes:
        if not document["id"]:
            document["id"] = os.urandom(16).hex()
            return make_key(document["id"])
        key = read_key(document["id"])
        if key is None and may_make and not document["secrets"]:
            return make_key(document["id"])
        if key is None:
            raise UserError(
                "secrets-key-missing",
                "The key of the workspace's secrets is not on this machine.",
                f"Copy it to {key_path(document['id'])}, or give it in the variable {VARIABLE}. "
                "If it is lost, remove the secrets and set them anew.",
            )
        return key

    def _read(self) -> dict[str, Any]:
        try:
            document: Any = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {"format": _FORMAT, "id": "", "secrets": {}}
        except (OSError, ValueError) as error:
            raise self._damaged(str(error)) from None
        is_ours = isinstance(document, dict) and document.get("format") == _FORMAT
        if (
            not is_ours
            or not isinstance(document.get("id"), str)
            or not isinstance(document.get("secrets"), dict)
        ):
            raise self._damaged("it is not what studiolo writes")
        if not all(isinstance(entry, dict) for entry in document["secrets"].values()):
            raise self._damaged("it is not what studiolo writes")
        return dict(document)

    def _damaged(self, why: str) -> UserError:
        return UserError(
            "secrets-damaged",
            f"The file of the workspace's secrets can't be read: {why[:200]}.",
            f"Remove {self._path} and set the secrets anew.",
        )

    def _write(self, document: Mapping[str, Any]) -> None:
        with storing(self._folder, None), TemporaryFile(self._folder, 0o600) as file:
            file.write(json.dumps(document, indent=1).encode())
            os.fdatasync(file.descriptor)
            file.place(self._path)
            sync_folder(self._folder)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / "secrets.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _check(name: str, value: str) -> None:
    if not is_secret_name(name):
        raise UserError(
            "bad-secret",
            f"{name[:80]!r} can't be the name of a secret.",
            "Use letters, digits, _, . and -, at most 64, as in warehouse-password.",
        )
    if not SHORTEST_VALUE <= len(value) <= LONGEST_VALUE or "\0" in value:
        raise UserError(
            "bad-secret",
            f'The value for the secret "{name}" can\'t be used: it has {len(value)} characters.',
            f"It takes {SHORTEST_VALUE} to {LONGEST_VALUE} characters: shorter ones can't be kept out of messages.",
        )


def _cipher(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _bound(id: str, name: str) -> bytes:
    return f"studiolo secret {id} {name}".encode()
