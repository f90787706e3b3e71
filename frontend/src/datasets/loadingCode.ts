// Python code with which a script loads a dataset by name. Pure.

/** A text as a Python literal: what JSON escapes, Python reads the same; half characters alone are no text in Python. */
export function pythonText(text: string): string {
  return JSON.stringify(text);
}

/** A table becomes a frame, a zip is unpacked to a folder, other files are reached as models. */
export function loadingCode(name: string, kind: string, version: number | null = null): string {
  const chosen = version === null ? "" : `, version=${version}`;
  const workspace = "ws = Run.get_context(allow_offline=True).experiment.workspace";
  if (kind !== "dataset" && kind !== "zip") {
    return `from azureml.core import Model, Run\n\n${workspace}\npath = Model.get_model_path(${pythonText(name)}${chosen}, _workspace=ws)\n`;
  }
  const use = kind === "zip" ? "paths = dataset.download()" : "dataframe = dataset.to_pandas_dataframe()";
  return `from azureml.core import Dataset, Run\n\n${workspace}\ndataset = Dataset.get_by_name(ws, name=${pythonText(name)}${chosen})\n${use}\n`;
}
