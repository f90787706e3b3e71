"""Names of metrics as the retired products wrote them, and in which direction each is better."""

from __future__ import annotations

from collections.abc import Mapping

_COUNTS = {
    "true_positive": "True Positive",
    "false_positive": "False Positive",
    "true_negative": "True Negative",
    "false_negative": "False Negative",
}
_TWO_CLASS = {
    "designer": {
        "auc": "AUC",
        "accuracy": "Accuracy",
        "precision": "Precision",
        "recall": "Recall",
        "f1": "F1",
        **_COUNTS,
        "log_loss": "Average Log Loss",
        "training_log_loss": "Training Log Loss",
    },
    "classic": {
        "accuracy": "Accuracy",
        "precision": "Precision",
        "recall": "Recall",
        "f1": "F-Score",
        "auc": "AUC",
        "log_loss": "Average Log Loss",
        "training_log_loss": "Training Log Loss",
        **_COUNTS,
    },
}
_MULTICLASS = {
    "designer": {
        "overall_accuracy": "Overall_Accuracy",
        "micro_precision": "Micro_Precision",
        "macro_precision": "Macro_Precision",
        "micro_recall": "Micro_Recall",
        "macro_recall": "Macro_Recall",
        "average_accuracy": "Average_Accuracy",
        "log_loss": "Average_Log_Loss",
    },
    "classic": {
        "overall_accuracy": "Overall accuracy",
        "average_accuracy": "Average accuracy",
        "micro_precision": "Micro-averaged precision",
        "macro_precision": "Macro-averaged precision",
        "micro_recall": "Micro-averaged recall",
        "macro_recall": "Macro-averaged recall",
        "log_loss": "Average Log Loss",
    },
}
_REGRESSION = {
    "designer": {
        "mean_absolute_error": "Mean_Absolute_Error",
        "root_mean_squared_error": "Root_Mean_Squared_Error",
        "relative_squared_error": "Relative_Squared_Error",
        "relative_absolute_error": "Relative_Absolute_Error",
        "coefficient_of_determination": "Coefficient_of_Determination",
        "negative_log_likelihood": "Negative_Log_Likelihood",
    },
    "classic": {
        "negative_log_likelihood": "Negative Log Likelihood",
        "mean_absolute_error": "Mean Absolute Error",
        "root_mean_squared_error": "Root Mean Squared Error",
        "relative_absolute_error": "Relative Absolute Error",
        "relative_squared_error": "Relative Squared Error",
        "coefficient_of_determination": "Coefficient of Determination",
    },
}
_NAMES = {
    "two-class": _TWO_CLASS,
    "anomaly": _TWO_CLASS,
    "multiclass": _MULTICLASS,
    "regression": _REGRESSION,
}

SMALLER_IS_BETTER = frozenset(
    {
        "log_loss",
        "mean_absolute_error",
        "root_mean_squared_error",
        "relative_absolute_error",
        "relative_squared_error",
        "negative_log_likelihood",
        "average_quantile_loss",
    }
)

CLASSIFICATION_CHOICES = {
    "Accuracy": "accuracy",
    "Precision": "precision",
    "Recall": "recall",
    "F-score": "f1",
    "AUC": "auc",
    "Average Log Loss": "log_loss",
}
"""Metrics that a sweep can be told to look at, with the metric of two classes."""
REGRESSION_CHOICES = {
    "Mean absolute error": "mean_absolute_error",
    "Root of mean squared error": "root_mean_squared_error",
    "Relative absolute error": "relative_absolute_error",
    "Relative squared error": "relative_squared_error",
    "Coefficient of determination": "coefficient_of_determination",
}
OF_SEVERAL_CLASSES = {
    "accuracy": "overall_accuracy",
    "precision": "macro_precision",
    "recall": "macro_recall",
    "f1": "macro_f1",
    "auc": "macro_auc",
    "log_loss": "log_loss",
}
"""Metric of two classes to the one that takes its place for several."""


def named(task: str, metrics: Mapping[str, float], naming: str) -> dict[str, float]:
    """Give metrics under the names of a product, in its order; those without a name there are left out.

    >>> named("regression", {"mean_absolute_error": 2.0}, "classic")
    {'Mean Absolute Error': 2.0}
    """
    if task == "quantile":
        return {quantile_name(name): value for name, value in metrics.items()}
    names = _NAMES[task][naming]
    return {shown: metrics[name] for name, shown in names.items() if name in metrics}


def quantile_name(metric: str) -> str:
    """Give the name of a quantile's loss, the same in both products.

    >>> quantile_name("quantile_loss:0.250"), quantile_name("average_quantile_loss")
    ('Quantile Loss:0.250', 'Average Quantile Loss')
    """
    return metric.replace("_", " ").title()
