"""The rows of a workspace: runs, node runs, registered datasets, services and caches, in one SQLite file."""

from __future__ import annotations

from studiolo.metadata.batch_jobs import BatchJobRows
from studiolo.metadata.caches import CacheRows
from studiolo.metadata.datasets import DatasetRows
from studiolo.metadata.needs import NeededContent
from studiolo.metadata.node_runs import NodeRunRows
from studiolo.metadata.requests import RequestRows
from studiolo.metadata.runs import RunRows
from studiolo.metadata.services import ServiceRows

__all__ = ["Metadata"]


class Metadata(
    RunRows, NodeRunRows, DatasetRows, CacheRows, ServiceRows, RequestRows, BatchJobRows, NeededContent
):
    """All rows of a workspace behind one object; see `studiolo.metadata.connection.Connection`.

    Safe for several threads and beside other processes. Every change is a transaction.
    """
