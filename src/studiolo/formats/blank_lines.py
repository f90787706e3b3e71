"""Gives empty lines of delimited text the meaning of Enter Data Manually: rows of missing values."""

from __future__ import annotations

import csv
import io

from studiolo.formats.value_types import MARKERS


def fill_blank_lines(text: str, delimiter: str, quote: str = '"') -> str:
    r"""Replace each empty line between records by a record of as many missing values as the first one has.

    Empty lines before the first record and inside quotes stay as they are.

    >>> fill_blank_lines("a,b\n\n1,2\n", ",")
    'a,b\n,\n1,2\n'
    """
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(iter(lines), delimiter=delimiter, quotechar=quote)
    width = 0
    for record in reader:
        if record:
            width = width or len(record)
        elif width:
            missing = delimiter * (width - 1) if width > 1 else MARKERS[0]
            line = lines[reader.line_num - 1]
            lines[reader.line_num - 1] = missing + line
    return "".join(lines)
