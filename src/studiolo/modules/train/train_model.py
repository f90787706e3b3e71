"""Train Model: lets a learner learn from a dataset."""

import pyarrow as pa

from studiolo.modules.columns import choosing
from studiolo.modules.learning.held import check_held
from studiolo.modules.learning.learner import LIBRARIES
from studiolo.modules.learning.trained import TrainedModel
from studiolo.modules.learning.untrained import UntrainedModel
from studiolo.sdk import Columns, DatasetPort, ObjectPort, module

LABEL_COLUMN = Columns(
    "label_column",
    required=True,
    label="Label column",
    help="The column to predict; one column.",
    aliases=("Label column",),
)


@module(
    name="Train Model",
    category="Machine Learning / Train",
    inputs=[
        ObjectPort("untrained_model", holds="untrained model", aliases=("Untrained model",)),
        DatasetPort("dataset", aliases=("Dataset",)),
    ],
    outputs=[ObjectPort("trained_model", holds="trained model", aliases=("Trained model",))],
    parameters=[LABEL_COLUMN],
    preload=(
        *LIBRARIES,
        "lightgbm",
    ),
    aliases=("5cc7053e-aa30-450d-96c0-dae4be720977",),
)
def train_model(
    untrained_model: UntrainedModel, dataset: pa.Table, *, label_column: list[str]
) -> TrainedModel:
    r"""Train a learner on a dataset.

    All columns that are features count: not the label, and none whose role is label, score, weight, fold or none
    (see Edit Metadata). Numbers, dates and time spans are used as numbers, missing ones as 0 after scaling; text,
    categorical and Boolean columns give one feature for each value, and one for missing. Rows whose label is missing
    or infinite are left out. A column with the role weight weighs the rows, where the learner takes weights.

    Learners of two classes need a label with exactly two values; the last one in sorted order is the positive one.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,price\n50,100\n70,139\n90,181\n120,240\n"}
        learner:
          module: linear-regression
        trained:
          module: train-model
          parameters: {label_column: [price]}
          inputs: {untrained_model: learner, dataset: houses}
    """
    check_held(untrained_model, UntrainedModel, "untrained_model", "an untrained model")
    label = choosing.one(dataset, label_column, "label_column")
    return untrained_model.train(dataset, label)
