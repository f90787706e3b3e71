// What the publish dialog makes of names and sections [75].
import { expect, test } from "vitest";

import { EMPTY, freeName, isEmpty, isServiceName, renamed, serviceName } from "./offers";

test("names for inputs and services are free and allowed", () => {
  expect(freeName("input", { input1: "a.b", input3: "a.c" })).toBe("input2");
  expect(serviceName("Was sagt Ärger voraus?")).toBe("was-sagt-a-rger-voraus");
  expect([serviceName("…"), isServiceName("churn_2"), isServiceName("-x")]).toEqual(["service", true, false]);
});

test("a port keeps its place when it is renamed", () => {
  expect(Object.keys(renamed({ a: 1, b: 2, c: 3 }, "b", "z"))).toEqual(["a", "z", "c"]);
});

test("a section without anything counts as none", () => {
  expect([isEmpty(null), isEmpty(EMPTY), isEmpty({ ...EMPTY, outputs: { o: "a.b" } })]).toEqual([true, true, false]);
});
