"""Tune Model Hyperparameters: finds the settings of a learner that predict best, and trains with them."""

from typing import Any

import pyarrow as pa

from studiolo.modules.columns import choosing
from studiolo.modules.learning.held import check_held
from studiolo.modules.learning.learner import LIBRARIES
from studiolo.modules.learning.metric_names import CLASSIFICATION_CHOICES, REGRESSION_CHOICES
from studiolo.modules.learning.sweeping import GRID, RANDOM, RANDOM_GRID, Sweep, settings_to_try
from studiolo.modules.learning.trained import TrainedModel
from studiolo.modules.learning.untrained import UntrainedModel
from studiolo.modules.seeds import seed
from studiolo.sdk import Choice, Columns, DatasetPort, Integer, ObjectPort, module

MODES = (GRID, RANDOM, RANDOM_GRID)


def _runs(name: str, mode: str, label: str, alias: str) -> Any:
    return Integer(
        name,
        default=5,
        minimum=1,
        maximum=10000,
        label=label,
        help="How many combinations of settings are tried at most.",
        when=("specify_parameter_sweeping_mode", mode),
        aliases=(alias,),
    )


def _seed(name: str, mode: str, alias: str) -> Any:
    return seed(
        name,
        label="Random seed",
        help="The same seed tries the same combinations.",
        when=("specify_parameter_sweeping_mode", mode),
        aliases=(alias,),
    )


@module(
    name="Tune Model Hyperparameters",
    category="Machine Learning / Train",
    inputs=[
        ObjectPort("untrained_model", holds="untrained model", aliases=("Untrained model",)),
        DatasetPort("training_dataset", aliases=("Training dataset",)),
        DatasetPort(
            "validation_dataset",
            optional=True,
            label="Optional validation dataset",
            aliases=("Validation dataset", "Optional validation dataset"),
        ),
    ],
    outputs=[
        DatasetPort("sweep_results", aliases=("Sweep results",)),
        ObjectPort("trained_best_model", holds="trained model", aliases=("Trained best model",)),
    ],
    parameters=[
        Choice(
            "specify_parameter_sweeping_mode",
            MODES,
            default=RANDOM,
            label="Specify parameter sweeping mode",
            help="All combinations, values drawn for each setting by itself, or combinations drawn from all.",
            aliases=("Specify parameter sweeping mode",),
        ),
        _runs(
            "maximum_number_of_runs_on_random_sweep",
            RANDOM,
            "Maximum number of runs on random sweep",
            "Maximum number of runs on random sweep",
        ),
        _seed("random_seed", RANDOM, "Random seed"),
        _runs(
            "maximum_number_of_runs_on_random_grid",
            RANDOM_GRID,
            "Maximum number of runs on random grid",
            "Maximum number of runs on random grid",
        ),
        _seed("random_seed_for_random_grid", RANDOM_GRID, "Random seed for random grid"),
        Columns(
            "label_column",
            required=True,
            input="training_dataset",
            label="Label column",
            help="The column to predict; one column.",
            aliases=("Name or numerical index of the label column",),
        ),
        Choice(
            "metric_for_measuring_performance_for_classification",
            tuple(CLASSIFICATION_CHOICES),
            label="Metric for measuring performance for classification",
            help="The best model is the best by this metric, when it predicts classes.",
            aliases=("Metric for measuring performance for classification",),
        ),
        Choice(
            "metric_for_measuring_performance_for_regression",
            tuple(REGRESSION_CHOICES),
            label="Metric for measuring performance for regression",
            help="The best model is the best by this metric, when it predicts numbers.",
            aliases=("Metric for measuring performance for regression",),
        ),
    ],
    preload=LIBRARIES,
    aliases=("038d91b6-c2f2-42a1-9215-1f2c20ed1b40", "Sweep Parameters"),
)
def tune_model_hyperparameters(
    untrained_model: UntrainedModel,
    training_dataset: pa.Table,
    validation_dataset: pa.Table | None = None,
    *,
    specify_parameter_sweeping_mode: str = RANDOM,
    maximum_number_of_runs_on_random_sweep: int = 5,
    random_seed: int = 0,
    maximum_number_of_runs_on_random_grid: int = 5,
    random_seed_for_random_grid: int = 0,
    label_column: list[str],
    metric_for_measuring_performance_for_classification: str = "Accuracy",
    metric_for_measuring_performance_for_regression: str = "Mean absolute error",
) -> tuple[pa.Table, TrainedModel]:
    r"""Try several settings of a learner, and train it with those that predict best.

    Set Create trainer mode of the learner to Parameter range, and give it values to try; without ranges its one
    combination of settings is trained. Entire grid tries all combinations. Random sweep draws a value for each
    setting by itself, up to the number of runs; a combination that is drawn again is not tried again. Random grid
    draws different combinations out of all.

    Each combination is measured on the validation dataset when there is one; otherwise by three folds of the
    training dataset, classes spread evenly, and the best one is trained again on all rows. The sweep results have a
    row for each combination, the best first, with its settings, the metrics (means over the folds) and its rank.
    Of several classes precision, recall and F-score are macro averages; quantile losses always count for themselves.
    Combinations that can't be trained are told in the log and come last.

    Example:
        people:
          module: enter-data-manually
          parameters:
            data: "age,visits,bought\n20,1,no\n30,5,yes\n40,2,no\n50,9,yes\n60,8,yes\n25,6,no\n35,7,yes\n45,0,no\n"
        learner:
          module: two-class-logistic-regression
          parameters: {create_trainer_mode: Parameter range, l2_regularization_weight_range: 0.01; 0.1; 1.0}
        tuned:
          module: tune-model-hyperparameters
          parameters: {specify_parameter_sweeping_mode: Entire grid, label_column: [bought]}
          inputs: {untrained_model: learner, training_dataset: people}
    """
    check_held(untrained_model, UntrainedModel, "untrained_model", "an untrained model")
    label = choosing.one(training_dataset, label_column, "label_column", "training_dataset")
    if validation_dataset is not None:
        choosing.present(validation_dataset, [label], "", "validation_dataset")
    is_random_grid = specify_parameter_sweeping_mode == RANDOM_GRID
    seed = random_seed_for_random_grid if is_random_grid else random_seed
    tries = settings_to_try(
        untrained_model.ranges,
        specify_parameter_sweeping_mode,
        maximum_number_of_runs_on_random_grid if is_random_grid else maximum_number_of_runs_on_random_sweep,
        seed,
    )
    sweep = Sweep(
        untrained_model,
        label,
        metric_for_measuring_performance_for_classification,
        metric_for_measuring_performance_for_regression,
        seed,
    )
    sweep.run(tries, training_dataset, validation_dataset)
    return sweep.results(), sweep.best_model(training_dataset)
