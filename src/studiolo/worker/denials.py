"""Makes a script's network error name the grant that it lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from studiolo.domain.addresses import plain_name
from studiolo.errors import ScriptError, StudioloError

if TYPE_CHECKING:
    from studiolo.worker.network.rules import Denied

_GRANT = re.compile(r"grants: \{network: \[\"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253}):([0-9]{1,5})\"\]\}")
_NETWORK_HINT = "grants: {network: ["
_UNNAMED = 'grants: {network: ["host:443"]}'  # what the child says when it can't tell which host
_SEVERAL = re.compile(r'grants: \{network: \["[^"]+", ')  # what pip needs: all its hosts at once
_CODES = ("script-raised", "module-raised")
_NETWORK_ERRORS = re.compile(
    r"\b(Connection(Refused|Reset|Aborted)?Error|BrokenPipeError|gaierror|URLError|RemoteDisconnected|IncompleteRead"
    r"|SSL(EOF|ZeroReturn|Syscall)?Error|ProxyError|NewConnectionError|NameResolutionError|ProtocolError|MaxRetryError"
    r"|ConnectTimeout|ConnectError|ReadError|ClientConnectorError|ServerDisconnectedError|OperationalError"
    r"|EndpointConnectionError|TimeoutError|SMTPServerDisconnected|error_proto|EOFError)\b"
)


def better_error(
    error: StudioloError | None, denied: Sequence[Denied], grants: Sequence[str]
) -> StudioloError | None:
    """Give a job's error with a hint that names the grant it lacks; any other error as it is.

    Args:
        error: why the job failed, or None.
        denied: what its gate denied, in order; empty for a job without a gate.
        grants: network grants that the job had.
    """
    if not isinstance(error, ScriptError) or error.code not in _CODES or not _is_of_network(error):
        return error
    if _SEVERAL.search(error.hint):
        return error
    named = _GRANT.search(error.hint)
    wanted = (named[1], named[2]) if named and named[0] not in _UNNAMED else None
    hint = _hint(error, wanted, denied, grants)
    if not hint:
        return error
    return ScriptError(
        error.code, error.summary, hint, error.where, traceback=error.traceback, **error.details
    )


def _hint(
    error: ScriptError, wanted: tuple[str, str] | None, denied: Sequence[Denied], grants: Sequence[str]
) -> str:
    who = f"Node {error.where.node}" if error.where.node else "The script"
    if wanted is not None and not _is_granted(":".join(wanted), grants):
        name = ":".join(wanted)
    elif denied:
        name = _name_of_last(denied)
    elif wanted is not None:
        return (
            f"{who} may reach {':'.join(wanted)}, but the connection failed on the way or at the other end."
        )
    else:
        return ""
    return (
        f'{who} may not reach {name}. To allow it: `grants: {{network: ["{name}"]}}`; '
        "studiolo.toml has to allow it too, under [grants]."
    )


def _name_of_last(denied: Sequence[Denied]) -> str:
    """Give what was denied last as it is granted, with the port of another attempt when it has none."""
    host = denied[-1].host
    ports = [str(each.port) for each in denied if each.host == host and each.port is not None]
    return f"{_written(host)}:{ports[-1] if ports else 'PORT'}"


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_granted(name: str, grants: Sequence[str]) -> bool:
    return "*" in grants or any(plain_name(name) == plain_name(grant) for grant in grants)


def _is_of_network(error: ScriptError) -> bool:
    if _NETWORK_HINT in error.hint:
        return True
    lines = [line for line in error.traceback.splitlines() if line and not line[0].isspace()]
    return bool(_NETWORK_ERRORS.search(error.summary) or any(_NETWORK_ERRORS.search(line) for line in lines))
