"""Modules that a published service passes by (facts 1.3): what they declare."""

from __future__ import annotations

import pytest

from studiolo.domain.module import Declaration
from studiolo.registry.checking import checked_declarations
from studiolo.registry.registry import Registry
from studiolo.sdk import DatasetPort, ObjectPort, module


def test_what_splits_and_samples_passes_a_request_through() -> None:
    """In the retired products' real-time services a request's rows go whole to the first output."""
    declared = [one for one in Registry.load() if one.passes_through]
    assert {one.id for one in declared} >= {"split-data", "partition-and-sample"}
    assert all(Declaration.from_json(one.to_json()) == one for one in declared)


def test_it_needs_a_dataset_on_both_sides() -> None:
    """Otherwise there is nothing to pass."""
    with pytest.raises(ValueError, match="passes_through needs a dataset input and a dataset output"):
        module(
            name="m", category="c", inputs=[DatasetPort("a")], outputs=[ObjectPort("b")], passes_through=True
        )(lambda a: a)


def test_a_described_module_says_yes_or_no() -> None:
    """What the jail tells of somebody's own module may be anything."""
    told = next(one for one in Registry.load() if one.passes_through).to_json()
    assert checked_declarations([told])[0].passes_through
    with pytest.raises(ValueError, match="odd passes_through"):
        checked_declarations([{**told, "passes_through": "often"}])
