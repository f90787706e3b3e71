// The palette as a tree: levels, counts, search, and what is open before anybody has touched it (UX 10, 11).
import { expect, it } from "vitest";

import type { Module } from "../api/types";
import { categories, isOpenAtFirst, moduleItems, rows, SERVICE_ITEMS } from "./items";

const module = (name: string, category: string, more: Partial<Module> = {}): Module => ({
  id: name.toLowerCase().replaceAll(" ", "-"),
  name,
  category,
  summary: "",
  description: "",
  aliases: [],
  inputs: [],
  outputs: [],
  parameters: [],
  runner: "function",
  template: "",
  origin: "built in",
  version: 1,
  ...more,
});

const ITEMS = moduleItems([
  module("Two-Class Logistic Regression", "Machine Learning / Initialize Model / Classification", { aliases: ["old name"] }),
  module("Linear Regression", "Machine Learning / Initialize Model / Regression"),
  module("Train Model", "Machine Learning / Train"),
  module("Import Data", "Data Input and Output"),
]);

const names = (typed: string, open: (path: string) => boolean): string[] =>
  rows(categories(ITEMS, typed), ({ path }) => open(path)).map((row) =>
    row.kind === "category" ? `${"  ".repeat(row.depth)}${row.category.name} ${row.category.count}` : `${"  ".repeat(row.depth)}- ${row.item.label}`,
  );

it("nests by the levels of a category and counts what is below", () => {
  expect(names("", () => true)).toEqual([
    "Data Input and Output 1",
    "  - Import Data",
    "Machine Learning 3",
    "  Initialize Model 2",
    "    Classification 1",
    "      - Two-Class Logistic Regression",
    "    Regression 1",
    "      - Linear Regression",
    "  Train 1",
    "    - Train Model",
  ]);
  expect(names("", (path) => !path.includes("/"))).toContain("  Initialize Model 2");
  expect(names("", (path) => !path.includes("/"))).not.toContain("    Classification 1");
});

it("finds by name and by old name, best first", () => {
  expect(names("old name", () => true)).toEqual([
    "Machine Learning 1",
    "  Initialize Model 1",
    "    Classification 1",
    "      - Two-Class Logistic Regression",
  ]);
  expect(names("linear", () => true).filter((one) => one.includes("- "))).toEqual(["      - Linear Regression"]);
});

it("opens where one begins, and what the workspace adds", () => {
  const own = moduleItems([module("Make Rows", "Machine Learning / Mine", { origin: "modules/making.py" })]);
  const open = (items: typeof ITEMS): string[] => categories(items, "").filter(isOpenAtFirst).map(({ name }) => name);
  expect(open([...ITEMS, ...SERVICE_ITEMS])).toEqual(["Data Input and Output"]);
  expect(open([...ITEMS, ...own])).toEqual(["Data Input and Output", "Machine Learning"]);
});
