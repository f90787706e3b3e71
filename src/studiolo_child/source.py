"""Turns the author's text into code and into a real Python module, without rewriting a character of it.

The text is compiled under the file name that the author knows, so that stack traces, warnings and linecache
show their own file and lines. It is never executed here.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import ast
import io
import linecache
import re
import sys
import types

_NO_BREAK_SPACE = "\u00a0"
_STRING_OR_SPACE = re.compile(
    r"""\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\#[^\n]*|%s"""
    % _NO_BREAK_SPACE,
    re.DOTALL,
)
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


class Source(object):
    """A compiled text.

    Attributes:
        code: the code object, or the syntax tree where that was asked for.
        text: the text that was compiled.
        file: the name it was compiled under.
        no_break_spaces: number of no-break spaces that had to be read as spaces (0 when it compiled as it was).
    """

    def __init__(self, code, text, file, no_break_spaces):
        self.code = code
        self.text = text
        self.file = file
        self.no_break_spaces = no_break_spaces


def compile_text(text, file, tree=False):
    """Compile a script's text; give a `Source`.

    A byte order mark is dropped. No-break spaces outside strings and comments, as pasted from web pages, are
    read as spaces when the text does not compile otherwise; line numbers stay.

    Args:
        text: the decoded text, with any line ends.
        file: the name for stack traces.
        tree: give the syntax tree instead of code.

    Raises:
        SyntaxError: also for NUL characters and nesting that is too deep.
    """
    text = text[1:] if text.startswith("\ufeff") else text
    failure = None
    try:
        return Source(_compiled(text, file, tree), text, file, 0)
    except SyntaxError as error:
        failure = error
    plain, count = _with_spaces(text)
    if not count:
        raise failure
    return Source(_compiled(plain, file, tree), plain, file, count)


def declared_coding(text):
    """Give the coding that the first two lines declare (PEP 263), or None."""
    for line in text[:4096].splitlines()[:2]:
        match = _COOKIE.match(line)
        if match:
            return match.group(1)
        if line.strip() and not line.lstrip().startswith("#"):
            return None
    return None


class ScriptLoader(object):
    """Gives inspect, linecache and pickle what they ask of a module's loader; it loads nothing itself."""

    def __init__(self, name, text):
        self.name = name
        self._text = text

    def get_source(self, name=None):
        """Give the text of the script."""
        return self._text

    def is_package(self, name=None):
        """Say that a script is no package."""
        return False

    def create_module(self, spec):
        """Let Python make a plain module."""

    def exec_module(self, module):
        """Run the text again, for `importlib.reload`."""
        exec(compile_text(self._text, module.__spec__.studiolo_file).code, module.__dict__)


def make_module(name, source, path):
    """Make an empty module for a `Source`, put it into sys.modules and its lines into linecache.

    Args:
        name: unique import name; not `__main__`.
        source: what will be executed in it.
        path: absolute path of the file that a second process imports it from.
    """
    module = types.ModuleType(str(name))
    module.__file__ = str(path)
    module.__loader__ = ScriptLoader(name, source.text)
    if sys.version_info[0] > 2:
        from importlib.machinery import ModuleSpec

        module.__spec__ = ModuleSpec(name, module.__loader__, origin=path)
        module.__spec__.studiolo_file = source.file
    lines = list(io.StringIO(source.text, newline=None))  # splitlines() would split at form feeds too
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"  # as linecache does with files; Python 2 finds the end of a function by it
    keys = (source.file, path)
    if sys.version_info[0] == 2:
        lines = [line.encode("utf-8") for line in lines]
        keys = [key.encode("utf-8") for key in keys]
    for key in keys:
        linecache.cache[key] = (len(source.text), None, lines, key)
    sys.modules[str(name)] = module
    return module


def _compiled(text, file, tree):
    flags = ast.PyCF_ONLY_AST if tree else 0
    if sys.version_info[0] == 2:
        text = _for_python_2(text)
        file = file.encode("utf-8")
    try:
        return compile(text, file, str("exec"), flags, True)
    except SyntaxError as error:
        error.filename = error.filename or file  # NUL characters
        raise
    except (ValueError, TypeError) as error:  # NUL characters, before Python 3.12
        reason = "%s" % error
    except (MemoryError, RuntimeError) as error:  # nested too deeply for the parser
        reason = "the text is nested too deeply (%s)" % type(error).__name__
    raise SyntaxError(reason, (file, None, None, None))


def _for_python_2(text):
    """Give what compile() of Python 2 reads right: text, or bytes where a coding line declares how they look."""
    coding = declared_coding(text)
    if coding is None:
        return text
    try:
        return text.encode(coding)
    except (LookupError, UnicodeError):
        raise SyntaxError("the text does not fit the coding %s that its first lines declare" % coding)


def _with_spaces(text):
    found = []

    def plain(match):
        if match.group() != _NO_BREAK_SPACE:
            return match.group()
        found.append(match.start())
        return " "

    return (_STRING_OR_SPACE.sub(plain, text) if _NO_BREAK_SPACE in text else text), len(found)
