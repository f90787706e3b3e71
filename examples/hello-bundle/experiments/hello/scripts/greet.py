"""Use a function and a text file of the script bundle."""

import pandas as pd
from Hello import print_hello


def azureml_main(dataframe1=None, dataframe2=None):
    """Give one greeting for each name in the bundle's names.txt."""
    with open("./Script Bundle/names.txt", encoding="utf-8") as names:
        greetings = [print_hello(name.strip()) for name in names]
    return pd.DataFrame({"greeting": greetings})
