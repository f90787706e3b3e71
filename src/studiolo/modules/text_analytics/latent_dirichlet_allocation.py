"""Latent Dirichlet Allocation: topics of texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.text_analytics.tokens import Tokens, joined, text_columns, tokens_of
from studiolo.modules.transformations.topics import Features, Topics
from studiolo.sdk import Boolean, Columns, DatasetPort, Integer, ModuleError, Number, ObjectPort, module

MOST_INTEGER = 2_147_483_647
MOST_BITS = 20
ALL, FEW = ("show_all_options", "true"), ("show_all_options", "false")


def _facts(label: str, help: str, *aliases: str, **facts: Any) -> dict[str, Any]:
    return {"label": label, "help": help, "aliases": (label, *aliases), **facts}


@module(
    id="latent-dirichlet-allocation",
    name="Latent Dirichlet Allocation",
    category="Text Analytics",
    inputs=[DatasetPort("dataset", label="Dataset", aliases=("Dataset",))],
    outputs=[
        DatasetPort("transformed_dataset", label="Transformed dataset", aliases=("Transformed dataset",)),
        DatasetPort("feature_topic_matrix", label="Feature topic matrix", aliases=("Feature topic matrix",)),
        ObjectPort(
            "lda_transformation",
            holds="transformation",
            label="LDA transformation",
            aliases=("LDA transformation",),
        ),
    ],
    parameters=[
        Columns(
            "target_columns",
            **_facts(
                "Target column(s)",
                "Columns of texts; none chosen means all String columns.",
                "Target columns",
            ),
        ),
        Integer(
            "number_of_topics_to_model",
            **_facts(
                "Number of topics to model", "How many topics to find.", default=5, minimum=1, maximum=1000
            ),
        ),
        Integer(
            "n_grams",
            **_facts(
                "N-grams", "How many words in a row count together at most.", default=2, minimum=1, maximum=10
            ),
        ),
        Boolean(
            "normalize",
            **_facts("Normalize", "Topics of a text, and weights within a topic, add up to 1.", default=True),
        ),
        Boolean("show_all_options", **_facts("Show all options", "Set what steers the fit.")),
        Number(
            "rho_parameter",
            **_facts(
                "Rho parameter",
                "Prior of the words of a topic; small means few words.",
                default=0.01,
                minimum=1e-15,
                maximum=1,
                when=ALL,
            ),
        ),
        Number(
            "alpha_parameter",
            **_facts(
                "Alpha parameter",
                "Prior of the topics of a text; small means few topics.",
                default=0.01,
                minimum=1e-15,
                maximum=1,
                when=ALL,
            ),
        ),
        Integer(
            "estimated_number_of_documents",
            **_facts(
                "Estimated number of documents",
                "How many texts there are in all; it weighs the batches.",
                default=1000,
                minimum=1,
                maximum=MOST_INTEGER,
                when=ALL,
            ),
        ),
        Integer(
            "size_of_the_batch",
            **_facts(
                "Size of the batch",
                "How many texts are looked at between two updates.",
                default=32,
                minimum=1,
                maximum=1024,
                when=ALL,
            ),
        ),
        Integer(
            "initial_value_of_iteration_used_in_learning_rate_update_schedule",
            **_facts(
                "Initial value of iteration used in learning rate update schedule",
                "Makes the first updates weigh less; 0 counts as 1.",
                "Initial value of iteration count",
                default=10,
                minimum=0,
                maximum=MOST_INTEGER,
                when=ALL,
            ),
        ),
        Number(
            "power_applied_to_the_iteration_during_updates",
            **_facts(
                "Power applied to the iteration during updates",
                "How fast later updates weigh less.",
                default=0.5,
                minimum=0.5,
                maximum=1,
                when=ALL,
            ),
        ),
        Integer(
            "number_of_training_iterations",
            **_facts(
                "Number of training iterations",
                "How often to go over all texts.",
                "passes",
                default=25,
                minimum=1,
                maximum=1024,
                when=ALL,
            ),
        ),
        Boolean(
            "build_dictionary_of_ngrams",
            **_facts(
                "Build dictionary of ngrams",
                "Keep the n-grams by name; otherwise only hashes.",
                default=True,
                when=FEW,
            ),
        ),
        Integer(
            "maximum_size_of_ngram_dictionary",
            **_facts(
                "Maximum size of ngram dictionary",
                "The most frequent so many n-grams count.",
                default=20_000,
                minimum=1,
                maximum=MOST_INTEGER,
                when=("build_dictionary_of_ngrams", "true"),
            ),
        ),
        Integer(
            "number_of_bits_to_use_for_feature_hashing",
            **_facts(
                "Number of bits to use for feature hashing",
                "2 to the power of so many features, at most 20 bits.",
                default=12,
                minimum=1,
                maximum=31,
                when=("build_dictionary_of_ngrams", "false"),
            ),
        ),
        Boolean(
            "build_dictionary_of_ngrams_prior_to_lda",
            **_facts(
                "Build dictionary of ngrams prior to LDA",
                "Keep the n-grams by name; otherwise only hashes.",
                default=True,
                when=ALL,
            ),
        ),
        Integer(
            "maximum_number_of_ngrams_in_dictionary",
            **_facts(
                "Maximum number of ngrams in dictionary",
                "The most frequent so many n-grams count.",
                default=20_000,
                minimum=1,
                maximum=MOST_INTEGER,
                when=("build_dictionary_of_ngrams_prior_to_lda", "true"),
            ),
        ),
        Integer(
            "number_of_hash_bits",
            **_facts(
                "Number of hash bits",
                "2 to the power of so many features, at most 20 bits.",
                "Hash bits",
                default=12,
                minimum=1,
                maximum=31,
                when=("build_dictionary_of_ngrams_prior_to_lda", "false"),
            ),
        ),
    ],
    preload=("pyarrow", "pyarrow.compute", "numpy", "sklearn.decomposition", "scipy.sparse"),
    aliases=("1aec5388-415d-4f7c-b33f-c9e9f4c0ce56", "e35a5905-bd57-41f4-9576-82bfcb92f837"),
)
def latent_dirichlet_allocation(
    dataset: pa.Table,
    *,
    target_columns: list[str] | None = None,
    number_of_topics_to_model: int = 5,
    n_grams: int = 2,
    normalize: bool = True,
    show_all_options: bool = False,
    build_dictionary_of_ngrams: bool = True,
    maximum_size_of_ngram_dictionary: int = 20_000,
    number_of_bits_to_use_for_feature_hashing: int = 12,
    build_dictionary_of_ngrams_prior_to_lda: bool = True,
    maximum_number_of_ngrams_in_dictionary: int = 20_000,
    number_of_hash_bits: int = 12,
    **options: Any,
) -> tuple[pa.Table, pa.Table, Topics]:
    r"""Find topics in texts, and how much of each topic is in each text.

    The first output is the dataset with the Double columns `Topic 1`, `Topic 2` … (six decimals), the second the
    weights of the words and n-grams in each topic (`Feature`, `Topic 1` …), the third a transformation that finds the
    same topics in other texts. Several text columns count as one text. A missing text has missing topics; one without
    a known word has all topics alike.

    Words are runs of letters, digits and inner apostrophes; small and capital letters differ (see Preprocess Text).
    The fit is scikit-learn's online variational one, with a fixed seed. Unless all options are shown, the number of
    documents is that of the dataset (the designer took 1,000). Classic and the designer used Vowpal Wabbit,
    whose topics come in another order and with other numbers.

    Example:
        notes:
          module: enter-data-manually
          parameters:
            data: |
              text
              ship on the sea
              sail the ship
              wind sea sail
              flour for bread
              bread oven flour
              oven yeast bread
        topics:
          module: latent-dirichlet-allocation
          parameters: {target_columns: [text], number_of_topics_to_model: 2, n_grams: 1}
          inputs: {dataset: notes}
    """
    names = text_columns(dataset, target_columns, "target_columns")
    tokens = tokens_of(joined(dataset, names))
    if not len(tokens.codes):
        raise ModuleError(
            f"There is not one word in {', '.join(names[:3])[:80]}.",
            "Choose a column with texts.",
            code="no-rows",
            parameter="target_columns",
        )
    if build_dictionary_of_ngrams_prior_to_lda if show_all_options else build_dictionary_of_ngrams:
        most = (
            maximum_number_of_ngrams_in_dictionary if show_all_options else maximum_size_of_ngram_dictionary
        )
        features = Features(n_grams, _dictionary(tokens, n_grams, most))
    else:
        bits = number_of_hash_bits if show_all_options else number_of_bits_to_use_for_feature_hashing
        features = Features(n_grams, None, _checked(bits, show_all_options))
    chosen = options if show_all_options else {"estimated_number_of_documents": dataset.num_rows}
    model = _fitted(features.matrix(tokens), number_of_topics_to_model, chosen)
    topics = Topics("Latent Dirichlet Allocation", names, features, model, normalize)
    return topics.apply(dataset), topics.matrix(), topics


def _dictionary(tokens: Tokens, longest: int, most: int) -> dict[str, int]:
    """Give the most frequent n-grams in the order of the alphabet, numbered."""
    names: list[str] = []
    counts: list[Any] = []
    for length, (codes, _, places) in enumerate(tokens.grams(longest), start=1):
        names += [tokens.gram(place, length) for place in places.tolist()]
        counts.append(np.bincount(codes, minlength=len(places)))
    often = np.concatenate(counts)
    kept = np.argsort(-often, kind="stable")[:most]
    return {name: place for place, name in enumerate(sorted(names[at] for at in kept))}


def _checked(bits: int, is_all: bool) -> int:
    if bits > MOST_BITS:
        raise ModuleError(
            f"{bits} bits make {2**bits:,} features.",
            f"Choose at most {MOST_BITS} bits.",
            code="out-of-range",
            parameter="number_of_hash_bits" if is_all else "number_of_bits_to_use_for_feature_hashing",
        )
    return bits


def _fitted(counts: Any, topics: int, options: dict[str, Any]) -> Any:
    from sklearn.decomposition import LatentDirichletAllocation  # here: it takes a second to import

    first = int(options.get("initial_value_of_iteration_used_in_learning_rate_update_schedule", 10))
    model = LatentDirichletAllocation(
        n_components=topics,
        doc_topic_prior=options.get("alpha_parameter", 0.01),
        topic_word_prior=options.get("rho_parameter", 0.01),
        learning_method="online",
        learning_decay=float(options.get("power_applied_to_the_iteration_during_updates", 0.5)),
        learning_offset=max(first, 1),
        max_iter=options.get("number_of_training_iterations", 25),
        batch_size=options.get("size_of_the_batch", 32),
        total_samples=options.get("estimated_number_of_documents", 1000),
        random_state=0,
    )
    return model.fit(counts)
