"""Clustering: k-means with its settings, as it travels on ports, and what it says of the rows of a dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studiolo.modules.columns.choosing import present
from studiolo.modules.columns.kinds import missing_in, one_chunk
from studiolo.modules.columns.replacing import replaced
from studiolo.modules.learning.centroids import BY_LABEL, first_centroids, nearest_labels
from studiolo.modules.learning.featurizing import Featurizer, NumberFeature
from studiolo.modules.learning.fitting import fitted, weights_of
from studiolo.modules.learning.labelling import Classes, plain
from studiolo.modules.learning.naming import ASSIGNMENTS, CALIBRATED, LABEL_KINDS, distance_to_center
from studiolo.modules.learning.trained import scored
from studiolo.modules.learning.untrained import Values, untrained
from studiolo.sdk import ModuleError, ObjectPort, roles

Array = np.ndarray[Any, Any]

UNTRAINED_CLUSTERING = ObjectPort(
    "untrained_model", holds="untrained clustering model", aliases=("Untrained model",)
)
EUCLIDEAN, COSINE = "Euclidean", "Cosine"
IGNORE, FILL, OVERWRITE = "Ignore label column", "Fill missing values", "Overwrite from closest to center"
ROWS_AT_ONCE = 50_000


@dataclass
class ClusteringModel:
    """Fitted clusters.

    Attributes:
        title: name of the learner, as people read it.
        shown: settings as pairs of a label and a value.
        featurizer: turns datasets into points.
        centers: shape (clusters, features), of length 1 each under the cosine metric.
        metric: `Euclidean` or `Cosine`.
        sizes: number of rows of training in each cluster.
        label, label_mode, labels: column, mode and the label of each cluster, where labels take part.
    """

    title: str
    shown: list[list[Any]]
    featurizer: Featurizer
    centers: Array
    metric: str
    sizes: list[int] = field(default_factory=list)
    label: str = ""
    label_mode: str = IGNORE
    labels: list[Any] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """Names of the columns that it needs."""
        return self.featurizer.columns

    def distances(self, table: pa.Table) -> Array:
        """Give the distance of each row to each center, shape (rows, clusters); NaN for rows with a missing value.

        Raises:
            ModuleError: `missing-column` or `wrong-column-type`, port `dataset`.
        """
        matrix = self.featurizer.transform(table)
        found = _distances(matrix, self.centers, self.metric)
        found[~complete(table, self.columns)] = np.nan
        return found

    def between(self) -> Array:
        """Give the distances of the centers to each other, shape (clusters, clusters)."""
        return _distances(self.centers, self.centers, self.metric)

    def scores(self, table: pa.Table) -> pa.Table:
        """Give Assignments, a category from 0 and missing for rows with a missing value, and the distances."""
        distances = self.distances(table)
        clusters = nearest(distances)
        indices = pa.array(clusters, pa.int32(), mask=clusters < 0)
        names = pa.array(np.arange(len(self.centers)), pa.int64())
        columns = {ASSIGNMENTS: pa.DictionaryArray.from_arrays(indices, names)}
        columns |= {distance_to_center(at): pa.array(distances[:, at]) for at in range(len(self.centers))}
        result = pa.table(columns)
        result = roles.with_role(result, [ASSIGNMENTS], roles.SCORE, LABEL_KINDS["clustering"])
        result = roles.with_role(result, result.column_names[1:], roles.SCORE, CALIBRATED)
        return result

    def assigned(self, table: pa.Table, is_appended: bool) -> pa.Table:
        """Give the score columns, behind the dataset's own where they are appended."""
        scores = self.scores(table)
        if not is_appended:
            return scores
        return scored(self._relabelled(table, scores), scores)

    def _relabelled(self, table: pa.Table, scores: pa.Table) -> pa.Table:
        """Give the dataset with labels from the clusters, where the label mode asks for them."""
        if self.label_mode == IGNORE or self.label not in table.column_names:
            return table
        values = plain(table.column(self.label))
        clusters = one_chunk(scores.column(ASSIGNMENTS)).indices
        said = pa.array(self.labels, values.type).take(clusters)
        if self.label_mode == FILL:
            return replaced(table, {self.label: pc.coalesce(values, said)})
        return replaced(table, {self.label: pc.coalesce(said, values)})

    def studiolo_card(self) -> dict[str, Any]:
        """Give what the studio shows of it: the centers, in the units of the dataset."""
        names = self.featurizer.names
        numbers = {one.name: one for one in self.featurizer.features if isinstance(one, NumberFeature)}
        rows = []
        for at, center in enumerate(self.centers):
            cells: list[Any] = [at, *([self.sizes[at]] if self.sizes else [None])]
            for name, value in zip(names, center, strict=True):
                scale = numbers.get(name) if self.metric == EUCLIDEAN else None
                cells.append(float(value * scale.span + scale.low if scale else value))
            rows.append(cells)
        facts = [
            ["Clusters", len(self.centers)],
            ["Features", len(names)],
            ["Rows of training", sum(self.sizes)],
        ]
        title = "Centers" if self.metric == EUCLIDEAN else "Centers, as directions of length 1"
        table = {
            "title": title,
            "columns": ["Cluster", "Rows", *names[:200]],
            "rows": [row[:202] for row in rows],
        }
        return {"title": self.title, "settings": [*self.shown, *facts], "tables": [table]}


