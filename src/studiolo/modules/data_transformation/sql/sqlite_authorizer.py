"""Lets a query do what it likes with the in-memory tables and nothing else."""

from __future__ import annotations

import sqlite3

REFUSED = {
    sqlite3.SQLITE_ATTACH: "ATTACH, DETACH and VACUUM are not allowed: a query sees only its tables",
    sqlite3.SQLITE_DETACH: "ATTACH, DETACH and VACUUM are not allowed: a query sees only its tables",
}
READ_PRAGMAS = frozenset(
    (
        "collation_list",
        "compile_options",
        "database_list",
        "foreign_key_list",
        "function_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "table_info",
        "table_list",
        "table_xinfo",
    )
)
REFUSED_FUNCTIONS = frozenset(("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"))
VIRTUAL_TABLES = frozenset(("fts3", "fts4", "fts5", "rtree", "json_each", "json_tree"))


class Authorizer:
    """The callback that SQLite asks while it prepares a statement.

    Attributes:
        refusal: why something was last refused; empty when nothing was.
        read: (table, column) pairs that the statements read, in lower case.
    """

    def __init__(self) -> None:
        self.refusal = ""
        self.read: set[tuple[str, str]] = set()

    def __call__(
        self, action: int, first: str | None, second: str | None, database: str | None, inner: str | None
    ) -> int:
        """Answer SQLITE_OK or SQLITE_DENY; see sqlite.org/c3ref/set_authorizer.html for the arguments."""
        if action == sqlite3.SQLITE_READ:
            self.read.add(((first or "").lower(), (second or "").lower()))
        reason = REFUSED.get(action, "")
        if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() not in READ_PRAGMAS:
            reason = f"PRAGMA {first} is not allowed: only those that describe tables are"
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in REFUSED_FUNCTIONS:
            reason = f"the function {second} is not allowed"
        if action == sqlite3.SQLITE_CREATE_VTABLE and (second or "").lower() not in VIRTUAL_TABLES:
            reason = f"virtual tables of {second} are not allowed"
        if not reason:
            return sqlite3.SQLITE_OK
        self.refusal = reason
        return sqlite3.SQLITE_DENY
