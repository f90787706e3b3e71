// A cell's value as text. Pure.
import type { TablePage } from "../../api/types";

export type CellValue = TablePage["rows"][number][number];

export function cellText(value: CellValue | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

/** As it is drawn: fractions with nine digits at most, the rest is for `cellText`. */
export function drawnText(value: CellValue | undefined): string {
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(9))) : cellText(value);
}
