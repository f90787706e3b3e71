"""One node of a run in words: the same on a live screen, in plain lines and in tables."""

from __future__ import annotations

from collections.abc import Mapping

from studiolo.cli.plain_text import clean_line
from studiolo.cli.quantities import count_text, seconds_text, shape_text
from studiolo.domain.run import NodeRun


def shapes_text(shapes: Mapping[str, tuple[int, int]]) -> str:
    """Give rows and columns of the datasets of a node in the order of its ports, without empty ones at the end.

    >>> shapes_text({"result_dataset": (768, 10), "result_dataset2": (0, 0)})
    '768 x 10'
    >>> shapes_text({"result_dataset": (0, 0)})
    'empty'
    """
    told = list(shapes.values())
    while told and told[-1] == (0, 0):
        told.pop()
    if shapes and not told:
        return "empty"
    return ", ".join(shape_text(rows, columns) for rows, columns in told)


def time_text(node_run: NodeRun) -> str:
    """Give the time a node took; nothing for one that did no work."""
    if node_run.started is None or node_run.ended is None:
        return ""
    return seconds_text(node_run.ended - node_run.started)


def why_text(node_run: NodeRun) -> str:
    """Give why a node ran, was reused or came to nothing: the reason, after a failure the error."""
    if node_run.state == "failed" and node_run.error:
        return first_sentence(str(node_run.error.get("summary", "")))
    return clean_line(node_run.reason)


def without_state(reason: str) -> str:
    """Give a reason without the words that say the state, for where the state stands beside it.

    >>> without_state("ran because input 1 changed"), without_state("first run")
    ('input 1 changed', 'first run')
    """
    for beginning in ("ran because it was ", "ran because ", "skipped because "):
        reason = reason.removeprefix(beginning)
    return reason


def first_sentence(summary: str, most: int = 200) -> str:
    """Give the first line of a summary, bounded."""
    line = clean_line(summary.strip().split("\n", 1)[0])
    return line if len(line) <= most else line[: most - 1] + "…"


def remarks_text(node_run: NodeRun) -> str:
    """Say how many warnings and changes at the border a node has; nothing when it has none."""
    parts = []
    if node_run.warnings:
        parts.append(count_text(len(node_run.warnings), "warning"))
    changes = sum(len(entries) for entries in node_run.receipts.values())
    if changes:
        parts.append(count_text(changes, "change") + " to data")
    return ", ".join(parts)
