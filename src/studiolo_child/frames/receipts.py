"""Receipt entries: what was changed to data where it crossed the border of a script (R-2.4)."""

from __future__ import absolute_import, division, print_function, unicode_literals

# The studio's names of the kinds in layout.Type, as people read them.
STUDIO_NAMES = {
    "bool": "Boolean",
    "integer": "Integer",
    "float": "Double",
    "decimal": "Decimal",
    "string": "String",
    "bytes": "Bytes",
    "timestamp": "DateTime",
    "date": "Date",
    "duration": "TimeSpan",
    "categorical": "Categorical",
}


class StrictError(Exception):
    """A strict node was about to lose data at its border (R-2.4); nothing was written.

    Attributes:
        entries: the lossy receipt entries.
    """

    def __init__(self, entries):
        self.entries = list(entries)
        more = len(self.entries) - 1
        also = "" if not more else " and %d more such change%s" % (more, "" if more == 1 else "s")
        super(StrictError, self).__init__("this would lose data: %s%s" % (self.entries[0]["text"], also))


def note(receipt, code, text, column=None, lossy=False):
    """Append one entry to `receipt`.

    Args:
        receipt: list of entries.
        code: stable name of the kind of change.
        text: the change in one sentence that names the column.
        column: name of the column, or None for the whole table.
        lossy: True when the original values cannot be had back.
    """
    receipt.append({"code": code, "text": text, "column": column, "lossy": bool(lossy)})


def refuse_lossy(entries):
    """Raise `StrictError` when one of `entries` is lossy."""
    lossy = [entry for entry in entries if entry["lossy"]]
    if lossy:
        raise StrictError(lossy)


def quoted(name):
    """Give a column name as texts show it: in backquotes, at most 80 characters."""
    return "`%s`" % (name if len(name) <= 80 else name[:77] + "...")
