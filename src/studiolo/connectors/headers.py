"""Headers that an author gives for an http(s) address, one `Name: value` a line."""

from __future__ import annotations

import re

from studiolo.errors import UserError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OURS = {
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "accept-encoding",
    "expect",
    "te",
    "upgrade",
}
_MOST = 50


def parse_headers(text: str) -> dict[str, str]:
    r"""Read headers.

    Raises:
        UserError: `bad-header`; the value is not repeated, it may be secret.

    >>> parse_headers("Authorization: Bearer x\nX-Api: 1")
    {'Authorization': 'Bearer x', 'X-Api': '1'}
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not _NAME.fullmatch(name):
            raise _bad(number, "is not NAME: VALUE")
        if name.lower() in _OURS:
            raise _bad(number, f"sets {name}, which studiolo sets itself")
        if not value.isascii() or not value.isprintable():
            raise _bad(number, "has a value with letters that a header can't have")
        found[name] = value
    if len(found) > _MOST:
        raise _bad(_MOST + 1, f"is one too many: at most {_MOST} are sent")
    return found


def _bad(number: int, what: str) -> UserError:
    return UserError(
        "bad-header", f"Line {number} of the headers {what}.", "As in Authorization: Bearer {secret:api}"
    )
