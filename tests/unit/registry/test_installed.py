"""Entry points of installed packages, read as text."""

from __future__ import annotations

import importlib.metadata

import pytest

from studiolo.registry.installed import installed_entries

TEXT = """\
[console_scripts]
first = my_package:main

[studiolo.modules]
# a comment
first = my_package.first:first_rows
all = my_package.rest [extra]

[other]
studiolo.modules = x
"""


@pytest.fixture
def site(tmp_path):
    """A folder with two installed packages, one of which offers modules."""
    for name, text in (
        ("my_package-1.2.dist-info", TEXT),
        ("other-3.dist-info", "[console_scripts]\na = b:c\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "entry_points.txt").write_text(text)
    (tmp_path / "bare-1.dist-info").mkdir()
    (tmp_path / "my_package").mkdir()
    (tmp_path / "my_package" / "first.py").write_text("x = 1\n")
    return tmp_path


def test_entries_of_the_group_are_found_and_no_others(site):
    """R-4.6: a module installed as a package."""
    found = installed_entries([str(site), str(site / "missing"), ""])
    assert [(one.name, one.entry, one.package) for one in found] == [
        ("first", "my_package.first:first_rows", "my_package 1.2"),
        ("all", "my_package.rest", "my_package 1.2"),
    ]


def test_the_digest_changes_with_the_file_and_with_the_package(site):
    """A description is remembered by it; an edited file of a package under development must be seen."""

    def digests() -> list[str]:
        return [one.digest for one in installed_entries([str(site)])]

    before = digests()
    assert digests() == before
    (site / "my_package" / "first.py").write_text("x = 2\n")
    edited = digests()
    assert (edited[0] != before[0], edited[1] == before[1]) == (True, True)
    (site / "my_package-1.2.dist-info").rename(site / "my_package-1.3.dist-info")
    assert not set(digests()) & {*before, *edited}


def test_the_first_folder_wins_as_in_an_import(site, tmp_path):
    """A package that is there twice is the one Python would import."""
    assert len(installed_entries([str(site), str(site)])) == 2


def test_python_reads_the_same_entries(site):
    """importlib.metadata is the judge; it is only too slow."""
    official = {
        (point.name, point.value.partition("[")[0].strip())
        for found in importlib.metadata.distributions(path=[str(site)])
        for point in found.entry_points
        if point.group == "studiolo.modules"
    }
    assert {(one.name, one.entry) for one in installed_entries([str(site)])} == official
