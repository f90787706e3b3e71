"""Assign Data to Clusters: the nearest cluster of each row of a dataset."""

import pyarrow as pa

from studiolo.modules.learning.clustering import ClusteringModel
from studiolo.modules.learning.held import check_held
from studiolo.modules.train.train_clustering_model import APPEND
from studiolo.sdk import DatasetPort, ObjectPort, module


@module(
    name="Assign Data to Clusters",
    category="Machine Learning / Score",
    inputs=[
        ObjectPort("trained_model", holds="clustering model", aliases=("Trained model",)),
        DatasetPort("dataset", aliases=("Dataset",)),
    ],
    outputs=[DatasetPort("results_dataset", aliases=("Results dataset",))],
    parameters=[APPEND],
    preload=("pyarrow", "pyarrow.compute", "scipy.sparse", "sklearn.metrics"),
    aliases=("20a0683a-07f9-4a08-a89b-44b3bbaae382", "Assign to Clusters"),
)
def assign_data_to_clusters(
    trained_model: ClusteringModel, dataset: pa.Table, *, append: bool = True
) -> pa.Table:
    r"""Assign each row to the nearest cluster of a trained clustering model.

    The dataset must have every column of training, by name. Added are Assignments, the number of the cluster from 0,
    and DistancesToClusterCenter no.0 and so on. Rows with a missing value in one of these columns stay unassigned;
    values of text columns that training did not see count as none of the known ones.

    Example:
        points:
          module: enter-data-manually
          parameters: {data: "x,y\n1,1\n2,1\n1,2\n9,9\n8,9\n9,8\n"}
        learner:
          module: k-means-clustering
        clusters:
          module: train-clustering-model
          parameters: {column_set: [x, y]}
          inputs: {untrained_model: learner, dataset: points}
        new_points:
          module: enter-data-manually
          parameters: {data: "x,y\n0,1\n9,7\n"}
        assigned:
          module: assign-data-to-clusters
          inputs: {trained_model: clusters.trained_model, dataset: new_points}
    """
    check_held(trained_model, ClusteringModel, "trained_model", "a clustering model")
    return trained_model.assigned(dataset, append)
