"""Multiclass Decision Jungle: a decision forest stands in for it."""

from typing import Any

from studiolo.modules.learning import decision_jungles
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(task="multiclass", build=decision_jungles.build, substitute=decision_jungles.SUBSTITUTE)


@module(
    name="Multiclass Decision Jungle",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=decision_jungles.parameters(),
    aliases=("5780aca0-de56-4e83-9db0-06e97d03eb4e",),
)
def multiclass_decision_jungle(**settings: Any) -> LearnerModel:
    r"""Configure what stands in for a decision jungle for several classes: a decision forest.

    WARNING: the decision jungle of classic has no public counterpart. A decision forest of as many trees, each at most
    as deep, stands in for it: imported experiments run and give other results. Training says so on its log, and
    Visualize of the trained model shows it. For new experiments take Multiclass Decision Forest.

    Example:
        flowers:
          module: enter-data-manually
          parameters: {data: "length,kind\n1,small\n2,small\n5,middle\n6,middle\n9,large\n10,large\n"}
        learner:
          module: multiclass-decision-jungle
        trained:
          module: train-model
          parameters: {label_column: [kind]}
          inputs: {untrained_model: learner, dataset: flowers}
    """
    return untrained(multiclass_decision_jungle, settings)
