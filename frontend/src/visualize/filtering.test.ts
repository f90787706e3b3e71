// Filters: one per column, none without a value that needs one (UX 69).
import { expect, it } from "vitest";

import type { Column, Filter } from "../api/types";
import { filterText, opsOf, withFilter } from "./filtering";

const column = (studio_type: string): Column => ({ name: "a", type: "", studio_type, role: null, missing: null });

it("offers comparisons by type", () => {
  expect(opsOf(column("String"))[0]).toBe("contains");
  expect(opsOf(column("Double"))).not.toContain("contains");
  expect(opsOf(column("Boolean"))).toEqual(["equals", "not-equals", "missing", "present"]);
});

it("keeps one filter for each column and drops those without a value", () => {
  const one: Filter[] = withFilter([], 2, "greater", "5");
  expect(one).toEqual([{ column: 2, op: "greater", value: "5" }]);
  expect(withFilter(one, 2, "less", "7")).toEqual([{ column: 2, op: "less", value: "7" }]);
  expect(withFilter(one, 2, "greater", "")).toEqual([]);
  expect(withFilter(one, 3, "missing", "left over")).toEqual([...one, { column: 3, op: "missing", value: "" }]);
  expect(withFilter(one, 2, null, "")).toEqual([]);
});

it("tells a filter in words", () => {
  expect(filterText({ column: 0, op: "at-least", value: "5" }, "age")).toBe("age ≥ 5");
  expect(filterText({ column: 0, op: "missing", value: "" }, "age")).toBe("age is missing");
});
