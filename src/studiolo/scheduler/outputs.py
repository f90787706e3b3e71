"""The outputs of a run's nodes while it goes on: in sealed memory until the store has them, then in the store."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studiolo.domain.dataset import Content
from studiolo.domain.experiment import Node, Source
from studiolo.domain.module import Declaration, Port
from studiolo.domain.run import NodeRun
from studiolo.graph.resolving import further_inputs
from studiolo.worker.jobs import JobInput, path_in_store


@dataclass
class HeldOutput:
    """One output of a node.

    Attributes:
        content: what it is.
        shape: rows and columns of a dataset.
        descriptor: the sealed memfd, as long as the store may not have it yet.
    """

    content: Content
    shape: tuple[int, int] | None = None
    descriptor: int | None = None


class Outputs:
    """Every output of the run by node and port. Safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[Source, HeldOutput] = {}

    def put(self, node: str, outputs: dict[str, HeldOutput]) -> None:
        """Make the outputs of a node usable by those after it."""
        with self._lock:
            for port, held in outputs.items():
                self._held[Source(node, port)] = held

    def get(self, source: Source) -> HeldOutput | None:
        """Give an output, or None when the node left it empty."""
        with self._lock:
            return self._held.get(source)

    def as_input(self, name: str, type_: str, source: Source) -> tuple[JobInput, int | None] | None:
        """Give an output as the input of a job, with a descriptor that the caller closes after submitting it."""
        with self._lock:
            held = self._held.get(source)
            if held is None:
                return None
            kind = held.content.kind if type_ == "any" else type_
            if held.descriptor is None:
                blob = path_in_store(held.content.digest)
                return JobInput(name, kind, held.content.size, blob=blob), None
            own = os.dup(held.descriptor)
            return JobInput(name, kind, held.content.size, descriptor=own), own

    def stored(self, node: str, port: str) -> None:
        """Note that the store has an output; its memory is given back."""
        with self._lock:
            held = self._held[Source(node, port)]
            descriptor, held.descriptor = held.descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def close(self) -> None:
        """Give back all memory that is still held."""
        with self._lock:
            for held in self._held.values():
                if held.descriptor is not None:
                    os.close(held.descriptor)
                    held.descriptor = None


def held_outputs(row: NodeRun) -> dict[str, HeldOutput]:
    """Give the outputs of a node run, which are in the store."""
    return {port: HeldOutput(content, row.shapes.get(port)) for port, content in row.outputs.items()}


def close_all(numbers: Iterable[int]) -> None:
    """Close descriptors."""
    for number in numbers:
        os.close(number)


def input_sources(node: Node, declaration: Declaration) -> Iterator[tuple[Port, Source | None]]:
    """Give each input of a node with what is connected to it: the declared ones in order, then those it adds."""
    for port in declaration.inputs:
        yield port, node.inputs.get(port.name)
    for name in further_inputs(node, declaration):
        yield Port(name, "any", optional=True), node.inputs[name]
