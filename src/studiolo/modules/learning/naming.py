"""Names and kinds of score columns, as the retired products wrote them and as scripts and clients expect them."""

from __future__ import annotations

SCORED_LABELS = "Scored Labels"
SCORED_PROBABILITIES = "Scored Probabilities"
SCORED_MEAN = "Scored Label Mean"
SCORED_SPREAD = "Scored Label Standard Deviation"
ASSIGNMENTS = "Assignments"

NAMINGS = ("designer", "classic")

CALIBRATED = "Calibrated Score"
LABEL_KINDS = {
    "two-class": "Binary Class Assigned Labels",
    "multiclass": "Multi Class Assigned Labels",
    "regression": "Regression Assigned Labels",
    "quantile": "Regression Assigned Labels",
    "clustering": "Cluster Assigned Labels",
    "anomaly": "Anomaly Detection Assigned Labels",
}


def class_probability(name: str, naming: str) -> str:
    """Give the name of the column with the probability of one of several classes.

    >>> class_probability("red", "designer"), class_probability("red", "classic")
    ('Scored Probabilities_red', 'Scored Probabilities for Class "red"')
    """
    if naming == "classic":
        return f'{SCORED_PROBABILITIES} for Class "{name}"'
    return f"{SCORED_PROBABILITIES}_{name}"


def quantile_score(quantile: float) -> str:
    """Give the name of the column with the predictions of a quantile.

    >>> quantile_score(0.25)
    'Scores for quantile :0.250'
    """
    return f"Scores for quantile :{quantile:.3f}"


def distance_to_center(cluster: int) -> str:
    """Give the name of the column with the distances to a cluster's center.

    >>> distance_to_center(0)
    'DistancesToClusterCenter no.0'
    """
    return f"DistancesToClusterCenter no.{cluster}"
