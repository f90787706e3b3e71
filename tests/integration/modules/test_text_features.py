"""Feature Hashing, Extract N-Gram Features from Text, Latent Dirichlet Allocation (R-4.4; facts 5 and tier 3)."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.utils import murmurhash3_32

from studiolo.modules.text_analytics.extract_n_gram_features_from_text import (
    extract_n_gram_features_from_text,
)
from studiolo.modules.text_analytics.feature_hashing import feature_hashing
from studiolo.modules.text_analytics.latent_dirichlet_allocation import latent_dirichlet_allocation
from studiolo.modules.text_analytics.tokens import tokens_of
from studiolo.sdk.roles import role_of, with_role

TEXTS = ["very good book", "good story, good end", None, "bad book", "", "very good book"]
NOTHING = pa.array([None, None], pa.string())


def test_words_are_runs_of_letters_digits_and_inner_apostrophes() -> None:
    """In any script; missing and empty texts have none, and equal texts are split once."""
    tokens = tokens_of(
        pa.array(["it's 'quoted'|||x_y", None, "", "naïve 山 🙂 O’Neil 3d", "it's 'quoted'|||x_y"])
    )
    words = [tokens.words[code] for code in tokens.codes]
    assert words == ["it's", "quoted", "x", "y", "naïve", "山", "O’Neil", "3d", "it's", "quoted", "x", "y"]
    assert tokens.rows.tolist() == [0] * 4 + [3] * 4 + [4] * 4 and tokens.count == 5


def test_n_grams_stay_within_a_text() -> None:
    """And equal ones have one number."""
    tokens = tokens_of(pa.array(["a b a b", "b a"]))
    found = [
        [tokens.gram(places[code], length) for code in codes]
        for length, (codes, _, places) in enumerate(tokens.grams(5), start=1)
    ]
    assert found == [
        ["a", "b", "a", "b", "b", "a"],
        ["a_b", "b_a", "a_b", "b_a"],
        ["a_b_a", "b_a_b"],
        ["a_b_a_b"],
        [],
    ]


def hashed(texts: Any, **given: Any) -> Any:
    """Give the hashed columns of texts as an array."""
    given = {"hashing_bitsize": 4, "n_grams": 1, **given}
    table = feature_hashing(pa.table({"t": pa.array(texts, pa.string())}), **given)
    return np.array([column.to_pylist() for column in table.columns[1:]]).T


def test_a_word_counts_at_its_hash() -> None:
    """Murmur hash 3 with seed 0, each row divided by its length; without text zeros (facts 5)."""
    wanted = np.zeros((3, 16))
    for word in ("good", "good", "end"):
        wanted[0, murmurhash3_32(word, 0, positive=True) & 15] += 1
    wanted[0] /= np.linalg.norm(wanted[0])
    assert np.allclose(hashed(["good end good", None, " ! "]), wanted, atol=1e-6)
    assert np.allclose(hashed(["good end good"], n_grams=0), wanted[:1], atol=1e-6)


def test_pairs_of_words_count_too() -> None:
    """As Vowpal Wabbit combines them, so that order matters."""
    first, second = (murmurhash3_32(word, 0, positive=True) for word in ("a", "b"))
    wanted = np.zeros(16)
    for place in (first, second, first * 27_942_141 + second):
        wanted[place & 15] += 1
    assert np.allclose(hashed(["a b"], n_grams=2)[0], wanted / np.linalg.norm(wanted), atol=1e-6)
    assert not np.allclose(
        hashed(["a b"], n_grams=2, hashing_bitsize=8), hashed(["b a"], n_grams=2, hashing_bitsize=8)
    )


def test_hashing_needs_no_vocabulary() -> None:
    """A text has the same columns by itself and among others."""
    assert np.array_equal(hashed(TEXTS, n_grams=3)[3:4], hashed(TEXTS[3:4], n_grams=3))


def test_hashed_columns_are_named_after_theirs() -> None:
    """From 0, with a number where one is taken (facts 6); the rest stays."""
    table = with_role(pa.table({"t": ["x"], "t_HashingFeature.1": [0], "u": ["y"]}), ["u"], "label")
    result = feature_hashing(table, hashing_bitsize=1)
    assert result.column_names == [
        *table.column_names,
        *("t_HashingFeature2.0", "t_HashingFeature2.1", "u_HashingFeature.0", "u_HashingFeature.1"),
    ]
    assert role_of(result, "u") == "label" and result.num_rows == 1


@pytest.mark.parametrize(
    "texts", [pa.array([], pa.string()), NOTHING, pa.array(["!"]), NOTHING.dictionary_encode()]
)
def test_texts_without_words(texts: pa.Array) -> None:
    """No rows, only gaps, only signs: zeros, no features, topics refused."""
    table = pa.table({"t": texts})
    result = feature_hashing(table, target_column=["t"], hashing_bitsize=2)
    assert result.num_columns == 5 and not any(sum(column.to_pylist()) for column in result.columns[1:])
    features, vocabulary = extract_n_gram_features_from_text(table, None, text_column=["t"])
    assert features.equals(table) and vocabulary.num_rows == 1


def test_too_large_results_are_refused(refused: Callable[..., Any]) -> None:
    """Before the memory is taken, with the way out."""
    table = pa.table({"t": ["x"] * 5000})
    assert refused(feature_hashing, table, hashing_bitsize=31)[0] == "too-many-columns"
    assert refused(feature_hashing, table, hashing_bitsize=16)[0] == "too-many-cells"
    code, _, hint = refused(
        latent_dirichlet_allocation,
        table,
        build_dictionary_of_ngrams=False,
        number_of_bits_to_use_for_feature_hashing=31,
    )
    assert code == "out-of-range" and "20 bits" in hint


def test_what_is_no_text_is_told(refused: Callable[..., Any]) -> None:
    """By its name and type (R-4.4)."""
    table = pa.table({"n": [1]})
    assert refused(feature_hashing, table)[0] == "no-columns"
    assert refused(feature_hashing, table, target_column=["n"])[0] == "wrong-column-type"
    assert refused(latent_dirichlet_allocation, table)[0] == "no-columns"
    assert refused(latent_dirichlet_allocation, pa.table({"t": ["?"]}))[0] == "no-rows"
    assert refused(extract_n_gram_features_from_text, table, None)[0] == "no-columns"
    assert (
        refused(extract_n_gram_features_from_text, table, None, text_column=["n"])[0] == "wrong-column-type"
    )
    assert refused(extract_n_gram_features_from_text, table, None, text_column=["m"])[0] == "missing-column"


def extracted(texts: Any = TEXTS, vocabulary: pa.Table | None = None, **given: Any) -> tuple[Any, pa.Table]:
    """Give the features of texts as a dictionary of columns, and the vocabulary."""
    given = {"text_column": ["t"], "minimum_n_gram_document_absolute_frequency": 1, **given}
    result, known = extract_n_gram_features_from_text(
        pa.table({"t": pa.array(texts, pa.string())}), vocabulary, **given
    )
    return {name: result[name].to_pylist() for name in result.column_names[1:]}, known


def test_counts_are_those_of_scikit_learn() -> None:
    """TF counts words and n-grams; columns are `t.[a_b]`, sorted (facts, tier 3)."""
    found, _ = extracted(weighting_function="TF Weight", n_grams_size=2)
    plain = CountVectorizer(ngram_range=(1, 2), token_pattern=r"\w{3,}")
    counts = plain.fit_transform([text or "" for text in TEXTS]).toarray()
    wanted = {
        f"t.[{name.replace(' ', '_')}]": counts[:, place].tolist()
        for name, place in plain.vocabulary_.items()
    }
    assert found == wanted and list(found) == sorted(wanted)


def test_weights() -> None:
    """Binary, IDF = log10(N / DF), and TF times that; missing texts are none of the N."""
    idf = {"good": np.log10(5 / 3), "bad": np.log10(5)}
    for function, good, bad in (
        ("Binary Weight", [1, 1, 0, 0, 0, 1], [0, 0, 0, 1, 0, 0]),
        ("TF Weight", [1, 2, 0, 0, 0, 1], [0, 0, 0, 1, 0, 0]),
        ("IDF Weight", [idf["good"], idf["good"], 0, 0, 0, idf["good"]], [0, 0, 0, idf["bad"], 0, 0]),
        ("TF-IDF Weight", [idf["good"], 2 * idf["good"], 0, 0, 0, idf["good"]], [0, 0, 0, idf["bad"], 0, 0]),
    ):
        found, _ = extracted(weighting_function=function)
        assert found["t.[good]"] == pytest.approx(good, rel=1e-6)
        assert found["t.[bad]"] == pytest.approx(bad, rel=1e-6)


def test_normalized_rows_have_length_1() -> None:
    """As scikit-learn's TF normalised by L2; a row without features stays zero."""
    found, _ = extracted(weighting_function="TF Weight", normalize_n_gram_feature_vectors=True)
    plain = TfidfVectorizer(use_idf=False, token_pattern=r"\w{3,}").fit_transform(
        [text or "" for text in TEXTS]
    )
    assert np.allclose(np.array(list(found.values())).T, plain.toarray(), atol=1e-6)


