// Rows of a comparison: the different ones first, nothing that neither sets.
import { expect, test } from "vitest";

import { EMPTY_NODE } from "../document/paths";
import { rows } from "./differences";

test("different fields come first, and what neither sets is left out", () => {
  const a = { ...EMPTY_NODE, module: "m", parameters: { count: 5, mode: "mean" } };
  const b = { ...EMPTY_NODE, module: "m", parameters: { count: 7, mode: "mean" }, limits: { memory_mb: 64 } };
  expect(rows(a, b)).toEqual([
    { field: "count", a: "5", b: "7", isSame: false },
    { field: "limit memory_mb", a: "–", b: "64", isSame: false },
    { field: "module", a: "m", b: "m", isSame: true },
    { field: "dialect", a: "designer", b: "designer", isSame: true },
    { field: "strict", a: "false", b: "false", isSame: true },
    { field: "mode", a: "mean", b: "mean", isSame: true },
  ]);
});

test("a node that only one run has is compared with nothing", () => {
  const [first] = rows(undefined, { ...EMPTY_NODE, module: "m" });
  expect(first).toEqual({ field: "module", a: "–", b: "m", isSame: false });
});
