// The code that is copied has the name as Python reads it, whatever it is (UX 56).
import { expect, it } from "vitest";

import { loadingCode, pythonText } from "./loadingCode";

it("names the dataset, and the version where it is not the newest", () => {
  expect(loadingCode("sales", "dataset")).toContain('Dataset.get_by_name(ws, name="sales")\ndataframe = dataset.to_pandas_dataframe()');
  expect(loadingCode("sales", "dataset", 2)).toContain('name="sales", version=2)');
  expect(loadingCode("pack", "zip")).toContain("paths = dataset.download()");
});

it("keeps hostile names within the quotes", () => {
  expect(pythonText('a"); import os #\n')).toBe('"a\\"); import os #\\n"');
});