def test_the_vocabulary_is_a_dataset() -> None:
    """Id, NGram, DF, IDF, with the number of texts in a row of Id -1 (facts, tier 3)."""
    _, vocabulary = extracted(minimum_n_gram_document_absolute_frequency=2)
    assert vocabulary.to_pydict() == {
        "Id": [-1, 0, 1, 2],
        "NGram": ["total.num.docs", "book", "good", "very"],
        "DF": [5, 3, 3, 2],
        "IDF": [0.0, *(pytest.approx(np.log10(5 / df)) for df in (3, 3, 2))],
    }


def test_frequencies_and_lengths_choose_the_words() -> None:
    """In how many texts, in what share of them, how long."""
    assert list(extracted(maximum_n_gram_document_ratio=0.5)[0]) == [
        "t.[bad]",
        "t.[end]",
        "t.[story]",
        "t.[very]",
    ]
    assert list(
        extracted(minimum_word_length=4, maximum_word_length=4, minimum_n_gram_document_absolute_frequency=3)[
            0
        ]
    ) == ["t.[book]", "t.[good]"]


def test_a_given_vocabulary_is_used_as_it_is() -> None:
    """New words are left out, DF and IDF stay, also after a trip through CSV types."""
    _, vocabulary = extracted(weighting_function="IDF Weight")
    vocabulary = vocabulary.set_column(2, "DF", vocabulary["DF"].cast(pa.float64()))
    found, again = extracted(
        ["new good"], vocabulary, vocabulary_mode="ReadOnly", weighting_function="IDF Weight"
    )
    assert found["t.[good]"] == pytest.approx([np.log10(5 / 3)]) and found["t.[bad]"] == [0.0]
    assert len(found) == 6 and again["NGram"].to_pylist() == vocabulary["NGram"].to_pylist()


