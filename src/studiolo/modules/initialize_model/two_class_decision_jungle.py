"""Two-Class Decision Jungle: a decision forest stands in for it."""

from typing import Any

from studiolo.modules.learning import decision_jungles
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(task="two-class", build=decision_jungles.build, substitute=decision_jungles.SUBSTITUTE)


@module(
    name="Two-Class Decision Jungle",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=decision_jungles.parameters(),
    aliases=("563cdba2-de6c-4082-b8f8-18f56ffa147c",),
)
def two_class_decision_jungle(**settings: Any) -> LearnerModel:
    r"""Configure what stands in for a decision jungle for two classes: a decision forest.

    WARNING: the decision jungle of classic has no public counterpart. A decision forest of as many trees, each at most
    as deep, stands in for it: imported experiments run and give other results. Training says so on its log, and
    Visualize of the trained model shows it. For new experiments take Two-Class Decision Forest.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n25,0,no\n"}
        learner:
          module: two-class-decision-jungle
        trained:
          module: train-model
          parameters: {label_column: [bought]}
          inputs: {untrained_model: learner, dataset: people}
    """
    return untrained(two_class_decision_jungle, settings)
