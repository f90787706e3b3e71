"""Writes what an exporting node made to the path or address it names: the one effect a run has outside its store."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from studiolo.connectors import write_target
from studiolo.connectors.wish import Wish
from studiolo.domain.dataset import Content
from studiolo.errors import StudioloError
from studiolo.graph.parameters import effective_parameters, is_target
from studiolo.scheduler.preparing import Prepared
from studiolo.scheduler.wishes import wish_of
from studiolo.store.blobs import BlobStore


@dataclass(frozen=True)
class Delivery:
    """Where the file of an exporting node goes.

    Attributes:
        target: path or address.
        parameter: that names it.
        port: output port that holds the bytes.
        wish: secrets, and what goes with an address.
        network: patterns of the hosts that the workspace lets its nodes reach.
        cancel: set when the run is cancelled.
    """

    target: str
    parameter: str
    port: str
    wish: Wish
    network: tuple[str, ...] = ()
    cancel: threading.Event | None = None

    @classmethod
    def of(cls, prepared: Prepared) -> Delivery | None:
        """Give the delivery of a node, or None when it exports nothing."""
        declaration = prepared.declaration
        if not is_target(declaration):
            return None
        port = next(port.name for port in declaration.outputs if port.type == "file")
        values = effective_parameters(declaration, prepared.node.parameters)
        for parameter in declaration.parameters:
            value = values.get(parameter.name)
            if parameter.kind in ("path", "address") and value:
                wish = wish_of(declaration, parameter, values, prepared.reveal)
                wish = replace(wish, method=str(values.get("method") or "PUT"))
                return cls(str(value), parameter.name, port, wish, prepared.network, prepared.stopping)
        return None


def deliver(
    delivery: Delivery | None,
    outputs: Mapping[str, Content],
    blobs: BlobStore,
    workspace: Path,
    descriptors: Mapping[str, int] | None = None,
) -> None:
    """Write an exporting node's file to its target, whole or not at all; a file that is the same is left alone.

    Args:
        delivery: None does nothing.
        outputs: of the node.
        blobs: the store, which holds them unless `descriptors` does.
        workspace: folder that paths are relative to.
        descriptors: outputs that are not in the store yet.

    Raises:
        StudioloError: the target could not be written; its old content is as it was.
    """
    if delivery is None or delivery.port not in outputs:
        return
    content = outputs[delivery.port]
    own = (descriptors or {}).get(delivery.port)
    descriptor = own if own is not None else blobs.open(content.digest)
    try:
        write_target(
            delivery.target,
            descriptor,
            content.size,
            workspace,
            method=delivery.wish.method,
            network=delivery.network,
            cancel=delivery.cancel,
            wish=delivery.wish,
        )
    except StudioloError as error:
        raise error.at(parameter=delivery.parameter) from None
    finally:
        if own is None:
            os.close(descriptor)
