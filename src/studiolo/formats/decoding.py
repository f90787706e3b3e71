"""Finds out how the text of a file is encoded and gives it as UTF-8, without a copy where it is UTF-8 already."""

from __future__ import annotations

import codecs
from typing import Any

import pyarrow as pa

from studiolo.formats.reading import Source, data_of, entry
from studiolo.sdk import ModuleError

STEP = 16 * 1024 * 1024
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def utf8_text(source: Source, encoding: str = "", receipt: list[dict[str, Any]] | None = None) -> pa.Buffer:
    """Give the text of a source as UTF-8 without a byte order mark.

    With no `encoding` given (or `auto`): a byte order mark decides; else UTF-8 when the whole file is valid
    UTF-8; else UTF-16 when every second byte of the beginning is mostly zero; else windows-1252 (the usual
    superset of Latin-1). A file that holds more valid than invalid UTF-8 sequences beyond ASCII is damaged
    UTF-8, which is an error rather than a guess. Any other encoding than UTF-8 is said in the receipt.

    Args:
        source: the bytes.
        encoding: a name that Python knows, or empty.
        receipt: gets an entry when the text was not UTF-8.

    Raises:
        ModuleError: `bad-encoding` with the line, `empty-file`.
    """
    receipt = receipt if receipt is not None else []
    buffer = data_of(source)
    if encoding and encoding.lower() != "auto":
        return _given(buffer, source, encoding, receipt)
    head = buffer.slice(0, min(4, buffer.size)).to_pybytes()
    for mark, name in MARKS:
        if head.startswith(mark):
            rest = buffer.slice(len(mark))
            if name == "utf-8":
                _require_utf8(rest, source)
                return rest
            return _converted(rest, source, name, receipt)
    fault = first_invalid(buffer)
    name = _utf16_without_mark(buffer)
    if name and (fault is not None or b"\x00" in buffer.slice(0, min(64, buffer.size)).to_pybytes()):
        return _converted(buffer, source, name, receipt)
    if fault is None:
        return buffer
    if _looks_like_damaged_utf8(buffer):
        raise _damaged(source, "UTF-8", line_at(buffer, fault))
    return _converted(buffer, source, "windows-1252", receipt)


def first_invalid(buffer: pa.Buffer) -> int | None:
    """Give the place of the first byte that is not UTF-8, or None; reads in steps, so memory stays small."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(buffer)
    for start in range(0, max(len(view), 1), STEP):
        piece = bytes(view[start : start + STEP])
        pending = len(decoder.getstate()[0])
        if not pending and piece.isascii():  # ten times as fast as decoding
            continue
        try:
            decoder.decode(piece, final=start + STEP >= len(view))
        except UnicodeDecodeError as fault:
            return start - pending + fault.start
    return None


def line_at(buffer: pa.Buffer, place: int) -> int:
    """Give the line, from 1, of a place in the bytes."""
    return bytes(memoryview(buffer)[:place]).count(b"\n") + 1


def _given(buffer: pa.Buffer, source: Source, encoding: str, receipt: list[dict[str, Any]]) -> pa.Buffer:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except (LookupError, UnicodeError, TypeError):
        raise ModuleError(
            f'The encoding "{encoding}" is unknown.',
            "Use auto, utf-8, utf-16, latin-1, windows-1252 or another name that Python knows.",
            code="bad-parameter",
            parameter="encoding",
        ) from None
    if name in ("utf-8", "utf-8-sig", "ascii"):
        head = buffer.slice(0, min(3, buffer.size)).to_pybytes()
        rest = buffer.slice(3) if head == codecs.BOM_UTF8 else buffer
        _require_utf8(rest, source)
        return rest
    return _converted(buffer, source, name, receipt, said=False)


def _require_utf8(buffer: pa.Buffer, source: Source) -> None:
    fault = first_invalid(buffer)
    if fault is not None:
        raise _damaged(source, "UTF-8", line_at(buffer, fault))


def _converted(
    buffer: pa.Buffer, source: Source, name: str, receipt: list[dict[str, Any]], said: bool = True
) -> pa.Buffer:
    data = memoryview(buffer)
    try:
        text = str(data, name)
    except UnicodeDecodeError as fault:
        if name == "windows-1252":
            name, text = "latin-1", str(data, "latin-1")
        else:
            line = str(data[: fault.start], name, "replace").count("\n") + 1
            raise _damaged(source, name, line) from None
    if said:
        receipt.append(entry("encoding-found", f"{source.name} is not UTF-8 and was read as {name}."))
    return pa.py_buffer(text.removeprefix("\ufeff").encode("utf-8", "replace"))


def _damaged(source: Source, name: str, line: int) -> ModuleError:
    return ModuleError(
        f"{source.name}, line {line}: the text is not valid {name}.",
        "Save the file as UTF-8, or name its encoding in the parameter `encoding`.",
        code="bad-encoding",
        parameter="encoding",
    )


def _utf16_without_mark(buffer: pa.Buffer) -> str:
    head = buffer.slice(0, min(4096, buffer.size)).to_pybytes()
    if len(head) < 4 or b"\x00" not in head:
        return ""
    even, odd = head[0::2], head[1::2]
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return ""


def _looks_like_damaged_utf8(buffer: pa.Buffer) -> bool:
    sample = buffer.slice(0, min(STEP, buffer.size)).to_pybytes()
    text = sample.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(character > "\x7f" for character in text) - bad
    return bool(good > bad)
