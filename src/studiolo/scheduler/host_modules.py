"""Answers the nodes that need no job: saved datasets."""

from __future__ import annotations

import time

from studiolo.domain.experiment import Node
from studiolo.domain.module import Declaration
from studiolo.domain.run import NodeRun
from studiolo.errors import InternalError, Where
from studiolo.graph.parameters import effective_parameters
from studiolo.metadata import Metadata
from studiolo.store.blobs import BlobStore, missing_content


def answer(run: int, node: Node, declaration: Declaration, metadata: Metadata, blobs: BlobStore) -> NodeRun:
    """Give the row of a `host` node: nothing is computed, so it counts as reused.

    Raises:
        UserError: the dataset does not exist, or the store has lost it.
    """
    if declaration.id != "dataset":
        raise InternalError("internal", f"The host does not know how to answer the module {declaration.id}.")
    values = effective_parameters(declaration, node.parameters)
    name, version = str(values["name"]), values.get("version")
    dataset = metadata.dataset(name, version)
    if dataset is None:
        raise metadata.missing_dataset(name, version).at(**vars(Where(node=node.name, parameter="name")))
    if not blobs.keep(dataset.content.digest, dataset.content.size):
        raise missing_content(dataset.content.digest)
    port = declaration.outputs[0].name
    now = time.time()
    shapes = {port: (dataset.rows or 0, dataset.columns or 0)} if dataset.content.kind == "dataset" else {}
    return NodeRun(
        run=run,
        node=node.name,
        state="reused",
        reason=f"saved dataset {dataset.name}, version {dataset.version}",
        outputs={port: dataset.content},
        shapes=shapes,
        started=now,
        ended=now,
    )
