"""What reading an input needs again at every request, found once; and the quick way for columns of Doubles."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from studiolo.domain.service import ServicePort
from studiolo.services.bodies.frame_writing import Buffers, write_frame

_PLANS_LIMIT = 1_000
_HEADS_LIMIT = 64
_plans: dict[int, Plan] = {}


class Plan:
    """Facts of an input whose columns are known.

    Attributes:
        port: the input.
        names: of its columns, in order.
    """

    def __init__(self, port: ServicePort) -> None:
        columns = port.columns or ()
        self.port = port
        self.names = [column.name for column in columns]
        self._is_doubles = bool(columns) and {column.type for column in columns} == {"float64"}
        self._heads: dict[int, bytes] = {}

    def picker(self, row: dict[str, Any]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
        """Give what picks the cells of row objects in the columns' order.

        Args:
            row: the first of them; the parser gives the same objects as names to them all, which are found quicker
                than equal ones.

        Raises:
            KeyError: it lacks a column.
        """
        own = {name: name for name in row}
        names = [own[name] for name in self.names]
        if len(names) > 1:
            return itemgetter(*names)
        only = names[0]
        return lambda row: (row[only],)

    def doubles(self, cells: Sequence[Sequence[Any]], rows: int) -> bytes | None:
        """Give the frame of cells that are all numbers, when all columns are Doubles; else None."""
        if not self._is_doubles or not rows:
            return None
        form = struct.Struct(f"<{rows}d{-8 * rows % 64}x")
        try:
            parts = [form.pack(*column) for column in cells]
        except (struct.error, OverflowError):
            return None
        head = self._heads.get(rows)
        if head is None:
            empty = Buffers("float64", -1, [bytes(8 * rows)])
            whole = write_frame(rows, self.names, [empty] * len(self.names))
            head = whole[: len(whole) - sum(map(len, parts))]
            if len(self._heads) >= _HEADS_LIMIT:
                self._heads.clear()
            self._heads[rows] = head
        return b"".join([head, *parts])


def plan_of(port: ServicePort) -> Plan:
    """Give the plan of an input, the same one for the same object."""
    plan = _plans.get(id(port))
    if plan is None:  # it holds the port, so that no other one gets its id
        if len(_plans) >= _PLANS_LIMIT:
            _plans.clear()
        plan = _plans[id(port)] = Plan(port)
    return plan
