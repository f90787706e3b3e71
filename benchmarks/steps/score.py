"""The script that every server of the serving benchmark runs."""


def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["r"] = dataframe1["c0"] * 2 + dataframe1["c1"]
    return (dataframe1[["r"]],)
