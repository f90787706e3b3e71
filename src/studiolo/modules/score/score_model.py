"""Score Model: predictions of a trained model for the rows of a dataset."""

import pyarrow as pa

from studiolo.modules.learning.held import check_held
from studiolo.modules.learning.learner import LIBRARIES
from studiolo.modules.learning.naming import NAMINGS
from studiolo.modules.learning.trained import TrainedModel, scored
from studiolo.sdk import Boolean, Choice, DatasetPort, ObjectPort, module, roles


@module(
    name="Score Model",
    category="Machine Learning / Score",
    inputs=[
        ObjectPort("trained_model", holds="trained model", aliases=("Trained model",)),
        DatasetPort("dataset", aliases=("Dataset",)),
    ],
    outputs=[DatasetPort("scored_dataset", aliases=("Scored dataset",))],
    parameters=[
        Boolean(
            "append_score_columns_to_output",
            default=True,
            label="Append score columns to output",
            help="Otherwise only the score columns are given, and the label where the dataset has it.",
            aliases=("Append score columns to output",),
        ),
        Choice(
            "naming",
            NAMINGS,
            label="Names of score columns",
            help='As the designer or as classic named them, such as Scored Probabilities for Class "x".',
        ),
    ],
    preload=(
        *LIBRARIES,
        "lightgbm",
    ),
    aliases=("401b4f92-e724-4d5a-be81-d5b0ff9bdb33",),
)
def score_model(
    trained_model: TrainedModel,
    dataset: pa.Table,
    *,
    append_score_columns_to_output: bool = True,
    naming: str = "designer",
) -> pa.Table:
    r"""Predict with a trained model.

    The dataset must have every column of training, by name; others are passed on. Two classes give Scored Labels and
    Scored Probabilities (of the positive class: the last label in sorted order), several classes give
    Scored Probabilities_CLASS for each and Scored Labels, regression gives Scored Labels. Columns of these names
    that the dataset has are replaced. Values that training did not see count as none of the known ones.

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
        new_houses:
          module: enter-data-manually
          parameters: {data: "area\n60\n100\n"}
        predicted:
          module: score-model
          inputs: {trained_model: trained, dataset: new_houses}
    """
    check_held(trained_model, TrainedModel, "trained_model", "a trained model")
    scores = trained_model.scores(dataset, naming)
    label = trained_model.label
    if label and label in dataset.column_names:
        dataset = roles.with_role(dataset, [label], roles.LABEL)
    if append_score_columns_to_output:
        return scored(dataset, scores)
    kept = dataset.select([label] if label in dataset.column_names else [])
    return scored(kept, scores) if kept.column_names else scores
