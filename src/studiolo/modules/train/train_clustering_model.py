"""Train Clustering Model: finds clusters in a dataset."""

from collections.abc import Sequence

import pyarrow as pa

from studiolo.modules.learning.clustering import UNTRAINED_CLUSTERING, ClusteringModel, UntrainedClustering
from studiolo.modules.learning.held import check_held
from studiolo.sdk import Boolean, Columns, DatasetPort, ObjectPort, module, roles

COLUMN_SET = Columns(
    "column_set",
    label="Column set",
    help="The columns that say how near rows are; all features unless chosen.",
    aliases=("Column Set",),
)
APPEND = Boolean(
    "append",
    default=True,
    label="Check for append or uncheck for result only",
    help="Otherwise only the columns of assignments and distances are given.",
    aliases=("Check for Append or Uncheck for Result Only", "Append or Result Only"),
)


@module(
    name="Train Clustering Model",
    category="Machine Learning / Train",
    inputs=[UNTRAINED_CLUSTERING, DatasetPort("dataset", aliases=("Dataset",))],
    outputs=[
        ObjectPort("trained_model", holds="clustering model", aliases=("Trained model",)),
        DatasetPort("results_dataset", aliases=("Results dataset",)),
    ],
    parameters=[COLUMN_SET, APPEND],
    preload=("pyarrow", "pyarrow.compute", "scipy.sparse", "sklearn.cluster"),
    aliases=("bb43c744-f7fa-41d0-ae67-74ae75da3ffd",),
)
def train_clustering_model(
    untrained_model: UntrainedClustering,
    dataset: pa.Table,
    *,
    column_set: Sequence[str] = (),
    append: bool = True,
) -> tuple[ClusteringModel, pa.Table]:
    r"""Find clusters in a dataset.

    Numbers, dates and time spans count as numbers; text, categorical and Boolean columns give one feature for each
    value. Rows with a missing or infinite value in a chosen column are not learnt from and stay unassigned.

    The results have a column Assignments, the number of the cluster from 0, and DistancesToClusterCenter no.0 and so
    on, measured after scaling. Columns of these names that the dataset has are replaced.

    Example:
        points:
          module: enter-data-manually
          parameters: {data: "x,y\n1,1\n2,1\n1,2\n9,9\n8,9\n9,8\n"}
        learner:
          module: k-means-clustering
          parameters: {number_of_centroids: 2}
        clusters:
          module: train-clustering-model
          parameters: {column_set: [x, y]}
          inputs: {untrained_model: learner, dataset: points}
    """
    check_held(untrained_model, UntrainedClustering, "untrained_model", "an untrained clustering model")
    columns = list(column_set) or roles.columns_with_role(dataset, roles.FEATURE)
    model = untrained_model.train(dataset, columns)
    return model, model.assigned(dataset, append)
