"""Parameters as a module's author declares them; each becomes a field of the properties panel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studiolo.domain.module import Parameter


def Text(name: str, **facts: Any) -> Parameter:
    """Declare a text; `default`, `required`, `label`, `help` and `when` as in `domain.module.Parameter`."""
    return _parameter(name, "text", {"default": "", **facts})


def Code(name: str, *, language: str, **facts: Any) -> Parameter:
    """Declare a text in a language, edited in a code editor."""
    return _parameter(name, "code", {"default": "", "language": language, **facts})


def Integer(name: str, **facts: Any) -> Parameter:
    """Declare a whole number, with `minimum` and `maximum` where it has them."""
    return _parameter(name, "integer", facts)


def Number(name: str, **facts: Any) -> Parameter:
    """Declare a number, with `minimum` and `maximum` where it has them."""
    return _parameter(name, "number", facts)


def Boolean(name: str, **facts: Any) -> Parameter:
    """Declare a yes or no."""
    return _parameter(name, "boolean", {"default": False, **facts})


def Choice(name: str, choices: Iterable[str], **facts: Any) -> Parameter:
    """Declare one of several texts; the first is the default unless another is given."""
    choices = tuple(choices)
    return _parameter(name, "choice", {"default": choices[0], **facts, "choices": choices})


def Columns(name: str, **facts: Any) -> Parameter:
    """Declare a choice of columns of an input, `input` or else the first table. A list of names arrives."""
    return _parameter(name, "columns", {"default": [], **facts})


def Path(name: str, **facts: Any) -> Parameter:
    """Declare a file of the workspace. An input arrives as a `SourceFile`; the host reads it, not the job.

    With `accepts=("folder",)` it may be a folder: a zip of its files arrives, under a name that ends in a slash.
    """
    return _parameter(name, "path", facts)


def Address(name: str, **facts: Any) -> Parameter:
    """Declare an http(s) address. It arrives as a `SourceFile`; the host fetches it, not the job.

    It may name secrets of the workspace as `{secret:NAME}`. `accepts` gives other schemes than these two, of `s3`,
    `azure`, `postgresql` and `sqlite`.
    """
    return _parameter(name, "address", facts)


def _parameter(name: str, kind: str, facts: dict[str, Any]) -> Parameter:
    facts.setdefault("label", name.replace("_", " ").capitalize())
    when = facts.get("when")
    if when is not None:
        parent, values = when
        facts["when"] = (parent, tuple([values] if isinstance(values, str) else values))
    return Parameter(name=name, kind=kind, **facts)
