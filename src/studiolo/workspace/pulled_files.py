"""The texts and program files of a folder that `studiolo pull` writes: the same for every node but for names."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import studiolo_child
from studiolo.environments import Package
from studiolo.environments.lock import Lock

CHILD = Path(studiolo_child.__file__).parent
BEGIN = ("local.py",)
LEFT_OUT = ("studiolo",)
"""Packages that a script does not need, and that stand in no index when studiolo runs from its sources."""

_RUN_LOCAL = '''"""Runs node {node} of {experiment} with what it had in run {run}; needs Python and pandas only.

python run_local.py            run it; what it gives is written to outputs/
python run_local.py --raise    let the first error through, for a debugger

In a notebook: `from run_local import inputs`, then `inputs()["dataset1"]` is what the script gets.
"""

from __future__ import print_function

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
if isinstance(HERE, bytes):
    try:
        HERE = HERE.decode("ascii")
    except UnicodeDecodeError:
        sys.exit("With Python 2 this folder runs only where its path is plain ASCII; move it.")
if __name__ == "__main__" and sys.path and os.path.abspath(sys.path[0]) == os.path.abspath(str(HERE)):
    del sys.path[0]  # a script called random.py must not stand in for Python's own
sys.path.insert(0, str(os.path.join(HERE, "studiolo_local")))
sys.dont_write_bytecode = True
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # as in the jail: sums are added up in the same order

from studiolo_child import local  # noqa: E402


def inputs():
    """Give the inputs of the script by port, as DataFrames with the types that it gets."""
    return local.inputs(HERE)


if __name__ == "__main__":
    sys.exit(local.run(HERE, sys.argv[1:]))
'''
_README = """# {node} of {experiment}, as it was in run {run}

1. Make its environment ({environment}): `uv venv && uv pip install -r requirements.txt`, or `python -m venv` and pip.
2. Run `python run_local.py`, in VS Code F5: results go to `outputs/`; it says whether they are those of run {run}.
3. Change `{script}`, the files of `Script Bundle/` and the parameters in `node.json`; the inputs stay as they are.
4. `inputs/*.frame` hold the exact types and are what is read; the Parquet and CSV files beside are for looking at.
5. Files that are read from disk or network by other ways than these inputs are not here. It runs on Linux.
"""


def run_local_text(experiment: str, node: str, run: int) -> str:
    """Give the program that runs the node."""
    return _RUN_LOCAL.format(experiment=_plain(experiment), node=_plain(node), run=run)


def readme_text(experiment: str, node: str, run: int, script: str, environment: str) -> str:
    """Give the five lines that say how to use the folder."""
    return _README.format(
        experiment=_plain(experiment), node=_plain(node), run=run, script=script, environment=environment
    )


def launch_text() -> str:
    """Give the file that makes VS Code run and debug the node."""
    shared = {
        "type": "debugpy",
        "request": "launch",
        "program": "${workspaceFolder}/run_local.py",
        "cwd": "${workspaceFolder}",
        "console": "integratedTerminal",
    }
    configurations = [
        {"name": "Run", **shared, "noDebug": True},
        {"name": "Debug at first error", **shared, "args": ["--raise"], "justMyCode": True},
    ]
    return json.dumps({"version": "0.2.0", "configurations": configurations}, indent=2) + "\n"


def requirements_text(packages: Iterable[Package]) -> str:
    """Give exact pins, one a line; packages whose version their files do not tell are named in a comment."""
    kept = [package for package in packages if package.name.lower() not in LEFT_OUT]
    lines = [
        f"{package.name}=={package.version}" if package.version else f"# {package.name}: version not known"
        for package in kept
    ]
    return "".join(f"{line}\n" for line in lines)


def lock_text(lock: Lock) -> str:
    """Give the pins of a lock, with what has to be installed after all others at its end."""
    later = ["# These are compiled: install them when the others are there, one after the other.", *lock.last]
    return "".join(f"{line}\n" for line in (*lock.pins, *(later if lock.last else ())))


def runner_files() -> dict[str, bytes]:
    """Give the files of `studiolo_child` that run a script outside the jail, by path below the folder for them."""
    site = sorted((CHILD / "site").rglob("*.py"))
    found: dict[Path, None] = {}
    waiting = [CHILD / name for name in BEGIN] + site
    while waiting:
        file = waiting.pop()
        if file not in found:
            found[file] = None
            waiting += _imported(file)
    return {file.relative_to(CHILD.parent).as_posix(): file.read_bytes() for file in sorted(found)}


def _imported(file: Path) -> Iterator[Path]:
    """Give the files of `studiolo_child` that a file of it imports, and the packages around them."""
    for item in ast.walk(ast.parse(file.read_bytes())):
        if not isinstance(item, ast.ImportFrom):
            continue
        parts = (item.module or "").split(".") if item.module else []
        if item.level:
            folder = file.parents[item.level - 1].joinpath(*parts)
        elif parts[:1] == [CHILD.name]:
            folder = CHILD.joinpath(*parts[1:])
        else:
            continue
        names = [folder.with_suffix(".py"), folder / "__init__.py"]
        names += [folder / f"{alias.name}.py" for alias in item.names]
        yield from (name for name in names if name.is_file() and CHILD in name.parents)


def _plain(name: str) -> str:
    """Give a name without what would end the text it stands in."""
    return name.replace("\\", "/").replace('"', "'").replace("\n", " ")
