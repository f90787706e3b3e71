"""Modules by id and old name, from three places, without running any of them."""

from __future__ import annotations

import pytest

from studiolo.domain.experiment import Script
from studiolo.domain.module import Declaration, Parameter, Port
from studiolo.errors import ScriptError, UserError
from studiolo.registry.installed import InstalledEntry
from studiolo.registry.registry import BUILT_IN, DECLARATIONS, Registry
from studiolo.registry.saved_dataset import SAVED_DATASET

FIRST = Declaration(
    "first-rows",
    "First Rows",
    "Mine",
    inputs=(Port("dataset"),),
    outputs=(Port("result_dataset"),),
    parameters=(Parameter("count", "integer", default=10, minimum=1, when=("mode", ("a", "b"))),),
    entry="first_rows:first_rows",
    aliases=("Head",),
)


@pytest.fixture
def files(tmp_path):
    """A workspace with modules/first_rows.py."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "first_rows.py").write_text("raise SystemExit('never run by the host')\n")
    return tmp_path


def as_json(*declarations: Declaration) -> list[dict]:
    return [declaration.to_json() for declaration in declarations]


def test_the_built_in_modules_are_there_by_id_and_old_name():
    """R-1.1: the products' display names are accepted, whatever their case."""
    registry = Registry.load()
    assert {"apply-sql-transformation", "dataset", "import-data", "export-data"} <= set(registry.ids())
    declaration = registry.get("import-data")
    assert registry.get("Import Data") == registry.get("IMPORT DATA") == declaration
    assert registry.get("import-data") is declaration
    assert (registry.origin("import-data"), registry.source("import-data")) == (BUILT_IN, None)
    assert sorted(one.id for one in registry) == registry.ids()
    assert registry.problems == []


def test_a_saved_dataset_is_a_module_that_the_host_answers():
    """R-2.7: used by name on the canvas; it needs no job."""
    assert Registry.load().get("dataset") == SAVED_DATASET
    assert SAVED_DATASET.runner == "host"
    assert [parameter.name for parameter in SAVED_DATASET.parameters] == ["name", "version"]
    assert SAVED_DATASET.outputs[0].name == "dataset"
    assert SAVED_DATASET.outputs[0].type == "any"


def test_loading_builds_no_declaration_that_is_not_asked_for(monkeypatch):
    """Loading must stay fast with a hundred modules: the JSON is read, the nouns are made when needed."""
    made = []
    monkeypatch.setattr(
        Declaration, "from_json", classmethod(lambda cls, data: made.append(data["id"]) or SAVED_DATASET)
    )
    registry = Registry.load()
    assert made == []
    registry.get("import-data")
    registry.get("import-data")
    assert made == ["import-data"]


@pytest.mark.parametrize(
    "name, hint",
    [
        ("import-dta", 'Did you mean "import-data"?'),
        ("Import Dta", 'Did you mean "import-data"?'),
        ("Saved Datset", 'Did you mean "dataset"?'),
    ],
)
def test_an_unknown_module_comes_with_the_nearest(name, hint):
    """CONVENTIONS "Errors": the hint is the id to write."""
    with pytest.raises(UserError) as unknown:
        Registry.load().get(name)
    assert (unknown.value.code, unknown.value.hint) == ("unknown-module", hint)
    assert Registry.load().find(name) is None


def test_a_workspaces_module_is_described_and_never_run(files):
    """R-4.6, R-6.3: the host hands the text over and gets declarations back."""
    given = []

    def describe(text: str, file: str) -> list[dict]:
        given.append((text, file))
        return as_json(FIRST)

    registry = Registry.load(files, describe=describe)
    text = "raise SystemExit('never run by the host')\n"
    assert given == [(text, "modules/first_rows.py")]
    assert registry.problems == []
    assert registry.get("Head") == FIRST
    assert registry.source("first-rows") == Script("modules/first_rows.py", text)
    assert registry.origin("first-rows") == "modules/first_rows.py"


def test_a_description_is_remembered_until_the_text_changes(files):
    """Starting a worker to describe costs far more than the rest of loading."""
    kept: dict[str, list[dict]] = {}
    described = []

    def describe(text: str, file: str) -> list[dict]:
        described.append(file)
        return as_json(FIRST)

    def load() -> Registry:
        return Registry.load(files, describe=describe, remembered=kept.get, remember=kept.__setitem__)

    assert load().get("first-rows") == load().get("first-rows") == FIRST
    assert (len(described), list(kept.values())) == (1, [as_json(FIRST)])
    (files / "modules" / "first_rows.py").write_text("changed\n")
    load()
    assert len(described) == 2


