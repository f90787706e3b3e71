// What the three tables of Evaluate Model say: metrics side by side, curves by threshold, errors, confusion. Pure.
import type { TablePage } from "../../api/types";

type Cell = TablePage["rows"][number][number];

export interface WholeTable {
  columns: string[];
  rows: Cell[][];
  /** How many rows the table has; more than `rows` where it was not read whole. */
  total: number;
}

/** One metric with its value for each dataset; `best` are the places of the best values, none where that means nothing. */
export interface Metric {
  name: string;
  values: (number | null)[];
  best: number[];
}

/** One point of the curves of two classes: what becomes of the rows at a threshold. */
export interface CurvePoint {
  threshold: number;
  truePositive: number;
  falsePositive: number;
  trueNegative: number;
  falseNegative: number;
  accuracy: number;
  precision: number;
  recall: number;
  f1: number;
  falsePositiveRate: number;
  lift: number;
  positiveRate: number;
}

/** The points of one dataset, by descending threshold. */
export interface Curve {
  dataset: number;
  points: CurvePoint[];
}

export interface ErrorBins {
  dataset: number;
  bins: { from: number; to: number; count: number }[];
}

/** Counts of rows by actual class (outer) and predicted class (inner). */
export interface Confusion {
  dataset: number;
  classes: string[];
  counts: number[][];
}

export interface Evaluation {
  metrics: Metric[];
  curves: Curve[];
  errors: ErrorBins[];
  confusions: Confusion[];
}

const COUNTS = /^(true|false) (positive|negative)$/i;
const LESS_IS_BETTER = /error|loss|likelihood/i;
const MORE_IS_BETTER = /^training log loss$/i; // by how many per cent the loss is better than that of a guess

/** Whether more of a metric is better; null for counts, which say nothing alone. */
export function isMoreBetter(name: string): boolean | null {
  const told = name.replaceAll("_", " ");
  if (COUNTS.test(told)) return null;
  return MORE_IS_BETTER.test(told) || !LESS_IS_BETTER.test(told);
}

/** The metrics of the datasets, or none when the rows are not datasets (clusters have a row each). */
export function metricsOf(results: WholeTable): Metric[] {
  if (results.rows.length > 2 || results.rows.some((row) => row.some((cell) => typeof cell === "string" && !isNumber(cell)))) return [];
  return results.columns.map((name, at) => {
    const values = results.rows.map((row) => numberIn(row[at]));
    return { name, values, best: bestOf(name, values) };
  });
}

function bestOf(name: string, values: (number | null)[]): number[] {
  const isMore = isMoreBetter(name);
  const known = values.filter((value) => value !== null);
  if (isMore === null || known.length < 2) return [];
  const best = isMore ? Math.max(...known) : Math.min(...known);
  const places = values.flatMap((value, at) => (value === best ? [at] : []));
  return places.length === values.length ? [] : places;
}

export function curvesOf(table: WholeTable): Curve[] {
  const cell = reader(table);
  if (!table.columns.includes("Threshold")) return [];
  return byDataset(table).map(([dataset, rows]) => ({
    dataset,
    points: rows.map((row) => ({
      threshold: cell(row, "Threshold"),
      truePositive: cell(row, "True Positive"),
      falsePositive: cell(row, "False Positive"),
      trueNegative: cell(row, "True Negative"),
      falseNegative: cell(row, "False Negative"),
      accuracy: cell(row, "Accuracy"),
      precision: cell(row, "Precision"),
      recall: cell(row, "Recall"),
      f1: cell(row, "F1"),
      falsePositiveRate: cell(row, "False Positive Rate"),
      lift: cell(row, "Lift"),
      positiveRate: cell(row, "Positive Rate"),
    })),
  }));
}

export function errorsOf(table: WholeTable): ErrorBins[] {
  const cell = reader(table);
  if (!table.columns.includes("From")) return [];
  return byDataset(table).map(([dataset, rows]) => ({
    dataset,
    bins: rows.map((row) => ({ from: cell(row, "From"), to: cell(row, "To"), count: cell(row, "Count") })),
  }));
}

