"""Topics of texts: a fitted latent Dirichlet allocation, and the transformation that gives texts their topics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.columns.choosing import present
from studiolo.modules.columns.naming import numbered
from studiolo.modules.columns.replacing import extended
from studiolo.modules.text_analytics.tokens import Tokens, joined, text_columns, tokens_of
from studiolo.modules.transformations.transformation import Transformation


@dataclass
class Features:
    """Which n-grams of texts count, and in which column of the matrix.

    Attributes:
        longest: how many words an n-gram has at most.
        vocabulary: n-gram to column; None when columns are hashes.
        bits: of the hashes.
    """

    longest: int
    vocabulary: dict[str, int] | None
    bits: int = 0

    def matrix(self, tokens: Tokens) -> Any:
        """Give how often each feature is in each text, a sparse matrix of shape (texts, features)."""
        from scipy.sparse import csr_matrix

        rows, columns = [], []
        for length, (codes, texts, places) in enumerate(tokens.grams(self.longest), start=1):
            names = [tokens.gram(place, length) for place in places.tolist()]
            column_of = np.asarray([self._column(name) for name in names], np.int64)
            found = column_of[codes] if len(codes) else codes
            rows.append(texts[found >= 0])
            columns.append(found[found >= 0])
        row, column = np.concatenate(rows), np.concatenate(columns)
        width = 2**self.bits if self.vocabulary is None else len(self.vocabulary)
        return csr_matrix((np.ones(len(row)), (row, column)), shape=(tokens.count, width))

    def _column(self, name: str) -> int:
        if self.vocabulary is not None:
            return self.vocabulary.get(name, -1)
        from sklearn.utils.murmurhash import murmurhash3_32

        number: int = murmurhash3_32(name, 0, positive=True)
        return number % (1 << self.bits)

    def names(self) -> list[str]:
        """Give a name for each column."""
        if self.vocabulary is None:
            return [f"Hash {number}" for number in range(2**self.bits)]
        return list(self.vocabulary)


@dataclass
class Topics(Transformation):
    """A fitted model of topics.

    Attributes:
        columns: text columns whose words count together.
        features: which words count.
        model: scikit-learn's fitted LatentDirichletAllocation.
        is_normalized: topics of a text add up to 1; otherwise to its number of words and the prior's weight.
    """

    columns: list[str]
    features: Features
    model: Any
    is_normalized: bool

    def apply(self, table: pa.Table) -> pa.Table:
        """Append `Topic 1`, `Topic 2` … with six decimals; a missing text has none."""
        text_columns(table, present(table, self.columns), "")
        texts = joined(table, self.columns)
        counts = self.features.matrix(tokens_of(texts))
        size = self.model.components_.shape[0]
        shares = self.model.transform(counts) if table.num_rows else np.zeros((0, size))
        if not self.is_normalized:
            shares = shares * (np.asarray(counts.sum(axis=1)) + self.model.doc_topic_prior_ * size)
        shares = np.round(shares, 6)
        shares[~texts.is_valid().to_numpy(zero_copy_only=False)] = np.nan
        taken = set(table.column_names)
        new = {
            numbered(f"Topic {place}", taken): pa.array(column.copy())
            for place, column in enumerate(shares.T, start=1)
        }
        return extended(table, new)

    def matrix(self) -> pa.Table:
        """Give the weight of each feature in each topic: the columns Feature, Topic 1, Topic 2 …."""
        weights = self.model.components_
        if self.is_normalized:
            weights = weights / weights.sum(axis=1, keepdims=True)
        columns: dict[str, Any] = {"Feature": pa.array(self.features.names(), pa.string())}
        return pa.table(
            columns | {f"Topic {place}": pa.array(row) for place, row in enumerate(weights, start=1)}
        )

    def settings(self) -> list[list[Any]]:
        """Give the text columns."""
        return [["Target column(s)", ", ".join(self.columns)], ["Normalize", self.is_normalized]]

    def tables(self) -> list[dict[str, Any]]:
        """Give the ten features that weigh most in each topic."""
        table = self.matrix()
        names = table["Feature"].to_pylist()
        rows = []
        for topic in table.column_names[1:]:
            weights = table[topic].to_numpy()
            rows += [
                [topic, names[at], float(weights[at])] for at in np.argsort(-weights, kind="stable")[:10]
            ]
        return [{"title": "Features of topics", "columns": ["Topic", "Feature", "Weight"], "rows": rows}]
