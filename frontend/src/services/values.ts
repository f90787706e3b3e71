// Values of the test form: text of a field to what JSON sends, and back. What does not fit stays text: the service says why.
import type { ServiceColumn, ServiceParameter } from "../api/types";

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
const WHOLE = ["Integer", "integer"];
const NUMERIC = [...WHOLE, "Double", "number"];
const LOGICAL = ["Boolean", "boolean"];

/** Gives what a request sends for a text that somebody typed; an empty field is a missing value. */
export function valueOf(text: string, kind: string): unknown {
  if (text === "") return null;
  const trimmed = text.trim();
  if (NUMERIC.includes(kind) && NUMBER.test(trimmed)) {
    const number = Number(trimmed);
    const isExact = !WHOLE.includes(kind) || Number.isSafeInteger(number);
    return Number.isFinite(number) && isExact ? number : trimmed;
  }
  if (LOGICAL.includes(kind) && /^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === "true";
  if (kind === "any") {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
  return text;
}

/** Gives the text of a field for a value. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The name of a column's or parameter's type that `valueOf` knows. */
export function kindOf(one: ServiceColumn | ServiceParameter | undefined): string {
  if (one === undefined) return "any";
  return "kind" in one ? one.kind : one.type;
}

/** One input of the test form: names of columns, and rows of texts. */
export interface InputDraft {
  name: string;
  columns: string[];
  rows: string[][];
}

/** Gives the body of a request in the service's own form. */
export function bodyOf(
  inputs: InputDraft[],
  kinds: (input: string, column: string) => string,
  parameters: Record<string, unknown>,
): string {
  const tables = inputs.map(({ name, columns, rows }) => [
    name,
    {
      columns,
      data: rows.map((row) => row.map((text, index) => valueOf(text, kinds(name, columns[index] ?? "")))),
    },
  ]);
  const body: Record<string, unknown> = {};
  if (inputs.length > 0) body.inputs = Object.fromEntries(tables);
  if (Object.keys(parameters).length > 0) body.parameters = parameters;
  return JSON.stringify(body, null, 2);
}
