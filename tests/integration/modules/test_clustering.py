"""K-means: how it begins, what it measures, and what it says of rows, through the modules (R-4.1, facts 4.11 and 5)."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from studiolo.modules.initialize_model.k_means_clustering import k_means_clustering
from studiolo.modules.learning.centroids import WAYS
from studiolo.modules.score.assign_data_to_clusters import assign_data_to_clusters
from studiolo.modules.train.sweep_clustering import sweep_clustering
from studiolo.modules.train.train_clustering_model import train_clustering_model
from studiolo.sdk import ModuleError
from studiolo.sdk.roles import category_of, role_of, with_role

from .learning_tables import NAN, mixed, public

POINTS = pa.table(
    {
        "x": [1.0, 9.0, 2.0, 8.0, 1.0, 9.0, NAN],
        "y": [1.0, 9.0, 1.0, 9.0, 2.0, 8.0, 1.0],
        "kind": ["low", "high", "low", None, None, "high", "low"],
    }
)
LABELLED = with_role(POINTS, ["kind"], "label")


def clustered(
    table: pa.Table, columns: list[str], append: bool = True, **settings: Any
) -> tuple[Any, pa.Table]:
    """Train; give the trained model and the results."""
    return train_clustering_model(k_means_clustering(**settings), table, column_set=columns, append=append)


def groups(table: pa.Table) -> list[list[int]]:
    """Give the rows of each cluster, whatever its number."""
    found: dict[Any, list[int]] = {}
    for row, cluster in enumerate(table["Assignments"].to_pylist()):
        found.setdefault(cluster, []).append(row)
    return sorted(rows for cluster, rows in found.items() if cluster is not None)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("metric", ["Euclidean", "Cosine"])
def test_every_beginning_finds_clear_clusters(way: str, metric: str) -> None:
    """A way that ends elsewhere on data as clear as this has begun with nonsense."""
    table = POINTS if metric == "Euclidean" else POINTS.set_column(1, "y", pa.array([3.0, 1, 5, 1, 3, 1, 0]))
    _, result = clustered(with_role(table, ["kind"], "label"), ["x", "y"], initialization=way, metric=metric)
    assert groups(result) == [[0, 2, 4], [1, 3, 5]]


def test_results_have_the_columns_of_the_retired_products() -> None:
    """Facts 4.11: Assignments is a category from 0, and the distances are numbered from 0."""
    _, result = clustered(POINTS, ["x", "y"])
    distances = ["DistancesToClusterCenter no.0", "DistancesToClusterCenter no.1"]
    assert result.column_names == ["x", "y", "kind", "Assignments", *distances]
    assert category_of(result, "Assignments") == "Cluster Assigned Labels"
    assert [role_of(result, name) for name in result.column_names[3:]] == ["score"] * 3
    assert pa.types.is_dictionary(result.schema.field("Assignments").type)
    nearest = np.argmin(np.column_stack([result[name].to_numpy() for name in distances])[:6], axis=1)
    assert result["Assignments"].to_pylist()[:6] == nearest.tolist()


def test_rows_with_a_gap_stay_unassigned() -> None:
    """Facts 5: the designer left them so; a missing value is no place."""
    _, result = clustered(POINTS, ["x", "y"])
    last = result.slice(6).to_pylist()[0]
    assert last["Assignments"] is None and np.isnan(last["DistancesToClusterCenter no.0"])


def test_distances_are_euclidean_after_scaling() -> None:
    """They are compared between rows: the formula must be the one of the page."""
    model, result = clustered(POINTS, ["x", "y"], append=False)
    assert result.column_names[0] == "Assignments" and "x" not in result.column_names
    points = np.column_stack([POINTS["x"].to_numpy(), POINTS["y"].to_numpy()])[:6]
    scaled = (points - 1) / 8
    expected = np.sqrt(((scaled[:, None, :] - model.centers[None]) ** 2).sum(axis=2))
    assert np.allclose(result["DistancesToClusterCenter no.1"].to_numpy()[:6], expected[:, 1])


def test_a_pickled_model_assigns_as_in_training() -> None:
    """Assign Data to Clusters runs in another process, later, on other data."""
    model, result = clustered(mixed("anomaly"), ["größe", "stadt", "plan", "seit"], number_of_centroids=3)
    again = assign_data_to_clusters(pickle.loads(pickle.dumps(model)), mixed("anomaly"))
    assert repr(again.to_pydict()) == repr(result.to_pydict())  # NaN is not equal to itself
    assert assign_data_to_clusters(model, mixed("anomaly").slice(0, 0)).num_rows == 0
    new = POINTS.append_column("z", pa.array(["?"] * 7))
    assert assign_data_to_clusters(clustered(POINTS, ["x"])[0], new, append=False).num_rows == 7


def test_the_same_seed_gives_the_same_clusters_and_those_of_the_library() -> None:
    """R-3.3; and a notebook with the same settings finds the same centers."""
    from sklearn.cluster import KMeans

    table, matrix, _ = public("iris")
    model, result = clustered(
        table, ["x0", "x1", "x2", "x3"], number_of_centroids=3, normalize_features=False
    )
    again = clustered(table, ["x0", "x1", "x2", "x3"], number_of_centroids=3, normalize_features=False)
    assert result.equals(again[1])
    plain = KMeans(3, random_state=0, max_iter=100, n_init="auto").fit(np.asfortranarray(matrix))
    assert np.allclose(model.centers, plain.cluster_centers_)
    assert result["Assignments"].to_pylist() == plain.labels_.tolist()


def test_a_cluster_gets_the_label_closest_to_its_center() -> None:
    """The label modes fill gaps, or replace every label; rows without a cluster keep theirs."""
    ways = {
        "Ignore label column": ["low", "high", "low", None, None, "high", "low"],
        "Fill missing values": ["low", "high", "low", "high", "low", "high", "low"],
        "Overwrite from closest to center": ["low", "high", "low", "high", "low", "high", "low"],
    }
    for mode, expected in ways.items():
        model, result = clustered(LABELLED, ["x", "y"], assign_label_mode=mode)
        assert result["kind"].to_pylist() == expected
        assert role_of(result, "kind") == "label"
    wrong = LABELLED.set_column(2, LABELLED.schema.field("kind"), pa.array(["high"] * 7))
    assert assign_data_to_clusters(model, wrong)["kind"].to_pylist() == [*expected[:6], "high"]


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"initialization": "Use label column"}, "not-labeled", "none"),
        ({"assign_label_mode": "Fill missing values"}, "not-labeled", "none"),
        ({"number_of_centroids": 7}, "cannot-train", "there are 6"),
    ],
)
def test_what_cannot_be_clustered_is_told(settings: dict[str, Any], code: str, words: str) -> None:
    """A label that is not marked, or fewer rows than clusters."""
    with pytest.raises(ModuleError, match=words) as caught:
        clustered(POINTS, ["x", "y"], **settings)
    assert (caught.value.code, caught.value.port) == (code, "dataset")


def test_more_centroids_than_labels_are_told() -> None:
    """There would be nowhere to begin with the others."""
    with pytest.raises(ModuleError, match="2 different values"):
        clustered(LABELLED, ["x"], initialization="Use label column", number_of_centroids=3)


def test_a_card_shows_the_centers_in_the_units_of_the_dataset() -> None:
    """A center at 0.06 says nothing; at x = 1.3 it does."""
    model, _ = clustered(POINTS, ["x", "y"], initialization="First N")
    table = model.studiolo_card()["tables"][0]
    assert table["columns"] == ["Cluster", "Rows", "x", "y"]
    assert [row[:2] for row in table["rows"]] == [[0, 3], [1, 3]]
    assert np.allclose([row[2:] for row in table["rows"]], [[4 / 3, 4 / 3], [26 / 3, 26 / 3]])


def test_all_features_are_taken_unless_columns_are_chosen() -> None:
    """The label and columns of scores say nothing of how near rows are."""
    scored = with_role(LABELLED, ["y"], "score")
    assert clustered(scored, [])[0].columns == ["x"]


THREE = pa.table(
    {"x": [1.0, 1.2, 1.1, 9.0, 9.1, 9.2, 1.0, 1.1, NAN], "y": [1.0, 1.1, 1.2, 9.0, 9.2, 9.1, 9.0, 9.1, 1.0]}
)


@pytest.mark.parametrize("metric", ["Simplified Silhouette", "Davies-Bouldin", "Dunn"])
def test_a_sweep_finds_the_number_of_clear_clusters(metric: str) -> None:
    """Three heaps of points are three clusters, by every metric that does not always want more."""
    untrained = k_means_clustering(
        create_trainer_mode="Parameter range", number_of_centroids_range="2; 3; 4; 20"
    )
    best, result, sweep = sweep_clustering(
        untrained,
        THREE,
        metric_for_measuring_clustering_result=metric,
        specify_parameter_sweeping_mode="Entire grid",
    )
    assert groups(result) == [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert sweep.column_names == ["Number of centroids", metric] and sweep.num_rows == 4
    assert sweep["Number of centroids"].to_pylist()[0] == 3
    assert sweep["Number of centroids"].to_pylist()[-1] == 20  # can't be trained: told on the log
    assert assign_data_to_clusters(best, THREE)["Assignments"].equals(result["Assignments"])


def test_metrics_of_clusters_are_those_of_their_definition() -> None:
    """Two clusters of two points each, so small that the metrics can be computed by hand."""
    points = pa.table({"x": [0.0, 2.0, 10.0, 12.0]})
    expected = {
        "Simplified Silhouette": (10 / 11 + 8 / 9) / 2,
        "Davies-Bouldin": (1 + 1) / 10,
        "Dunn": 10 / 2,
        "Average Deviation": 1.0,
    }
    for metric, value in expected.items():
        untrained = k_means_clustering(normalize_features=False)
        _, _, sweep = sweep_clustering(untrained, points, metric_for_measuring_clustering_result=metric)
        assert np.isclose(sweep[metric].to_pylist(), [value]).all()
