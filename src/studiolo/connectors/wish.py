"""What goes with a path or address when it is read or written: secrets, and what databases and servers want to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from studiolo.connectors.tables import ERROR
from studiolo.domain.secret_names import with_secrets


@dataclass(frozen=True)
class Wish:
    """What goes with a path or address; values of secrets are put in only by `opened`.

    Attributes:
        secrets: name to value, of those that the texts name.
        hosts: name of a secret to patterns of the only servers it may go to.
        query: of a database.
        table: of a database.
        headers: for an http(s) server, one `Name: value` a line.
        method: how an http(s) server takes content.
        mode: what happens when the table to write is there.
        may_be_folder: a path or address may stand for all files below it.
    """

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    query: str = ""
    table: str = ""
    headers: str = ""
    method: str = "PUT"
    mode: str = ERROR
    may_be_folder: bool = False

    def opened(self, text: str) -> str:
        """Give a text with the values of its secrets in it."""
        return with_secrets(text, self.secrets)


PLAIN = Wish()
