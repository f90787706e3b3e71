// What is said of two runs' columns is what differs (UX 69).
import { expect, it } from "vitest";

import type { Column } from "../api/types";
import { schemaDifference } from "./schemaDifference";

const column = (name: string, type = "int64"): Column => ({ name, type, studio_type: "Integer", role: null, missing: null });

it("finds columns that come, go, change type or place", () => {
  const found = schemaDifference([column("a"), column("b"), column("c")], [column("c"), column("b", "float64"), column("d")]);
  expect(found).toEqual({ onlyHere: ["a"], onlyThere: ["d"], retyped: ["b: int64, there float64"], isReordered: true, isSame: false });
});

it("says that equal ones are the same", () => {
  expect(schemaDifference([column("a"), column("b")], [column("a"), column("b")]).isSame).toBe(true);
  expect(schemaDifference([column("a"), column("b")], [column("b"), column("a")]).isReordered).toBe(true);
});
