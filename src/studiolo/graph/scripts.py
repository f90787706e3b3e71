"""Finds and reads the script files of an experiment as text; does not run, compile or check them."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from studiolo.domain.experiment import Script
from studiolo.domain.nearest import did_you_mean
from studiolo.errors import UserError, Where
from studiolo.graph.paths import inside, what_is

SIZE_LIMIT = 16 * 1024 * 1024
_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def read_script(folder: Path, file: str) -> Script:
    r"""Read a script of the experiment in `folder`.

    The text is decoded as Python would: UTF-8 unless its first two lines declare another coding. A byte
    order mark is dropped, line ends stay as they are.

    Args:
        folder: the experiment's folder.
        file: path relative to it; `\\` counts as `/`.

    Raises:
        UserError: `missing-script`, `script-outside` or `script-encoding`; `where.file` is not set.
    """
    name = file.replace("\\", "/")
    path = inside(folder, file)
    if path is None:
        raise UserError(
            "script-outside",
            f'The script "{file}" lies outside the experiment\'s folder.',
            f"Copy it to {folder.name}/scripts/ and write script: scripts/NAME.py.",
        )
    if what_is(path) != "file":
        raise _missing(folder, name, path)
    if path.stat().st_size > SIZE_LIMIT:
        raise UserError(
            "script-encoding",
            f'The script "{file}" is {path.stat().st_size} bytes long; at most {SIZE_LIMIT} are read.',
            "Keep its data in a file of its own.",
        )
    return Script(str(PurePosixPath(name)), decoded_script(path.read_bytes(), name))


def decoded_script(data: bytes, file: str) -> str:
    """Decode a script's bytes by its byte order mark, its coding line (PEP 263) or as UTF-8.

    Raises:
        UserError: `script-encoding`, naming the line.
    """
    text = data.removeprefix(b"\xef\xbb\xbf")
    encoding = declared_coding(text[:4096].decode("latin-1")) or "utf-8"
    try:
        decoded = text.decode(encoding)
    except LookupError:
        raise UserError(
            "script-encoding",
            f'The script "{file}" declares the unknown coding "{encoding}".',
            "Save it as UTF-8 and remove the coding line.",
        ) from None
    except UnicodeError as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise UserError(
            "script-encoding",
            f'Line {line} of the script "{file}" is not {encoding} text.',
            'Save it as UTF-8, or say how it was saved in its first line: "# -*- coding: cp1252 -*-".',
        ) from None
    if not isinstance(decoded, str) or "\0" in decoded:
        raise UserError(
            "script-encoding",
            f'The script "{file}" is not text: it has a NUL byte.',
            "Save it as UTF-8 text.",
        )
    return decoded


def encoded_script(script: Script, node: str) -> bytes:
    """Give the bytes of a script in the coding that it declares, else UTF-8.

    Raises:
        UserError: `script-encoding` when that coding cannot hold the text.
    """
    encoding = declared_coding(script.text[:4096]) or "utf-8"
    try:
        return script.text.encode(encoding)
    except (LookupError, UnicodeError):
        raise UserError(
            "script-encoding",
            f'The script "{script.file}" cannot be saved in the coding "{encoding}" that it declares.',
            "Remove the coding line; the file is UTF-8 then.",
            Where(node=node),
        ) from None


def declared_coding(text: str) -> str | None:
    """Give the coding that a Python script's first two lines declare (PEP 263), or None.

    >>> declared_coding("#!/usr/bin/python" + chr(10) + "# -*- coding: latin-1 -*-")
    'latin-1'
    """
    for line in re.split(r"\r\n|\r|\n", text, maxsplit=2)[:2]:
        match = _COOKIE.match(line)
        if match:
            return match.group(1)
        if line.strip() and not line.lstrip().startswith("#"):
            return None
    return None


def _missing(folder: Path, name: str, path: Path) -> UserError:
    if what_is(path) == "folder":
        return UserError(
            "missing-script",
            f'The script "{name}" is a folder.',
            "Name the file in it, as in scripts/clean.py.",
        )
    known = sorted(str(other.relative_to(folder).as_posix()) for other in folder.glob("**/*.py"))[:200]
    return UserError(
        "missing-script",
        f'There is no script "{name}" in {folder.name}/.',
        did_you_mean(name, known, "script") if known else f"Create {folder.name}/{name}.",
    )
