"""The style and the script of the help pages, which a server gives at `/static/NAME`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FILES = {
    "services.css": "text/css; charset=utf-8",
    "services.js": "text/javascript; charset=utf-8",
}
"""Name to content type."""


@cache
def static_file(name: str) -> bytes | None:
    """Give the content of one of `FILES`, or None when there is no such file."""
    return (Path(__file__).parent / "static" / name).read_bytes() if name in FILES else None
