"""Cards of objects: what the host reads behind a pickle that it never opens."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studiolo.store.object_card import read_card
from studiolo_child.object_card import CARD_BYTES, LENGTH, MARK, append_card, shaped

CARD = {
    "title": "Two-Class Logistic Regression",
    "settings": [["Regularization weight", "1.0"]],
    "tables": [{"title": "Feature weights", "columns": ["Feature", "Weight"], "rows": [["age", 0.12]]}],
}
READ = {**CARD, "tables": [{**CARD["tables"][0], "total_rows": 1}]}  # type: ignore[dict-item]


class Carded:
    """An object whose card is whatever a test wants."""

    card: Any = CARD

    def studiolo_card(self) -> Any:
        if isinstance(self.card, BaseException):
            raise self.card
        return self.card


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Any]:
    def read(data: bytes) -> Any:
        path = tmp_path / "object"
        path.write_bytes(data)
        descriptor = os.open(path, os.O_RDONLY)
        try:
            return read_card(descriptor)
        finally:
            os.close(descriptor)

    return read


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Callable[[Any], tuple[bytes, list[str]]]]:
    def written(card: Any) -> tuple[bytes, list[str]]:
        value, warnings = Carded(), []
        value.card = card
        descriptor = os.open(tmp_path / "made", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.write(descriptor, pickle.dumps("the object"))
        append_card(descriptor, value, warnings.append)
        os.close(descriptor)
        return (tmp_path / "made").read_bytes(), warnings

    yield written


def trailed(text: bytes, length: int | None = None) -> bytes:
    return pickle.dumps(1) + text + LENGTH.pack(len(text) if length is None else length) + MARK


def test_a_card_is_read_and_the_pickle_stays_loadable(written, read):
    """A saved .pkl must still open with pickle.load, whatever stands behind it."""
    data, warnings = written(CARD)
    assert read(data) == READ
    assert pickle.loads(data) == "the object"
    assert warnings == []


def test_an_object_without_a_card_has_none(read, tmp_path):
    """Most objects have no card; neither has a proxy that gives every attribute it is asked for."""

    class Proxy:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    descriptor = os.open(tmp_path / "plain", os.O_RDWR | os.O_CREAT)
    append_card(descriptor, Proxy(), pytest.fail)
    os.close(descriptor)
    assert (tmp_path / "plain").read_bytes() == b""
    assert read(pickle.dumps({"a": 1})) is None


@pytest.mark.parametrize(
    "card",
    [ValueError("broken"), SystemExit(3), None, [], {"settings": []}, {"title": 3}, MemoryError()],
    ids=repr,
)
def test_a_failing_card_is_left_out_with_a_warning(written, read, card):
    """The trained model counts, not its card: the job goes on."""
    data, warnings = written(card)
    assert data == pickle.dumps("the object")
    assert len(warnings) == 1 and warnings[0].startswith("The object of type Carded has no card")
    assert read(data) is None


def test_a_long_card_is_cut_and_says_so(written, read):
    """At most 1 MiB goes behind the pickle; `total_rows` and a warning say what is missing."""
    rows = [[f"name {at}", "x" * 900, float("nan"), float("inf"), 1 << 80] for at in range(30_000)]
    table = {"title": "Many", "columns": list("abcde"), "rows": rows}
    data, warnings = written({"title": "T" * 500, "settings": [["a", 1]] * 300, "tables": [table] * 30})
    card = read(data)
    assert len(data) < CARD_BYTES + 1000
    assert (len(card["title"]), len(card["settings"]), len(card["tables"])) == (200, 200, 20)
    first = card["tables"][0]
    assert first["total_rows"] == 30_000 and 0 < len(first["rows"]) < 10_000
    assert first["rows"][0] == ["name 0", "x" * 900, None, "inf", str(1 << 80)]
    assert any("of the 30000 rows" in warning for warning in warnings)


def test_cells_of_libraries_become_plain_ones(written, read):
    """A card is made of numpy's numbers as often as of Python's."""
    import numpy

    row = [numpy.float64(0.5), numpy.int64(3), numpy.bool_(True), numpy.array([1]), {"a": 1}, None]
    table = {"title": "t", "columns": list("abcdefg"), "rows": [row]}
    card = read(written({"title": "T", "tables": [table]})[0])
    assert card["tables"][0]["rows"] == [[0.5, 3, True, "[1]", "", None, None]]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        MARK,
        LENGTH.pack(5) + MARK,
        trailed(b"{}", 1 << 63),
        trailed(b"{}", 0),
        trailed(b'{"title": "a"}', 13),
        trailed(b"not JSON"),
        trailed(b"\xff\xfe"),
        trailed(b"[" * 200_000),
        trailed(b'{"a":' * 100_000),
        trailed(b"3"),
        trailed(b"null"),
        trailed(b'{"title": null}'),
        trailed(b'{"title": "' + b"a" * CARD_BYTES + b'"}'),
    ],
    ids=range(14),
)
def test_hostile_bytes_have_no_card(read, data):
    """The bytes come from a job: wrong lengths, no JSON, deep nesting and wrong forms must do no harm."""
    assert read(data) is None


def test_hostile_values_are_cut_to_the_form(read):
    """What is read goes to pages and terminals: no NaN, no endless number, no half character, no foreign form."""
    text = (
        b'{"title": "\\ud800", "settings": [["a", NaN], ["b", 1e999], ["c"], 5, ["d", %s]], "more": 1,'
        b' "tables": [7, {"title": 3, "columns": "ab", "rows": 4}, {"title": "t", "columns": ["x", {}],'
        b' "rows": [[[], {"a": 1}, 9], 4, [-Infinity]], "total_rows": -8}, {"total_rows": 1e3}]}'
        % (b"9" * 9000)
    )
    assert read(trailed(text)) == {
        "title": "?",
        "settings": [["a", None], ["b", None], ["d", "9" * 999 + "…"]],
        "tables": [
            {"title": "3", "columns": [], "rows": [], "total_rows": 0},
            {
                "title": "t",
                "columns": ["x", ""],
                "rows": [["", ""], [None, None], [None, None]],
                "total_rows": 3,
            },
            {"title": "", "columns": [], "rows": [], "total_rows": 0},
        ],
    }


def test_reading_and_writing_have_one_form(read):
    """What a job writes passes the host unchanged, so that nothing is lost on the way."""
    once = shaped(CARD)
    assert once == READ and shaped(once) == once
    assert read(trailed(json.dumps(once).encode())) == once


def test_a_small_card_does_not_become_a_huge_one(read):
    """Rows are filled up to the columns: hundreds of KB of empty rows must not become tens of MB for the page."""
    table = {"title": "t", "columns": [""] * 100, "rows": [[]] * 10_000}
    card = read(trailed(json.dumps({"title": "T", "tables": [table] * 20}, separators=(",", ":")).encode()))
    assert len(json.dumps(card, separators=(",", ":"))) < 8 * CARD_BYTES
    assert card["tables"][19]["total_rows"] == 10_000
