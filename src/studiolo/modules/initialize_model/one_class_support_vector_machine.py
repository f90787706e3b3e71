"""One-Class Support Vector Machine: a border around most rows."""

from typing import Any

from studiolo.modules.learning.anomalies import SupportVectorAnomalies
from studiolo.modules.learning.learner import LEAST_POSITIVE, UNTRAINED_MODEL, Learner, ranged, trainer_mode
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import Number, module

LEARNER = Learner(
    task="anomaly",
    build=lambda settings: SupportVectorAnomalies(settings["nu"], settings["epsilon"]),
    normalizes=lambda settings: True,
)


@module(
    name="One-Class Support Vector Machine",
    category="Machine Learning / Initialize Model / Anomaly Detection",
    outputs=[UNTRAINED_MODEL],
    parameters=[
        trainer_mode(),
        *ranged(
            Number(
                "nu",
                default=0.1,
                minimum=LEAST_POSITIVE,
                maximum=1,
                label="Nu",
                help="At most about this share of the rows of training lies outside.",
            ),
            "0.001; 0.01; 0.1",
            aliases=("psnu",),
        ),
        *ranged(
            Number(
                "epsilon",
                default=0.001,
                minimum=LEAST_POSITIVE,
                label="Epsilon",
                help="Training ends when an iteration improves by less than this.",
            ),
            "0.000001; 0.001; 0.1",
            aliases=("psEpsilon",),
        ),
    ],
    aliases=("62839cbe-2ae3-4b64-ada4-ad6eba89444a",),
)
def one_class_support_vector_machine(**settings: Any) -> LearnerModel:
    r"""Configure the detection of rows that differ from what is usual, by a support vector machine.

    Train Anomaly Detection Model learns a border around most rows, with a Gaussian kernel on features scaled to 0 … 1.
    Score Model gives Scored Probabilities, 0.5 on the border and more outside of it (not calibrated), and
    Scored Labels, 1 outside. Time grows with the square of the number of rows: of more than some ten thousand take a
    sample. The defaults of the retired product are not known; nu is 0.1 here.

    Example:
        sensors:
          module: enter-data-manually
          parameters: {data: "a,b\n1,2\n2,4\n3,6\n4,8\n5,10\n3,5\n4,7\n30,0\n"}
        learner:
          module: one-class-support-vector-machine
          parameters: {nu: 0.2}
        trained:
          module: train-anomaly-detection-model
          inputs: {untrained_model: learner, dataset: sensors}
        scored:
          module: score-model
          inputs: {trained_model: trained, dataset: sensors}
    """
    return untrained(one_class_support_vector_machine, settings)
