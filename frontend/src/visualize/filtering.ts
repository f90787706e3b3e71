// The comparisons that filters offer for each type of column. Pure.
import type { Column, Filter } from "../api/types";

export type Op = Filter["op"];

const SIGNS: Record<Op, string> = {
  equals: "=",
  "not-equals": "≠",
  less: "<",
  "at-most": "≤",
  greater: ">",
  "at-least": "≥",
  contains: "contains",
  begins: "begins with",
  missing: "is missing",
  present: "is present",
};

const ORDERED: Op[] = ["equals", "not-equals", "less", "at-most", "greater", "at-least", "missing", "present"];
const TEXTS: Op[] = ["contains", "begins", "equals", "not-equals", "less", "at-most", "greater", "at-least", "missing", "present"];
const PLAIN: Op[] = ["equals", "not-equals", "missing", "present"];

/** What can be asked of a column; the first is offered first. */
export function opsOf(column: Column): Op[] {
  switch (column.studio_type) {
    case "String":
    case "Categorical":
      return TEXTS;
    case "Boolean":
    case "Bytes":
      return PLAIN;
    default:
      return ORDERED;
  }
}

export function signOf(op: Op): string {
  return SIGNS[op];
}

export function needsValue(op: Op): boolean {
  return op !== "missing" && op !== "present";
}

/** What to type, by type. */
export function exampleOf(column: Column): string {
  const examples: Record<string, string> = { Boolean: "true", DateTime: "2020-01-31", TimeSpan: "01:30:00", Bytes: "00ff", Integer: "number", Double: "number" };
  return examples[column.studio_type] ?? "text";
}

/** The filters with one column's replaced, or taken away. */
export function withFilter(filters: Filter[], column: number, op: Op | null, value: string): Filter[] {
  const others = filters.filter((one) => one.column !== column);
  if (op === null || (needsValue(op) && value === "")) return others;
  return [...others, { column, op, value: needsValue(op) ? value : "" }];
}

export function filterText(filter: Filter, name: string): string {
  return `${name} ${signOf(filter.op)}${needsValue(filter.op) ? ` ${filter.value}` : ""}`;
}
