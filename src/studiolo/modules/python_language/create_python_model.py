"""Create Python Model: a learner whose training and prediction are a Python class that the user types."""

from studiolo.modules.learning.python_model import PythonUntrained
from studiolo.modules.learning.python_source import PythonSource
from studiolo.sdk import Code, ObjectPort, module

TEMPLATE = '''\
"""Say in one line what this model learns."""

# The class AzureMLModel is used by the modules that train and score:
#
#   __init__(self)                     makes an untrained model; takes no further arguments
#   train(self, df_train, df_label)    is called once, with the features as a DataFrame and the label as a Series
#   predict(self, df)                  is called for each dataset to score, with the columns that train got
#
# What predict returns becomes columns of the scored dataset, one row for each row of df. Name them Scored Labels
# and, for two classes, Scored Probabilities (of the last label in sorted order): Evaluate Model knows these.
# The trained object travels to Score Model: keep on self what predict needs, and nothing that can't be pickled.

import pandas as pd
from sklearn.linear_model import LogisticRegression


class AzureMLModel:
    """A logistic regression; text columns become one column for each value, missing numbers 0."""

    def __init__(self):
        self.model = LogisticRegression(max_iter=1000)
        self.feature_column_names = []

    def train(self, df_train, df_label):
        """Learn from the features and the label."""
        features = pd.get_dummies(df_train, dtype=float).fillna(0)
        self.feature_column_names = list(features.columns)
        self.model.fit(features, df_label)

    def predict(self, df):
        """Give the predicted labels, and of two classes the probability of the positive one."""
        features = pd.get_dummies(df, dtype=float).fillna(0).reindex(columns=self.feature_column_names, fill_value=0)
        result = pd.DataFrame({"Scored Labels": self.model.predict(features)})
        if len(self.model.classes_) == 2:
            result["Scored Probabilities"] = self.model.predict_proba(features)[:, 1]
        return result
'''


@module(
    name="Create Python Model",
    category="Python Language Modules",
    outputs=[ObjectPort("untrained_model", holds="untrained model", aliases=("Untrained model",))],
    parameters=[
        Code(
            "python_script",
            language="python",
            default=TEMPLATE,
            label="Python script",
            help="Defines the class AzureMLModel with train and predict. It may be a file of the experiment instead: "
            "script: scripts/NAME.py.",
            aliases=("Python Script",),
        ),
    ],
    script_parameter="python_script",
    template=TEMPLATE,
    preload=("pandas", "pyarrow"),
    aliases=("a5b1e9d2-5c54-11e9-8647-d663bd873d93",),
)
def create_python_model(*, python_script: str = TEMPLATE) -> PythonUntrained:
    r"""Write a learner of your own: a Python class that the modules that train and score use.

    The class `AzureMLModel` has three methods, as in the designer:

    | method                            | what it gets and gives                                              |
    |-----------------------------------|---------------------------------------------------------------------|
    | `__init__(self)`                  | nothing; makes an untrained model                                   |
    | `train(self, df_train, df_label)` | the features as a DataFrame, the label as a Series of that name     |
    | `predict(self, df)`               | the same columns as in training; returns a row for each row of `df` |

    Rows without a label, and columns that are no features, are left out in training. What predict returns - a
    DataFrame, Series, array or list - becomes the score columns. `Scored Labels`, and `Scored Probabilities` of two
    classes, are known to Evaluate Model; of several classes give `Scored Probabilities_CLASS` for each. A Series or
    array without a name becomes `Scored Labels`. Columns that the dataset has already stay as they are there.

    It trains wherever an untrained model goes: Train Model, Tune Model Hyperparameters (which tries it once) and
    Cross Validate Model. Script and trained object travel together, to published services too. All of this runs
    jailed in the environment `current`, that of the studio itself. What the class prints stands in the log of the node
    that trains or scores; an error there tells the line of the script.

    Example:
        houses:
          module: enter-data-manually
          parameters: {data: "area,price\n50,100\n70,139\n90,181\n120,240\n"}
        learner:
          module: create-python-model
          parameters:
            python_script: |
              from sklearn.neighbors import KNeighborsRegressor

              class AzureMLModel:
                  def __init__(self):
                      self.model = KNeighborsRegressor(n_neighbors=2)

                  def train(self, df_train, df_label):
                      self.model.fit(df_train, df_label)

                  def predict(self, df):
                      return self.model.predict(df)
        trained:
          module: train-model
          parameters: {label_column: [price]}
          inputs: {untrained_model: learner, dataset: houses}
        predicted:
          module: score-model
          inputs: {trained_model: trained, dataset: houses}
    """
    source = PythonSource.of(python_script, "python_script")
    source.compiled()
    return PythonUntrained(source)
