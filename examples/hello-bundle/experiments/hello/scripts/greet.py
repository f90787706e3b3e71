"""Use a function and a text file of the script bundle."""

from pathlib import Path

import pandas as pd
from Hello import print_hello


def azureml_main(dataframe1=None, dataframe2=None):
    """Give one greeting for each name in the bundle's names.txt."""
    names = Path("./Script Bundle/names.txt").read_text(encoding="utf-8").splitlines()
    greetings = [print_hello(name) for name in names]
    return pd.DataFrame({"greeting": greetings})
