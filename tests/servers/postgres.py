"""A PostgreSQL server of Debian's package, made and started by the tests, for one user with a password."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers.programs import free_port, is_open, wait_for

USER, PASSWORD = "ada", "p@ss/w:rd {x}%41"
_OTHER_USER = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")
"""The server refuses to run as root."""


_CLUSTER = ("--no-sync", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C")


@dataclass(frozen=True)
class Postgres:
    """A running server.

    Attributes:
        port: TCP port on the loopback.
    """

    port: int

    @property
    def place(self) -> str:
        """Host and TCP port, as studiolo.toml has it."""
        return f"127.0.0.1:{self.port}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """Connect as a test does, past studiolo; each statement is its own transaction."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database, autocommit=True
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Give what a query gives; nothing for other statements."""
        with self.connect() as connection:
            cursor = connection.execute(query)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    if program is None:
        pytest.skip("PostgreSQL is missing: apt-get install postgresql")
    return Path(program).parent


def _write_certificate(folder: Path, is_others: bool) -> None:
    """Give the server a certificate that nobody else has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    for file, data in (("server.crt", signed), ("server.key", secret)):
        (folder / file).write_bytes(data)
        (folder / file).chmod(0o600)
        if is_others:
            shutil.chown(folder / file, "nobody", "nogroup")


def _make_cluster(programs: Path, folder: Path, before: tuple[str, ...]) -> None:
    """Make the files of an empty server in `folder`, whose one user has a password."""
    secret = folder / "password"
    secret.write_text(f"{PASSWORD}\n")
    secret.chmod(0o644)
    made = subprocess.run(
        [
            *before,
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            USER,
            f"--pwfile={secret}",
            *_CLUSTER,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert made.returncode == 0, made.stderr[-2000:]


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a server with an empty cluster until the end of the block."""
    programs, port = _programs(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="studiolo-postgres-"))
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:
        before = _OTHER_USER
        shutil.chown(folder, "nobody", "nogroup")
    try:
        _make_cluster(programs, folder, before)
        _write_certificate(folder / "data", bool(before))
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "ssl": "on",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (folder / "output.txt").open("wb") as output:
            process = subprocess.Popen(
                [*before, programs / "postgres", "-D", folder / "data", "-p", str(port), *words],
                cwd=folder,
                stdout=output,
                stderr=output,
            )
            try:
                wait_for(lambda: process.poll() is not None or is_open(port), 120)
                assert process.poll() is None, (folder / "output.txt").read_text()[-2000:]
                yield Postgres(port)
            finally:
                process.send_signal(signal.SIGINT)  # ends connections, then itself
                process.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
