// R-1.9 (2): upstream columns are completed, unknown ones found with the nearest match.
import { describe, expect, test } from "vitest";

import { columnBefore, framesOf, nearest, parametersOf, unknownColumns } from "./scriptColumns";

const SCRIPT = (body: string, head = "dataframe1 = None, dataframe2 = None") =>
  `import pandas as pd\n\ndef azureml_main(${head}):\n${body}\n    return dataframe1,\n`;
const COLUMNS = { dataset1: ["age", "bmi", "blood pressure"], dataset2: ["name"] };

function unknown(body: string, dialect = "designer", connected = ["dataset1", "dataset2"]): [string, string | null][] {
  const text = SCRIPT(body);
  return unknownColumns(text, framesOf(text, dialect, connected), COLUMNS).map((one) => [one.name, one.nearest]);
}

describe("what azureml_main gets", () => {
  test("the first two positional parameters, whatever their defaults", () => {
    expect(parametersOf("def azureml_main(a=f(1, [2]), b={'x': (1, 2)}, rows=5):")).toEqual(["a", "b"]);
    expect(parametersOf("def azureml_main(\n    left: pd.DataFrame = None,\n    *,\n    rows=5,\n):")).toEqual(["left"]);
    expect(parametersOf("def other(a): pass")).toEqual([]);
  });
  test("by port in designer's dialect, by what is connected in classic's", () => {
    const text = SCRIPT("    pass");
    expect(framesOf(text, "designer", ["dataset2"]).map((one) => one.port)).toEqual(["dataset1", "dataset2"]);
    expect(framesOf(text, "classic", ["dataset2"])).toEqual([{ name: "dataframe1", port: "dataset2" }]);
  });
  test("a second name for the same frame counts", () => {
    expect(framesOf(SCRIPT("    df = dataframe1.copy()"), "designer", []).map((one) => one.name)).toContain("df");
  });
});

describe("where a column is typed", () => {
  test.each([
    ['    x = dataframe1["ag', "dataframe1", '"'],
    ["    x = dataframe1[['age', 'b", "dataframe1", "'"],
    ["    y = dataframe2.na", "dataframe2", ""],
  ])("%s", (line, frame, quote) => {
    const place = columnBefore(line, 100);
    expect(place?.frame).toBe(frame);
    expect(place?.quote).toBe(quote);
    expect(line.slice((place?.from ?? 0) - 100)).not.toMatch(/["'.]/);
  });
  test("not in a call's text", () => expect(columnBefore('    print("ag', 0)).toBeNull());
});

describe("columns that are not there", () => {
  test("are found, with the nearest", () => {
    expect(unknown('    x = dataframe1["agee"] + dataframe1[\'bmi\']')).toEqual([["agee", "age"]]);
    expect(unknown('    x = dataframe1[["age", "BMI", "nothing at all"]]')).toEqual([
      ["BMI", "bmi"],
      ["nothing at all", null],
    ]);
    expect(unknown('    x = dataframe2.loc[:, "nam"]')).toEqual([["nam", "name"]]);
  });
  test("unless the script adds them before", () => {
    expect(unknown('    dataframe1["ratio"] = 1\n    print(dataframe1["ratio"])')).toEqual([]);
    expect(unknown('    print(dataframe1["ratio"])\n    dataframe1["ratio"] = 1')).toEqual([["ratio", null]]);
    expect(unknown('    dataframe1["ratio"] += 1')).toEqual([]);
  });
  test("nothing is said once the frame is another one", () => {
    expect(unknown('    dataframe1 = dataframe1.dropna()\n    dataframe1["what"]')).toEqual([]);
    expect(unknown('    dataframe1.columns = ["x"]\n    dataframe1["x"]')).toEqual([]);
    expect(unknown('    dataframe1 = dataframe1[["agee"]]')).toEqual([["agee", "age"]]);
  });
  test("comments and other functions say nothing", () => {
    expect(unknown('    # dataframe1["agee"]')).toEqual([]);
    const text = `def other(dataframe1):\n    return dataframe1["x"]\n${SCRIPT("    pass")}`;
    expect(unknownColumns(text, framesOf(text, "designer", []), COLUMNS)).toEqual([]);
  });
  test("in classic's dialect the connected table counts", () => {
    expect(unknown('    dataframe1["name"]', "classic", ["dataset2"])).toEqual([]);
  });
});

test("the nearest name is near", () => {
  expect(nearest("Age", ["age", "wage"])).toBe("age");
  expect(nearest("zzz", ["age"])).toBeNull();
});
