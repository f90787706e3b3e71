// Column rules choose the same as studiolo_child/column_rules.py does.
import { expect, test } from "vitest";

import type { Column } from "../api/types";
import { chosen, indicesFrom, selectionText, type Rules } from "./rules";

const COLUMNS = [
  { name: "id", studio_type: "Integer" },
  { name: "age", studio_type: "Double", role: "feature" },
  { name: "city", studio_type: "Categorical" },
  { name: "outcome", studio_type: "Integer", role: "label" },
] as unknown as Column[];

const cases: [Rules, string[]][] = [
  [{ begin: "all", rules: [] }, ["id", "age", "city", "outcome"]],
  [{ begin: "all", rules: [{ exclude: { names: ["id"] } }] }, ["age", "city", "outcome"]],
  [{ begin: "none", rules: [{ include: { indices: [1, "3-4"] } }] }, ["id", "city", "outcome"]],
  [{ begin: "none", rules: [{ include: { types: ["Numeric"], roles: ["feature"] } }] }, ["id", "age"]],
  [{ begin: "none", rules: [{ include: "all" }, { exclude: { types: ["Numeric"] } }] }, ["city"]],
];

test.each(cases)("rules apply in order: %j", (rules, names) => {
  expect(chosen(rules, COLUMNS)).toEqual(names);
});

test("positions are read as they are typed", () => {
  expect(indicesFrom("1, 3-5;7")).toEqual([1, "3-5", 7]);
  expect(indicesFrom("0")).toBeNull();
  expect(indicesFrom("5-3")).toBeNull();
});

test("a selection is said in words", () => {
  expect(selectionText(["a", "b"])).toBe("a, b");
  expect(selectionText(cases[3]?.[0])).toBe("begin with no columns; include Numeric features");
});
