"""Preprocess Text: cleans a column of texts by rules."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa

from studiolo.modules.columns.choosing import one
from studiolo.modules.columns.kinds import kind_of, one_chunk, texts_of, value_kind_of
from studiolo.modules.columns.naming import numbered
from studiolo.modules.text_analytics.preprocessing.cleaning import Cleaning
from studiolo.sdk import Boolean, Choice, Columns, DatasetPort, ModuleError, Text, module

ENGLISH = "English"
LANGUAGES = (ENGLISH, "Spanish", "French", "Dutch", "German", "Italian")


def _yes(name: str, label: str, help: str, **facts: Any) -> Any:
    return Boolean(
        name, default=True, label=label, help=help, aliases=(label, *facts.pop("aliases", ())), **facts
    )


@module(
    id="preprocess-text",
    name="Preprocess Text",
    category="Text Analytics",
    inputs=[
        DatasetPort("dataset", label="Dataset", aliases=("Dataset",)),
        DatasetPort("stop_words", label="Stop words", optional=True, aliases=("Stop words",)),
    ],
    outputs=[DatasetPort("results_dataset", label="Results dataset", aliases=("Results dataset",))],
    parameters=[
        Choice(
            "language",
            LANGUAGES,
            label="Language",
            help="Stop words, contractions and lemmatization are built in for English only.",
            aliases=("Language",),
        ),
        Columns(
            "text_column_to_clean",
            label="Text column to clean",
            help="One column of texts.",
            required=True,
            aliases=("Text column to clean",),
        ),
        _yes(
            "remove_stop_words",
            "Remove stop words",
            "Leave out words such as the, of, and; or those of the port.",
        ),
        _yes(
            "use_lemmatization",
            "Use lemmatization",
            "Bring words to their base form by their endings: cities to city, running to run.",
            when=("language", ENGLISH),
            aliases=("Lemmatization",),
        ),
        _yes("detect_sentences", "Detect sentences", "Put ||| between sentences."),
        _yes("normalize_case_to_lowercase", "Normalize case to lowercase", "Write all letters small."),
        _yes("remove_numbers", "Remove numbers", "Leave out words that are numbers."),
        _yes(
            "remove_special_characters", "Remove special characters", "Leave out what is no letter or digit."
        ),
        _yes(
            "remove_duplicate_characters",
            "Remove duplicate characters",
            "Shorten a character that stands three times or more in a row to two; digits stay.",
        ),
        _yes("remove_email_addresses", "Remove email addresses", "Leave out what has the form name@host."),
        _yes("remove_urls", "Remove URLs", "Leave out addresses that begin with http, https, ftp or www."),
        _yes(
            "expand_verb_contractions",
            "Expand verb contractions",
            "Write out contractions: don't as do not.",
            when=("language", ENGLISH),
        ),
        _yes(
            "normalize_backslashes_to_slashes", "Normalize backslashes to slashes", "Write / for backslashes."
        ),
        _yes(
            "split_tokens_on_special_characters",
            "Split tokens on special characters",
            "Make a word of each special character: MS---WORD becomes MS - WORD.",
        ),
        Text(
            "custom_regular_expression",
            label="Custom regular expression",
            help="A pattern of Python's re; what it finds is replaced before anything else.",
            aliases=("Custom regular expression",),
        ),
        Text(
            "custom_replacement_string",
            label="Custom replacement string",
            help=r"What to put there; \1 is the first group of the pattern.",
            aliases=("Custom replacement string",),
        ),
    ],
    preload=(
        "pyarrow",
        "pyarrow.compute",
        "sklearn.feature_extraction.text",
        "studiolo.modules.text_analytics.preprocessing.cleaning",
    ),
    aliases=("bf9e794a-9e2b-4662-902a-0e73b255c135",),
)
def preprocess_text(
    dataset: pa.Table,
    stop_words: pa.Table | None,
    *,
    language: str = ENGLISH,
    text_column_to_clean: list[str] | None = None,
    remove_stop_words: bool = True,
    use_lemmatization: bool = True,
    detect_sentences: bool = True,
    normalize_case_to_lowercase: bool = True,
    remove_numbers: bool = True,
    remove_special_characters: bool = True,
    remove_duplicate_characters: bool = True,
    remove_email_addresses: bool = True,
    remove_urls: bool = True,
    expand_verb_contractions: bool = True,
    normalize_backslashes_to_slashes: bool = True,
    split_tokens_on_special_characters: bool = True,
    custom_regular_expression: str = "",
    custom_replacement_string: str = "",
) -> pa.Table:
    r"""Clean a column of texts for analysis.

    The cleaned texts are the new column `Preprocessed <column>`; missing stays missing. The steps come in this order:
    custom pattern, URLs, contractions, e-mail addresses, backslashes, sentences, special characters (splitting, then
    removing), repeated characters, numbers, stop words, lemmatization, lower case. Words are separated by one blank,
    sentences by `|||`.

    It works by rules and needs no model or network. Sentences end at `.`, `!` or `?` before a capital letter, but not
    after usual abbreviations. Lemmatization goes by endings and a list of irregular words, without the part of
    speech: a few words come out wrong (`meeting` becomes `meet`). A possessive 's goes with the contractions. The
    designer used a language model and classic one of its own, so single words differ; part-of-speech filters are not
    there.

    Stop words are scikit-learn's English list (it has *not*), or the words of the first column at the port Stop words
    instead. Languages other than English have no list of their own, no contractions and no lemmatization.

    Example:
        reviews:
          module: enter-data-manually
          parameters: {data: "text\nThe 3 dogs weren't barking! See www.dogs.example\nSooooo good...\n"}
        clean:
          module: preprocess-text
          parameters: {text_column_to_clean: [text]}
          inputs: {dataset: reviews}
    """
    name = one(dataset, text_column_to_clean, "text_column_to_clean")
    if value_kind_of(dataset.schema.field(name).type) != "String":
        raise ModuleError(
            f'The column "{name[:80]}" is {kind_of(dataset.schema.field(name).type)}; texts are cleaned.',
            "Choose a String column.",
            code="wrong-column-type",
            parameter="text_column_to_clean",
        )
    is_english = language == ENGLISH
    cleaning = Cleaning(
        stop_words=_stop_words(stop_words, language) if remove_stop_words else frozenset(),
        custom=_custom(custom_regular_expression, custom_replacement_string),
        removes_urls=remove_urls,
        expands_contractions=expand_verb_contractions and is_english,
        removes_emails=remove_email_addresses,
        normalizes_slashes=normalize_backslashes_to_slashes,
        detects_sentences=detect_sentences,
        splits_on_special=split_tokens_on_special_characters,
        removes_special=remove_special_characters,
        removes_duplicates=remove_duplicate_characters,
        removes_numbers=remove_numbers,
        lemmatizes=use_lemmatization and is_english,
        lowers=normalize_case_to_lowercase,
    )
    new = numbered(f"Preprocessed {name}", dataset.column_names)
    return dataset.append_column(new, _cleaned(one_chunk(dataset.column(name)), cleaning))


def _cleaned(column: pa.Array, cleaning: Cleaning) -> pa.Array:
    """Clean each different text once."""
    coded = texts_of(column).dictionary_encode()
    clean = cleaning.cleaner()
    values = pa.array([clean(text) for text in coded.dictionary.to_pylist()], pa.large_string())
    taken = values.take(coded.indices)
    return taken if taken.nbytes > 2**31 - 1 else taken.cast(pa.string())


def _custom(pattern: str, replacement: str) -> tuple[re.Pattern[str], str] | None:
    if not pattern:
        return None
    parameter = "custom_regular_expression"
    try:
        compiled = re.compile(pattern)
        parameter = "custom_replacement_string"
        re._parser.parse_template(replacement, compiled)  # type: ignore[attr-defined]
    except (re.error, IndexError, OverflowError) as fault:
        what = "regular expression" if parameter == "custom_regular_expression" else "replacement string"
        raise ModuleError(
            f"The custom {what} can't be used: {str(fault)[:200]}.",
            "Write it as Python's re module takes it.",
            code="bad-parameter",
            parameter=parameter,
        ) from None
    return compiled, replacement


def _stop_words(table: pa.Table | None, language: str) -> frozenset[str]:
    if table is not None:
        if not table.num_columns:
            raise ModuleError(
                "The dataset at Stop words has no column.",
                "Connect one whose first column holds the words.",
                code="no-columns",
                port="stop_words",
            )
        words = texts_of(table.column(0)).to_pylist()
        return frozenset(word.strip().lower() for word in words if word)
    if language != ENGLISH:
        raise ModuleError(
            f"There is no built-in list of stop words for {language}.",
            "Connect a dataset of stop words to the port Stop words, or switch Remove stop words off.",
            code="bad-parameter",
            parameter="remove_stop_words",
        )
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # here: it takes a second to import

    return frozenset(ENGLISH_STOP_WORDS)
