"""Every error that studiolo raises on purpose, split by who can fix it.

StudioloError
├── UserError       the experiment's author: a wrong name, a missing file, a bad value
│   └── Problems    several of them at once, each with its own place
├── ScriptError     the author's code raised: their traceback, their line
├── WorkerError     the job was ended from outside: time, memory, processes, output, cancelled
└── InternalError   ours

Each error has a stable `code` (a page in docs/errors), a `summary` of one sentence that names the thing,
a `hint` that says what to do next, and `where` it is. Text is bounded whatever the size of the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

SUMMARY_LIMIT = 2_000
TRACEBACK_LIMIT = 20_000


@dataclass(frozen=True)
class Where:
    """The place an error belongs to; every part may be absent.

    Attributes:
        node: name of the node in the experiment.
        port: name of the port of that node.
        parameter: name of the parameter of that node.
        file: path as the author knows it, relative to the workspace where it lies in it.
        line: line in `file`, from 1.
        column: column in `file`, from 1.
    """

    node: str | None = None
    port: str | None = None
    parameter: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = []
        if self.node:
            parts.append(f"node {self.node}")
        if self.port:
            parts.append(f"port {self.port}")
        if self.parameter:
            parts.append(f"parameter {self.parameter}")
        if self.file:
            place = self.file
            if self.line is not None:
                place += f":{self.line}"
                if self.column is not None:
                    place += f":{self.column}"
            parts.append(place)
        elif self.line is not None:
            parts.append(f"line {self.line}")
        return ", ".join(parts)


class StudioloError(Exception):
    """An error that a person can read and act on.

    Args:
        code: stable name of the kind of error; `docs/errors/<code>.md` explains it.
        summary: one sentence that names the thing that is wrong.
        hint: what to do next; may be empty.
        where: the place it belongs to.
        details: further JSON-ready facts for programs, such as `used` and `allowed`.
    """

    kind = "error"

    def __init__(
        self,
        code: str,
        summary: str,
        hint: str = "",
        where: Where | None = None,
        **details: Any,
    ) -> None:
        self.code = code
        self.summary = cut_middle(summary, SUMMARY_LIMIT)
        self.hint = cut_middle(hint, SUMMARY_LIMIT)
        self.where = where or Where()
        self.details = details
        super().__init__(self.summary)

    def __str__(self) -> str:
        lines = [self.summary]
        if self.hint:
            lines.append(self.hint)
        place = str(self.where)
        lines.append(f"[{self.code}] {place}".rstrip())
        return "\n".join(lines)

    def at(self, **place: Any) -> StudioloError:
        """Give the same error with parts of `where` filled in that were still absent."""
        known = {name: value for name, value in asdict(self.where).items() if value is not None}
        self.where = Where(**{**place, **known})
        return self

    def to_json(self) -> dict[str, Any]:
        """Give the error as a JSON-ready dictionary: kind, code, summary, hint, where and details."""
        where = {name: value for name, value in asdict(self.where).items() if value is not None}
        return {
            "kind": self.kind,
            "code": self.code,
            "summary": self.summary,
            "hint": self.hint,
            "where": where,
            **({"details": self.details} if self.details else {}),
        }


class UserError(StudioloError):
    """Something the experiment's author wrote or chose is wrong."""

    kind = "user"


class Problems(UserError):
    """Several errors found at once, so that the author sees them all before the next try."""

    def __init__(self, problems: Iterable[StudioloError]) -> None:
        self.problems: Sequence[StudioloError] = list(problems)
        count = len(self.problems)
        noun = "problem" if count == 1 else "problems"
        super().__init__("problems", f"{count} {noun} found before anything ran.")

    def __str__(self) -> str:
        return "\n\n".join(str(problem) for problem in self.problems)

    def to_json(self) -> dict[str, Any]:
        """Give the error with the list `problems` beside the usual fields."""
        return {**super().to_json(), "problems": [problem.to_json() for problem in self.problems]}


class _TracedError(StudioloError):
    """An error that may have the author's stack trace; `traceback` is empty when it has none."""

    def __init__(
        self,
        code: str,
        summary: str,
        hint: str = "",
        where: Where | None = None,
        *,
        traceback: str = "",
        **details: Any,
    ) -> None:
        super().__init__(code, summary, hint, where, **details)
        self.traceback = cut_middle(traceback, TRACEBACK_LIMIT)


class ScriptError(_TracedError):
    """The author's script or own module raised.

    Args:
        code: as in `StudioloError`.
        summary: `ExceptionName: message` in one line.
        hint: what to do next; may be empty.
        where: node, script file and the script's own line.
        traceback: the whole Python stack trace without the frames of studiolo.
    """

    kind = "script"

    def to_json(self) -> dict[str, Any]:
        """Give the error with its `traceback` beside the usual fields."""
        return {**super().to_json(), "traceback": self.traceback}


class WorkerError(_TracedError):
    """A job was ended from outside, or ran into one of its limits. `code` is one of `WORKER_CODES`.

    Args:
        code: as in `StudioloError`.
        summary: as in `StudioloError`.
        hint: what to do next; may be empty.
        where: node, and the script's file and line where the job was.
        traceback: where a limit raised an exception in the script: the stack trace without the frames of studiolo.
        details: `used` and `allowed` in the unit of the limit, and `limit`, its name, where there is one.
    """

    kind = "worker"

    def to_json(self) -> dict[str, Any]:
        """Give the error with its `traceback`, if it has one, beside the usual fields."""
        return {**super().to_json(), **({"traceback": self.traceback} if self.traceback else {})}


WORKER_CODES = (
    "out-of-memory",
    "cpu-limit",
    "wall-limit",
    "too-many-processes",
    "too-many-files-open",
    "output-too-large",
    "disk-full",
    "killed",
    "exited",
    "cancelled",
    "worker-lost",
    "bad-result",
    "jail-refused",
)


class InternalError(StudioloError):
    """A fault of studiolo itself; the log holds the rest."""

    kind = "internal"


def cut_middle(text: str, limit: int) -> str:
    """Shorten `text` to about `limit` characters, keeping its beginning and end and saying what was cut."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters cut …\n{text[-half:]}"


def error_from_json(data: dict[str, Any]) -> StudioloError:
    """Rebuild an error from `to_json`, as kept with a node run."""
    where = Where(**data.get("where", {}))
    details = data.get("details", {})
    if data["kind"] in ("script", "worker"):
        told = ScriptError if data["kind"] == "script" else WorkerError
        trace = data.get("traceback", "")
        return told(data["code"], data["summary"], data["hint"], where, traceback=trace, **details)
    if "problems" in data:
        return Problems(error_from_json(problem) for problem in data["problems"])
    classes = {"user": UserError, "internal": InternalError}
    return classes.get(data["kind"], InternalError)(
        data["code"], data["summary"], data["hint"], where, **details
    )