@dataclass
class UntrainedClustering:
    """K-means with its settings.

    Attributes:
        title: name of the learner, as people read it.
        settings: those of the module.
        ranges: setting to the values that a sweep may try; empty without a range.
        labels: setting to its name as people read it.
    """

    title: str
    settings: dict[str, Any]
    ranges: dict[str, Values] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    task = "clustering"

    def with_settings(self, settings: Mapping[str, Any]) -> UntrainedClustering:
        """Give the same learner with other values of some settings, and no ranges."""
        return replace(self, settings={**self.settings, **settings}, ranges={})

    def label_of(self, setting: str) -> str:
        """Give the name of a setting as people read it."""
        return self.labels.get(setting, setting)

    def train(self, table: pa.Table, columns: Sequence[str]) -> ClusteringModel:
        """Find clusters in the rows that have a value in each of the columns.

        Raises:
            ModuleError: `missing-column`, `cannot-train`, `not-labeled`.
        """
        settings = self.settings
        columns = present(table, columns, "column_set")
        label = _label_of(table) if _wants_label(settings) else ""
        table = table.filter(pa.array(complete(table, columns)))
        count = settings["number_of_centroids"]
        if table.num_rows < count:
            raise _cannot(
                f"{self.title} needs as many complete rows as centroids, {count}; there are {table.num_rows}.",
                "Clean Missing Data gives complete rows; or lower the number of centroids.",
            )
        featurizer = Featurizer.fit(table, columns, settings["normalize_features"])
        matrix = _points(featurizer.transform(table), settings["metric"])
        classes, codes = _labels(table, label) if label else (None, None)
        centers = self._centers(matrix, count, codes, weights_of(table))
        distances = _distances(matrix, centers, settings["metric"])
        sizes = np.bincount(nearest(distances), minlength=count).tolist()
        model = ClusteringModel(self.title, self._shown(), featurizer, centers, settings["metric"], sizes)
        mode = settings["assign_label_mode"]
        if mode != IGNORE and classes is not None and codes is not None:
            return replace(
                model, label=label, label_mode=mode, labels=nearest_labels(distances, codes, classes)
            )
        return model

    def _centers(self, matrix: Any, count: int, codes: Array | None, weights: Array | None) -> Array:
        from sklearn.cluster import KMeans
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        settings = self.settings
        seed = settings["random_number_seed"]
        first = first_centroids(settings["initialization"], matrix, count, seed, codes)
        estimator = KMeans(
            count,
            init=first,
            n_init="auto" if isinstance(first, str) else 1,
            max_iter=settings["iterations"],
            random_state=seed,
        )
        # Threads add up their parts in the order in which they end: sums would differ in their last digit.
        with threadpool_limits(1, user_api="openmp"):
            estimator = fitted(estimator, matrix, None, weights, self.title)
        centers: Array = _points(estimator.cluster_centers_, settings["metric"])
        if not np.isfinite(centers).all():
            raise _cannot(f"{self.title} met numbers too large to compute with.", "Normalize the features.")
        return centers

    def _shown(self) -> list[list[Any]]:
        return [[self.label_of(name), value] for name, value in self.settings.items()]

    def studiolo_card(self) -> dict[str, Any]:
        """Give what the studio shows of it."""
        ranges = [
            [f"{self.label_of(name)}, values to try", "; ".join(map(str, values))]
            for name, values in self.ranges.items()
        ]
        settings = [["State", "untrained"], *self._shown(), *ranges]
        return {"title": self.title, "settings": settings, "tables": []}


