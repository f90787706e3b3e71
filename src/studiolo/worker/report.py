"""Reads what a child said of its job. The child is hostile: every field is checked and bounded here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from studiolo.domain.limits import LIMIT_NAMES, Limits
from studiolo.errors import (
    TRACEBACK_LIMIT,
    InternalError,
    ScriptError,
    StudioloError,
    UserError,
    Where,
    WorkerError,
)
from studiolo.worker.logged import read_metrics, read_tags

# What a job may say of itself: a used-up limit that its own process runs into.
LIMIT_CODES = ("out-of-memory", "too-many-processes", "too-many-files-open", "disk-full", "output-too-large")
LARGEST_FIGURE = 1e18
REPORT_LIMIT = 4 << 20
LARGE_REPORT = 256 << 10
LARGEST_LINE = 1 << 31
ENTRY_LIMIT = 1000
TEXT_LIMIT = 4000
PICTURE_LIMIT = 100


def read_report(descriptor: int) -> Mapping[str, Any]:
    """Read a sealed report.

    Raises:
        WorkerError: `bad-result`, when it is too long or not the JSON it should be.
    """
    size = os.fstat(descriptor).st_size
    if size > REPORT_LIMIT:
        raise bad_result(f"its report has {size} bytes")
    text = os.pread(descriptor, size, 0)
    # Objects of JSON take up to thirty times the room of their text; what a job reports is mostly text.
    if size > LARGE_REPORT and sum(text.count(sign) for sign in (b"[", b"{", b":", b",")) * 8 > size:
        raise bad_result("its report is not what a job reports")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise bad_result("its report is not JSON") from None
    return parse_report(data)


def parse_report(data: Any) -> Mapping[str, Any]:
    """Read a report whose JSON is parsed; raises as `read_report`."""
    if not isinstance(data, dict) or data.get("status") not in ("ok", "error"):
        raise bad_result("its report has no status")
    return {
        "status": data["status"],
        "outputs": _written(data.get("outputs")),
        "receipts": _receipts(data.get("receipts")),
        "warnings": tuple(_texts(data.get("warnings"), 100)),
        "error": data.get("error") if isinstance(data.get("error"), dict) else None,
        "problems": [item for item in _list(data.get("problems")) if isinstance(item, dict)],
        "declarations": [item for item in _list(data.get("declarations")) if isinstance(item, dict)],
        "pictures": tuple(_texts(data.get("pictures"), PICTURE_LIMIT)),
        "timing": _numbers(data.get("timing")),
        "keywords": data.get("keywords") if isinstance(data.get("keywords"), dict) else {},
        "metrics": read_metrics(data.get("metrics")),
        "tags": read_tags(data.get("tags")),
    }


def bad_result(what: str) -> WorkerError:
    """Give the error for a child that did not keep to the protocol."""
    return WorkerError(
        "bad-result",
        f"The job's result can't be used: {what}.",
        "The script wrote to studiolo's own descriptors, or its process was damaged. Run it again; "
        "if it stays, look for code that closes or writes file descriptors.",
    )


def error_of(data: Mapping[str, Any], node: str | None, limits: Limits | None = None) -> StudioloError:
    """Turn the error of a report into ours; every field bounded.

    Args:
        data: the error of `read_report`.
        node: name of the node.
        limits: of the job, for one that had no memory left to tell its figures.
    """
    where = Where(
        node=node,
        port=_text_or_none(data.get("port")),
        parameter=_text_or_none(data.get("parameter")),
        file=_text_or_none(data.get("file")),
        line=_line_or_none(data.get("line")),
        column=_line_or_none(data.get("column")),
    )
    code = _text_or_none(data.get("code")) or "script-raised"
    summary = _text_or_none(data.get("summary")) or "The script failed without a word."
    hint = _text_or_none(data.get("hint")) or ""
    if data.get("kind") == "user":
        return UserError(code, summary, hint, where)
    trace = data.get("traceback")
    text = trace[: 2 * TRACEBACK_LIMIT] if isinstance(trace, str) else ""
    if data.get("kind") == "worker" and code in LIMIT_CODES:
        details = _details(data.get("details"))
        if not details and code == "out-of-memory" and limits is not None:
            details = {"used": limits.memory_mb, "allowed": limits.memory_mb, "limit": "memory_mb"}
        return WorkerError(code, summary, hint, where, traceback=text, **details)
    if data.get("kind") == "internal":
        return InternalError(code, summary, hint, where, traceback=text)
    return ScriptError(code, summary, hint, where, traceback=text)


def _list(value: Any) -> list[Any]:
    return value[:ENTRY_LIMIT] if isinstance(value, list) else []


def _texts(value: Any, most: int) -> list[str]:
    return [item[:TEXT_LIMIT] for item in _list(value)[:most] if isinstance(item, str)]


def _line_or_none(value: Any) -> int | None:
    return value if isinstance(value, int) and 0 < value < LARGEST_LINE else None


def _text_or_none(value: Any) -> str | None:
    return value[:TEXT_LIMIT] if isinstance(value, str) and value else None


def _details(value: Any) -> dict[str, Any]:
    """Give the figures of a used-up limit as far as they are figures."""
    if not isinstance(value, dict):
        return {}
    figures = {name: value[name] for name in ("used", "allowed") if _is_figure(value.get(name))}
    return {**figures, **({"limit": value["limit"]} if value.get("limit") in LIMIT_NAMES else {})}


def _is_figure(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= LARGEST_FIGURE


def _numbers(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        return {}
    return {str(name)[:40]: float(v) for name, v in list(value.items())[:20] if _is_figure(v)}


def _written(value: Any) -> dict[str, bool]:
    """Say for each output whether the child claims to have written it."""
    if not isinstance(value, dict):
        return {}
    return {str(name): facts is not None for name, facts in list(value.items())[:ENTRY_LIMIT]}


def _receipts(value: Any) -> dict[str, list[dict[str, Any]]]:
    if not isinstance(value, dict):
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for port, entries in list(value.items())[:50]:
        found[str(port)[:200]] = [
            {
                "code": str(entry.get("code", ""))[:100],
                "text": str(entry.get("text", ""))[:TEXT_LIMIT],
                "column": None if entry.get("column") is None else str(entry["column"])[:TEXT_LIMIT],
                "lossy": bool(entry.get("lossy")),
            }
            for entry in _list(entries)
            if isinstance(entry, dict)
        ]
    return {port: entries for port, entries in found.items() if entries}
