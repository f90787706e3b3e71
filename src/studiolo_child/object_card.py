"""Cards of objects: what a pickled object says of itself, behind the pickle, so that the host need not open it.

An object of a class with a method `studiolo_card()` has one, a dictionary:

    {"title": "Two-Class Logistic Regression", "settings": [["Regularization weight", "1.0"]],
     "tables": [{"title": "Feature weights", "columns": ["Feature", "Weight"], "rows": [["age", 0.12]]}]}

In the file stands the pickle, the card as JSON, the length of that JSON (8 bytes, little-endian) and `MARK`. Whatever
reads a pickle stops at its end and never sees the card.

The host reads cards with `shaped` too, so that a hostile one is cut to the same form.
"""

from __future__ import absolute_import, division, print_function, unicode_literals

import json
import math
import os
import struct

from .report import write_all

MARK = b"\nstudiolo-card-1\n"
LENGTH = struct.Struct(str("<Q"))
CARD_BYTES = 1 << 20
TABLE_LIMIT, ROW_LIMIT, COLUMN_LIMIT, SETTING_LIMIT = 20, 10000, 100, 200
TEXT_LIMIT, TITLE_LIMIT = 1000, 200
_EXACT = 1 << 53  # a longer whole number is text: the browser's numbers don't hold it
_TEXT = type("")
_WHOLE = (int,) if str is _TEXT else (int, type(1 << 70))  # Python 2 has `long`


def append_card(descriptor, value, warn):
    """Write the card of an object behind its pickle. Never raises for a card: one that can't be made is left out.

    Args:
        descriptor: of the file with the pickle.
        value: the object.
        warn: called with sentences.
    """
    if getattr(type(value), "studiolo_card", None) is None:
        return
    name = type(value).__name__
    try:
        card = shaped(value.studiolo_card())
        text = None if card is None else _text_of(card)
    except (Exception, SystemExit) as error:
        warn("The object of type %s has no card: %s." % (name, (_cut("%s" % error, 300)).rstrip(".")))
        return
    if text is None:
        warn("The object of type %s has no card: studiolo_card() gave none of the right form." % name)
        return
    for table in card["tables"]:
        if table["total_rows"] > len(table["rows"]):
            warn(
                'The card of the object shows %d of the %d rows of "%s".'
                % (len(table["rows"]), table["total_rows"], table["title"])
            )
    os.lseek(descriptor, 0, os.SEEK_END)
    write_all(descriptor, text + LENGTH.pack(len(text)) + MARK)


def shaped(card):
    """Give a card in its form, cut to its limits, or None when it has no title.

    What is no setting and no table is left out. Each table gets `total_rows`, how many it had before it was cut. Not a
    number is null.

    Args:
        card: anything at all.
    """
    if not isinstance(card, dict) or not isinstance(card.get("title"), (_TEXT, bytes)):
        return None
    room = [4 * CARD_BYTES]
    return {
        "title": _cut(card["title"], TITLE_LIMIT),
        "settings": [
            [_cell(one[0], TITLE_LIMIT), _cell(one[1])]
            for one in _listed(card.get("settings"), SETTING_LIMIT)
            if isinstance(one, (list, tuple)) and len(one) == 2
        ],
        "tables": [
            _table(one, room) for one in _listed(card.get("tables"), TABLE_LIMIT) if isinstance(one, dict)
        ],
    }


def _listed(value, limit):
    return value[:limit] if isinstance(value, (list, tuple)) else []


def _table(table, room):
    """Give a table of a card; `room` holds how many characters all tables may still have."""
    names = [_cut(_words(name), TITLE_LIMIT) for name in _listed(table.get("columns"), COLUMN_LIMIT)]
    given = table.get("rows")
    given = given if isinstance(given, (list, tuple)) else []
    rows = []
    for row in given[:ROW_LIMIT]:
        cells = [_cell(value) for value in _listed(row, len(names))]
        cells += [None] * (len(names) - len(cells))
        room[0] -= sum(len(cell) if isinstance(cell, _TEXT) else 4 for cell in cells) + len(names)
        if room[0] < 0:
            break
        rows.append(cells)
    total = table.get("total_rows")
    if not isinstance(total, _WHOLE) or isinstance(total, bool) or not len(given) <= total <= _EXACT:
        total = len(given)
    return {
        "title": _cut(_words(table.get("title")), TITLE_LIMIT),
        "columns": names,
        "rows": rows,
        "total_rows": total,
    }


def _cell(value, limit=TEXT_LIMIT):
    if not isinstance(value, (bool, float, _TEXT, bytes) + _WHOLE) and hasattr(value, "dtype"):
        value = value.item() if getattr(value, "ndim", 1) == 0 else _words(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, _WHOLE):
        return int(value) if -_EXACT <= value <= _EXACT else _cut("%d" % value, limit)
    if isinstance(value, float):
        if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        return None if math.isnan(value) else float(value)
    return _cut(_words(value), limit)


def _words(value):
    if value is None or isinstance(value, (list, tuple, dict)):
        return ""
    return value if isinstance(value, (_TEXT, bytes)) else "%s" % (value,)


def _cut(text, limit):
    if not isinstance(text, _TEXT):
        text = text.decode("utf-8", "replace")
    text = text[: limit + 1].encode("utf-8", "replace").decode("utf-8", "replace")  # halves of characters
    return text if len(text) <= limit else text[: limit - 1] + "\u2026"


def _text_of(card):
    """Give the JSON of a card, with fewer rows until it is short enough."""
    while True:
        text = json.dumps(card, sort_keys=True, allow_nan=False, separators=(",", ":")).encode("utf-8")
        if len(text) <= CARD_BYTES:
            return text
        longest = max(card["tables"], key=lambda table: len(table["rows"]))
        if not longest["rows"]:
            return None
        del longest["rows"][len(longest["rows"]) // 2 :]
