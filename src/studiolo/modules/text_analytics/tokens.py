"""The words of many texts as numbers, and their n-grams; whole columns at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.choosing import present
from studiolo.modules.columns.kinds import kind_of, one_chunk, texts_of, value_kind_of
from studiolo.sdk import ModuleError

Codes = np.ndarray[Any, np.dtype[np.int64]]

BETWEEN = r"[^\p{L}\p{M}\p{N}'’]+"  # `_` is no part of a word: it joins the words of an n-gram


@dataclass(frozen=True)
class Tokens:
    """The words of texts.

    Attributes:
        words: the different words.
        codes: place in `words` of each word of all texts, one text after the other.
        rows: for each of them the number of its text.
        count: how many texts there are.
    """

    words: list[str]
    codes: Codes
    rows: Codes
    count: int

    def grams(self, longest: int) -> Iterator[tuple[Codes, Codes, Codes]]:
        """Give for lengths 1 … longest: numbers of the different n-grams, their rows, and places of one of each.

        The numbers of a length count from 0; the third array has for each number the place in `codes` of the first
        word of such an n-gram.
        """
        codes, rows = self.codes, self.rows
        places = np.arange(len(codes))
        for length in range(1, longest + 1):
            if length > 1:
                usable = np.flatnonzero(rows[length - 1 :] == rows[: len(rows) - length + 1])
                pairs = (
                    codes[np.searchsorted(places, usable)] * len(self.words) + self.codes[usable + length - 1]
                )
                places, codes = usable, pairs
            _, firsts, codes = np.unique(codes, return_index=True, return_inverse=True)
            yield codes, self.rows[places], places[firsts]

    def gram(self, place: int, length: int) -> str:
        """Give the n-gram that begins at a place, its words joined by `_`."""
        return "_".join(self.words[code] for code in self.codes[place : place + length])


def tokens_of(column: pa.ChunkedArray | pa.Array, shortest: int = 1, longest: int | None = None) -> Tokens:
    """Split texts into words: runs of letters, digits and apostrophes within; missing has none.

    Args:
        column: texts.
        shortest: words with fewer characters are left out.
        longest: words with more are.
    """
    coded = texts_of(column).dictionary_encode()
    lists = pc.split_pattern_regex(coded.dictionary.cast(pa.large_string()), BETWEEN)
    flat = pc.utf8_trim(lists.flatten(), "'’").dictionary_encode()
    lengths = pc.utf8_length(flat.dictionary).to_numpy(zero_copy_only=False)
    is_word = (lengths >= shortest) & (lengths > 0)
    if longest is not None:
        is_word &= lengths <= longest
    numbers = flat.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    ends = lists.offsets.to_numpy(zero_copy_only=False)
    chosen = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    sizes = np.where(chosen >= 0, np.diff(ends, append=ends[-1:])[chosen], 0) if len(chosen) else chosen
    starts = np.where(chosen >= 0, ends[chosen], 0) if len(chosen) else chosen
    rows = np.repeat(np.arange(len(chosen)), sizes)
    inside = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    codes = numbers[np.repeat(starts, sizes) + inside]
    keep = is_word[codes] if len(codes) else np.zeros(0, bool)
    return Tokens(
        flat.dictionary.to_pylist(), codes[keep].astype(np.int64), rows[keep].astype(np.int64), len(chosen)
    )


def text_columns(dataset: pa.Table, chosen: list[str] | None, parameter: str) -> list[str]:
    """Give the chosen columns, all of them texts; all String columns when none is chosen.

    Raises:
        ModuleError: `missing-column`, `wrong-column-type`, or `no-columns` when there is no text.
    """
    if chosen:
        for name in present(dataset, chosen, parameter):
            data_type = dataset.schema.field(name).type
            if value_kind_of(data_type) != "String":
                raise ModuleError(
                    f'The column "{name[:80]}" is {kind_of(data_type)}; texts are wanted here.',
                    "Choose a String column.",
                    code="wrong-column-type",
                    parameter=parameter,
                    port="" if parameter else "dataset",
                )
        return list(dict.fromkeys(chosen))
    names = [field.name for field in dataset.schema if kind_of(field.type) == "String"]
    if not names:
        raise ModuleError(
            "The dataset has no String column.",
            "Choose a column of texts.",
            code="no-columns",
            parameter=parameter,
        )
    return names


def joined(dataset: pa.Table, names: list[str]) -> pa.Array:
    """Give the texts of several columns as one text for each row; a row without any is missing."""
    columns = [texts_of(one_chunk(dataset.column(name))).cast(pa.large_string()) for name in names]
    if len(columns) == 1:
        return columns[0]
    # "skip" would drop a row whose texts are all missing (pyarrow 26)
    options = {"null_handling": "replace", "null_replacement": ""}
    whole = pc.binary_join_element_wise(*columns, pa.scalar(" ", pa.large_string()), **options)
    has_any = columns[0].is_valid()
    for column in columns[1:]:
        has_any = pc.or_(has_any, column.is_valid())
    return pc.if_else(has_any, whole, pa.scalar(None, whole.type))
