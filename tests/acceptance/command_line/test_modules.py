"""`studiolo modules`: the list, the help pages, and what a broken file of one's own does to them (R-4.6)."""

from __future__ import annotations

import pytest

OWN = '''from studiolo.sdk import DatasetPort, module


@module(name="Own One", category="Own", outputs=[DatasetPort("dataset")])
def own_one():
    """Give nothing\x1b[31m.

    Example:
        one: {module: own-one}
    """
'''


@pytest.fixture(scope="module")
def desk(new_workspace):
    """A workspace with a module of its own, whose docstring would like to colour the terminal."""
    shell = new_workspace("desk")
    shell.write("modules/own.py", OWN)
    return shell


def test_all_modules_are_listed_below_their_categories(desk) -> None:
    """The palette of somebody without a browser; own ones say where they come from."""
    done = desk("modules")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    at = lines.index("Data Input and Output")
    first = lines[at + 1].split(maxsplit=1)
    assert first == ["enter-data-manually", "Make a dataset of a text typed in."]
    assert lines[lines.index("Own") + 1].split()[:3] == ["own-one", "Give", "nothing."]
    assert "(modules/own.py)" in done.out
    assert "\x1b" not in done.out
    assert desk("modules", "list").out == done.out


def test_a_word_chooses_among_them_by_any_of_their_names(desk) -> None:
    """Reader is what Import Data was called for years."""
    assert desk("modules", "list", "READER").out.splitlines()[1].split()[0] == "import-data"
    assert desk("modules", "list", "no such thing").out == (
        'No module speaks of "no such thing". studiolo modules lists all.\n'
    )


def test_a_page_is_found_by_id_name_and_old_name(desk) -> None:
    """Ports, parameters, the example and the names of the retired products are on it."""
    page = desk("modules", "show", "import-data")
    assert page.code == 0
    assert page.out.startswith("Import Data  import-data\nData Input and Output\n\n")
    assert desk("modules", "show", "Import Data").out == desk("modules", "show", "reader").out == page.out
    for title in ("Outputs", "Parameters", "Example", "In the retired products"):
        assert f"\n{title}\n" in page.out


def test_an_unknown_module_is_told_with_the_nearest(desk) -> None:
    """Exit code 2, as for every wrong name."""
    done = desk("modules", "show", "imprt-data")
    assert (done.code, done.out) == (2, "")
    assert done.the_error()[0] == 'There is no module "imprt-data".'
    assert "import-data" in done.err


def test_outside_of_a_workspace_the_built_in_ones_are_there(empty_folder) -> None:
    """Somebody looks around before beginning."""
    assert "import-data" in empty_folder("modules").out
    assert empty_folder("modules", "show", "split-data").code == 0


def test_programs_get_json(desk) -> None:
    """The same facts, and problems beside them."""
    listed = desk("modules", "list", "own-one", "--json")
    assert listed.document == {
        "modules": [
            {
                "id": "own-one",
                "name": "Own One",
                "category": "Own",
                "summary": "Give nothing\x1b[31m.",
                "version": 1,
                "aliases": [],
                "origin": "modules/own.py",
            }
        ],
        "problems": [],
    }
    page = desk("modules", "show", "own-one", "--json").document
    assert (page["id"], page["origin"]) == ("own-one", "modules/own.py")
    assert page["example"] == "one: {module: own-one}\n"


def test_a_broken_file_is_told_below_the_list_and_hides_nothing_else(desk) -> None:
    """Exit code 2, so that a check in a pipeline notices."""
    file = desk.write("modules/wrong.py", "x = (\n")
    try:
        done = desk("modules", "list", "own-one")
    finally:
        file.unlink()
    assert done.code == 2
    assert "own-one" in done.out
    assert "[script-syntax] modules/wrong.py:1" in done.err
