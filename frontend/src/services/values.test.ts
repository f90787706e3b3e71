// The test form sends what was typed with the column's type [80].
import { expect, test } from "vitest";

import { bodyOf, textOf, valueOf } from "./values";

test("numbers, truths and missing values have their types", () => {
  expect(valueOf("42", "Integer")).toBe(42);
  expect(valueOf(" 1.5 ", "Double")).toBe(1.5);
  expect(valueOf("TRUE", "Boolean")).toBe(true);
  expect(valueOf("", "Double")).toBe(null);
  expect(valueOf("42", "String")).toBe("42");
  expect(valueOf("[1, 2]", "any")).toEqual([1, 2]);
});

test("what does not fit, or can't be held exactly, stays text", () => {
  expect(valueOf("forty", "Integer")).toBe("forty");
  expect(valueOf("9007199254740993", "Integer")).toBe("9007199254740993");
});

test("a body has the columns with their rows, and parameters only if there are some", () => {
  const draft = [{ name: "input1", columns: ["n", "__proto__"], rows: [["1", "a"], ["", ""]] }];
  const body = bodyOf(draft, (_, column) => (column === "n" ? "Integer" : "String"), {});
  expect(JSON.parse(body)).toEqual({ inputs: { input1: { columns: ["n", "__proto__"], data: [[1, "a"], [null, null]] } } });
  expect(JSON.parse(bodyOf([], () => "", { depth: 3 }))).toEqual({ parameters: { depth: 3 } });
});

test("values are shown as they are typed", () => {
  expect([textOf(null), textOf("a"), textOf(1.5), textOf([1])]).toEqual(["", "a", "1.5", "[1]"]);
});
