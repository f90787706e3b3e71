"""Asks http(s) servers: certificates, redirects, retries, and what went wrong in words.

Built on the standard library's `urllib.request`: a run fetches a few files and keeps no connection, so a
further dependency (urllib3, httpx) would bring a pool and sessions that nothing here uses. Proxies are
taken from the environment (`https_proxy`, `no_proxy`). Loaded only when an address is used.
"""

from __future__ import annotations

import base64
import html
import http.client
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import Message
from functools import partial
from typing import IO, Any, NoReturn, TypeVar
from urllib.parse import urljoin, urlsplit

from studiolo import __version__
from studiolo.connectors.address import SCHEMES, USUAL_PORTS, Address, parse_address
from studiolo.connectors.connecting import Connecting
from studiolo.errors import UserError, WorkerError

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
BODY_SHOWN_BYTES = 500
_LONGEST_WAIT_SECONDS = 30.0
Result = TypeVar("Result")


@dataclass(frozen=True)
class HttpLimits:
    """Bounds of one fetch or one sending.

    Attributes:
        size_bytes: longest content that is accepted, after decompression.
        silence_seconds: longest time without a sign of the server.
        total_seconds: longest time of one try.
        retries: tries after the first, for faults that may pass.
        backoff_seconds: wait before the first retry; doubled each time.
        redirects: how many times a server may send elsewhere.
    """

    size_bytes: int = 4 << 30
    silence_seconds: float = 30.0
    total_seconds: float = 3600.0
    retries: int = 3
    backoff_seconds: float = 0.5
    redirects: int = 5


class PassingError(Exception):
    """A fault that may be gone at the next try."""

    def __init__(self, error: UserError, wait_seconds: float | None = None) -> None:
        self.error = error
        self.wait_seconds = wait_seconds


def retrying(
    attempt: Callable[[], Result],
    limits: HttpLimits,
    cancel: threading.Event | None = None,
    told: Callable[[str], None] | None = None,
) -> Result:
    """Run `attempt` until it gives a result, at most `limits.retries` times more.

    Args:
        attempt: raises `PassingError` for faults worth another try.
        limits: number of retries and the wait between them; a server's Retry-After is heeded.
        cancel: ends the waiting when set.
        told: is told of each fault that another try follows.

    Raises:
        UserError: the last fault, with the number of tries in its hint.
        WorkerError: `cancelled`.
    """
    for number in range(limits.retries + 1):
        check_cancel(cancel)
        try:
            return attempt()
        except PassingError as fault:
            if number == limits.retries:
                if number:
                    fault.error.hint = f"It was tried {number + 1} times. {fault.error.hint}".rstrip()
                raise fault.error from fault.__cause__
            wait = limits.backoff_seconds * 2**number
            if fault.wait_seconds is not None:
                wait = min(max(wait, fault.wait_seconds), _LONGEST_WAIT_SECONDS)
            if told is not None:
                told(f"{fault.error.summary} It was tried again.")
        (cancel or threading.Event()).wait(wait)
    raise AssertionError("every pass returns, raises or goes on")


def check_cancel(cancel: threading.Event | None) -> None:
    """Raise when the run was cancelled.

    Raises:
        WorkerError: `cancelled`.
    """
    if cancel is not None and cancel.is_set():
        raise WorkerError("cancelled", "The run was cancelled while an address was read or written.")


