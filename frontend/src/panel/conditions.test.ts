// Conditional parameters: the same answers as graph/parameters.py.
import { expect, test } from "vitest";

import type { Module, Parameter } from "../api/types";
import { counts } from "./conditions";

const parameter = (name: string, facts: Partial<Parameter> = {}): Parameter =>
  ({ name, kind: "text", default: null, when: null, aliases: [], ...facts }) as Parameter;

const MODE = {
  parameters: [
    parameter("mode", { default: "mean" }),
    parameter("mark", { default: false, when: ["mode", ["value", "mean"]] }),
    parameter("mark_name", { when: ["mark", ["true"]] }),
    parameter("a", { when: ["b", ["x"]] }),
    parameter("b", { when: ["a", ["x"]] }),
  ],
} as unknown as Module;

const named = (name: string): Parameter => MODE.parameters.find((one) => one.name === name) as Parameter;

test("conditions follow one another; booleans are compared as true and false", () => {
  expect(counts(MODE, named("mark_name"), { mark: true })).toBe(true);
  expect(counts(MODE, named("mark_name"), { mark: false })).toBe(false);
  expect(counts(MODE, named("mark_name"), { mark: true, mode: "drop" })).toBe(false);
});

test("a circle of conditions counts", () => {
  expect(counts(MODE, named("a"), { a: "x", b: "x" })).toBe(true);
});
