"""The code inside the jail runs on every Python from 2.7, and frames mean the same there."""

from __future__ import annotations

import decimal
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from frame_examples import PLAIN, array, frame_of, plain_values, tables
from hypothesis import Phase, given, settings
from tests.in_environments import is_before

import studiolo_child
from studiolo.environments import Environment
from studiolo_child.frames import layout
from studiolo_child.frames.arrow_frames import table_from_frame

CHILD = Path(studiolo_child.__file__).parent
VERSIONS = ["2.7", *[f"3.{minor}" for minor in range(6, 15)]]
IN_OLD_PANDAS = Path(__file__).with_name("in_old_pandas.py")

COMPILE = (
    "import io, sys\nfor path in sys.argv[1:]: compile(io.open(path, 'rb').read(), path, 'exec', 0, True)"
)
HEADER = """
import binascii, json, sys
sys.path.insert(0, sys.argv[1])
from studiolo_child.frames import layout
frame = binascii.unhexlify(sys.argv[2])
header, start = layout.read_header(frame)
print(binascii.hexlify(layout.write_header(header["rows"], header["columns"])).decode("ascii"))
try:
    layout.read_header(frame[:-64])
except layout.FrameError:
    print("refused")
"""


def runs(path: Path, version: str) -> bool:
    """Say whether an interpreter can be run and is of that version."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


def find_interpreters() -> dict[str, Path]:
    """Give one interpreter for each version, from PATH and from pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = {}
    for version in VERSIONS:
        on_path = shutil.which(f"python{version}")
        candidates = [Path(on_path)] if on_path else []
        candidates += sorted(pyenv.glob(f"{version}.*/bin/python"))
        for candidate in candidates:
            if runs(candidate, version):
                found[version] = candidate
                break
    return found


@pytest.fixture(scope="module")
def interpreters() -> dict[str, Path]:
    found = find_interpreters()
    if len(found) < 2:
        pytest.skip(f"only these interpreters are on PATH and in pyenv: {sorted(found)}")
    return found


def run(interpreter: Path | str, *arguments: Any) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [interpreter, "-W", "error::SyntaxWarning", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, f"{interpreter}: {done.stderr[-3000:]}"
    return done.stdout


def test_every_interpreter_compiles_the_code_inside_the_jail(interpreters: dict[str, Path]) -> None:
    """Old scripts run in the Python they were written for, so our code beside them must too (R-5.2)."""
    paths = sorted(CHILD.rglob("*.py"))
    for interpreter in interpreters.values():
        run(interpreter, "-c", COMPILE, *paths)


def test_every_interpreter_reads_and_writes_the_same_header(interpreters: dict[str, Path]) -> None:
    """A digest is over bytes: Python 2.7 must write what 3.14 writes."""
    table = pa.table({"ä\U0001f600\x7f": pa.array([1, None]), "c": pa.array(["x", None]).dictionary_encode()})
    frame = frame_of(table)
    _, start = layout.read_header(frame)
    for interpreter in interpreters.values():
        out = run(interpreter, "-c", HEADER, CHILD.parent, frame.hex())
        assert out.split() == [frame[:start].hex(), "refused"]


def write_examples(folder: Path) -> dict[str, bytes]:
    """Write a frame of every type, with and without missing values, empty, one row and all missing."""
    examples = {"numbers": pa.table({name: [1, 2, 3] for name in "abc"} | {"f": [1.5, 2.5, None]})}
    for kind, _ in PLAIN:
        cells: list[Any] = [1, 0]
        if pa.types.is_large_string(kind):
            cells = ["ä\U0001f600", "b"]
        elif pa.types.is_large_binary(kind):
            cells = [b"\xff\x00", b"b"]
        elif pa.types.is_boolean(kind):
            cells = [True, False]
        elif pa.types.is_decimal(kind):
            cells = [decimal.Decimal("0.5"), decimal.Decimal(0)]
        for what, values in (
            ("full", cells),
            ("some", [*cells, None]),
            ("all", [None, None]),
            ("empty", []),
            ("one", cells[:1]),
        ):
            column = array(kind, values)
            examples[f"{kind}-{what}".replace("/", "_")] = pa.table({"x": column})
            if what in ("full", "empty") and kind != pa.float16():
                codes = pa.array([1, 0, None] if values else [], pa.int32())
                grouped = pa.DictionaryArray.from_arrays(codes, column, ordered=True)
                examples[f"category-{kind}-{what}".replace("/", "_")] = pa.table({"x": grouped})
    wide = array(pa.timestamp("us"), [253370764800000000, None, -62135596800000000])
    examples["wide times"] = pa.table({"x": wide, "d": array(pa.date32(), [2932896, None, -719162])})
    frames = {name: frame_of(table) for name, table in examples.items()}
    for name, frame in frames.items():
        (folder / f"{name}.frame").write_bytes(frame)
    return frames


def test_frames_survive_the_pandas_of_each_environment(environment: Environment, tmp_path: Path) -> None:
    """R-2.5, R-5.2: for every type, dataset to DataFrame to dataset is identity or has a receipt."""
    frames = write_examples(tmp_path)
    out = run(environment.python, *environment.flags, IN_OLD_PANDAS, CHILD.parent, tmp_path)
    assert out.endswith("done\n")
    assert faults(environment, frames, tmp_path) == ([], [], [])


def test_any_table_survives_the_pandas_of_each_environment(environment: Environment, tmp_path: Path) -> None:
    """The same for tables that nobody thought of: 300 of them, drawn anew in each run (R-2.5)."""
    drawn: list[pa.Table] = []

    @settings(max_examples=300, deadline=None, database=None, phases=[Phase.generate])
    @given(tables())
    def draw(table: pa.Table) -> None:
        drawn.append(table)

    draw()
    frames = {f"{number:03}": frame_of(table) for number, table in enumerate(drawn)}
    for name, frame in frames.items():
        (tmp_path / f"{name}.frame").write_bytes(frame)
    run(environment.python, *environment.flags, IN_OLD_PANDAS, CHILD.parent, tmp_path, "round-trips")
    silent, wrong, _ = faults(environment, frames, tmp_path)  # what is lost is told: dates beyond old pandas
    told = [(name, drawn[int(name)].to_pylist()[:3], drawn[int(name)].schema) for name in silent]
    told += [(name, receipt, drawn[int(name)].schema) for name, receipt in wrong]
    assert told == []


def faults(environment: Environment, frames: dict[str, bytes], folder: Path) -> tuple[list[Any], ...]:
    """Give what was changed without a receipt, what is not what its receipt says, and what was lost."""
    receipts = json.loads((folder / "receipts.json").read_text())
    silent, wrong, lossy = [], [], []
    for name, frame in frames.items():
        after = (folder / f"{name}.out").read_bytes()
        receipt = receipts[f"{name}.frame"]
        if not receipt and after != frame:
            silent.append(name)
        if any(entry["lossy"] for entry in receipt):
            lossy.append(name)
        elif are_different(frame, after, is_before(environment, "3")):
            wrong.append((name, receipt))
    return silent, wrong, lossy


def are_different(before: bytes, after: bytes, has_bytes_as_texts: bool) -> bool:
    """Say whether values differ; in Python 2 bytes are texts, and come back as such."""
    old, new = table_from_frame(before), table_from_frame(after)
    return any(
        plain_values(old.column(name)) != plain_values(new.column(name))
        for name in old.column_names
        if not (has_bytes_as_texts and "binary" in str(old.schema.field(name).type))
    )


def test_this_interpreter_is_among_those_that_must_work() -> None:
    """When Python moves on, the list of versions moves with it."""
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in VERSIONS
