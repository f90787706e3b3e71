// The value of a column selection: names in order, or rules; and what it chooses of known columns [50].
import type { Column } from "../api/types";

export const TYPES = [
  "Boolean",
  "Integer",
  "Double",
  "Numeric",
  "String",
  "DateTime",
  "TimeSpan",
  "Categorical",
  "Bytes",
] as const;
export const ROLES = ["feature", "label", "score", "weight"] as const;

export type Verb = "include" | "exclude";
export interface Choice {
  names?: string[];
  indices?: (number | string)[];
  types?: string[];
  roles?: string[];
}
export type Rule = Partial<Record<Verb, "all" | Choice>>;
export interface Rules {
  begin: "all" | "none";
  rules: Rule[];
}

export function isRules(value: unknown): value is Rules {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Array.isArray((value as Rules).rules);
}

export function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : typeof value === "string" && value !== "" ? [value] : [];
}

export function parts(rule: Rule): { verb: Verb; what: "all" | Choice } {
  return rule.exclude === undefined
    ? { verb: "include", what: rule.include ?? "all" }
    : { verb: "exclude", what: rule.exclude };
}

/** Names that the rules leave of these columns, in their order. A name or position that is not there counts for nothing. */
export function chosen(rules: Rules, columns: Column[]): string[] {
  let kept = new Set(rules.begin === "all" ? columns.keys() : []);
  for (const rule of rules.rules) {
    const { verb, what } = parts(rule);
    const meant = meaning(what, columns);
    kept = new Set([...columns.keys()].filter((at) => (verb === "include" ? kept.has(at) || meant(at) : kept.has(at) && !meant(at))));
  }
  return columns.filter((_, at) => kept.has(at)).map((column) => column.name);
}

function meaning(what: "all" | Choice, columns: Column[]): (at: number) => boolean {
  if (what === "all") return () => true;
  if (what.names) return (at) => what.names?.includes(columns[at]?.name ?? "") ?? false;
  if (what.indices) {
    const ranges = what.indices.map((index) => String(index).split("-").map(Number));
    return (at) => ranges.some(([low = 0, high = low]) => low <= at + 1 && at + 1 <= high);
  }
  return (at) => {
    const column = columns[at];
    if (column === undefined) return false;
    return fitsType(column.studio_type, what.types) && (!what.roles || what.roles.includes(column.role ?? "feature"));
  };
}

function fitsType(type: string, wanted: string[] | undefined): boolean {
  if (wanted === undefined) return true;
  return wanted.includes(type) || (wanted.includes("Numeric") && (type === "Integer" || type === "Double"));
}

/** One line that says what a selection is. */
export function selectionText(value: unknown): string {
  if (isRules(value)) {
    return [`begin with ${value.begin === "all" ? "all columns" : "no columns"}`, ...value.rules.map(ruleText)].join("; ");
  }
  return namesOf(value).join(", ");
}

function ruleText(rule: Rule): string {
  const { verb, what } = parts(rule);
  if (what === "all") return `${verb} all columns`;
  if (what.names) return `${verb} ${what.names.join(", ")}`;
  if (what.indices) return `${verb} positions ${what.indices.join(", ")}`;
  const types = what.types?.join(" or ");
  const roles = what.roles?.map((role) => `${role}s`).join(" or ");
  return `${verb} ${[types, roles].filter(Boolean).join(" ")}`;
}

/** Reads positions as they are typed: "1, 3-5". Null when one is none. */
export function indicesFrom(text: string): (number | string)[] | null {
  const words = text.split(/[\s,;]+/).filter(Boolean);
  const read = words.map((word) => {
    if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
    const range = /^([1-9]\d{0,8})-([1-9]\d{0,8})$/.exec(word);
    return range && Number(range[2]) >= Number(range[1]) ? word : null;
  });
  return read.includes(null) ? null : (read as (number | string)[]);
}
