// The upload's form has the fields of Import Data that matter, and sends what was changed (UX 2, 48).
import { expect, it } from "vitest";

import type { Parameter } from "../api/types";
import { sentOptions, shownOptions } from "./importing";

const parameter = (changed: Partial<Parameter>): Parameter => ({
  name: "", kind: "text", label: "", default: "", required: false, choices: [], minimum: null, maximum: null, language: "", when: null, help: "", aliases: [], input: "", ...changed,
});

const PARAMETERS = [
  parameter({ name: "format", kind: "choice", choices: ["auto", "csv", "excel"], default: "auto" }),
  parameter({ name: "header", kind: "boolean", default: true, when: ["format", ["auto", "csv", "excel"]] }),
  parameter({ name: "delimiter", when: ["format", ["auto", "csv"]] }),
  parameter({ name: "sheet", when: ["format", ["excel"]] }),
];

it("shows what the format has", () => {
  expect(shownOptions(PARAMETERS, {}).map(({ name }) => name)).toEqual(["format", "header", "delimiter"]);
  expect(shownOptions(PARAMETERS, { format: "excel" }).map(({ name }) => name)).toEqual(["format", "header", "sheet"]);
});

it("sends what differs from the default and still matters", () => {
  expect(sentOptions(PARAMETERS, { format: "excel", header: false, delimiter: ";" })).toEqual({ format: "excel", header: false });
  expect(sentOptions(PARAMETERS, { header: true })).toEqual({});
});
