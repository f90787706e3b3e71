"""Rows of registered datasets."""

from __future__ import annotations

import pytest

from studiolo.domain.dataset import Content, ReceiptEntry, RegisteredDataset
from studiolo.errors import UserError
from studiolo.metadata import Metadata

FIRST, SECOND = Content("dataset", "1" * 64, 10), Content("dataset", "2" * 64, 20)
ENTRY = ReceiptEntry("types-guessed", "`age`: Integer", "age", False)


def test_versions_count_up_and_the_latest_is_given(metadata: Metadata) -> None:
    """`studiolo dataset add` under the same name makes a version (R-2.7)."""
    first = metadata.add_dataset("customers", FIRST, 3, 2, "data/customers.csv", 1.5, [ENTRY])
    second = metadata.add_dataset("customers", SECOND, None, None, "https://example.org/x", 2.5)
    assert first == RegisteredDataset("customers", 1, FIRST, 3, 2, "data/customers.csv", 1.5, (ENTRY,))
    assert second == RegisteredDataset("customers", 2, SECOND, None, None, "https://example.org/x", 2.5, ())
    assert metadata.dataset("customers") == second
    assert metadata.dataset("customers", 1) == first
    assert metadata.dataset("customers", 3) is None
    assert metadata.dataset("other") is None
    assert metadata.dataset_versions("customers") == [second, first]
    assert metadata.dataset_versions("other") == []


def test_the_same_content_makes_no_new_version(metadata: Metadata) -> None:
    """Adding an unchanged file again says so instead of counting up."""
    first = metadata.add_dataset("customers", FIRST, 3, 2, "a.csv", 1.0)
    assert metadata.add_dataset("customers", FIRST, 3, 2, "b.csv", 9.0) == first
    metadata.add_dataset("customers", SECOND, 3, 2, "a.csv", 2.0)
    # Going back to older content is a change.
    assert metadata.add_dataset("customers", FIRST, 3, 2, "a.csv", 3.0).version == 3


def test_the_list_gives_the_latest_of_each_and_how_many_there_are(metadata: Metadata) -> None:
    """`studiolo dataset list` is one line a name."""
    metadata.add_dataset("b", FIRST, 1, 1, "b.csv", 1.0)
    latest = metadata.add_dataset("b", SECOND, 1, 1, "b.csv", 2.0)
    other = metadata.add_dataset("a", FIRST, 1, 1, "a.csv", 3.0)
    assert metadata.datasets() == [(other, 1), (latest, 2)]


def test_a_removed_version_number_never_comes_back(metadata: Metadata) -> None:
    """A note that says "customers, version 2" must not come to mean other data."""
    metadata.add_dataset("customers", FIRST, 1, 1, "a.csv", 1.0)
    metadata.add_dataset("customers", SECOND, 1, 1, "a.csv", 1.0)
    assert metadata.remove_dataset("customers", 2) == 1
    assert [dataset.version for dataset in metadata.dataset_versions("customers")] == [1]
    assert metadata.add_dataset("customers", SECOND, 1, 1, "a.csv", 1.0).version == 3
    assert metadata.remove_dataset("customers") == 2
    assert (metadata.datasets(), metadata.dataset("customers")) == ([], None)
    assert metadata.add_dataset("customers", SECOND, 1, 1, "a.csv", 1.0).version == 4


def test_an_unknown_dataset_is_told_with_the_nearest_name(metadata: Metadata) -> None:
    """Unknown names come with the nearest match (CONVENTIONS, Errors)."""
    metadata.add_dataset("customers", FIRST, 1, 1, "a.csv", 1.0)
    for version, code, summary, hint in (
        (None, "unknown-dataset", 'There is no dataset "custmers".', 'Did you mean "customers"?'),
        (2, "unknown-dataset", 'There is no dataset "custmers".', 'Did you mean "customers"?'),
    ):
        with pytest.raises(UserError) as caught:
            metadata.remove_dataset("custmers", version)
        assert (caught.value.code, caught.value.summary, caught.value.hint) == (code, summary, hint)
    error = metadata.missing_dataset("customers", 2)
    assert (error.code, error.summary, error.hint) == (
        "unknown-version",
        'The dataset "customers" has no version 2.',
        "It has 1.",
    )
