"""Reports are bounded, names are matched as on the host, hooks fire once, hints are for the usual suspects."""

from __future__ import annotations

import json
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studiolo.domain import nearest as host_nearest
from studiolo_child import import_hooks, imports, nearest, removed_names
from studiolo_child.hints import Circumstances
from studiolo_child.report import Report, cut_middle
from studiolo_child.trace import error_of, summary_of


@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=14))
def test_names_are_matched_as_on_the_host(name, known):
    """The child must not import the host's file, so both are held equal here."""
    assert nearest.did_you_mean(name, known, "column") == host_nearest.did_you_mean(name, known, "column")


def written(report):
    """Give what a report writes."""
    descriptor = os.memfd_create("report")
    report.write(descriptor)
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(descriptor) as handle:
        return json.load(handle)


def test_a_report_is_bounded_whatever_a_script_does():
    """It must fit where the host reads it (R-6.3)."""
    report = Report()
    for number in range(500):
        report.warn(f"{number}" * 10_000)
    report.receipt("out:x").extend(
        {"code": "c", "text": "t", "column": None, "lossy": False} for _ in range(5000)
    )
    report.fail({"summary": "s" * 10**6, "traceback": "t" * 10**6, "line": 5})
    document = written(report)
    assert (len(document["warnings"]), len(document["receipts"]["out:x"])) == (100, 1001)
    assert document["receipts"]["out:x"][-1]["text"] == "4000 more changes are not listed"
    assert len(document["error"]["summary"]) < 2_100 and len(document["error"]["traceback"]) < 20_100
    assert document["error"]["line"] == 5


def test_the_first_error_stays():
    """What follows is a consequence."""
    report = Report()
    report.fail({"summary": "one"})
    report.fail({"summary": "two"})
    assert written(report)["error"] == {"summary": "one"}


def test_a_report_that_cannot_be_told_is_still_an_error():
    """Never a success without its outputs."""
    report = Report()
    report.facts["odd"] = object()
    document = written(report)
    assert (document["status"], document["error"]["code"]) == ("error", "report-lost")


def test_a_closed_descriptor_does_not_raise():
    """The script may have closed it; the host sees that nothing came."""
    Report().write(987_654)


def test_cut_text_says_what_is_missing():
    """Both ends stay."""
    assert cut_middle("a" * 10 + "b" * 10, 10) == "aaaaa\n... 10 characters cut ...\nbbbbb"


@given(st.text())
def test_a_summary_is_one_bounded_line(message):
    """ExceptionName: message, whatever the message is."""
    summary = summary_of(ValueError(message))
    assert summary.startswith("ValueError") and len(summary) <= 500 and len(summary.splitlines()) == 1


def test_an_exception_that_fights_back_is_told():
    """No class of the author's can break the report."""

    class Odd(Exception):
        """Raises wherever it is looked at."""

        def __getattribute__(self, name):
            raise RuntimeError(name)

        def __str__(self):
            raise RuntimeError

    try:
        raise Odd
    except Odd as error:
        told = error_of(error, sys.exc_info()[2], __file__, Circumstances())
    assert (told["kind"], told["code"]) == ("script", "script-raised")
    assert told["line"] is not None


def test_a_hook_fires_at_once_for_what_is_loaded_and_once_for_what_is_not(tmp_path, monkeypatch):
    """Pictures need to know when matplotlib comes."""
    seen = []
    import_hooks.after_import("json", seen.append)
    (tmp_path / "hooked_for_test.py").write_text("x = 5")
    monkeypatch.syspath_prepend(str(tmp_path))
    import_hooks.after_import("hooked_for_test", seen.append)
    import hooked_for_test

    assert seen == [json, hooked_for_test]
    assert hooked_for_test.__spec__.loader.get_source("hooked_for_test") == "x = 5"


def test_an_import_that_fails_does_not_disturb_a_hook():
    """The script gets Python's own error."""
    import_hooks.after_import("not_there_for_test", lambda module: None)
    with pytest.raises(ModuleNotFoundError, match="not_there_for_test"):
        __import__("not_there_for_test")


GONE_LATER = {"distutils", "imp"} if sys.version_info < (3, 12) else set()
FUNCTIONS = {"scipy.misc.imread", "sklearn.preprocessing.Imputer"}


@pytest.mark.parametrize("name", sorted(set(removed_names.MODULES) - GONE_LATER - FUNCTIONS))
def test_what_is_listed_as_removed_is_not_found_here(name):
    """A hint about a module that is still there would be wrong."""
    assert not imports.is_there(name)
