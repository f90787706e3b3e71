"""Extract N-Gram Features from Text: a column for each word or run of words of a vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.choosing import one
from studiolo.modules.columns.kinds import kind_of, missing_count, numbers_of, texts_of
from studiolo.modules.columns.naming import numbered
from studiolo.modules.columns.replacing import extended
from studiolo.modules.text_analytics.tokens import Tokens, text_columns, tokens_of
from studiolo.sdk import Boolean, Choice, Columns, DatasetPort, Integer, ModuleError, Number, module

CREATE, READ_ONLY, UPDATE, MERGE = "Create", "ReadOnly", "Update", "Merge"
BINARY, TF, IDF, TF_IDF = "Binary Weight", "TF Weight", "IDF Weight", "TF-IDF Weight"
TOTAL = "total.num.docs"
MOST_COLUMNS = 65_536
MOST_CELLS = 250_000_000


@dataclass(frozen=True)
class Vocabulary:
    """N-grams with the number of texts that have each, and the number of all texts."""

    grams: list[str]
    frequencies: Any
    idf: Any
    total: int

    def table(self) -> pa.Table:
        """Give it as a dataset: Id, NGram, DF, IDF; the number of all texts has the Id -1."""
        return pa.table(
            {
                "Id": pa.array([-1, *range(len(self.grams))], pa.int64()),
                "NGram": pa.array([TOTAL, *self.grams], pa.string()),
                "DF": pa.array([self.total, *self.frequencies], pa.int64()),
                "IDF": pa.array([0.0, *self.idf], pa.float64()),
            }
        )


@module(
    id="extract-n-gram-features-from-text",
    name="Extract N-Gram Features from Text",
    category="Text Analytics",
    inputs=[
        DatasetPort("dataset", label="Dataset", aliases=("Dataset",)),
        DatasetPort(
            "input_vocabulary", label="Input vocabulary", optional=True, aliases=("Input vocabulary",)
        ),
    ],
    outputs=[
        DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",)),
        DatasetPort("result_vocabulary", label="Result vocabulary", aliases=("Result vocabulary",)),
    ],
    parameters=[
        Columns(
            "text_column",
            label="Text column",
            help="The column of texts.",
            required=True,
            aliases=("Text column",),
        ),
        Choice(
            "vocabulary_mode",
            (CREATE, READ_ONLY, UPDATE, MERGE),
            label="Vocabulary mode",
            help="Make the vocabulary from the texts, or take the one at the port: as it is, for scoring; with new "
            "frequencies; or with new n-grams too.",
            aliases=("Vocabulary mode",),
        ),
        Integer(
            "n_grams_size",
            default=1,
            minimum=1,
            maximum=10,
            label="N-grams size",
            help="How many words in a row are taken together at most.",
            aliases=("N-Grams size",),
        ),
        Choice(
            "weighting_function",
            (BINARY, TF, IDF, TF_IDF),
            label="Weighting function",
            help="What stands in a row: whether the n-gram is in it, how often, its IDF, or how often by IDF.",
            aliases=("Weighting function",),
        ),
        Integer(
            "minimum_word_length",
            default=3,
            minimum=1,
            label="Minimum word length",
            help="Shorter words are left out.",
            aliases=("Minimum word length",),
        ),
        Integer(
            "maximum_word_length",
            default=25,
            minimum=2,
            label="Maximum word length",
            help="Longer words are left out.",
            aliases=("Maximum word length",),
        ),
        Number(
            "minimum_n_gram_document_absolute_frequency",
            default=5,
            minimum=1,
            label="Minimum n-gram document absolute frequency",
            help="In how many texts an n-gram must be to come into the vocabulary.",
            when=("vocabulary_mode", (CREATE, MERGE)),
            aliases=("Minimum n-gram document absolute frequency",),
        ),
        Number(
            "maximum_n_gram_document_ratio",
            default=1,
            minimum=0.0001,
            label="Maximum n-gram document ratio",
            help="In what share of the texts it may be at most; leaves out words that are everywhere.",
            when=("vocabulary_mode", (CREATE, MERGE)),
            aliases=("Maximum n-gram document ratio",),
        ),
        Boolean(
            "normalize_n_gram_feature_vectors",
            label="Normalize n-gram feature vectors",
            help="Divide each row by its length (L2 norm).",
            aliases=("Normalize n-gram feature vectors",),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "numpy"),
    aliases=("a8a662d0-89bb-48c9-8562-9b9589124c4a",),
)
def extract_n_gram_features_from_text(
    dataset: pa.Table,
    input_vocabulary: pa.Table | None,
    *,
    text_column: list[str] | None = None,
    vocabulary_mode: str = CREATE,
    n_grams_size: int = 1,
    weighting_function: str = BINARY,
    minimum_word_length: int = 3,
    maximum_word_length: int = 25,
    minimum_n_gram_document_absolute_frequency: float = 5,
    maximum_n_gram_document_ratio: float = 1,
    normalize_n_gram_feature_vectors: bool = False,
) -> tuple[pa.Table, pa.Table]:
    r"""Make a numeric column of each word, or run of words, of a vocabulary.

    The columns `<column>.[very_good]` are appended in the order of the vocabulary, which is alphabetical when it is
    made here; the text column stays. The vocabulary has the columns Id, NGram, DF (number of texts with it) and
    IDF = log10(number of texts / DF); the row `total.num.docs` with Id -1 has the number of texts. Missing texts don't
    count. With ReadOnly DF and IDF come from the vocabulary at the port, so that the scored data gets the columns of
    the training data. Update adds these texts to its frequencies; Merge does so too and takes new n-grams in.

    Words are runs of letters, digits and inner apostrophes; small and capital letters differ, Preprocess Text
    makes them the same. Not there: skips, graph weights and the built-in feature selection (use Filter Based Feature
    Selection). At most 65,536 columns and 250 million cells.

    Example:
        reviews:
          module: enter-data-manually
          parameters: {data: "text\nvery good book\ngood story\nbad book\n"}
        features:
          module: extract-n-gram-features-from-text
          parameters: {text_column: [text], minimum_n_gram_document_absolute_frequency: 2}
          inputs: {dataset: reviews}
    """
    name = one(dataset, text_column, "text_column")
    text_columns(dataset, [name], "text_column")
    if maximum_word_length < minimum_word_length:
        raise ModuleError(
            f"Words of at least {minimum_word_length} and at most {maximum_word_length} characters: there are none.",
            "Make the maximum greater.",
            code="bad-parameter",
            parameter="maximum_word_length",
        )
    tokens = tokens_of(dataset.column(name), minimum_word_length, maximum_word_length)
    found = _found(tokens, n_grams_size)
    total = len(dataset) - missing_count(dataset.column(name))
    least, greatest = minimum_n_gram_document_absolute_frequency, maximum_n_gram_document_ratio * total
    vocabulary = (
        _created(_frequent(tokens, found, least, greatest), total)
        if vocabulary_mode == CREATE
        else _given(input_vocabulary)
    )
    if vocabulary_mode in (UPDATE, MERGE):
        new = _frequent(tokens, found, least, greatest) if vocabulary_mode == MERGE else {}
        vocabulary = _updated(vocabulary, _frequent(tokens, found, 1, total), new, total)
    _check_size(len(vocabulary.grams), dataset.num_rows)
    values = _weighted(tokens, found, vocabulary, weighting_function)
    if normalize_n_gram_feature_vectors:
        lengths = np.sqrt(np.einsum("ij,ij->j", values, values))
        values /= np.where(lengths > 0, lengths, 1)
    return _with_columns(dataset, name, vocabulary.grams, values), vocabulary.table()


@dataclass(frozen=True)
class Found:
    """The n-grams of one length in the texts: for each n-gram and text that has it, how often.

    Attributes:
        length: number of words.
        places: for each n-gram a place among the tokens where it stands.
        frequencies: for each n-gram how many texts have it.
        grams: numbers of the n-grams, one for each pair with a text.
        texts: numbers of the texts.
        counts: how often.
    """

    length: int
    places: Any
    frequencies: Any
    grams: Any
    texts: Any
    counts: Any


def _found(tokens: Tokens, longest: int) -> list[Found]:
    found = []
    for length, (codes, rows, places) in enumerate(tokens.grams(longest), start=1):
        if not len(codes):
            break
        pairs, counts = np.unique(codes * tokens.count + rows, return_counts=True)
        grams = pairs // tokens.count
        frequencies = np.bincount(grams, minlength=len(places))
        found.append(Found(length, places, frequencies, grams, pairs % tokens.count, counts))
    return found


def _frequent(tokens: Tokens, found: list[Found], least: float, greatest: float) -> dict[str, int]:
    """Give the n-grams that are in so many texts, with their number of texts."""
    kept: dict[str, int] = {}
    for part in found:
        wanted = (part.frequencies >= least) & (part.frequencies <= greatest)
        for gram in np.flatnonzero(wanted).tolist():
            kept[tokens.gram(part.places[gram], part.length)] = int(part.frequencies[gram])
    return kept


def _created(grams: dict[str, int], total: int) -> Vocabulary:
    names = sorted(grams)
    frequencies = np.asarray([grams[name] for name in names], np.int64)
    return Vocabulary(names, frequencies, np.log10(total / frequencies) if names else np.zeros(0), total)


def _updated(known: Vocabulary, here: dict[str, int], new: dict[str, int], total: int) -> Vocabulary:
    """Add the texts to the frequencies of the known n-grams, and the new n-grams after them."""
    grams = known.grams + sorted(set(new).difference(known.grams))
    before = np.concatenate([known.frequencies, np.zeros(len(grams) - len(known.grams), np.int64)])
    frequencies = before + np.asarray([here.get(gram, 0) for gram in grams], np.int64)
    whole = known.total + total
    return Vocabulary(grams, frequencies, np.log10(max(whole, 1) / np.maximum(frequencies, 1)), whole)


def _weighted(tokens: Tokens, found: list[Found], vocabulary: Vocabulary, function: str) -> Any:
    """Give a float32 array of shape (n-grams of the vocabulary, texts)."""
    places = {gram: place for place, gram in enumerate(vocabulary.grams)}
    idf = np.asarray(vocabulary.idf, np.float64)
    values = np.zeros((len(places), tokens.count), np.float32)
    for part in found:
        names = (tokens.gram(place, part.length) for place in part.places.tolist())
        place_of = np.fromiter((places.get(name, -1) for name in names), np.int64, len(part.places))
        known = np.flatnonzero(place_of[part.grams] >= 0)
        rows, counts = place_of[part.grams[known]], part.counts[known]
        weights = idf[rows] if function in (IDF, TF_IDF) else np.ones(len(rows))
        values[rows, part.texts[known]] = weights * counts if function in (TF, TF_IDF) else weights
    return values


def _given(table: pa.Table | None) -> Vocabulary:
    def refuse(summary: str) -> ModuleError:
        return ModuleError(
            summary,
            "Connect the Result vocabulary of the node that made the features of the training data.",
            code="value-does-not-fit" if table is not None else "missing-input",
            port="input_vocabulary",
        )

    if table is None:
        raise refuse("This vocabulary mode needs an input vocabulary.")
    kinds = {"NGram": ("String", "Categorical"), "DF": ("Integer", "Double"), "IDF": ("Integer", "Double")}
    for column, wanted in kinds.items():
        if column not in table.column_names or kind_of(table.schema.field(column).type) not in wanted:
            raise refuse(f'The input vocabulary has no column "{column}" of type {wanted[0]}.')
    grams = texts_of(table.column("NGram")).to_pylist()
    frequencies, idf = numbers_of(table.column("DF")), numbers_of(table.column("IDF"))
    if None in grams or not np.isfinite(frequencies).all() or not np.isfinite(idf).all():
        raise refuse("The input vocabulary has missing or infinite values.")
    keep = [place for place, gram in enumerate(grams) if gram != TOTAL]
    names = [grams[place] for place in keep]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise refuse(f'The input vocabulary has the n-gram "{twice[:80]}" twice.')
    total = next((int(frequencies[place]) for place, gram in enumerate(grams) if gram == TOTAL), 0)
    return Vocabulary(names, frequencies[keep].astype(np.int64), idf[keep], total)


def _check_size(columns: int, rows: int) -> None:
    if columns > MOST_COLUMNS or columns * rows > MOST_CELLS:
        raise ModuleError(
            f"A vocabulary of {columns:,} n-grams and {rows:,} rows make too large a result.",
            f"At most {MOST_COLUMNS:,} columns and {MOST_CELLS:,} cells are possible; "
            "raise the minimum frequency, or use Feature Hashing.",
            code="too-many-columns" if columns > MOST_COLUMNS else "too-many-cells",
            parameter="minimum_n_gram_document_absolute_frequency",
        )


def _with_columns(dataset: pa.Table, name: str, grams: list[str], values: Any) -> pa.Table:
    taken = set(dataset.column_names)
    columns: dict[str, pa.Array] = {}
    for gram, column in zip(grams, values, strict=True):
        new = numbered(f"{name}.[{gram}]", taken)
        taken.add(new)
        columns[new] = pa.array(column)
    return extended(dataset, columns)
