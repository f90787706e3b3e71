"""Score how much each measure helps an ensemble of trees to tell the two groups of patients apart."""

import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier

TREES = 200


def azureml_main(dataframe1=None, dataframe2=None):
    """Take patients without gaps; give the importance of each measure, and how good the forest is."""
    measures = dataframe1.drop(columns=["patient", "outcome"])
    outcome = dataframe1["outcome"]

    forest = ExtraTreesClassifier(
        n_estimators=TREES,
        min_samples_leaf=3,
        bootstrap=True,
        oob_score=True,
        random_state=2016,
    )
    forest.fit(measures.to_numpy(), outcome.to_numpy())

    per_tree = pd.DataFrame([tree.feature_importances_ for tree in forest.estimators_])
    importance = pd.DataFrame(
        {
            "measure": measures.columns,
            "importance": forest.feature_importances_,
            "spread_over_trees": per_tree.std().to_numpy(),
        }
    )
    quality = pd.DataFrame(
        {
            "trees": [TREES],
            "out_of_bag_accuracy": [forest.oob_score_],
            "accuracy_of_always_no": [1 - outcome.mean()],
        }
    )
    print(f"{TREES} trees, right on {forest.oob_score_:.1%} of the patients they had not seen")
    print(f"(always answering no: {1 - outcome.mean():.1%}).")
    return importance, quality
