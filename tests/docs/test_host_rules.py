"""The host never loads a data library, never unpickles and never executes text (ARCHITECTURE, the idea)."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

JAILED = {"modules", "formats"}
# Programs and doubles that nothing of the host imports; import-linter holds that.
APART = {"registry/generate.py", "testing"}
WAIVED = {
    # loads commands by a fixed table of this package, so that --help stays quick
    ("src/studiolo/cli/sections.py", "importlib.import_module"),
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_ATTRIBUTES = {
    ("importlib", "import_module"),
    ("runpy", "run_path"),
    ("runpy", "run_module"),
    ("pickle", "load"),
    ("pickle", "loads"),
    ("yaml", "load"),
    ("yaml", "unsafe_load"),
    ("yaml", "full_load"),
}
HEAVY = {"pandas", "numpy", "pyarrow", "matplotlib", "sklearn", "duckdb"}


def host_files(root: Path) -> list[Path]:
    """Give the Python files of the host."""
    package = root / "src" / "studiolo"
    found = []
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if name.split("/")[0] not in JAILED | APART and name not in APART:
            found.append(path)
    return found


@pytest.fixture(scope="module")
def import_names(root: Path) -> list[str]:
    """Import names of the host's files."""
    return [
        ".".join(path.relative_to(root / "src").with_suffix("").parts).removesuffix(".__init__")
        for path in host_files(root)
        if path.name != "__main__.py"
    ]


def test_importing_the_whole_host_loads_no_data_library(import_names: list[str]) -> None:
    """The host never needs pandas or numpy, and pyarrow (110 ms) only inside some functions."""
    code = (
        "import importlib, json, sys\n"
        f"for name in {import_names!r}: importlib.import_module(name)\n"
        f"print(json.dumps([name for name in {sorted(HEAVY)!r} if name in sys.modules]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_no_file_of_the_host_executes_text_or_unpickles(root: Path) -> None:
    """Whatever an author or a jailed child writes stays data on the host (R-6.3)."""
    hits = []
    for path in host_files(root):
        for item in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(item, ast.Call):
                continue
            function = item.func
            is_plain = isinstance(function, ast.Name) and function.id in FORBIDDEN_CALLS
            is_dotted = (
                isinstance(function, ast.Attribute)
                and isinstance(function.value, ast.Name)
                and (function.value.id, function.attr) in FORBIDDEN_ATTRIBUTES
            )
            name = path.relative_to(root).as_posix()
            if (is_plain or is_dotted) and (name, ast.unparse(function)) not in WAIVED:
                hits.append(f"{path.relative_to(root)}:{item.lineno}: {ast.unparse(function)}")
    assert hits == []


def test_what_runs_in_the_jail_is_ascii(root: Path) -> None:
    """Python 2.7 reads a file as ASCII unless told; one dash in a comment would end every old environment."""
    found = [path for path in (root / "src/studiolo_child").rglob("*.py") if not path.read_bytes().isascii()]
    assert found == []
