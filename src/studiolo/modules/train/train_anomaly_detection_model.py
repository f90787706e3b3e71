"""Train Anomaly Detection Model: learns what is usual in a dataset."""

import pyarrow as pa

from studiolo.modules.learning.held import check_held
from studiolo.modules.learning.trained import TrainedModel
from studiolo.modules.learning.untrained import UntrainedModel
from studiolo.sdk import DatasetPort, ObjectPort, module


@module(
    name="Train Anomaly Detection Model",
    category="Machine Learning / Train",
    inputs=[
        ObjectPort("untrained_model", holds="untrained model", aliases=("Untrained model",)),
        DatasetPort("dataset", aliases=("Dataset",)),
    ],
    outputs=[ObjectPort("trained_model", holds="trained model", aliases=("Trained model",))],
    preload=("pyarrow", "pyarrow.compute", "scipy.sparse", "sklearn.svm"),
    aliases=("d6acbace-a72d-44b9-9878-869115e02458",),
)
def train_anomaly_detection_model(untrained_model: UntrainedModel, dataset: pa.Table) -> TrainedModel:
    r"""Learn what is usual in a dataset, to find what is not.

    All columns that are features count, and none whose role is label, score, weight, fold or none (see Edit Metadata);
    the rows should be usual ones, or nearly all of them. Numbers, dates and time spans are used as numbers, missing
    ones as 0 after scaling; text, categorical and Boolean columns give one feature for each value. It takes PCA-Based
    Anomaly Detection and One-Class Support Vector Machine; other learners need Train Model.

    Example:
        sensors:
          module: enter-data-manually
          parameters: {data: "a,b,c\n1,2,0\n2,4,0\n3,6,0\n4,8,0\n5,10,0\n1,0,9\n"}
        learner:
          module: pca-based-anomaly-detection
          parameters: {number_of_components_to_use_in_pca: 1}
        trained:
          module: train-anomaly-detection-model
          inputs: {untrained_model: learner, dataset: sensors}
        scored:
          module: score-model
          inputs: {trained_model: trained, dataset: sensors}
    """
    check_held(untrained_model, UntrainedModel, "untrained_model", "an untrained model")
    return untrained_model.train(dataset, "")
