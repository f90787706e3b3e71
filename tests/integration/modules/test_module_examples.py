"""The example on each module's help page is a whole experiment that runs as it stands (R-4.6)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from studiolo import Workspace
from studiolo.domain.module import Declaration
from studiolo.domain.module_page import ModulePage, module_page
from studiolo.registry.registry import DECLARATIONS

MODULES = {raw["id"]: Declaration.from_json(raw) for raw in json.loads(DECLARATIONS.read_bytes())}

# Modules whose example reaches for something outside of the workspace, with what has to be there.
NEEDS: dict[str, str] = {}
# Modules whose only output is what they leave elsewhere.
WITHOUT_OUTPUT: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One workspace for all examples; its workers stay between them."""
    with Workspace.create(tmp_path_factory.mktemp("examples") / "work", "Examples") as opened:
        bundles = opened.path / "bundles"
        bundles.mkdir(exist_ok=True)
        with zipfile.ZipFile(bundles / "tools.zip", "w") as bundle:  # the one Import Bundle's page speaks of
            bundle.writestr("tools.py", "def double(value):\n    return 2 * value\n")
        yield opened


def written(workspace: Workspace, page: ModulePage) -> str:
    """Write the example of a page as an experiment, with the files that the page shows; give its name."""
    folder = workspace.path / "experiments" / page.id
    nodes: dict[str, Any] = yaml.safe_load(page.example)
    files = {node["script"]: MODULES[node["module"]].template for node in nodes.values() if "script" in node}
    for path, text in {**files, **dict(page.files)}.items():
        file = (folder if path.startswith("scripts/") else workspace.path) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    text = "name: Example\nnodes:\n" + "".join(f"  {line}\n" for line in page.example.splitlines())
    (folder / "experiment.yaml").write_text(text, encoding="utf-8")
    return page.id


@pytest.mark.parametrize("id", [id for id in MODULES if id not in NEEDS])
def test_the_example_of_the_help_page_runs(workspace: Workspace, id: str) -> None:
    """An example that does not run teaches a mistake."""
    page = module_page(MODULES[id])
    assert page.example, "the docstring has no `Example:`"
    nodes = yaml.safe_load(page.example)
    own = [name for name, node in nodes.items() if node.get("module") == id]
    assert own, "no node of the example is of this module"
    result = workspace.run(written(workspace, page))
    errors = {name: str(node.error) for name, node in result.nodes.items() if node.error is not None}
    assert errors == {}
    assert {node.state for node in result.nodes.values()} <= {"finished", "reused"}
    given = [output for name in own for output in result.nodes[name].outputs.values()]
    assert [output for output in given if output.size] or id in WITHOUT_OUTPUT


@pytest.mark.parametrize("id", MODULES)
def test_the_example_shows_what_the_module_is_for(id: str) -> None:
    """An example whose node sets nothing of what the module offers, or connects nothing, would teach nothing."""
    nodes = yaml.safe_load(module_page(MODULES[id]).example)
    own = [node for node in nodes.values() if node.get("module") == id]
    needed = {port.name for port in MODULES[id].inputs if not port.optional}
    for node in own:
        assert needed <= set(node.get("inputs", {}))


def test_what_the_examples_need_from_outside_is_told() -> None:
    """An exception that is no module any more would hide a new one of that name."""
    assert [id for id in (*NEEDS, *WITHOUT_OUTPUT) if id not in MODULES] == []


def test_a_page_finds_its_example_whatever_stands_around_it() -> None:
    """Text below the example belongs to the page, and files of the example are not part of it."""
    text = (
        "Say hello.\n\nFirst words.\n\nExample:\n    hello:\n      module: execute-python-script\n"
        "      script: scripts/hello.py\n\nscripts/hello.py:\n    def azureml_main():\n\n        return None\n\n"
        "Last words.\n"
    )
    page = module_page(Declaration("hello", "Hello", "Own", "Say hello.", text))
    assert page.example == "hello:\n  module: execute-python-script\n  script: scripts/hello.py\n"
    assert page.files == (("scripts/hello.py", "def azureml_main():\n\n    return None\n"),)
    assert [block.lines for block in page.text] == [("First words.",), ("Last words.",)]


def test_examples_leave_nothing_outside_of_their_workspace(workspace: Workspace) -> None:
    """A page that writes to somebody's folder would be copied with its path."""
    paths = [
        str(value)
        for declaration in MODULES.values()
        for node in yaml.safe_load(module_page(declaration).example).values()
        for name, value in (node.get("parameters") or {}).items()
        if name == "path"
    ]
    assert [path for path in paths if Path(path).is_absolute() or ".." in path] == []
