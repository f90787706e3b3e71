"""Reads ARFF: dense and sparse rows, nominal values as Categorical, dates with a pattern."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from studiolo.formats import column_names
from studiolo.formats.arff_header import Attribute, parse_attribute, split_fields, strptime_form
from studiolo.formats.decoding import utf8_text
from studiolo.formats.given_types import first_unfit, integers
from studiolo.formats.reading import ReadResult, Source, entry, shown
from studiolo.sdk import ModuleError
from studiolo_child.nearest import did_you_mean

ISO = re.compile(r"yyyy-MM-dd(?:(?:'T'| )HH:mm(?::ss(?:\.S+)?)?)?$")
SPARSE_PAIR = re.compile(r"\s*(\d+)\s+(.*)$", re.DOTALL)
WEIGHT = re.compile(r",\s*\{\s*[-+.\deE]+\s*\}\s*$")
INNER_QUOTE = re.compile(r"'(?<=[^,\r\n]')(?=[^,\r\n])")
LINE_END = re.compile(r"\r\n|\n|\r")
Column = list[str | None]


def read(source: Source, *, encoding: str = "") -> ReadResult:
    """Read a table whose types the header states.

    `numeric` and `real` are Double, `integer` is Integer, nominal values are Categorical in the order of the
    header, `date` is DateTime by its Java pattern, `string` is String. `?` is missing. In sparse rows an absent
    number is 0, an absent nominal value the first one (as in Weka), other absent values are missing. Keywords
    are read in any case, `%` begins a comment. Weights of rows are dropped with a receipt.

    Raises:
        ModuleError: `bad-arff` and `value-does-not-fit` with line (and column); `bad-encoding`, `empty-file`.
    """
    receipt: list[dict[str, Any]] = []
    text = utf8_text(source, encoding, receipt).to_pybytes().decode("utf-8")
    attributes, body, first_line = _header(text, source)
    names = column_names.usable([attribute.name for attribute in attributes], receipt)
    columns = _split_fast(body, len(attributes))
    if columns is None:
        columns = _split(body, attributes, source, first_line, receipt)

    def place(row: int) -> str:
        return f"{source.name}, line {first_line + _line_of_row(body, row)}"

    converted = [
        _converted(column, attribute, name, place)
        for column, attribute, name in zip(columns, attributes, names, strict=True)
    ]
    return ReadResult(pa.Table.from_arrays(converted, names=names), receipt)


def _header(text: str, source: Source) -> tuple[list[Attribute], str, int]:
    """Give the attributes, the text of the data and the line before it."""
    attributes: list[Attribute] = []
    place = 0
    number = 0
    while place <= len(text):
        number += 1
        match = LINE_END.search(text, place)
        end, after = match.span() if match else (len(text), len(text) + 1)
        line = text[place:end].strip()
        place = after
        if not line or line.startswith("%"):
            continue
        word, rest = [*re.split(r"\s+", line, maxsplit=1), ""][:2]
        word = word.lower()
        if word == "@attribute":
            try:
                attributes.append(parse_attribute(rest))
            except ValueError as fault:
                raise _bad(source, number, fault) from None
        elif word == "@data":
            if not attributes:
                raise _bad(source, number, "there is no @attribute before @data")
            return attributes, text[place:], number
        elif word != "@relation":
            raise _bad(source, number, f"{shown(line)} is neither @relation, @attribute nor @data")
    raise _bad(source, number, "there is no @data")


def _split_fast(body: str, count: int) -> list[pa.ChunkedArray] | None:
    """Split rows by pyarrow; None where they hold what it takes for something else than ARFF does.

    That is: double quotes, braces, comments, escapes and tabs; quotes within a field; blanks beside commas
    along with quotes (a quote counts for pyarrow only directly behind the comma, and blanks inside quotes must
    stay); ragged rows.
    """
    has_quotes = "'" in body
    if not body.strip() or any(character in body for character in '"{%\\\t') or count < 2:
        return None
    if has_quotes and (any(p in body for p in (", ", " ,", "\n ", " \n", " \r")) or INNER_QUOTE.search(body)):
        return None
    keys = [str(place) for place in range(count)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body.encode("utf-8")),
            read_options=arrow_csv.ReadOptions(column_names=keys, block_size=16 * 1024**2),
            parse_options=arrow_csv.ParseOptions(quote_char="'" if has_quotes else False, double_quote=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()),
                null_values=["?"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if has_quotes:
        stray = any(pc.any(pc.match_substring_regex(column, r"['\r\n]")).as_py() for column in table.columns)
        return None if stray else list(table.columns)
    missing = pa.scalar(None, pa.string())
    trimmed = [pc.utf8_trim_whitespace(column) for column in table.columns]
    return [pc.if_else(pc.equal(column, "?"), missing, column) for column in trimmed]


def _split(
    body: str, attributes: Sequence[Attribute], source: Source, line: int, receipt: list[dict[str, Any]]
) -> list[pa.ChunkedArray]:
    columns: list[Column] = [[] for _ in attributes]
    absent = [_absent(attribute) for attribute in attributes]
    weights = 0
    for number, text in enumerate(LINE_END.split(body), start=line + 1):
        row = text.strip()
        if not row or row.startswith("%"):
            continue
        if "{" in row and WEIGHT.search(row) and WEIGHT.search(row).start() > 0:  # type: ignore[union-attr]
            row = WEIGHT.sub("", row)
            weights += 1
        try:
            fields = _sparse(row, absent) if row.startswith("{") else split_fields(row)
        except ValueError as fault:
            raise _bad(source, number, fault) from None
        if len(fields) != len(columns):
            raise _bad(source, number, f"{len(fields)} values for {len(columns)} attributes")
        for column, value in zip(columns, fields, strict=True):
            column.append(value)
    if weights:
        receipt.append(
            entry("weights-dropped", f"Row weights were dropped ({weights} rows had one).", lossy=True)
        )
    return [pa.chunked_array([pa.array(column, pa.string())]) for column in columns]


def _absent(attribute: Attribute) -> str | None:
    if attribute.kind in ("Double", "Integer"):
        return "0"
    return attribute.values[0] if attribute.values else None


def _sparse(row: str, absent: list[str | None]) -> Column:
    end = row.rfind("}")
    if end < 0:
        raise ValueError("a sparse row lacks its closing brace")
    values = list(absent)
    for pair in re.findall(r"(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^,'\"])+", row[1:end]):
        match = SPARSE_PAIR.match(pair)
        if match is None:
            if pair.strip():
                raise ValueError(f"{shown(pair.strip())} is not `index value`")
            continue
        index = int(match[1])
        if index >= len(values):
            raise ValueError(f"index {index} is beyond the last attribute, {len(values) - 1}")
        values[index] = split_fields(match[2])[0]
    return values


def _line_of_row(body: str, row: int) -> int:
    for number, text in enumerate(LINE_END.split(body), start=1):
        stripped = text.strip()
        if stripped and not stripped.startswith("%"):
            if row == 0:
                return number
            row -= 1
    return 0


def _converted(
    column: pa.ChunkedArray, attribute: Attribute, name: str, place: Callable[[int], str]
) -> pa.ChunkedArray:
    if attribute.kind == "String":
        return column
    if attribute.kind == "Categorical":
        return _categorical(column, attribute, name, place)
    steps = {"Double": lambda values: pc.cast(values, pa.float64()), "Integer": integers}
    step = steps.get(attribute.kind) or _moments(attribute.form)
    try:
        return step(column)
    except (pa.ArrowInvalid, ValueError) as fault:
        row = first_unfit(column, step)
        value = column[row].as_py()
        pattern = f' of the form "{attribute.form}"' if attribute.form else ""
        raise ModuleError(
            f'{place(row)}, column "{name}": {shown(value)} is not {attribute.kind}{pattern}.',
            "Correct the value or the attribute's type." if "pattern" not in str(fault) else str(fault),
            code="value-does-not-fit",
        ) from None


def _categorical(
    column: pa.ChunkedArray, attribute: Attribute, name: str, place: Callable[[int], str]
) -> pa.ChunkedArray:
    values = pa.array(list(dict.fromkeys(attribute.values)), pa.string())
    codes = pc.index_in(column, value_set=values)
    unknown = pc.and_(pc.is_null(codes), pc.is_valid(column))
    row = pc.index(unknown, True).as_py()
    if row >= 0:
        value = column[row].as_py()
        raise ModuleError(
            f'{place(row)}, column "{name}": {shown(value)} is not one of the values in the header.',
            did_you_mean(value, attribute.values, "value"),
            code="value-does-not-fit",
        )
    chunks = [pa.DictionaryArray.from_arrays(chunk, values) for chunk in codes.chunks]
    return pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.string()))


def _moments(form: str) -> Callable[[pa.ChunkedArray], pa.ChunkedArray]:
    zone = "UTC" if form.endswith("'Z'") else None
    plain = form.removesuffix("'Z'")

    def parse(values: pa.ChunkedArray) -> pa.ChunkedArray:
        if ISO.match(plain):
            try:
                return pc.cast(values, pa.timestamp("us", zone))
            except pa.ArrowInvalid:
                if "S" in plain:
                    raise
        pattern = strptime_form(plain)
        texts = [None if v is None else v.removesuffix("Z") if zone else v for v in values.to_pylist()]
        moments = [None if text is None else datetime.datetime.strptime(text, pattern) for text in texts]
        return pa.chunked_array([pa.array(moments, pa.timestamp("us", zone))])

    return parse


def _bad(source: Source, line: int, reason: object) -> ModuleError:
    return ModuleError(
        f"{source.name}, line {line}: {reason}.",
        "See docs/errors/bad-arff.md for the form of ARFF.",
        code="bad-arff",
    )
