// Order, search and bars of an object's tables (UX 67).
import { expect, it } from "vitest";

import { barOf, barScale, type CardTable, foundRows, nextOrder, sortedRows } from "./sorting";

const WEIGHTS: CardTable = {
  title: "Feature weights",
  columns: ["Feature", "Weight"],
  rows: [["age", -2], ["color_10", 0.5], ["color_9", null], ["Bias", 1]],
  total_rows: 4,
};

const first = (rows: CardTable["rows"]): unknown[] => rows.map(([name]) => name);

it("sorts numbers from the largest, texts from a, missing cells last, and then as it was", () => {
  const down = nextOrder(WEIGHTS, null, 1);
  expect(down).toEqual({ column: 1, isDescending: true });
  expect(first(sortedRows(WEIGHTS.rows, down))).toEqual(["Bias", "color_10", "age", "color_9"]);
  const up = nextOrder(WEIGHTS, down, 1);
  expect(first(sortedRows(WEIGHTS.rows, up))).toEqual(["age", "color_10", "Bias", "color_9"]);
  expect(nextOrder(WEIGHTS, up, 1)).toBeNull();
  expect(first(sortedRows(WEIGHTS.rows, nextOrder(WEIGHTS, up, 0)))).toEqual(["age", "Bias", "color_9", "color_10"]);
  expect(sortedRows(WEIGHTS.rows, null)).toEqual(WEIGHTS.rows);
});

it("finds rows by any of their texts", () => {
  expect(first([...foundRows(WEIGHTS.rows, " COLOR ")])).toEqual(["color_10", "color_9"]);
  expect(foundRows(WEIGHTS.rows, "")).toEqual(WEIGHTS.rows);
});

it("draws weights about 0 and importances from the left, other numbers not at all", () => {
  const scale = barScale(WEIGHTS);
  expect(scale).toEqual({ most: 2, isDiverging: true });
  expect(scale && barOf(-2, scale)).toEqual({ begin: 0, length: 0.5 });
  expect(scale && barOf(1, scale)).toEqual({ begin: 0.5, length: 0.25 });
  const importances = { ...WEIGHTS, title: "Feature importances", rows: [["age", 0.75], ["city", 0.25]] };
  const flat = barScale(importances);
  expect(flat && barOf(0.75, flat)).toEqual({ begin: 0, length: 1 });
  expect(barScale({ ...WEIGHTS, title: "Centers" })).toBeNull();
  expect(barScale({ ...WEIGHTS, rows: [["age", 0]] })).toBeNull();
});
