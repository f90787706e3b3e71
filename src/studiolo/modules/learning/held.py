"""What an object port really holds: a script's output of type object fits every such port."""

from __future__ import annotations

from typing import Any

from studiolo.sdk import ModuleError


def check_held(value: Any, kind: type, port: str, named: str) -> None:
    """Refuse an object that is not of the kind that a port is for.

    Args:
        value: what arrived.
        kind: its class, or that of its bases.
        port: name of the input.
        named: what people call the kind, with its article, such as `a trained model`.

    Raises:
        ModuleError: `wrong-value`.
    """
    if not isinstance(value, kind):
        raise ModuleError(
            f"The input {port} needs {named}; what came is a {type(value).__name__}.",
            f"Connect a module that puts out {named}. A script can hand one on, but not make it.",
            code="wrong-value",
            port=port,
        )
