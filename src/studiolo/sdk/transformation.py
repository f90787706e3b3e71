"""The transformation: what a module fitted on one dataset and Apply Transformation applies to another.

It is pickled onto a port of kind `transformation`; a subclass states its fitted values as fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Transformation:
    """Base of all transformations.

    Attributes:
        title: name of the module that fitted it, such as `Normalize Data`.
    """

    title: str

    def apply(self, table: pa.Table) -> pa.Table:
        """Give the dataset changed by the fitted values; the fit is not done again.

        Raises:
            ModuleError: `missing-column` or `wrong-column-type`, port `dataset`.
        """
        raise NotImplementedError

    def settings(self) -> list[list[Any]]:
        """Give what was set, as pairs of a label and a value."""
        return []

    def tables(self) -> list[dict[str, Any]]:
        """Give what was fitted, as tables `{"title", "columns", "rows"}`."""
        return []

    def studiolo_card(self) -> dict[str, Any]:
        """Give what the studio shows of it."""
        return {"title": self.title, "settings": self.settings(), "tables": self.tables()}
