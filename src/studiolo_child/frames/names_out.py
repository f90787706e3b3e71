"""Column names on their way out of pandas: texts, each once, with a word about every change (R-2.3)."""

from __future__ import absolute_import, division, print_function, unicode_literals

from ..failing import JobError
from .layout import NAME_LIMIT
from .receipts import note, quoted
from .text_of import text_of
from .texts import TEXT, replace_surrogates


def text_names(labels, receipt):
    """Give column labels of any kind as texts: texts as they are, everything else as `str(label)`."""
    names = []
    for label in labels:
        if type(label) is TEXT:
            name = label
        elif isinstance(label, (TEXT, bytes)):
            name = text_of(label) if isinstance(label, bytes) else TEXT(label)
            if isinstance(label, bytes) and bytes is not str:
                text = "the column name %r became %s" % (label, quoted(name))
                note(receipt, "name-to-text", text, name)
        else:
            name = _str(label)
            note(receipt, "name-to-text", "the column name %s became text" % quoted(name), name)
        clean = replace_surrogates(name)
        if clean != name:
            text = "the column name %s had lone surrogates" % quoted(clean)
            note(receipt, "name-replaced", text, clean, True)
        names.append(clean)
    return names


def _str(label):
    """Give `str(label)`, also of a tuple, which is what a level of a MultiIndex column is."""
    try:
        text = str(label)
    except Exception:
        return text_of(label)
    return text if isinstance(text, TEXT) else text_of(text)


def unique_names(names, dialect, receipt):
    """Make repeated names unique as the retired products did.

    Args:
        names: list of texts.
        dialect: `classic` for `x`, `x (2)`, `x (3)`, otherwise `x`, `x_0`, `x_1`.
        receipt: list of entries; told each renaming.

    Returns:
        List of unique texts; the first bearer keeps the name, and no new name is one that stood there before.

    Raises:
        JobError: `bad-return` when a name is longer than a frame may hold.
    """
    taken = set(names)
    if len(taken) == len(names):
        return _bounded(names)
    first, pattern = (2, "%s (%d)") if dialect == "classic" else (0, "%s_%d")
    seen, free, unique = set(), {}, []
    for name in names:
        if name in seen:
            number = free.get(name, first)
            while pattern % (name, number) in taken:
                number += 1
            free[name] = number + 1
            new = pattern % (name, number)
            taken.add(new)
            text = "duplicate %s became %s" % (quoted(name), quoted(new))
            note(receipt, "column-renamed", text, new)
            name = new
        seen.add(name)
        unique.append(name)
    return _bounded(unique)


def refuse_long(what, text):
    """Refuse a name, role or category that is longer than a frame may hold.

    Raises:
        JobError: `bad-return`.
    """
    if len(text) > NAME_LIMIT:
        raise JobError(
            "bad-return",
            "The %s %s has %d characters; at most %d are allowed."
            % (what, quoted(text), len(text), NAME_LIMIT),
            "Give it a shorter one; long texts belong into the cells of a table.",
            kind="script",
        )


def _bounded(names):
    for name in names:
        refuse_long("column name", name)
    return names
