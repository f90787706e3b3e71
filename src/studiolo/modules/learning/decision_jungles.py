"""What stands in for decision jungles: the parameters of the two modules, and a forest that uses some of them."""

from __future__ import annotations

from typing import Any

from studiolo.modules.learning import decision_forests
from studiolo.modules.learning.learner import Parameter, Settings, random_seed
from studiolo.sdk import Integer

SUBSTITUTE = (
    "a decision forest of as many trees, each at most as deep, stands in for it and gives other results."
)


def parameters() -> list[Parameter]:
    """Declare the parameters of classic."""
    return [
        decision_forests.resampling(),
        Integer(
            "number_of_decision_dags",
            default=8,
            minimum=1,
            label="Number of decision DAGs",
            help="Number of trees of the forest that stands in.",
        ),
        Integer(
            "maximum_depth_of_the_decision_dags",
            default=32,
            minimum=1,
            label="Maximum depth of the decision DAGs",
            help="Depth of the trees of the forest that stands in.",
        ),
        Integer(
            "maximum_width_of_the_decision_dags",
            default=128,
            minimum=8,
            label="Maximum width of the decision DAGs",
            help="Kept for imported experiments; trees have no width.",
        ),
        Integer(
            "number_of_optimization_steps_per_decision_dag_layer",
            default=2048,
            minimum=1000,
            label="Number of optimization steps per decision DAG layer",
            help="Kept for imported experiments; trees are not optimized by layers.",
        ),
        random_seed(),
    ]


def build(settings: Settings) -> Any:
    """Make the estimator."""
    return decision_forests.classifier(
        {
            "number_of_decision_trees": settings["number_of_decision_dags"],
            "maximum_depth_of_the_decision_trees": settings["maximum_depth_of_the_decision_dags"],
            "minimum_number_of_samples_per_leaf_node": 1,
            "resampling_method": settings["resampling_method"],
            "random_number_seed": settings["random_number_seed"],
        }
    )
