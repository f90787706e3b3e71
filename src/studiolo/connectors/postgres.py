"""Speaks with a PostgreSQL server by libpq: its address, the connection, statements, and errors in words.

Only addresses that `[grants] network` covers are connected to. The name is resolved once, here; libpq gets the address
that was checked. No variable and no file of this user (`PGPASSWORD`, `.pgpass`, certificates) is used: an experiment
may come from somebody else.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from types import TracebackType
from urllib.parse import parse_qsl, unquote, urlsplit

from psycopg import pq

from studiolo.connectors.address import Address
from studiolo.connectors.connecting import Connecting
from studiolo.connectors.covering import check_covered
from studiolo.connectors.http import PassingError, check_cancel
from studiolo.connectors.postgres_talk import Talk
from studiolo.domain.addresses import host_port
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import UserError

SCHEMES = ("postgresql", "postgres")
USUAL_PORT = 5432
SSL_MODES = ("disable", "prefer", "require", "verify-full")
_OPTIONS = ("sslmode", "application_name")
_NOWHERE = "/nonexistent"
_GRACE_SECONDS = 30
_KNOWS_METHODS = 160_000
_SHOWN = 500
_ENDED = ("57P", "08P", "080")
"""Beginnings of SQLSTATE that say that the server, or the connection, goes away."""

_SETTINGS = (
    "SET client_encoding = 'UTF8'; SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET intervalstyle = 'iso_8601'; "
    "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET standard_conforming_strings = on; "
    "SET lock_timeout = '{lock}s'; SET statement_timeout = '{statement}s'; "
    "SET idle_in_transaction_session_timeout = '{statement}s'"
)


@dataclass(frozen=True)
class DatabaseLimits:
    """Bounds of one reading or writing.

    Attributes:
        size_bytes: longest text of all rows that are read.
        connect_seconds: longest time of making the connection.
        lock_seconds: longest wait for others who use the table.
        statement_seconds: longest time of one statement.
    """

    size_bytes: int = 16 << 30
    connect_seconds: int = 30
    lock_seconds: int = 60
    statement_seconds: int = 3600


@dataclass(frozen=True)
class Database:
    """A database of a PostgreSQL server.

    Attributes:
        host: name or literal address of the server.
        tcp_port: of the server.
        name: of the database; empty for that of the user's name.
        user: to sign in as.
        password: secret, may be empty.
        ssl_mode: one of `SSL_MODES`, or empty: `require` for public addresses, `prefer` for others.
        application: name that the server's lists show.
    """

    host: str
    tcp_port: int
    name: str
    user: str
    password: str = field(default="", repr=False)
    ssl_mode: str = ""
    application: str = "studiolo"

    @property
    def shown(self) -> str:
        """The address without the password."""
        return f"postgresql://{host_port(self.host, self.tcp_port)}/{self.name}"


def parse_database(text: str) -> Database:
    """Read `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…`, with the values of secrets in it.

    Raises:
        UserError: `bad-database-address`.
    """
    try:
        parts = urlsplit(text)
        host, tcp_port = parts.hostname or "", parts.port or USUAL_PORT
        name, query = (
            unquote(parts.path.removeprefix("/")),
            parse_qsl(parts.query, strict_parsing=bool(parts.query)),
        )
    except ValueError as error:
        raise _bad(str(error)) from None
    if not host or not re.fullmatch(r"[A-Za-z0-9._:%-]+", host):
        raise _bad("it names no server" if not host or "," not in host else "it names several servers")
    if "/" in name or any(ord(letter) < 32 for letter in unquote(text)):
        raise _bad("behind the server stands more than the name of a database")
    if not parts.username:
        raise _bad("it names no user")
    options = dict(query)
    for option in options:
        if option not in _OPTIONS:
            raise _bad(f'it has the option "{option[:40]}"', did_you_mean(option, _OPTIONS, "option"))
    mode = options.get("sslmode", "")
    if mode and mode not in SSL_MODES:
        raise _bad(f'its sslmode is "{mode[:40]}"', did_you_mean(mode, SSL_MODES, "mode"))
    return Database(
        host,
        tcp_port,
        name,
        unquote(parts.username),
        unquote(parts.password or ""),
        mode,
        options.get("application_name", "studiolo")[:60],
    )


def _bad(why: str, hint: str = "") -> UserError:
    form = "Write postgresql://USER:{secret:NAME}@HOST/DATABASE."
    return UserError(
        "bad-database-address", f"The address of the database can't be used: {why}.", f"{hint} {form}".strip()
    )


class Session:
    """A connection, from `open` to the end of the `with` block; what was begun and not committed is undone then.

    Args:
        database: where to.
        network: patterns of `[grants] network`.
        limits: its bounds.
        cancel: when set from another thread, the statement that runs is ended.
    """

    def __init__(
        self,
        database: Database,
        network: Sequence[str],
        limits: DatabaseLimits,
        cancel: threading.Event | None = None,
    ) -> None:
        self.database = database
        self._cancel = cancel
        self.talk = Talk(cancel, limits.statement_seconds + _GRACE_SECONDS)
        self._network = network
        self._limits = limits

    def __enter__(self) -> Session:
        """Connect and sign in.

        Raises:
            PassingError: another try may help.
            UserError: `address-not-allowed`, `database-unreachable`, `database-login`.
        """
        database = self.database
        place = (database.host, database.tcp_port)
        check_covered(place, self._network, "The experiment would connect to")
        address = Address(f"postgresql://{host_port(*place)}", database.shown, host_port(*place), "", None)
        try:
            found = Connecting(address, False, self._network).allowed(place)
        except OSError as error:
            raise self._unreachable(error.strerror or str(error)) from None
        try:
            message = self.talk.connect(self._parameters(found), self._limits.connect_seconds)
            if message:
                raise self._not_connected(message)
            lock, statement = self._limits.lock_seconds, self._limits.statement_seconds
            self.run(_SETTINGS.format(lock=lock, statement=statement))
        except BaseException:
            self.talk.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.talk.close()

    def run(self, statement: str, values: Sequence[str] = (), *, query: str = "") -> pq.abc.PGresult:
        """Run statements of ours; one alone when it has values.

        Raises:
            UserError: `database-error`, `database-timeout`.
        """
        connection = self.talk.connection
        if values:
            connection.send_query_params(statement.encode(), [value.encode() for value in values])
        else:
            connection.send_query(statement.encode())
        result = self.talk.result()
        self.check(result, query)
        assert result is not None
        return result

    def check(self, result: pq.abc.PGresult | None, query: str = "", offset: int = 0) -> None:
        """Raise when a result is an error.

        Args:
            result: of a statement.
            query: the author's text, for the place of the error in it.
            offset: number of characters that were put before it.

        Raises:
            PassingError: the connection was lost.
            UserError: `database-error`, `database-timeout`.
        """
        if result is not None and result.status not in (
            pq.ExecStatus.FATAL_ERROR,
            pq.ExecStatus.BAD_RESPONSE,
        ):
            return
        if result is None or not self.talk.is_alive or _state(result)[:3] in _ENDED:
            message = self.talk.connection.error_message.decode("utf-8", "replace")
            said = _field(result, pq.DiagnosticField.MESSAGE_PRIMARY) if result is not None else ""
            raise PassingError(self._unreachable(said or message or "the connection was lost"))
        raise self.error(result, query, offset)

    def error(self, result: pq.abc.PGresult, query: str, offset: int = 0) -> UserError:
        """Give the error that a result tells, in the server's words."""
        state = _state(result)
        said = _field(result, pq.DiagnosticField.MESSAGE_PRIMARY)
        hints = [
            _place(query, _field(result, pq.DiagnosticField.STATEMENT_POSITION), offset),
            _field(result, pq.DiagnosticField.MESSAGE_DETAIL),
            _field(result, pq.DiagnosticField.MESSAGE_HINT),
        ]
        server = host_port(self.database.host, self.database.tcp_port)
        hint = " ".join(one for one in hints if one)
        check_cancel(self._cancel)
        if state in ("57014", "55P03"):
            what = f"The database at {server} took too long: {said}."
            return UserError("database-timeout", what, hint or "Ask for less, or when it is less busy.")
        return UserError("database-error", f"The database at {server} says: {said}.", hint, sqlstate=state)

    def _parameters(self, addresses: Sequence[str]) -> bytes:
        database = self.database
        is_public = any(ip_address(one.partition("%")[0]).is_global for one in addresses)
        mode = database.ssl_mode or ("require" if is_public else "prefer")
        given = {
            "host": ",".join([database.host] * len(addresses)),
            "hostaddr": ",".join(addresses),
            "port": str(database.tcp_port),
            "dbname": database.name or database.user,
            "user": database.user,
            "password": database.password,
            "sslmode": mode,
            "sslrootcert": "system" if mode == "verify-full" else _NOWHERE,
            "sslcert": _NOWHERE,
            "sslkey": _NOWHERE,
            "sslcrl": "",
            "passfile": _NOWHERE,
            "gssencmode": "disable",
            **_methods(mode),
            "application_name": database.application,
            "options": "",
            "target_session_attrs": "any",
        }
        return " ".join(f"{name}={_quoted(value)}" for name, value in given.items()).encode()

    def _unreachable(self, why: str) -> UserError:
        server = host_port(self.database.host, self.database.tcp_port)
        return UserError(
            "database-unreachable",
            f"The database at {server} can't be reached: {_one_line(why)}.",
            "Check host and TCP port, and that the server accepts connections from this machine.",
        )

    def _not_connected(self, message: str) -> Exception:
        said = re.sub(r"^connection to server at [^\n]*? failed: ", "", _one_line(message))
        server = host_port(self.database.host, self.database.tcp_port)
        if "requirement" in said and "password" in said:
            return UserError(
                "database-login",
                f"The database at {server} wants the password as it is, over a connection that may be unprotected.",
                "It was not sent. If the server is right to ask, add ?sslmode=require to the address.",
            )
        if re.search(
            r"authentication|password|no pg_hba.conf entry|role .* does not exist|permission denied", said
        ):
            return UserError(
                "database-login",
                f'The database at {server} does not let the user "{self.database.user}" in: {said}',
                "Check the user, and the secret that holds the password: studiolo secret set NAME",
            )
        if re.search(r'database ".*" does not exist', said):
            return UserError(
                "database-login",
                f'The server at {server} has no database "{self.database.name or self.database.user}".',
                "Check the name behind the last slash of the address.",
            )
        if "SSL" in said or "certificate" in said:
            return UserError(
                "database-unreachable",
                f"The connection to the database at {server} can't be protected: {said}",
                f"The address may choose another way: ?sslmode= and one of {', '.join(SSL_MODES)}.",
            )
        return PassingError(self._unreachable(said))


def _methods(ssl_mode: str) -> dict[str, str]:
    """Keep a password from being sent as it is where somebody between here and the server could have chosen that."""
    if ssl_mode in ("require", "verify-full") or pq.version() < _KNOWS_METHODS:
        return {}
    return {"require_auth": "!password"}


def _state(result: pq.abc.PGresult) -> str:
    return (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode("ascii", "replace")


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", r"\\").replace("'", r"\'") + "'"


def _field(result: pq.abc.PGresult, name: pq.DiagnosticField) -> str:
    return _one_line((result.error_field(name) or b"").decode("utf-8", "replace"))


def _one_line(text: str) -> str:
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _place(query: str, position: str, offset: int) -> str:
    """Say where in the author's text the server found an error."""
    at = int(position) - 1 - offset if position.isdigit() else -1
    if not query or not 0 <= at <= len(query):
        return ""
    before = query[:at]
    line = query.splitlines()[before.count("\n")] if before.count("\n") < len(query.splitlines()) else ""
    column = at - (before.rfind("\n") + 1)
    begin = max(0, column - 40)
    place = f"line {before.count(chr(10)) + 1}, column {column + 1}"
    return f"It is at {place} of the query: {line[begin : column + 60].strip()}"
