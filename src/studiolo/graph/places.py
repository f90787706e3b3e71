"""Remembers where in a file each part of an experiment stands, so that every problem names its line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from studiolo.errors import StudioloError, Where

Path = tuple[str, ...]


@dataclass(frozen=True)
class Places:
    """Lines and columns of the parts of an experiment; empty for one that was built in Python.

    A part is named by its keys from the top, such as `("nodes", "clean", "inputs", "dataset1")`.

    Attributes:
        file: path relative to the workspace, or None.
        marks: part to (line, column), both from 1.
    """

    file: str | None = None
    marks: Mapping[Path, tuple[int, int]] = field(default_factory=dict)

    def in_node(self, node: str, *path: str, port: str | None = None, parameter: str | None = None) -> Where:
        """Give the place of a part of a node, or of the nearest part around it that the file has.

        Args:
            node: the node's name.
            path: keys below the node's own key.
            port: goes into the result.
            parameter: goes into the result.
        """
        line, column = self._mark("nodes", node, *path)
        return Where(node, port, parameter, self.file, line, column)

    def at(self, *path: str) -> Where:
        """Give the place of a part that belongs to no node, or of the nearest part around it that the file has."""
        line, column = self._mark(*path)
        return Where(file=self.file, line=line, column=column)

    def _mark(self, *path: str) -> tuple[int | None, int | None]:
        known = (path[:end] for end in range(len(path), 0, -1) if path[:end] in self.marks)
        found = next(known, None)
        return (None, None) if found is None else self.marks[found]

    def with_aliases(self, aliases: Mapping[Path, Path]) -> Places:
        """Give places that know parts under further names: new path to the path in the file."""
        known = {new: self.marks[old] for new, old in aliases.items() if old in self.marks}
        return Places(self.file, {**self.marks, **known}) if known else self


def by_line(problems: Iterable[StudioloError]) -> list[StudioloError]:
    """Sort problems by file and line; those without a line come last, in the order they were found."""
    return sorted(
        problems,
        key=lambda problem: (
            problem.where.line is None,
            problem.where.file or "",
            problem.where.line or 0,
            problem.where.column or 0,
        ),
    )