export function confusionsOf(table: WholeTable): Confusion[] {
  const places = ["Actual Class", "Predicted Class", "Count"].map((name) => table.columns.indexOf(name));
  if (places.includes(-1)) return [];
  const [actual = 0, predicted = 0, counted = 0] = places;
  return byDataset(table).map(([dataset, rows]) => {
    const classes = [...new Set(rows.flatMap((row) => [String(row[actual]), String(row[predicted])]))];
    const at = new Map(classes.map((name, index) => [name, index]));
    const counts = classes.map(() => classes.map(() => 0));
    for (const row of rows) {
      const line = counts[at.get(String(row[actual])) ?? -1];
      if (line) line[at.get(String(row[predicted])) ?? 0] = numberIn(row[counted]) ?? 0;
    }
    return { dataset, classes, counts };
  });
}

/** The matrix of its largest classes, in their order; a matrix that is not larger as it is. */
export function largestClasses(confusion: Confusion, most: number): Confusion {
  const { classes, counts, dataset } = confusion;
  if (classes.length <= most) return confusion;
  const sizes = counts.map((line) => sum(line));
  const kept = classes
    .map((_, at) => at)
    .sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0))
    .slice(0, most)
    .sort((a, b) => a - b);
  return {
    dataset,
    classes: kept.map((at) => classes[at] ?? ""),
    counts: kept.map((row) => kept.map((column) => counts[row]?.[column] ?? 0)),
  };
}

/** The point whose threshold is nearest to a wished one, the higher of two. */
export function pointAt(points: readonly CurvePoint[], wished: number): CurvePoint | null {
  let low = 0;
  let high = points.length; // the first point whose threshold is below what is wished
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.threshold ?? -Infinity) >= wished) low = middle + 1;
    else high = middle;
  }
  const above = points[low - 1];
  const below = points[low];
  if (above === undefined || below === undefined) return above ?? below ?? null;
  return above.threshold - wished <= wished - below.threshold ? above : below;
}

/** From where to where thresholds go: what a slider has as its ends. Curves begin a hair above the highest score. */
export function thresholdRange(curves: readonly Curve[]): [number, number] {
  const all = curves.flatMap(({ points }) => points.map(({ threshold }) => threshold)).filter(Number.isFinite);
  if (all.length === 0) return [0, 1];
  return [Number(Math.min(...all).toPrecision(12)), Number(Math.max(...all).toPrecision(12))];
}

/**
 * The names of the negative and the positive class: the last one in order is the positive one, unless the counts of the
 * curve at its middle say otherwise; null where there are not two.
 */
export function classNames(confusion: Confusion | undefined, curve: Curve): [string, string] | null {
  const [first, second] = confusion?.classes ?? [];
  const point = curve.points[0];
  if (confusion?.classes.length !== 2 || first === undefined || second === undefined || point === undefined) return null;
  const positives = point.truePositive + point.falseNegative;
  const [firstSize = 0, secondSize = 0] = confusion.counts.map((line) => sum(line));
  if (positives === secondSize) return [first, second];
  return positives === firstSize ? [second, first] : null;
}

function byDataset(table: WholeTable): [number, Cell[][]][] {
  const place = table.columns.indexOf("Dataset");
  const found = new Map<number, Cell[][]>();
  for (const row of table.rows) {
    const dataset = numberIn(row[place]) ?? 1;
    const rows = found.get(dataset);
    if (rows) rows.push(row);
    else found.set(dataset, [row]);
  }
  return [...found].sort(([a], [b]) => a - b);
}

function reader(table: WholeTable): (row: Cell[], name: string) => number {
  const places = new Map(table.columns.map((name, at) => [name, at]));
  return (row, name) => numberIn(row[places.get(name) ?? -1]) ?? NaN;
}

const isNumber = (text: string): boolean => /^-?(inf|nan)$/i.test(text) || (text !== "" && Number.isFinite(Number(text)));

function numberIn(cell: Cell | undefined): number | null {
  if (typeof cell === "number") return cell;
  if (typeof cell !== "string" || !isNumber(cell) || /nan/i.test(cell)) return null;
  return /inf/i.test(cell) ? (cell.startsWith("-") ? -Infinity : Infinity) : Number(cell);
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
