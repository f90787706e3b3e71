"""Execute Python Script: the declaration of the main module; its jobs run the node's own script (studiolo_child)."""

from typing import Any

from studiolo.sdk import Choice, DatasetPort, DevicePort, ZipPort, module

TEMPLATE = '''\
"""Say in one line what this script does."""

# The function azureml_main is called once per run. What it gets and where its result goes:
#
#   port               in the function
#   dataset1        -> first argument, a pandas DataFrame; None when nothing is connected
#   dataset2        -> second argument, the same
#   script_bundle   -> a zip, unpacked to ./Script Bundle; `import mymodule` finds its files
#   result_dataset  <- first element of what the function returns
#   result_dataset2 <- second element
#   python_device   <- everything printed, pictures saved here, figures still open at the end
#
# Return a DataFrame, or several: `return first, second`. The index is dropped; call reset_index() to keep it.
# Files written in the working directory vanish with the run. Keyword arguments such as `rows` below are
# parameters of the node: `parameters: {rows: 3}` in experiment.yaml.

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None, rows=5):
    """Take up to two tables; give the first rows of one and a summary of its columns."""
    if dataframe1 is None:  # nothing is connected to dataset1 yet: a table to begin with
        dataframe1 = pd.DataFrame({"city": ["Oslo", "Lima", "Hue"], "degrees": [4.5, 19.0, 25.2]})

    summary = pd.DataFrame(
        {
            "column": dataframe1.columns,
            "type": [str(kind) for kind in dataframe1.dtypes],
            "missing": dataframe1.isnull().sum().values,
        }
    )
    print("%d rows, %d columns" % dataframe1.shape)
    return dataframe1.head(rows), summary
'''


@module(
    id="execute-python-script",
    name="Execute Python Script",
    category="Python Language Modules",
    runner="script",
    inputs=[
        DatasetPort("dataset1", optional=True, label="Dataset1", aliases=("Dataset1",)),
        DatasetPort("dataset2", optional=True, label="Dataset2", aliases=("Dataset2",)),
        ZipPort(
            "script_bundle", optional=True, label="Script bundle", aliases=("Script Bundle", "Script_bundle")
        ),
    ],
    outputs=[
        DatasetPort("result_dataset", label="Result dataset", aliases=("Result Dataset", "Result_dataset")),
        DatasetPort(
            "result_dataset2", label="Result dataset2", aliases=("Result dataset2", "Result_dataset2")
        ),
        DevicePort("python_device", label="Python device", aliases=("Python Device", "Python_device")),
    ],
    parameters=[
        Choice(
            "integers_with_missing",
            ("float", "nullable"),
            label="Integers with missing values",
            help="float gives float64 with NaN, which old scripts expect; nullable gives pandas' Int64.",
        ),
    ],
    template=TEMPLATE,
    aliases=("cdb56f95-7f4c-404d-bde7-5bb972e6f232", "cdb56f957f4c404dbde75bb972e6f232"),
)
def execute_python_script(
    dataset1: Any = None,
    dataset2: Any = None,
    script_bundle: Any = None,
    *,
    integers_with_missing: str = "float",
) -> tuple[Any, Any]:
    r"""Run a Python script of your own on up to two datasets.

    The script is a file of the experiment that defines an ordinary function `azureml_main`; nothing has to be
    imported or installed for it. It runs jailed, in the environment that the node names.

    | port            | in the function                                                            |
    |-----------------|----------------------------------------------------------------------------|
    | dataset1        | first argument, a pandas DataFrame, None when not connected                |
    | dataset2        | second argument                                                            |
    | script_bundle   | a zip, unpacked to `./Script Bundle` and first on the import path          |
    | result_dataset  | first element of the result                                                |
    | result_dataset2 | second element of the result                                               |
    | python_device   | printed text, pictures left in the working directory, figures left open    |

    A function with no, one or two positional parameters gets that many. With `dialect: classic` the connected
    datasets fill the parameters in order, and the function's own defaults hold for the rest. Keyword parameters
    with defaults, and positional ones after the second, are parameters of the node.

    The result is a DataFrame, or a tuple, list or object array of DataFrames and None; nothing gives empty
    datasets. A Series, dict, array, list of values or single value becomes one table, with a warning. Further
    results need outputs of their own on the node: `outputs: {third: dataset, model: object}`.

    Example:
        customers:
          module: enter-data-manually
          parameters: {data: "age,city\n30,Rome\n,Oslo\n41,Rome\n"}
        clean:
          module: execute-python-script
          script: scripts/clean.py
          parameters: {least: 2}
          inputs: {dataset1: customers}

    scripts/clean.py:
        def azureml_main(dataframe1=None, dataframe2=None, least=1):
            '''Drop rows without age and count the cities of the rest.'''
            known = dataframe1.dropna(subset=["age"])
            cities = known["city"].value_counts().rename("count").rename_axis("city").reset_index()
            return known, cities[cities["count"] >= least]
    """
    raise RuntimeError("The node's own script is run instead; see studiolo_child/script.py.")
