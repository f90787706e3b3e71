"""docs/own-modules.md says what happens: its files are written, and its commands run, as they stand (R-4.6)."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml

import studiolo

from .conftest import Block, fenced_blocks

PACKAGE = "A package of modules"


@pytest.fixture(scope="module")
def blocks(root: Path) -> list[Block]:
    """The fenced blocks of the page."""
    return fenced_blocks((root / "docs" / "own-modules.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def workspace(blocks: list[Block], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the page's files, the broken module and the package apart."""
    folder = tmp_path_factory.mktemp("own") / "shop"
    assert called(["init", str(folder)], folder.parent).returncode == 0
    write(folder, [block for block in blocks if "broken" not in block.path and block.heading != PACKAGE])
    return folder


def write(folder: Path, blocks: list[Block]) -> None:
    """Write the blocks that have a path."""
    for block in blocks:
        if block.path:
            path = folder / block.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def called(words: list[str], folder: Path, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    """Call `studiolo` in a folder."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("STUDIOLO")}
    variables["COLUMNS"] = "120"  # as a pipe has; a test runner may have set its own
    command = [python, "-m", "studiolo.cli.main", *words]
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=120, check=False
    )


def commands(blocks: list[Block], heading: str) -> list[list[str]]:
    """Give the words of the `studiolo` commands under a heading."""
    lines = [
        line
        for block in blocks
        if block.heading == heading and block.language == "sh"
        for line in block.text.splitlines()
    ]
    return [shlex.split(line)[1:] for line in lines if line.startswith("studiolo ")]


def shown(blocks: list[Block], heading: str) -> str:
    """Give the text that the page shows under a heading."""
    (text,) = [block.text for block in blocks if block.heading == heading and block.language == "text"]
    return text


def test_the_module_of_the_page_has_the_help_page_of_the_page(blocks: list[Block], workspace: Path) -> None:
    """Parameters become fields, the docstring help; every kind of parameter is among them."""
    listed, page, run, show = commands(blocks, "A module in one file")
    assert "limit-values  Cut numbers off where most of the others end." in called(listed, workspace).stdout
    assert called(page, workspace).stdout == shown(blocks, "A module in one file")
    assert called(run, workspace).returncode == 0
    lines = [line.split() for line in called(show, workspace).stdout.splitlines()]
    assert [line for line in lines if line[:1] in (["apple"], ["truffle"])] == [
        ["apple", "2"],
        ["truffle", "4"],
    ]


def test_the_example_of_its_help_page_runs(workspace: Path) -> None:
    """As those of the built-in modules do."""
    done = called(["modules", "show", "limit-values", "--example"], workspace)
    folder = workspace / "experiments" / "example"
    folder.mkdir()
    (folder / "experiment.yaml").write_text(done.stdout, encoding="utf-8")
    assert list(yaml.safe_load(done.stdout)["nodes"]) == ["prices", "limited"]
    assert called(["run", "example"], workspace).returncode == 0


def test_roles_and_marks_are_as_the_page_says(workspace: Path) -> None:
    """`copy_roles` and `with_role` in a module reach the next node."""
    called(["run", "prices"], workspace)
    with studiolo.Workspace(workspace) as opened:
        result = opened.latest("prices")
        assert result is not None
        table = result["limited"].limited.to_arrow()
    assert table.schema.field("was_limited").metadata == {b"studiolo.role": b"none"}
    assert table["was_limited"].to_pylist() == [True, False, False, False, True]


def test_faults_in_the_data_are_told_as_the_page_says(blocks: list[Block], workspace: Path) -> None:
    """A ModuleError is one sentence at its node, without a stack trace."""
    (words,) = commands(blocks, "Faults in the data")
    done = called(words, workspace)
    assert done.returncode == 1
    assert done.stderr.strip() == shown(blocks, "Faults in the data").strip()


def test_a_broken_file_is_told_with_its_line_and_the_rest_stays(blocks: list[Block], workspace: Path) -> None:
    """R-4.6: errors name the file and line."""
    broken = [block for block in blocks if block.path == "modules/broken.py"]
    write(workspace, broken)
    try:
        done = called(["modules", "list", "limit"], workspace)
    finally:
        (workspace / "modules" / "broken.py").unlink()
    assert "limit-values" in done.stdout
    (heading,) = {block.heading for block in broken}
    said, told = done.stderr.strip().splitlines(), shown(blocks, heading).strip().splitlines()
    assert said[:3] == told[:3]
    assert said[3].startswith(told[3].removesuffix("…"))


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("def broken(:\n    pass\n", "script-syntax", 1, "SyntaxError"),
        ("x = 1\nraise ValueError('no luck')\n", "module-raised", 2, "ValueError: no luck"),
        ("\nimport no_such_library\n", "missing-library", 2, "no_such_library"),
        ("x = 1\n", "broken-module", None, "declares no module"),
    ],
    ids=["syntax", "exception", "library", "nothing"],
)
def test_every_way_to_break_a_file_is_told(
    workspace: Path, text: str, code: str, line: int | None, words: str
) -> None:
    """Whoever wrote the file has to find the place."""
    path = workspace / "modules" / "wrong.py"
    path.write_text(text, encoding="utf-8")
    try:
        done = called(["modules", "list"], workspace)
    finally:
        path.unlink()
    place = f"[{code}] modules/wrong.py" + (f":{line}" if line else "")
    assert place in done.stderr and words in done.stderr
    assert done.returncode == 2


def test_an_exception_in_a_module_names_its_file_and_line(workspace: Path) -> None:
    """What is no ModuleError is the author's to mend: the trace begins in their file."""
    (workspace / "modules" / "raising.py").write_text(
        "from studiolo.sdk import DatasetPort, module\n\n\n"
        '@module(name="Raise", category="My modules", outputs=[DatasetPort("dataset")])\n'
        'def raising():\n    """Raise."""\n    return {}["missing"]\n',
        encoding="utf-8",
    )
    folder = workspace / "experiments" / "raising"
    folder.mkdir()
    (folder / "experiment.yaml").write_text("name: R\nnodes:\n  one: {module: raise}\n", encoding="utf-8")
    done = called(["run", "raising"], workspace)
    (workspace / "modules" / "raising.py").unlink()
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "KeyError: 'missing'" in said
    assert "modules/raising.py:7" in said
    assert 'return {}["missing"]' in said


def test_the_tests_of_the_page_pass(workspace: Path) -> None:
    """Whoever copies them begins with tests that hold."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=workspace, capture_output=True, text=True, timeout=120, check=False)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_package_of_the_page_gives_its_module(
    blocks: list[Block], tmp_path: Path, workspace: Path
) -> None:
    """Installed into an environment of its own, which has studiolo beside it; found without being named anywhere."""
    write(tmp_path, [block for block in blocks if block.heading == PACKAGE])
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if uv is None:
        pytest.skip("no uv")
    venv.create(tmp_path / "venv", symlinks=True, with_pip=False)
    packages = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    ours = [path for path in sys.path if path.endswith("site-packages")]
    source = str(Path(studiolo.__file__).parents[1])
    (packages / "studiolo-of-the-test.pth").write_text("\n".join([source, *ours]) + "\n")
    python = str(tmp_path / "venv" / "bin" / "python")
    (words,) = [shlex.split(block.text) for block in blocks if block.text.startswith("uv pip install")]
    install = [uv, *words[1:], "--offline", "--python", python]
    subprocess.run(install, cwd=tmp_path, check=True, capture_output=True, timeout=120)

    page = called(["modules", "show", "count-values"], workspace, python)
    assert page.stderr == ""
    assert page.stdout.startswith("Count Values  count-values\nShop; from shop_modules 1.0\n")
    folder = workspace / "experiments" / "counted"
    folder.mkdir()
    (folder / "experiment.yaml").write_text(
        "name: Counted\nnodes:\n  words:\n    module: enter-data-manually\n"
        '    parameters: {data: "word\\ntea\\ntea\\ncake\\n"}\n'
        "  counted:\n    module: count-values\n    parameters: {column: [word]}\n    inputs: {dataset: words}\n",
        encoding="utf-8",
    )
    done = called(["run", "counted"], workspace, python)
    shutil.rmtree(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 x 2" in done.stdout
