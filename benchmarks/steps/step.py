"""Each further node of the chain: adds one to a column."""


def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["b"] = dataframe1["b"] + 1
    return dataframe1