def test_a_vocabulary_grows() -> None:
    """Update counts the new texts, Merge takes their words in as well."""
    _, vocabulary = extracted(["good book", "bad book"])
    more = ["good story", "good end", None]
    found, updated = extracted(more, vocabulary, vocabulary_mode="Update")
    assert list(found) == ["t.[bad]", "t.[book]", "t.[good]"]
    assert updated.to_pydict() == {
        "Id": [-1, 0, 1, 2],
        "NGram": ["total.num.docs", "bad", "book", "good"],
        "DF": [4, 1, 2, 3],
        "IDF": [0.0, *(pytest.approx(np.log10(4 / df)) for df in (1, 2, 3))],
    }
    found, merged = extracted(more, vocabulary, vocabulary_mode="Merge")
    assert merged["NGram"].to_pylist()[1:] == ["bad", "book", "good", "end", "story"]
    assert merged["DF"].to_pylist() == [4, 1, 2, 3, 1, 1] and found["t.[story]"] == [1, 0, 0]


@pytest.mark.parametrize(
    ("vocabulary", "code"),
    [
        (None, "missing-input"),
        (pa.table({"NGram": ["a"], "DF": [1]}), "value-does-not-fit"),
        (pa.table({"NGram": ["a"], "DF": ["1"], "IDF": [0.5]}), "value-does-not-fit"),
        (pa.table({"NGram": ["a", None], "DF": [1, 1], "IDF": [0.5, 1]}), "value-does-not-fit"),
        (pa.table({"NGram": ["a", "a"], "DF": [1, 1], "IDF": [0.5, 1]}), "value-does-not-fit"),
    ],
)
def test_a_damaged_vocabulary_is_told(
    refused: Callable[..., Any], vocabulary: pa.Table | None, code: str
) -> None:
    """It is a dataset that anyone may have changed."""
    assert refused(extracted, ["a"], vocabulary, vocabulary_mode="ReadOnly")[0] == code


