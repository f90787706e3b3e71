"""Paths that an author wrote, whatever text they are."""

from __future__ import annotations

import os

import pytest

from studiolo.domain.experiment import Experiment, Node
from studiolo.domain.limits import Grants
from studiolo.errors import UserError
from studiolo.graph.loading import check_experiment
from studiolo.graph.paths import inside, is_path, names_in, what_is
from studiolo.graph.reading import experiment_folder
from studiolo.graph.scripts import read_script
from studiolo.graph.validation import Surroundings

ODD = ["x" * 300, "a/" * 3_000, "\ud800", "a\0b", " ", "x\n", "\udc80", "data/" + "y" * 256]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_a_text_that_can_be_no_path_is_a_problem_and_no_crash(workspace, churn, declarations, text):
    """R-12.2: names that are too long, surrogates of an odd command line, NUL: a documented error each time."""
    with pytest.raises(UserError):
        experiment_folder(workspace, text)
    with pytest.raises(UserError):
        read_script(churn, text)
    node = Node("n", "import-data", parameters={"path": text}, bundle=text, grants=Grants(read=(text,)))
    with pytest.raises(UserError) as refused:
        check_experiment(
            Experiment("e", "e", {"n": node}), declarations, Surroundings(workspace, Grants(read=(".",)))
        )
    assert len(refused.value.problems) >= 3


def test_a_path_lies_inside_or_not(workspace):
    """Links and dots are followed before judging."""
    os.symlink(workspace / "data", workspace / "link")
    os.symlink("/", workspace / "out")
    assert inside(workspace, "data\\customers.csv") == workspace / "data" / "customers.csv"
    assert inside(workspace, "link/../data") == workspace / "link/../data"
    assert inside(workspace, ".") == workspace
    assert [inside(workspace, name) for name in ("..", "out/etc", "/etc", "C:\\x", "", "a\0")] == [None] * 6


def test_what_lies_there_is_told_without_an_exception(workspace):
    """Missing, too long and unreadable are all nothing."""
    os.mkfifo(workspace / "pipe")
    assert [
        what_is(workspace / name) for name in ("data", "studiolo.toml", "pipe", "gone", "x" * 300, "a\0")
    ] == [
        "folder",
        "file",
        "other",
        None,
        None,
        None,
    ]
    assert (names_in(workspace / "data"), names_in(workspace / "gone")) == (["customers.csv"], [])
    assert (is_path("a"), is_path("\ud800"), is_path("")) == (True, False, False)
