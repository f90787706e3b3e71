// How the columns of two tables differ. Pure.
import type { Column } from "../api/types";

export interface SchemaDifference {
  onlyHere: string[];
  onlyThere: string[];
  /** As "age: int64, there float64". */
  retyped: string[];
  isReordered: boolean;
  isSame: boolean;
}

export function schemaDifference(here: Column[], there: Column[]): SchemaDifference {
  const types = new Map(there.map((column) => [column.name, column.type]));
  const names = new Set(here.map((column) => column.name));
  const onlyHere = here.filter((column) => !types.has(column.name)).map((column) => column.name);
  const onlyThere = there.filter((column) => !names.has(column.name)).map((column) => column.name);
  const retyped = here
    .filter((column) => types.has(column.name) && types.get(column.name) !== column.type)
    .map((column) => `${column.name}: ${column.type}, there ${types.get(column.name)}`);
  const shared = (columns: Column[], others: Set<string>): string[] => columns.map(({ name }) => name).filter((name) => others.has(name));
  const isReordered = shared(here, new Set(types.keys())).join("\0") !== shared(there, names).join("\0");
  return { onlyHere, onlyThere, retyped, isReordered, isSame: onlyHere.length + onlyThere.length + retyped.length === 0 && !isReordered };
}
