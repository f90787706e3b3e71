"""Python text that a user typed into a module: loaded as a real module, its errors told as its author sees them."""

from __future__ import annotations

import hashlib
import linecache
import sys
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from studiolo.sdk import ModuleError, ScriptText

FILE = "python_script.py"
"""What the text is called in stack traces when it is no file of the experiment."""

SUMMARY_LIMIT = 500
TRACEBACK_LIMIT = 20_000
_NAME = "studiolo_python_model_"


@dataclass(frozen=True)
class PythonSource:
    """A Python text as a user typed it.

    Attributes:
        text: the text.
        file: its name in stack traces.
        parameter: name of the parameter that holds it; empty when it is a file of the experiment.
    """

    text: str
    file: str
    parameter: str

    @classmethod
    def of(cls, text: str, parameter: str) -> PythonSource:
        """Make one of the value of a `Code` parameter."""
        if isinstance(text, ScriptText):
            return cls(str(text), text.file, "")
        return cls(text, FILE, parameter)

    @property
    def name(self) -> str:
        """Import name of its module; equal texts share one, so that what one pickles the other knows."""
        return _NAME + hashlib.sha256(f"{self.file}\0{self.text}".encode()).hexdigest()[:16]

    def compiled(self) -> types.CodeType:
        """Compile it; nothing of it runs.

        Raises:
            ModuleError: `script-syntax`, with the line.
        """
        try:
            return compile(self.text.lstrip("\ufeff"), self.file, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:  # ValueError: NUL characters, before Python 3.12
            raise self._syntax(error) from None

    def _syntax(self, error: SyntaxError | ValueError) -> ModuleError:
        return ModuleError(
            _summary(error),
            "Mend the line; nothing of the script has run.",
            code="script-syntax",
            parameter=self.parameter,
            file=self.file,
            line=getattr(error, "lineno", None),
            traceback="".join(traceback.format_exception_only(error)),
        )

    def load(self) -> types.ModuleType:
        """Give its module, executed once in each process.

        Raises:
            ModuleError: `script-syntax`, or what its top level raised.
        """
        loaded = sys.modules.get(self.name)
        if loaded is not None:
            return loaded
        code = self.compiled()
        module = types.ModuleType(self.name)
        module.__file__ = self.file
        sys.modules[self.name] = module
        self._show_lines()
        try:
            with self.telling():
                exec(code, module.__dict__)
        except BaseException:
            del sys.modules[self.name]
            raise
        return module

    def _show_lines(self) -> None:
        """Let stack traces and `inspect` find the lines; another text may have the same file name."""
        lines = self.text.splitlines(keepends=True)
        linecache.cache[self.file] = (len(self.text), None, lines, self.file)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Turn what the text raises into a ModuleError with its own stack trace, no frame of ours in it.

        Raises:
            ModuleError: `script-raised`, `script-exited` or `missing-library`.
        """
        try:
            yield
        except (ModuleError, MemoryError):
            raise
        except (Exception, SystemExit) as error:
            raise self._raised(error) from None

    def _raised(self, error: BaseException) -> ModuleError:
        self._show_lines()
        frames, line = error.__traceback__, None
        while frames is not None and frames.tb_frame.f_code.co_filename != self.file:
            frames = frames.tb_next
        link = frames
        while link is not None:
            if link.tb_frame.f_code.co_filename == self.file:
                line = link.tb_lineno
            link = link.tb_next
        text = "".join(traceback.TracebackException(type(error), error, frames).format())
        if len(text) > TRACEBACK_LIMIT:
            text = f"{text[: TRACEBACK_LIMIT // 2]}\n…\n{text[-TRACEBACK_LIMIT // 2 :]}"
        code, hint = _code_and_hint(error)
        return ModuleError(
            _summary(error),
            hint,
            code=code,
            file=self.file,
            line=line,
            traceback=text,
        )


def _code_and_hint(error: BaseException) -> tuple[str, str]:
    if isinstance(error, SystemExit):
        return "script-exited", "Return instead; to end with an error, raise an exception."
    if isinstance(error, ModuleNotFoundError) and error.name:
        return (
            "missing-library",
            f'The environment "current", in which models are trained, has no {error.name[:80]}.',
        )
    return "script-raised", ""


def _summary(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # the author's own exception class
        text = "<its text cannot be shown: __str__ raised>"
    line = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return line if len(line) <= SUMMARY_LIMIT else f"{line[: SUMMARY_LIMIT - 1]}…"


def required_class(
    module: types.ModuleType, name: str, methods: tuple[str, ...], source: PythonSource
) -> Any:
    """Give the class that a text has to define, with the methods that it needs.

    Raises:
        ModuleError: `missing-entry-point`.
    """
    found = module.__dict__.get(name)
    missing = [method for method in methods if not callable(getattr(found, method, None))]
    if isinstance(found, type) and not missing:
        return found
    raise ModuleError(
        f"The class {name} has no method {missing[0]}."
        if isinstance(found, type)
        else f"The Python script defines no class {name}.",
        f"Define class {name} with the methods {', '.join(methods)}.",
        code="missing-entry-point",
        file=source.file,
    )
