"""Evaluate a column of Python expressions; the jail around the job is the only guard, and it is enough.

An expression that fails gives the name of its error, so that one bad row does not cost the others.
"""

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    """Give each text of the first column as `expression`, and what it evaluates to, as text, as `result`."""
    expressions = dataframe1.iloc[:, 0].astype(str)
    return pd.DataFrame({"expression": expressions, "result": [evaluate(text) for text in expressions]})


def evaluate(text):
    """Give the value of an expression as text, or the name of the error it raised."""
    try:
        return str(eval(text, {}))
    except (Exception, SystemExit) as error:
        return type(error).__name__