def test_installed_packages_offer_modules_too():
    """R-4.6: by entry point; described by name, remembered by digest."""
    entry = InstalledEntry("first", "my_package.first:first_rows", "my_package 1.0", "digest-1")
    asked = []

    def describe_installed(name: str) -> list[dict]:
        asked.append(name)
        return as_json(FIRST)

    registry = Registry.load(describe_installed=describe_installed, installed=[entry])
    assert asked == ["my_package.first:first_rows"]
    assert (registry.origin("first-rows"), registry.source("first-rows")) == ("my_package 1.0", None)
    remembered = Registry.load(
        describe_installed=describe_installed, installed=[entry], remembered={"digest-1": as_json(FIRST)}.get
    )
    assert (remembered.get("first-rows"), len(asked)) == (FIRST, 1)


def test_two_modules_with_one_id_are_refused_naming_both_files(files):
    """Neither may silently win; everything else works on."""
    (files / "modules" / "second.py").write_text("")
    registry = Registry.load(files, describe=lambda text, file: as_json(FIRST))
    with pytest.raises(UserError) as disputed:
        registry.get("first-rows")
    assert disputed.value.code == "duplicate-module"
    assert disputed.value.summary == (
        'The module "first-rows" is declared twice: in modules/first_rows.py and in modules/second.py.'
    )
    assert [problem.code for problem in registry.problems] == ["duplicate-module"]
    assert registry.get("import-data").id == "import-data"
    assert "first-rows" not in [one.id for one in registry]


def test_a_file_cannot_take_the_place_of_a_built_in_module(files):
    """A copied workspace must not change what import-data does, nor take its display name."""
    thief = Declaration("import-data", "Mine", "Mine")
    registry = Registry.load(files, describe=lambda text, file: as_json(thief))
    with pytest.raises(UserError) as disputed:
        registry.get("import-data")
    assert "it is built in and in modules/first_rows.py" in disputed.value.summary
    named = Declaration("mine", "Import Data", "Mine", aliases=("import data",))
    assert (
        Registry.load(files, describe=lambda text, file: as_json(named)).get("Import Data").id
        == "import-data"
    )


def test_a_broken_file_is_a_problem_and_the_rest_is_loaded(files):
    """One bad file must not stop experiments that do not use it; those that do are told where to look."""
    modules = files / "modules"
    (modules / "empty.py").write_text("")
    (modules / "latin.py").write_bytes(b"\xfc")
    (modules / "folder.py").mkdir()
    (modules / "odd.py").write_text("odd")
    (modules / "_private.py").write_text("not looked at")

    def describe(text: str, file: str) -> list[dict]:
        if file.endswith("first_rows.py"):
            raise ScriptError("script-error", "NameError: no")
        return [] if not text else [{"id": "x", "inputs": 5}]

    registry = Registry.load(files, describe=describe)
    assert [(problem.code, problem.where.file) for problem in registry.problems] == [
        ("broken-module", "modules/empty.py"),
        ("script-error", "modules/first_rows.py"),
        ("broken-module", "modules/folder.py"),
        ("broken-module", "modules/latin.py"),
        ("broken-module", "modules/odd.py"),
    ]
    with pytest.raises(UserError) as unknown:
        registry.get("first-rows")
    assert "modules/empty.py gives no modules" in unknown.value.hint


def test_what_is_broken_is_not_remembered(files):
    """A module that failed once is described again."""
    kept: dict[str, list[dict]] = {}
    for answer in ([{"id": 5}], as_json(FIRST)):
        registry = Registry.load(
            files,
            describe=lambda text, file, answer=answer: answer,
            remembered=kept.get,
            remember=kept.__setitem__,
        )
    assert registry.get("first-rows") == FIRST
    assert len(kept) == 1


def test_the_built_in_declarations_lie_in_the_package():
    """They are read from a file beside the modules, so that the host imports none of these."""
    assert DECLARATIONS.parts[-2:] == ("modules", "declarations.json")
