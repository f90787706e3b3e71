"""Reads from a job's trace pipe which line of the author's text it was at, and its highest memory.

The job can write to the pipe what it likes: everything is bounded, and believed only as far as it concerns the
job's own error and figures.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from studiolo_child.whereabouts import PEAK
from studiolo_child.working_directory import BUNDLE_FOLDER

MOST_BYTES = 1 << 16
CHILD = "studiolo_child"
MOST_NAME = 500  # letters of a file name that faulthandler writes, before "..."

_FRAME = re.compile(r'  File "(.{1,1000})", line (\d{1,7}) in (.{1,200})')
_CURRENT = ("Current thread ", "Stack (most recent call first)")
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")
_PEAK = re.compile(re.escape(PEAK) + r"(\d{1,18})", re.MULTILINE)


class Place(NamedTuple):
    """Where a job was.

    Attributes:
        file: the author's file: the script, a user's own module, or a file of the script bundle.
        line: line in it, from 1.
        stack: what had been called from there and from where, as Python shows it, without the frames of studiolo.
    """

    file: str
    line: int
    stack: str = ""


class Frame(NamedTuple):
    """One line of a stack."""

    file: str
    line: int
    function: str


def read_trace(descriptor: int) -> bytes:
    """Read what lies in a trace pipe that does not block, at most 64 KiB of it. Never raises."""
    data = b""
    try:
        while len(data) < MOST_BYTES and (piece := os.read(descriptor, MOST_BYTES - len(data))):
            data += piece
    except OSError:
        pass
    return data


def place(data: bytes, document: Mapping[str, Any]) -> Place | None:
    """Give the innermost line of the author's own text in what a job wrote, or None.

    The last stack counts; of its threads the one that ran, else the main thread, which stands last.

    Args:
        data: of the trace pipe.
        document: of the job; its script or its module's source names the file.
    """
    source = document.get("script") or (document.get("module") or {}).get("source") or {}
    file = source.get("file")
    found = None
    for is_current, frames in reversed(_stacks(data)):
        at = _place_in(frames, file)
        if at is not None and is_current:
            return at
        found = found or at
    return found


def peak(data: bytes) -> int:
    """Give the highest memory in bytes that a job says it had; 0 when it says nothing."""
    found = _PEAK.findall(data[:MOST_BYTES].decode("ascii", "replace"))
    return int(found[-1]) if found else 0


def _stacks(data: bytes) -> list[tuple[bool, list[Frame]]]:
    """Give the stacks in the order they were written: whether it is the thread that ran, and its frames."""
    stacks: list[tuple[bool, list[Frame]]] = []
    for line in data[:MOST_BYTES].decode("ascii", "replace").split("\n"):
        if line.startswith((*_CURRENT, "Thread ")):
            stacks.append((line.startswith(_CURRENT), []))
        elif stacks and (match := _FRAME.match(line)):
            stacks[-1][1].append(Frame(match.group(1), int(match.group(2)), match.group(3)))
    return stacks


def _place_in(frames: list[Frame], file: str | None) -> Place | None:
    """Give the innermost frame of the script or module, else of its bundle; frames stand innermost first."""
    written = _as_written(file) if file else None
    shown = _theirs(frames)
    for frame in frames:
        if file and frame.file == written:
            return Place(file, frame.line, _stack(shown))
    for frame in shown:
        if frame.file.startswith(f"{BUNDLE_FOLDER}/"):
            return Place(frame.file, frame.line, _stack(shown))
    return None


def _theirs(frames: list[Frame]) -> list[Frame]:
    """Leave out the frames of studiolo, and what they were called from."""
    own = [number for number, frame in enumerate(frames) if f"/{CHILD}/" in frame.file]
    called = frames[: own[-1]] if own else frames
    return [_shown(frame) for number, frame in enumerate(called) if number not in own]


def _shown(frame: Frame) -> Frame:
    """Give a frame with its file as the author knows it."""
    at = frame.file.rfind(f"/{BUNDLE_FOLDER}/")
    name = frame.file[at + 1 :] if at >= 0 else frame.file
    return Frame(_unescaped(name), frame.line, _unescaped(frame.function))


def _stack(frames: list[Frame]) -> str:
    """Give frames as Python shows a stack, outermost first; nothing for one alone, which is the place itself."""
    if len(frames) < 2:
        return ""
    lines = [f'  File "{frame.file}", line {frame.line}, in {frame.function}\n' for frame in frames]
    return "".join(["Stack when it was ended (most recent call last):\n", *reversed(lines)])


def _as_written(text: str) -> str:
    """Give a file name as faulthandler writes it: ASCII, with escapes, cut."""
    escaped = "".join(letter if " " <= letter <= "~" else _escape(ord(letter)) for letter in text[:MOST_NAME])
    return escaped + "..." if len(text) > MOST_NAME else escaped


def _escape(number: int) -> str:
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _unescaped(text: str) -> str:
    def letter(match: re.Match[str]) -> str:
        number = int(next(group for group in match.groups() if group), 16)
        return chr(number) if number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else "?"

    return _ESCAPE.sub(letter, text)
