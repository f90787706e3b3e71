"""Neural Network Regression: a network of fully connected layers that predicts a number."""

from typing import Any

from studiolo.modules.learning import neural_networks
from studiolo.modules.learning.learner import UNTRAINED_MODEL, Learner
from studiolo.modules.learning.untrained import LearnerModel, untrained
from studiolo.sdk import module

LEARNER = Learner(task="regression", build=neural_networks.regressor, normalizes=lambda settings: True)


@module(
    name="Neural Network Regression",
    category="Machine Learning / Initialize Model / Regression",
    outputs=[UNTRAINED_MODEL],
    parameters=neural_networks.PARAMETERS,
    aliases=("d7ee222c-669f-4200-a576-a761a9c1a928",),
)
def neural_network_regression(**settings: Any) -> LearnerModel:
    r"""Configure a neural network that predicts a number.

    Features are scaled to 0 … 1 first. Stochastic gradient descent lowers the learning rate when training stops to
    improve, as in the designer. The label is learnt at mean 0 and standard deviation 1, so that
    the learning rate means the same in every unit. Networks that are defined in Net#, as classic could, are refused.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,price\n50,100\n70,139\n90,181\n120,240\n60,121\n80,160\n"}
        learner:
          module: neural-network-regression
          parameters: {number_of_hidden_nodes: "20, 10", number_of_learning_iterations: 200}
        trained:
          module: train-model
          parameters: {label_column: [price]}
          inputs: {untrained_model: learner, dataset: houses}
    """
    neural_networks.check(settings)
    return untrained(neural_network_regression, settings)
