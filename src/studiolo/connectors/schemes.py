"""Tells what kind of place an address names by its scheme."""

from __future__ import annotations

from studiolo.connectors.address import is_address

SQLITE = "sqlite:"
POSTGRESQL = ("postgresql", "postgres")


def scheme_of(text: str) -> str | None:
    """Give the scheme of an address in small letters, `postgresql` for both forms of it; None for a path.

    >>> scheme_of("S3://bucket/key"), scheme_of("sqlite:data/x.db"), scheme_of("data/x.csv")
    ('s3', 'sqlite', None)
    """
    if text[: len(SQLITE)].lower() == SQLITE:
        return "sqlite"
    if not is_address(text):
        return None
    scheme = text.partition("://")[0].lower()
    return POSTGRESQL[0] if scheme in POSTGRESQL else scheme


def sqlite_path(text: str) -> str | None:
    """Give the path that an address `sqlite:PATH` names; None for any other.

    >>> sqlite_path("sqlite:data/x.db"), sqlite_path("sqlite:///data/x.db"), sqlite_path("data/x.db")
    ('data/x.db', 'data/x.db', None)
    """
    if scheme_of(text) != "sqlite":
        return None
    path = text[len(SQLITE) :]
    return path[3:] if path.startswith("///") else path
