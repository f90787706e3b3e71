"""Multiclass Neural Network: a network of fully connected layers for several classes."""

from typing import Any

from studiolo.modules.learning import neural_networks
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(task="multiclass", build=neural_networks.classifier, normalizes=lambda settings: True)


@module(
    name="Multiclass Neural Network",
    category="Machine Learning / Initialize Model / Classification",
    outputs=[UNTRAINED_MODEL],
    parameters=neural_networks.PARAMETERS,
    aliases=("e8b401fb-230a-4b21-bd11-d1fda0d57c1f",),
)
def multiclass_neural_network(**settings: Any) -> LearnerModel:
    r"""Configure a neural network for several classes.

    Features are scaled to 0 … 1 first. Stochastic gradient descent lowers the learning rate when training stops to
    improve, as in the designer. Networks that are defined in Net#, as classic could, are refused.

    Example:
        flowers:
          module: enter-data-manually
          parameters: {data: "length,kind\n1,small\n2,small\n5,middle\n6,middle\n9,large\n10,large\n"}
        learner:
          module: multiclass-neural-network
          parameters: {number_of_hidden_nodes: "20, 10", number_of_learning_iterations: 200}
        trained:
          module: train-model
          parameters: {label_column: [kind]}
          inputs: {untrained_model: learner, dataset: flowers}
    """
    neural_networks.check(settings)
    return untrained(multiclass_neural_network, settings)
