"""Sweep Clustering: finds the settings of a clustering learner whose clusters fit best."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from studiolo.modules.learning.cluster_quality import QUALITIES, SILHOUETTE
from studiolo.modules.learning.clustering import UNTRAINED_CLUSTERING, ClusteringModel, UntrainedClustering
from studiolo.modules.learning.held import check_held
from studiolo.modules.learning.sweeping import GRID, RANDOM, settings_to_try
from studiolo.modules.seeds import seed
from studiolo.modules.train.train_clustering_model import APPEND, COLUMN_SET
from studiolo.sdk import Choice, DatasetPort, Integer, ModuleError, ObjectPort, module, roles


@module(
    name="Sweep Clustering",
    category="Machine Learning / Train",
    inputs=[UNTRAINED_CLUSTERING, DatasetPort("dataset", aliases=("Dataset",))],
    outputs=[
        ObjectPort("best_trained_model", holds="clustering model", aliases=("Best Trained model",)),
        DatasetPort("results_dataset", aliases=("Results dataset",)),
        DatasetPort("sweep_results", aliases=("Sweep results",)),
    ],
    parameters=[
        Choice(
            "metric_for_measuring_clustering_result",
            tuple(QUALITIES),
            label="Metric for measuring clustering result",
            help="Silhouette and Dunn are better when higher, Davies-Bouldin and Average Deviation when lower.",
        ),
        Choice(
            "specify_parameter_sweeping_mode",
            (GRID, RANDOM),
            default=RANDOM,
            label="Specify parameter sweeping mode",
            help="Entire grid tries all combinations of values; Random sweep draws some.",
        ),
        COLUMN_SET,
        Integer(
            "maximum_number_of_runs_on_random_sweep",
            default=5,
            minimum=1,
            maximum=10000,
            label="Maximum number of runs on random sweep",
            help="How many combinations are drawn; one that was drawn before is not tried again.",
            when=("specify_parameter_sweeping_mode", RANDOM),
        ),
        seed(
            "random_seed",
            help="The same seed draws the same combinations.",
            when=("specify_parameter_sweeping_mode", RANDOM),
        ),
        APPEND,
    ],
    preload=("pyarrow", "pyarrow.compute", "scipy.sparse", "sklearn.cluster"),
    aliases=("a5cf55b2-43ed-4989-a0f4-e74e866279d7",),
)
def sweep_clustering(
    untrained_model: UntrainedClustering,
    dataset: pa.Table,
    *,
    metric_for_measuring_clustering_result: str = SILHOUETTE,
    specify_parameter_sweeping_mode: str = RANDOM,
    column_set: Sequence[str] = (),
    maximum_number_of_runs_on_random_sweep: int = 5,
    random_seed: int = 0,
    append: bool = True,
) -> tuple[ClusteringModel, pa.Table, pa.Table]:
    r"""Try several numbers of clusters, and keep those that fit best.

    Set Create trainer mode of K-Means Clustering to Parameter range and give it numbers of centroids to try. The
    metrics are computed by distances to centers, all in the space of the scaled features: Simplified Silhouette
    (from -1 to 1), Davies-Bouldin, Dunn with the least distance of centers over the widest cluster, and
    Average Deviation, the mean distance to the center, which always falls as clusters grow more.

    The results are those of Train Clustering Model for the best one; the sweep results have a row for each
    combination, the best first. Combinations that can't be trained are told on the log and come last.

    Example:
        points:
          module: enter-data-manually
          parameters: {data: "x,y\n1,1\n2,1\n1,2\n9,9\n8,9\n9,8\n1,9\n2,9\n1,8\n"}
        learner:
          module: k-means-clustering
          parameters: {create_trainer_mode: Parameter range, number_of_centroids_range: 2; 3; 4}
        best:
          module: sweep-clustering
          parameters: {specify_parameter_sweeping_mode: Entire grid, column_set: [x, y]}
          inputs: {untrained_model: learner, dataset: points}
    """
    check_held(untrained_model, UntrainedClustering, "untrained_model", "an untrained clustering model")
    columns = list(column_set) or roles.columns_with_role(dataset, roles.FEATURE)
    tries = settings_to_try(
        untrained_model.ranges,
        specify_parameter_sweeping_mode,
        maximum_number_of_runs_on_random_sweep,
        random_seed,
    )
    tried = _tried(untrained_model, dataset, columns, tries, metric_for_measuring_clustering_result)
    names = {name: untrained_model.label_of(name) for name in untrained_model.ranges}
    best = tried[0][1]
    results = {label: [settings.get(name) for _, _, settings in tried] for name, label in names.items()}
    results[metric_for_measuring_clustering_result] = [value for value, _, _ in tried]
    assert best is not None
    return best, best.assigned(dataset, append), pa.table(results)


def _tried(
    untrained_model: UntrainedClustering,
    dataset: pa.Table,
    columns: Sequence[str],
    tries: Sequence[dict[str, Any]],
    metric: str,
) -> list[tuple[float, ClusteringModel | None, dict[str, Any]]]:
    """Give metric, trained model and settings of each combination, the best first.

    Raises:
        ModuleError: no combination could be trained; that of the first one.
    """
    quality = QUALITIES[metric]
    found: list[tuple[float, ClusteringModel | None, dict[str, Any]]] = []
    errors = []
    for settings in tries:
        try:
            model = untrained_model.with_settings(settings).train(dataset, columns)
        except ModuleError as error:
            errors.append(error)
            print(f"{settings or 'The settings of the learner'} failed: {error.summary}")
            found.append((float("nan"), None, settings))
            continue
        distances = model.distances(dataset)
        value = quality.measure(distances[~np.isnan(distances[:, 0])], model.between())
        found.append((value, model, settings))
    if len(errors) == len(found):
        raise errors[0]
    sign = -1.0 if quality.is_higher_better else 1.0

    def place(one: tuple[float, ClusteringModel | None, dict[str, Any]]) -> tuple[bool, float]:
        return one[1] is None, float("inf") if np.isnan(one[0]) else sign * one[0]

    return sorted(found, key=place)
