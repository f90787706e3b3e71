"""Keeps the secrets of a workspace in one encrypted file; values leave it only to be put into an address."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studiolo.domain.nearest import did_you_mean
from studiolo.domain.secret_names import SHORTEST_VALUE, Secret, is_secret_name, unknown_secret
from studiolo.errors import UserError
from studiolo.secrets.key import VARIABLE, is_id, key_path, make_key, read_key
from studiolo.store.failures import storing
from studiolo.store.temporary import TemporaryFile, sync_folder

FILE = "secrets.json"
LONGEST_VALUE = 16_384
_FORMAT = 1
_NONCE_BYTES = 12
_HOST = re.compile(r"[^\s:,@/\[\]]+:([0-9]{1,5}|\*)|\[[0-9a-fA-F:.]+\]:([0-9]{1,5}|\*)")


@dataclass(frozen=True)
class SecretFacts:
    """What may be known of a secret.

    Attributes:
        name: by which addresses want it.
        changed: when it was set, seconds since the epoch.
        hosts: patterns of the only servers it may go to; none for all that the workspace allows.
    """

    name: str
    changed: float
    hosts: tuple[str, ...] = ()


class SecretStore:
    """The secrets of one workspace. Safe from several threads and processes.

    Each value is sealed by AES-256-GCM, bound to its name, hosts and workspace: a value that was moved to
    another name does not open. The names are not secret.

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
        return [
            SecretFacts(name, float(held[name].get("changed", 0)), _hosts(held[name]))
            for name in sorted(held)
        ]

    def names(self) -> list[str]:
        """Give the names, sorted.

        Raises:
            UserError: `secrets-damaged`.
        """
        return sorted(self._read()["secrets"])

    def set(self, name: str, value: str, hosts: Sequence[str] = ()) -> None:
        """Keep a value under a name; an earlier one is forgotten.

        Args:
            name: by which addresses want it.
            value: password or key.
            hosts: patterns `HOST:PORT` of the only servers it may go to; none for all that the workspace allows.

        Raises:
            UserError: `bad-secret`: the name or the value can't be used; `secrets-key-missing`, `bad-secrets-key`,
                `secrets-damaged`.
        """
        _check(name, value, hosts)
        with self._locked():
            document = self._read()
            key = self._key(document, may_make=True)
            nonce = os.urandom(_NONCE_BYTES)
            sealed = _cipher(key).encrypt(nonce, value.encode(), _bound(document["id"], name, hosts))
            entry = {
                "sealed": base64.b64encode(nonce + sealed).decode(),
                "changed": time.time(),
                "hosts": list(hosts),
            }
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

    def values(self, names: Iterable[str]) -> dict[str, Secret]:
        """Give secrets with their values, by name.

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

    def _opened(self, cipher: Any, document: Mapping[str, Any], name: str) -> Secret:
        from cryptography.exceptions import InvalidTag

        try:
            entry = document["secrets"][name]
            sealed, hosts = base64.b64decode(entry["sealed"], validate=True), _hosts(entry)
            bound = _bound(document["id"], name, hosts)
            value = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
            return Secret(bytes(value).decode(), hosts)
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
        except (OSError, ValueError, RecursionError) as error:
            raise self._damaged(str(error)) from None
        is_ours = isinstance(document, dict) and document.get("format") == _FORMAT
        if not is_ours or not is_id(document.get("id")) or not isinstance(document.get("secrets"), dict):
            raise self._damaged("it is not what studiolo writes")
        if not all(_is_entry(entry) for entry in document["secrets"].values()):
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


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or type(entry.get("changed", 0)) not in (int, float):
        return False
    hosts = entry.get("hosts", [])
    return isinstance(hosts, list) and all(isinstance(one, str) for one in hosts)


def _hosts(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(one) for one in entry.get("hosts") or ())


def _check(name: str, value: str, hosts: Sequence[str]) -> None:
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

    for host in hosts:
        if not _HOST.fullmatch(host):
            raise UserError(
                "bad-secret",
                f'The secret "{name}" can\'t be for {host[:80]!r}, which is no host with a TCP port.',
                "As in db.example:5432; * may stand for a part of the name or for the port.",
            )


def _cipher(key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _bound(id: str, name: str, hosts: Sequence[str]) -> bytes:
    return json.dumps(["studiolo secret", id, name, list(hosts)]).encode()
