"""Permutation Feature Importance: how much worse a trained model predicts when a column is shuffled."""

import numpy as np
import pyarrow as pa

from studiolo.modules.learning.evaluating import evaluate
from studiolo.modules.learning.held import check_held
from studiolo.modules.learning.learner import LIBRARIES
from studiolo.modules.learning.metric_names import OF_SEVERAL_CLASSES, SMALLER_IS_BETTER
from studiolo.modules.learning.trained import TrainedModel, scored
from studiolo.modules.seeds import seed
from studiolo.sdk import Choice, DatasetPort, ModuleError, ObjectPort, module, roles

METRICS = {
    "Classification - Accuracy": "accuracy",
    "Classification - Precision": "precision",
    "Classification - Recall": "recall",
    "Classification - Average Log Loss": "log_loss",
    "Regression - Mean Absolute Error": "mean_absolute_error",
    "Regression - Root Mean Squared Error": "root_mean_squared_error",
    "Regression - Relative Absolute Error": "relative_absolute_error",
    "Regression - Relative Squared Error": "relative_squared_error",
    "Regression - Coefficient of Determination": "coefficient_of_determination",
}


@module(
    name="Permutation Feature Importance",
    category="Feature Selection",
    inputs=[
        ObjectPort("trained_model", holds="trained model", aliases=("Trained model",)),
        DatasetPort("test_data", aliases=("Test data",)),
    ],
    outputs=[DatasetPort("feature_importance", aliases=("Feature importance",))],
    parameters=[
        seed(
            "random_seed",
            help="The same seed shuffles the same way.",
            aliases=("Random seed",),
        ),
        Choice(
            "metric_for_measuring_performance",
            tuple(METRICS),
            label="Metric for measuring performance",
            help="By which metric the predictions are compared; one of what the model predicts.",
            aliases=("Metric for measuring performance",),
        ),
    ],
    preload=LIBRARIES,
    aliases=("2e010ee4-714e-44e9-933e-62d8c41818a9",),
)
def permutation_feature_importance(
    trained_model: TrainedModel,
    test_data: pa.Table,
    *,
    random_seed: int = 0,
    metric_for_measuring_performance: str = "Classification - Accuracy",
) -> pa.Table:
    r"""Score how much a trained model depends on each column, by shuffling the column and predicting again.

    The test data needs the label and every column of training. The score of a column is by how much the metric gets
    worse when its values are shuffled over the rows: larger means more important, whichever way the metric goes;
    about 0 or below means that the model does without. Columns are shuffled one at a time, once, and the model is
    not trained again. Of several classes the overall accuracy and the macro averages count. The result has the
    columns Feature and Score, the largest score first.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,floor,price\n50,1,100\n70,3,139\n90,2,181\n120,1,240\n60,2,121\n"}
        learner:
          module: linear-regression
        trained:
          module: train-model
          parameters: {label_column: [price]}
          inputs: {untrained_model: learner, dataset: houses}
        importance:
          module: permutation-feature-importance
          parameters: {metric_for_measuring_performance: Regression - Mean Absolute Error}
          inputs: {trained_model: trained, test_data: houses}
    """
    check_held(trained_model, TrainedModel, "trained_model", "a trained model")
    label = trained_model.label if trained_model.label in test_data.column_names else ""
    if not label and not roles.columns_with_role(test_data, roles.LABEL):
        raise ModuleError(
            f'The test data has no label: no column is called "{trained_model.label[:80]}" as in training.',
            "Give test data with the column that the model predicts.",
            code="not-labeled",
            port="test_data",
        )
    chosen = METRICS[metric_for_measuring_performance]
    columns = list(trained_model.columns)
    try:
        base = _measured(trained_model, test_data, label, chosen)
        scores = []
        draws = np.random.RandomState(random_seed)
        for name in columns:
            at = test_data.column_names.index(name)
            order = pa.array(draws.permutation(test_data.num_rows))
            shuffled = test_data.set_column(at, test_data.schema.field(at), test_data.column(at).take(order))
            scores.append(base - _measured(trained_model, shuffled, label, chosen))
    except ModuleError as error:
        error.port = "test_data" if error.port == "dataset" else error.port
        raise
    values = np.array(scores, float) * (-1.0 if chosen in SMALLER_IS_BETTER else 1.0)
    order = np.argsort(-values, kind="stable")
    return pa.table(
        {"Feature": pa.array([columns[at] for at in order], pa.string()), "Score": values[order] + 0.0}
    )


def _measured(model: TrainedModel, table: pa.Table, label: str, metric: str) -> float:
    """Give the metric of what the model predicts."""
    whole = scored(table, model.scores(table))
    evaluation = evaluate(whole, label, has_probabilities=metric == "log_loss")
    name = OF_SEVERAL_CLASSES.get(metric, metric) if evaluation.task == "multiclass" else metric
    if name not in evaluation.metrics:
        raise ModuleError(
            f"A model of {evaluation.task} has no {metric.replace('_', ' ')}.",
            "Choose a Classification metric for classes and a Regression metric for numbers.",
            code="bad-parameter",
            parameter="metric_for_measuring_performance",
        )
    return evaluation.metrics[name]
