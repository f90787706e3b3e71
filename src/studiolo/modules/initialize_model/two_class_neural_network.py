"""Two-Class Neural Network: a network of fully connected layers for two classes."""

from typing import Any

from studiolo.modules.learning import neural_networks
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(task="two-class", build=neural_networks.classifier, normalizes=lambda settings: True)


@module(
    name="Two-Class Neural Network",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=neural_networks.PARAMETERS,
    aliases=("ebc29f52-719d-4d0f-b66a-2ce85f527c7d",),
)
def two_class_neural_network(**settings: Any) -> LearnerModel:
    r"""Configure a neural network for two classes.

    Features are scaled to 0 … 1 first. Stochastic gradient descent lowers the learning rate when training stops to
    improve, as in the designer. Networks that are defined in Net#, as classic could, are refused.

    Example:
        people:
          module: enter-data-manually
          parameters: {data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n25,0,no\n"}
        learner:
          module: two-class-neural-network
          parameters: {number_of_hidden_nodes: "20, 10", number_of_learning_iterations: 200}
        trained:
          module: train-model
          parameters: {label_column: [bought]}
          inputs: {untrained_model: learner, dataset: people}
    """
    neural_networks.check(settings)
    return untrained(two_class_neural_network, settings)
