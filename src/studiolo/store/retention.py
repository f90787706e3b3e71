"""Finds and removes content that nothing needs any more: mark, then sweep, safe beside active runs.

What is needed is what registered datasets, pinned runs, running runs and the last runs of each experiment
refer to, and what the Python devices among that refer to in turn. Everything else goes once it is older
than a grace period. Whoever is about to refer to content that is there already calls `BlobStore.keep`,
which makes it young again; so a row written within the grace period never points at nothing.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from studiolo.domain.dataset import Content
from studiolo.errors import UserError
from studiolo.store.blobs import Blob, BlobStore

LAST_RUNS = 10
GRACE_SECONDS = 3600.0
LEAST_GRACE_SECONDS = 300.0
"""Below this a slow commit could come too late for the content it refers to."""

_DIGEST_IN_TEXT = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class Needs(Protocol):
    """Those who refer to content; `studiolo.metadata.Metadata` is one."""

    def needed(self, last_runs: int) -> set[Content]:
        """Give everything that may not go when the last `last_runs` runs of each experiment are kept."""
        ...

    def release(self, last_runs: int) -> set[Content]:
        """Give `needed` and, in the same step, offer no result for reuse whose content is not in it."""
        ...


@dataclass(frozen=True)
class Collected:
    """What a collection removed.

    Attributes:
        count: number of blobs.
        size: bytes they took.
    """

    count: int
    size: int


def unreferenced(needs: Needs, blobs: BlobStore, last_runs: int = LAST_RUNS) -> list[Blob]:
    """List what `collect` would remove if everything in the store were old enough; changes nothing."""
    marked = _marked(needs.needed(last_runs), blobs)
    return [blob for blob in blobs.blobs() if blob.digest not in marked]


def collect(
    needs: Needs,
    blobs: BlobStore,
    last_runs: int = LAST_RUNS,
    grace_seconds: float = GRACE_SECONDS,
    now: float | None = None,
) -> Collected:
    """Remove content that nothing needs and say how much it was.

    Results of older runs stay in the history; they are only not offered for reuse any more. Killed at any
    moment it leaves nothing wrong: the rows are marked before the first blob goes.

    Args:
        needs: who refers to content.
        blobs: the store.
        last_runs: how many runs of each experiment keep their results, at least 1.
        grace_seconds: younger content stays; at least `LEAST_GRACE_SECONDS` is taken.
        now: seconds since the epoch; the clock's when absent.

    Raises:
        UserError: the database or the store cannot be changed.
    """
    before = (time.time() if now is None else now) - max(grace_seconds, LEAST_GRACE_SECONDS)
    marked = _marked(needs.release(max(last_runs, 1)), blobs)
    count = size = 0
    for blob in blobs.blobs():
        if (
            blob.digest not in marked
            and blob.modified <= before
            and blobs.remove(blob.digest, unless_after=before)
        ):
            count += 1
            size += blob.size
    return Collected(count, size)


def digests_in(text: bytes) -> set[str]:
    """Find every digest that stands in a text.

    Asking no more of a document than this keeps too much at worst, whatever its form becomes.
    """
    return {match.decode("ascii") for match in _DIGEST_IN_TEXT.findall(text)}


def _marked(contents: Iterable[Content], blobs: BlobStore) -> set[str]:
    """Give the digests of the contents and of what their device documents refer to."""
    marked = set()
    for content in contents:
        marked.add(content.digest)
        if content.kind == "device":
            marked |= _within(content.digest, blobs)
    return marked


def _within(digest: str, blobs: BlobStore) -> set[str]:
    try:
        descriptor = blobs.open(digest)
    except UserError:
        return set()
    with os.fdopen(descriptor, "rb") as document:
        return digests_in(document.read())
