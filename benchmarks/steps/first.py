"""The first node of the chain: makes a table of 100 rows."""

import pandas as pd

START = 0


def azureml_main(dataframe1=None, dataframe2=None):
    names = [f"name {number}" for number in range(100)]
    return pd.DataFrame({"a": range(100), "b": [START + 0.5] * 100, "s": names})
