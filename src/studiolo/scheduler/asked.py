"""What scripts asked for beside their inputs, and whether that still stands for the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from studiolo.domain.dataset import RegisteredDataset
from studiolo.domain.run import Asked
from studiolo.metadata import Metadata
from studiolo.worker.jobs import Answer


class Answering(Protocol):
    """Answers the questions of one node's script and notes them."""

    def for_attempt(self) -> Callable[[Mapping[str, Any]], Answer]:
        """Give what answers one attempt at the node's job; what earlier ones asked is forgotten."""

    def asked(self) -> tuple[Asked, ...]:
        """Give what the latest attempt asked for."""


def registered(metadata: Metadata, what: str, name: str, version: int | None) -> RegisteredDataset | None:
    """Give the `dataset` or `model` of a name, in a version or the latest one; None when there is none."""
    found = metadata.dataset(name, version)
    return None if found is not None and what == "model" and not is_model(found) else found


def registered_digest(dataset: RegisteredDataset | None) -> str:
    """Name what was given for a dataset or model; "" when there is none."""
    return "" if dataset is None else f"{dataset.content.kind} {dataset.content.digest}"


def list_digest(datasets: Iterable[RegisteredDataset]) -> str:
    """Name a list of datasets."""
    text = json.dumps([[each.name, each.version, registered_digest(each)] for each in datasets])
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def is_model(dataset: RegisteredDataset) -> bool:
    """Say whether something registered counts as a model: everything that is no table."""
    return dataset.content.kind != "dataset"


def listed(metadata: Metadata, what: str) -> list[RegisteredDataset]:
    """Give the latest version of all `datasets`, or of all `models`, by name."""
    every = [dataset for dataset, _ in metadata.datasets()]
    return [dataset for dataset in every if what == "datasets" or is_model(dataset)]


def first_changed(metadata: Metadata, asked: Iterable[Asked]) -> str | None:
    """Tell the first of these that stands for something else now, or None."""
    for each in asked:
        if each.what in ("datasets", "models"):
            if list_digest(listed(metadata, each.what)) != each.digest:
                return f"the list of registered {each.what}, which its script asked for,"
        elif registered_digest(registered(metadata, each.what, each.name, each.version)) != each.digest:
            return f'the {each.what} "{each.name}", which its script asked for,'
    return None
