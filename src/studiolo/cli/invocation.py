"""What all commands share: the screens, the workspace that was chosen, and whether a program reads the answer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studiolo.cli.screen import Screen, standard_error, standard_output

if TYPE_CHECKING:
    from studiolo.workspace import Workspace


@dataclass
class Invocation:
    """One call of `studiolo`.

    Attributes:
        out: standard output.
        err: standard error.
        folder: the workspace that `--workspace` or `STUDIOLO_WORKSPACE` names; None for the nearest one.
        is_json: standard output is for a program: one JSON document and nothing else.
    """

    out: Screen = field(default_factory=standard_output)
    err: Screen = field(default_factory=standard_error)
    folder: Path | None = None
    is_json: bool = False

    def open(self) -> Workspace:
        """Open the workspace; close it, or use it in a `with` block.

        Raises:
            UserError: `no-workspace`.
            Problems: its file has faults.
        """
        from studiolo.workspace import Workspace

        return Workspace(self.folder) if self.folder is not None else Workspace.find()

    def print_json(self, document: Mapping[str, Any]) -> None:
        """Write the one JSON document of this call."""
        self.out.line(json.dumps(plain(document), indent=2, allow_nan=False))


def plain(value: Any) -> Any:
    """Give a value as JSON holds it: NaN as null, infinities, dates and decimals as text, bytes in hexadecimal.

    >>> plain({"a": (1, float("nan"), float("inf")), "b": b"x"})
    {'a': [1, None, 'Infinity'], 'b': '78'}
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Sequence | set | frozenset):
        return [plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
