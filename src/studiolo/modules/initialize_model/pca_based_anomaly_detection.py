"""PCA-Based Anomaly Detection: rows that a few principal components don't explain."""

from dataclasses import replace
from typing import Any

from studiolo.modules.learning.anomalies import PcaAnomalies
from studiolo.modules.learning.learner import (
    UNTRAINED_MODEL,
    Learner,
    Settings,
    random_seed,
    ranged,
    trainer_mode,
)
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import Boolean, Integer, module


def build(settings: Settings) -> Any:
    """Make the estimator."""
    return PcaAnomalies(
        settings["number_of_components_to_use_in_pca"],
        settings["oversampling_parameter_for_randomized_pca"],
        settings["enable_input_feature_mean_normalization"],
        settings["random_number_seed"],
    )


LEARNER = Learner(task="anomaly", build=build, normalizes=lambda settings: True, needs_dense=True)


@module(
    name="PCA-Based Anomaly Detection",
    category="Machine Learning / Initialize Model / Anomaly Detection",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        replace(trainer_mode(), label="Training mode", aliases=("Training mode",)),
        *ranged(
            Integer(
                "number_of_components_to_use_in_pca",
                default=2,
                minimum=1,
                label="Number of components to use in PCA",
                help="How many directions describe what is usual; fewer than there are features.",
            ),
            "2; 4; 6; 8; 10",
            aliases=("Range for number of PCA components",),
        ),
        *ranged(
            Integer(
                "oversampling_parameter_for_randomized_pca",
                default=2,
                minimum=0,
                label="Oversampling parameter for randomized PCA",
                help="More make the components more exact.",
            ),
            "2; 4; 6; 8; 10",
            aliases=("Range for the oversampling parameter used in randomized PCA",),
        ),
        Boolean(
            "enable_input_feature_mean_normalization",
            default=False,
            label="Enable input feature mean normalization",
            help="Subtract the mean of each feature first.",
        ),
        random_seed(),
    ],
    aliases=("c3822fa5-1095-4c72-bd1e-fd43d285153a",),
)
def pca_based_anomaly_detection(**settings: Any) -> LearnerModel:
    r"""Configure the detection of rows that differ from what is usual, by principal components.

    Train Anomaly Detection Model learns from rows that are mostly usual. Features are scaled to 0 … 1. Score Model
    gives Scored Probabilities, the share of a row's length that the components leave over (0 to 1, not a probability),
    and Scored Labels, 1 where it is above 0.5. As many components as features explain all: then nothing is unusual.

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
    return untrained(pca_based_anomaly_detection, settings)