def test_contradicting_lengths_are_told(refused: Callable[..., Any]) -> None:
    """No word could be both."""
    assert refused(extracted, minimum_word_length=9, maximum_word_length=3)[0] == "bad-parameter"


NOTES = ["ship sea sail wind", "sail wind sea storm", "bread oven flour", "flour bread yeast oven", None] * 5


def topics(**given: Any) -> Any:
    """Find two topics."""
    given = {"number_of_topics_to_model": 2, "n_grams": 1, **given}
    return latent_dirichlet_allocation(pa.table({"t": NOTES}), **given)


def test_topics_separate_the_texts() -> None:
    """Six decimals that add up to 1; a missing text has none (facts, tier 3)."""
    result, matrix, _ = topics()
    shares = np.array([result[f"Topic {place}"].to_pylist() for place in (1, 2)]).T
    assert np.isnan(shares[4]).all() and np.allclose(np.nansum(shares, axis=1)[[0, 2]], 1, atol=2e-6)
    sea = shares[:, int(shares[0, 1] > 0.5)]
    assert (sea[[0, 1]] > 0.9).all() and (sea[[2, 3]] < 0.1).all()
    assert np.array_equal(shares, np.round(shares, 6), equal_nan=True)
    assert (
        matrix.column_names == ["Feature", "Topic 1", "Topic 2"] and "bread" in matrix["Feature"].to_pylist()
    )
    assert np.allclose([sum(matrix[name].to_pylist()) for name in matrix.column_names[1:]], 1)


def test_topics_are_the_same_again_and_for_other_texts() -> None:
    """Seeded, and kept by the transformation, which survives its port."""
    result, matrix, fitted = topics()
    again = topics()
    assert again[0].to_pandas().equals(result.to_pandas()) and again[1].equals(matrix)
    applied = pickle.loads(pickle.dumps(fitted)).apply(pa.table({"t": [NOTES[0], "unknown", None]}))
    assert applied["Topic 1"].to_pylist()[:2] == [result["Topic 1"][0].as_py(), 0.5]
    card = fitted.studiolo_card()
    assert card["title"] == "Latent Dirichlet Allocation" and len(card["tables"][0]["rows"]) == 18


def test_the_transformation_tells_what_it_lacks(refused: Callable[..., Any]) -> None:
    """A missing text column is named."""
    assert refused(topics()[2].apply, pa.table({"u": ["x"]}))[0] == "missing-column"


def test_several_columns_count_as_one_text() -> None:
    """A row is missing only where all of them are."""
    table = pa.table({"a": ["sea", None, None], "b": ["sail", "oven", None]})
    result, matrix, _ = latent_dirichlet_allocation(table, number_of_topics_to_model=1, n_grams=1)
    assert matrix["Feature"].to_pylist() == ["oven", "sail", "sea"]
    assert result["Topic 1"].to_pylist() == pytest.approx([1, 1, float("nan")], nan_ok=True)


def test_hashed_topics_and_all_options() -> None:
    """Features without names; amounts instead of shares add up to the words and the prior."""
    result, matrix, _ = topics(
        build_dictionary_of_ngrams=False, number_of_bits_to_use_for_feature_hashing=3, normalize=False
    )
    assert matrix["Feature"].to_pylist() == [f"Hash {number}" for number in range(8)]
    assert result["Topic 1"][0].as_py() + result["Topic 2"][0].as_py() == pytest.approx(4.02, abs=1e-5)
    _, few, _ = topics(
        show_all_options=True,
        maximum_number_of_ngrams_in_dictionary=3,
        alpha_parameter=0.5,
        number_of_training_iterations=1,
        initial_value_of_iteration_used_in_learning_rate_update_schedule=0,
    )
    assert few["Feature"].to_pylist() == ["sail", "sea", "wind"]
