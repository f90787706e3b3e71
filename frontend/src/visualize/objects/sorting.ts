// Order, search and bars of the tables that an object shows of itself. Pure.
import type { ObjectCard } from "../../api/types";

export type CardTable = ObjectCard["tables"][number];
export type CardCell = CardTable["rows"][number][number];

export interface CardOrder {
  column: number;
  isDescending: boolean;
}

/** Whether a column holds numbers only, and at least one. */
export function isNumberColumn(table: CardTable, column: number): boolean {
  let numbers = 0;
  for (const row of table.rows) {
    const cell = row[column];
    if (cell === null || cell === undefined) continue;
    if (typeof cell !== "number") return false;
    numbers += 1;
  }
  return numbers > 0;
}

/** The next order when a head is pressed: numbers begin with the largest, texts with a; a third time as it was. */
export function nextOrder(table: CardTable, order: CardOrder | null, column: number): CardOrder | null {
  const first = isNumberColumn(table, column);
  if (order?.column !== column) return { column, isDescending: first };
  return order.isDescending === first ? { column, isDescending: !first } : null;
}

/** Rows in an order, equal ones as they were; missing cells are always last. */
export function sortedRows(rows: readonly CardCell[][], order: CardOrder | null): CardCell[][] {
  if (order === null) return [...rows];
  const sign = order.isDescending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [a[order.column] ?? null, b[order.column] ?? null];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    return sign * compared(left, right);
  });
}

function compared(a: string | number | boolean, b: string | number | boolean): number {
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b, "en", { numeric: true });
  if (typeof a === typeof b) return Number(a) - Number(b);
  return typeof a === "string" ? 1 : -1; // numbers before texts
}

/** Rows where some text has what was typed. */
export function foundRows(rows: readonly CardCell[][], typed: string): readonly CardCell[][] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return rows;
  return rows.filter((row) => row.some((cell) => typeof cell === "string" && cell.toLowerCase().includes(wanted)));
}

export interface BarScale {
  most: number;
  isDiverging: boolean;
}

const DRAWN = /weight|importance|coefficient|score|correlation/i;

/** The scale of the bars beside numbers, one for all columns; null for tables whose numbers are not drawn. */
export function barScale(table: CardTable): BarScale | null {
  const columns = table.columns.map((_, at) => at).filter((at) => isNumberColumn(table, at));
  if (columns.length === 0 || columns.length === table.columns.length || !DRAWN.test(table.title)) return null;
  let [most, least] = [0, 0];
  for (const row of table.rows) {
    for (const at of columns) {
      const value = row[at];
      if (typeof value !== "number") continue;
      most = Math.max(most, Math.abs(value));
      least = Math.min(least, value);
    }
  }
  return most > 0 ? { most, isDiverging: least < 0 } : null;
}

/** Where a bar begins and how long it is, in shares of its room. */
export function barOf(value: number, { most, isDiverging }: BarScale): { begin: number; length: number } {
  const share = Math.min(1, Math.abs(value) / most);
  if (!isDiverging) return { begin: 0, length: share };
  return { begin: value < 0 ? 0.5 - share / 2 : 0.5, length: share / 2 };
}
