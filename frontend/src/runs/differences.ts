// The fields of a node in which two runs differ, as rows of a table.
import type { NodeDocument } from "../api/types";
import { isEqual } from "../document/changes";

export interface Row {
  field: string;
  a: string;
  b: string;
  isSame: boolean;
}

const MAPS = ["parameters", "inputs", "limits", "outputs"] as const;
const PLAIN = ["module", "environment", "dialect", "strict", "bundle", "requirements", "comment"] as const;

export function textOf(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(textOf).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Every field that one of the two sets, the different ones first. */
export function rows(a: NodeDocument | undefined, b: NodeDocument | undefined): Row[] {
  const found: Row[] = [];
  const add = (field: string, left: unknown, right: unknown): void => {
    const row = { field, a: textOf(left), b: textOf(right), isSame: isEqual(left, right) };
    if (row.a !== "–" || row.b !== "–") found.push(row);
  };
  for (const field of PLAIN) add(field, a?.[field], b?.[field]);
  for (const field of MAPS) {
    const [left, right]: Record<string, unknown>[] = [a?.[field] ?? {}, b?.[field] ?? {}];
    for (const key of new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])) {
      add(field === "parameters" ? key : `${field.replace(/s$/, "")} ${key}`, left?.[key], right?.[key]);
    }
  }
  add("grants: network", a?.grants.network, b?.grants.network);
  add("grants: read", a?.grants.read, b?.grants.read);
  add("script file", a?.script?.file, b?.script?.file);
  return found.sort((one, other) => Number(one.isSame) - Number(other.isSame));
}
