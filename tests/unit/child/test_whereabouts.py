"""What a job wrote to its trace pipe becomes the author's file and line, whatever it wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studiolo.worker.whereabouts import BUNDLE_FOLDER, Place, peak, place
from studiolo_child.whereabouts import _ascii

DOCUMENT = {"script": {"file": "scripts/clean.py", "text": ""}}
OURS = '  File "/opt/studiolo/studiolo_child/script.py", line 90 in _run\n  File "<string>", line 1 in <module>\n'


def stack(*frames: tuple[str, int], head: str = "Stack (most recent call first):") -> bytes:
    """Give what faulthandler writes, innermost frame first."""
    lines = "".join(f'  File "{file}", line {line} in f\n' for file, line in frames)
    return f"{head}\n{lines}{OURS}\n".encode()


SCRIPT, LIBRARY = ("scripts/clean.py", 7), ("/usr/lib/pandas/core.py", 99)
BUNDLED = (f"/box/work/{BUNDLE_FOLDER}/inner/helper.py", 12)


def test_the_innermost_line_of_the_script_is_the_place() -> None:
    """The library's line is no help; of a recursion the innermost line counts."""
    found = place(stack(LIBRARY, SCRIPT, ("scripts/clean.py", 30)), DOCUMENT)
    assert found == Place(
        "scripts/clean.py",
        7,
        "Stack when it was ended (most recent call last):\n"
        '  File "scripts/clean.py", line 30, in f\n'
        '  File "scripts/clean.py", line 7, in f\n'
        '  File "/usr/lib/pandas/core.py", line 99, in f\n',
    )


def test_a_bundle_is_shown_in_the_stack_and_is_the_place_where_no_script_is() -> None:
    """A thread that the bundle started has no frame of the script."""
    found = place(stack(LIBRARY, BUNDLED, SCRIPT), DOCUMENT)
    assert found is not None and found[:2] == SCRIPT
    assert f'  File "{BUNDLE_FOLDER}/inner/helper.py", line 12, in f\n' in found.stack
    found = place(stack(LIBRARY, BUNDLED), DOCUMENT)
    assert found is not None and found[:2] == (f"{BUNDLE_FOLDER}/inner/helper.py", 12)


def test_the_last_stack_and_the_thread_that_ran_count() -> None:
    """A child may have written one before; at SIGXCPU all threads are written."""
    last = stack(SCRIPT, head="Current thread 0x7f (most recent call first):")
    other = stack(("scripts/clean.py", 2), head="Thread 0x7e [pool] (most recent call first):")
    for data in (other + last, last + other, stack(("scripts/clean.py", 3)) + last):
        assert (place(data, DOCUMENT) or ())[:2] == SCRIPT
    lost = stack(LIBRARY, head="Current thread 0x7f (most recent call first):")
    assert (place(lost + other, DOCUMENT) or ())[:2] == ("scripts/clean.py", 2)


@pytest.mark.parametrize(
    "file", ["scripts/é 夢 😀.py", "scripts/a\tb.py", 'scripts/a"b.py', "x" * 600 + ".py"]
)
def test_any_file_name_is_found(file: str) -> None:
    """The standard library writes ASCII with escapes, and cuts."""
    written = _ascii(file) + ("..." if len(file) > 500 else "")
    found = place(stack((written, 3)), {"script": {"file": file}})
    assert found is not None and found[:2] == (file, 3)


def test_a_module_of_the_workspace_has_a_place_and_a_built_in_one_none() -> None:
    """The author of a user's own module knows its file; ours is of no use to anybody."""
    source = {"module": {"entry": "m:run", "source": {"file": "modules/m.py"}}}
    assert (place(stack(("modules/m.py", 4)), source) or ())[:2] == ("modules/m.py", 4)
    assert (
        place(stack(("modules/m.py", 4)), {"module": {"entry": "studiolo.modules.m:run", "source": None}})
        is None
    )
    assert place(stack(SCRIPT), {}) is None


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_break_it(noise: bytes) -> None:
    """R-6.3: the pipe is the job's to write to."""
    for data in (noise, noise + stack(SCRIPT), stack(SCRIPT)[:40] + noise, noise * 1000):
        found = place(data, DOCUMENT)
        assert found is None or (found.file == SCRIPT[0] or found.file.startswith(BUNDLE_FOLDER))
        assert 0 <= peak(data) < 10**18


@pytest.mark.parametrize(
    "line",
    [
        '  File "scripts/clean.py", line 99999999999 in f',
        '  File "scripts/clean.py", line -1 in f',
        "  File",
        "",
    ],
)
def test_lines_that_no_file_has_are_nothing(line: str) -> None:
    """R-6.3: the figure goes into the metadata and onto the screen."""
    assert place(b"Stack (most recent call first)\n" + line.encode(), DOCUMENT) is None


def test_a_long_trace_stays_bounded() -> None:
    """R-6.3: 64 KiB are read, and the stack is cut where an error's text is."""
    found = place(stack(*[SCRIPT] * 100_000), DOCUMENT)
    assert found is not None and len(found.stack) < 1 << 17


@pytest.mark.parametrize(
    ("data", "figure"),
    [
        (b"", 0),
        (b"peak-memory-bytes 5\n", 5),
        (stack(SCRIPT) + b"peak-memory-bytes 7\n", 7),
        (b"peak-memory-bytes -7\n", 0),
        (b"peak-memory-bytes x\n", 0),
    ],
)
def test_the_highest_memory_is_read(data: bytes, figure: int) -> None:
    """Issue 3 (4): what lived between two samples of the watcher."""
    assert peak(data) == figure