def untrained_clustering(function: Callable[..., Any], given: Mapping[str, Any]) -> UntrainedClustering:
    """Give the untrained model of a module's function and the parameters it was called with.

    Raises:
        ModuleError: `wrong-value`: the values to try of a setting are not numbers within its bounds.
    """
    read = untrained(function, given)
    return UntrainedClustering(read.title, read.settings, read.ranges, read.labels)


def complete(table: pa.Table, columns: Sequence[str]) -> Array:
    """Say for each row whether all of the columns have a value that is not infinite."""
    whole = np.ones(table.num_rows, bool)
    for name in columns:
        array = one_chunk(table.column(name))
        if array.null_count or pa.types.is_floating(array.type):
            whole &= ~missing_in(array).to_numpy(zero_copy_only=False)
        if pa.types.is_floating(array.type):
            whole &= ~np.isinf(array.to_numpy(zero_copy_only=False))
    return whole


def nearest(distances: Array) -> Array:
    """Give the cluster of each row, -1 where the distances are missing."""
    clusters = np.where(np.isnan(distances), np.inf, distances).argmin(axis=1)
    return np.where(np.isnan(distances[:, 0]), -1, clusters)


def _points(matrix: Any, metric: str) -> Any:
    """Give rows of length 1 for the cosine metric; rows without a direction stay zero."""
    if metric == EUCLIDEAN:
        return matrix
    from sklearn.preprocessing import normalize

    return normalize(matrix)


def _distances(matrix: Any, centers: Array, metric: str) -> Array:
    from sklearn.metrics.pairwise import euclidean_distances

    found = np.empty((matrix.shape[0], len(centers)))
    for start in range(0, matrix.shape[0], ROWS_AT_ONCE):
        block = matrix[start : start + ROWS_AT_ONCE]
        if metric == COSINE:
            found[start : start + ROWS_AT_ONCE] = np.clip(1.0 - _points(block, metric) @ centers.T, 0.0, 2.0)
        else:
            found[start : start + ROWS_AT_ONCE] = euclidean_distances(block, centers)
    return found


def _wants_label(settings: Mapping[str, Any]) -> bool:
    return bool(settings["initialization"] == BY_LABEL or settings["assign_label_mode"] != IGNORE)


def _label_of(table: pa.Table) -> str:
    found = roles.columns_with_role(table, roles.LABEL)
    if len(found) == 1:
        return str(found[0])
    raise ModuleError(
        "The initialization or the label mode needs a label column; the dataset has "
        + (f"{len(found)} of them." if found else "none."),
        "Edit Metadata makes a column the label; or ignore labels and choose another initialization.",
        code="not-labeled",
        port="dataset",
    )


def _labels(table: pa.Table, label: str) -> tuple[Classes, Array]:
    values = pc.drop_null(pc.unique(plain(table.column(label))))
    classes = Classes(
        values.take(pc.sort_indices(values)) if not pa.types.is_boolean(values.type) else values
    )
    return classes, classes.codes(table.column(label))


def _cannot(summary: str, hint: str) -> ModuleError:
    return ModuleError(summary, hint, code="cannot-train", port="dataset")
