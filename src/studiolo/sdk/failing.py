"""The error a module raises when its user can mend what is wrong."""

from __future__ import annotations


class ModuleError(Exception):
    """A fault in the data or the parameters, told without a stack trace.

    Args:
        summary: one sentence that names the thing.
        hint: what to do next.
        code: stable name of the kind of error, such as `missing-column`.
        parameter: name of the parameter at fault, if one is.
        port: name of the port at fault, if one is.
        file: of a script in another language that the module ran: where the fault is, see `ScriptText`.
        line: line in it, or in the parameter's text.
        traceback: what had been called, as that language tells it; the error then counts as the script's own.
    """

    def __init__(
        self,
        summary: str,
        hint: str = "",
        *,
        code: str = "module-error",
        parameter: str = "",
        port: str = "",
        file: str = "",
        line: int | None = None,
        traceback: str = "",
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint
        self.code = code
        self.parameter = parameter
        self.port = port
        self.file = file
        self.line = line
        self.traceback = traceback
