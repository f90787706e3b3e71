"""Fill the gaps in the patients' measures and turn the diagnosis into a number."""

import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    """Take patients; give them without gaps, and a table of what was missing."""
    patients = dataframe1
    measures = [name for name in patients.columns if name not in ("patient", "diabetes")]

    missing = patients[measures].isna().sum()
    medians = patients[measures].median()
    prepared = patients.fillna(medians)
    prepared["outcome"] = (prepared.pop("diabetes") == "pos").astype("int64")

    gaps = pd.DataFrame(
        {"measure": measures, "missing": missing.to_numpy(), "filled_with": medians.to_numpy()}
    )
    print(f"{len(prepared)} patients, {prepared['outcome'].sum()} of them with diabetes.")
    print(f"{missing.sum()} missing values filled with the median of their measure.")
    return prepared, gaps