def ask(
    address: Address, request: urllib.request.Request, limits: HttpLimits, network: Sequence[str]
) -> http.client.HTTPResponse:
    """Send a request, follow redirects of a GET and give the response of a 2xx status, unread.

    Args:
        address: that the request is for.
        request: its method says whether it is for reading (GET) or writing.
        limits: its bounds.
        network: patterns of the hosts that may be asked although they are not public, or may be written to.

    Raises:
        PassingError: another try may help.
        UserError: it would not: `address-not-allowed`, `address-status`, `address-certificate`,
            `address-redirects` or `address-unreachable`.
    """
    request.add_header("User-Agent", f"studiolo/{__version__}")
    if address.user is not None:
        token = base64.b64encode(":".join(address.user).encode()).decode("ascii")
        # Unredirected: no other server gets to see it.
        request.add_unredirected_header("Authorization", f"Basic {token}")
    connecting = Connecting(address, request.get_method() != "GET", network)
    opener = urllib.request.OpenerDirector()
    for handler in (
        _Proxies(connecting),
        _Plain(connecting),
        _Protected(connecting),
        _Redirects(address, limits.redirects),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    try:
        response = opener.open(request, timeout=limits.silence_seconds)
    except urllib.error.HTTPError as error:
        with error:
            raise _status_error(address, error) from None
    except urllib.error.URLError as error:
        reason = error.reason if isinstance(error.reason, Exception) else error
        raise_fault(address, reason, limits)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise_fault(address, error, limits)
    if not isinstance(response, http.client.HTTPResponse):
        raise AssertionError("only HTTP handlers are there to answer")
    return response


def raise_fault(address: Address, error: Exception, limits: HttpLimits) -> NoReturn:
    """Raise the error that says in words what is wrong between here and the server.

    Raises:
        PassingError: another try may help.
        UserError: it would not.
    """
    host = address.host
    if isinstance(error, ssl.SSLCertVerificationError):
        raise UserError(
            "address-certificate",
            f'The certificate of "{host}" is not trusted: {error.verify_message}.',
            "Check the address and this machine's clock. For a server of your own, put its certificate "
            "authority into the file that SSL_CERT_FILE names.",
        ) from None
    if isinstance(error, ssl.SSLError):
        why = f"no protected connection could be made ({error.reason or error})"
        raise _unreachable(address, why, "Does the server speak https at that TCP port?") from None
    if isinstance(error, socket.gaierror):
        fault = _unreachable(address, "there is no server of that name", "Check the name and your network.")
        if error.errno == socket.EAI_AGAIN:
            raise PassingError(fault) from error
        raise fault from None
    if isinstance(error, TimeoutError):
        why = f"it did not answer within {limits.silence_seconds:g} seconds"
    elif isinstance(error, ConnectionRefusedError):
        why = "nothing accepts connections there"
    elif isinstance(error, http.client.InvalidURL):
        raise UserError("bad-address", f"The address {address.shown} cannot be used: {error}.") from None
    elif isinstance(error, (ConnectionError, http.client.RemoteDisconnected)):
        why = "it broke off the connection"
    elif isinstance(error, http.client.IncompleteRead):
        why = "it broke off in the middle of the content"
    elif isinstance(error, http.client.HTTPException):
        why = f"its answer is not HTTP ({type(error).__name__})"
    else:
        why = str(error)
    raise PassingError(_unreachable(address, why, "Try again later, or check the address.")) from error


def _unreachable(address: Address, why: str, hint: str) -> UserError:
    return UserError("address-unreachable", f"{address.shown} cannot be reached: {why}.", hint)


class _Redirects(urllib.request.BaseHandler):
    """Follows a GET to other http(s) addresses, a bounded number of times, never to less protection.

    urllib's own handler reads the whole body of each redirect, however long, and follows to ftp.
    """

    def __init__(self, address: Address, limit: int) -> None:
        self._address = address
        self._left = self._limit = limit

    def http_error_302(
        self, request: urllib.request.Request, response: IO[bytes], code: int, reason: str, headers: Message
    ) -> Any:
        """Open the address that the server names; without one the status is an error as any other."""
        location = headers.get("Location")
        if not location:
            return None
        response.close()
        # Header bytes come as Latin-1; what is sent beyond ASCII is UTF-8.
        location = urljoin(request.full_url, location.encode("latin-1", "replace").decode("utf-8", "replace"))
        scheme = urlsplit(location).scheme.lower()
        if scheme not in SCHEMES:
            raise self._error(
                f'sends to an address of the kind "{scheme[:20]}"', "Only http and https are read."
            )
        target = parse_address(location)
        if request.get_method() != "GET":
            raise self._error(
                f"sends to {target.shown}", "Content is sent to one address only: use that one."
            )
        if request.type == "https" and scheme == "http":
            raise self._error(f"sends to the unprotected {target.shown}", "Use that one if you trust it.")
        if self._left == 0:
            raise self._error(f"sends elsewhere more than {self._limit} times", "It may send in a circle.")
        self._left -= 1
        # Unredirected headers, such as Authorization, stay behind.
        follow = urllib.request.Request(target.url, headers=dict(request.headers))
        return self.parent.open(follow, timeout=request.timeout)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def _error(self, does: str, hint: str) -> UserError:
        return UserError("address-redirects", f"{self._address.shown} {does}.", hint)


class _Proxies(urllib.request.ProxyHandler):
    """Hands a request to a proxy of the environment; where a proxy connects to can't be seen from here."""

    def __init__(self, connecting: Connecting) -> None:
        super().__init__()
        self._connecting = connecting

    def proxy_open(self, request: urllib.request.Request, proxy: str, type: str) -> Any:
        """Turn a request into one to the proxy, unless the environment excepts its host."""
        if request.host and urllib.request.proxy_bypass(request.host):
            return None
        if not hasattr(request, _BY_PROXY):
            parts = urlsplit(f"//{request.host}")
            host, tcp_port = parts.hostname or "", parts.port or USUAL_PORTS[request.type]
            self._connecting.check_proxied(host, tcp_port)
            setattr(request, _BY_PROXY, True)
        return super().proxy_open(request, proxy, type)


_BY_PROXY = "studiolo_by_proxy"


class _Plain(urllib.request.HTTPHandler):
    """Connects only to addresses that are allowed."""

    def __init__(self, connecting: Connecting) -> None:
        super().__init__()
        self._connecting = connecting

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Open an http address."""
        connect = self._connecting.connector(hasattr(request, _BY_PROXY))
        return self.do_open(partial(_connection, http.client.HTTPConnection, connect), request)


class _Protected(urllib.request.HTTPSHandler):
    """Connects only to addresses that are allowed, and reads the trusted certificates only when asked."""

    def __init__(self, connecting: Connecting) -> None:
        super().__init__()
        self._connecting = connecting

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Open an https address; certificate and host name are checked."""
        connect = self._connecting.connector(hasattr(request, _BY_PROXY))
        kind = partial(http.client.HTTPSConnection, context=ssl.create_default_context())
        return self.do_open(partial(_connection, kind, connect), request)


def _connection(
    kind: Callable[..., http.client.HTTPConnection],
    connect: Callable[..., socket.socket],
    host: str,
    **options: Any,
) -> http.client.HTTPConnection:
    """Make a connection that resolves and connects by `connect`, which http.client has had a place for since 2.7."""
    made = kind(host, **options)
    made._create_connection = connect  # type: ignore[attr-defined]
    return made


def _status_error(address: Address, error: urllib.error.HTTPError) -> Exception:
    name = http.client.responses.get(error.code, error.reason)
    hints = {
        401: "The address asks for a name and a password or key.",
        403: "The server knows the address but does not let you have it; a link may have expired.",
        404: "Check the address; the file may have moved.",
        410: "The file was removed for good.",
        429: "Too many requests were made; wait a while.",
    }
    hint = hints.get(error.code, "The fault is on the server's side." if error.code >= 500 else "")
    said = _beginning(error)
    if said:
        hint = f"{hint} The server says: {said}".strip()
    fault = UserError(
        "address-status", f"{address.shown} answered {error.code} {name}.", hint, status=error.code
    )
    if error.code in RETRIED:
        return PassingError(fault, _retry_after(error.headers.get("Retry-After", "")))
    return fault


def _beginning(error: urllib.error.HTTPError) -> str:
    """Give the beginning of an error's body as one line of readable text."""
    try:
        data = error.read(4 * BODY_SHOWN_BYTES)
    except (OSError, http.client.HTTPException, ValueError):
        return ""
    text = data.decode("utf-8", "replace")
    text = re.sub(r"(?is)<(script|style|head)\b.*?(</\1>|$)|<[^>]*(>|$)", " ", text)
    text = html.unescape(text)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= BODY_SHOWN_BYTES else f"{text[:BODY_SHOWN_BYTES]}…"


def _retry_after(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,6}", text.strip()) else None


def deadline(limits: HttpLimits) -> float:
    """Give the moment, on the monotonic clock, at which a try that begins now has taken too long."""
    return time.monotonic() + limits.total_seconds
