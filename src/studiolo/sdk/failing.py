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
    """

    def __init__(
        self, summary: str, hint: str = "", *, code: str = "module-error", parameter: str = "", port: str = ""
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint
        self.code = code
        self.parameter = parameter
        self.port = port
