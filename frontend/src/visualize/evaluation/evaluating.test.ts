// What is read from the tables of Evaluate Model: thresholds, better values, confusion (UX 67).
import { expect, it } from "vitest";

import { classNames, confusionsOf, curvesOf, type CurvePoint, errorsOf, isMoreBetter, largestClasses, metricsOf, pointAt, thresholdRange } from "./evaluating";

const table = (columns: string[], ...rows: (string | number | null)[][]) => ({ columns, rows, total: rows.length });

const CURVES = table(
  ["Dataset", "Threshold", "True Positive", "False Positive", "True Negative", "False Negative", "Precision"],
  [2, 1, 0, 0, 7, 3, 1],
  [1, 1.0000000000000002, 0, 0, 7, 3, 1],
  [1, 0.8, 1, 0, 7, 2, 1],
  [1, 0.5, 2, 1, 6, 1, 0.6667],
  [1, 0, 3, 7, 0, 0, 0.3],
);

const points = (...thresholds: number[]): CurvePoint[] => thresholds.map((threshold) => ({ threshold }) as CurvePoint);

it("finds the point nearest to a threshold, the higher of two", () => {
  const known = points(1, 0.75, 0.5, 0);
  expect(pointAt(known, 0.74)?.threshold).toBe(0.75);
  expect(pointAt(known, 0.5)?.threshold).toBe(0.5);
  expect(pointAt(known, 0.25)?.threshold).toBe(0.5);
  expect(pointAt(known, 0.24)?.threshold).toBe(0);
  expect(pointAt(known, 9)?.threshold).toBe(1);
  expect(pointAt(known, -9)?.threshold).toBe(0);
  expect(pointAt([], 0.5)).toBeNull();
});

it("reads the curves of each dataset, and the ends of the slider without the hair above the highest score", () => {
  const curves = curvesOf(CURVES);
  expect(curves.map(({ dataset, points: found }) => [dataset, found.length])).toEqual([[1, 4], [2, 1]]);
  expect(pointAt(curves[0]?.points ?? [], 0.5)).toMatchObject({ truePositive: 2, falsePositive: 1, trueNegative: 6, falseNegative: 1 });
  expect(thresholdRange(curves)).toEqual([0, 1]);
  expect(curvesOf(table(["Dataset", "From", "To", "Count"], [1, 0, 1, 5]))).toEqual([]);
});

it("marks the better value of each metric, but neither of equal ones and of counts", () => {
  const found = metricsOf(table(["AUC", "True Positive", "Average Log Loss", "Recall"], [0.7, 5, 0.4, 1], [0.8, 9, 0.5, 1]));
  expect(found.map(({ name, best }) => [name, best])).toEqual([["AUC", [1]], ["True Positive", []], ["Average Log Loss", [0]], ["Recall", []]]);
  expect(metricsOf(table(["AUC"], [null], ["inf"]))[0]).toEqual({ name: "AUC", values: [null, Infinity], best: [] });
  expect(isMoreBetter("Training Log Loss")).toBe(true);
  expect(isMoreBetter("Root_Mean_Squared_Error")).toBe(false);
  expect(isMoreBetter("Coefficient_of_Determination")).toBe(true);
});

it("has no metrics where rows are clusters", () => {
  expect(metricsOf(table(["Result Description", "Number of Points"], ["Combined Evaluation", 5]))).toEqual([]);
});

it("reads a confusion matrix, also one without its zeros, and keeps its largest classes", () => {
  const [one] = confusionsOf(table(["Dataset", "Actual Class", "Predicted Class", "Count"], [1, "a", "a", 5], [1, "b", "a", 2], [1, "c", "c", 9]));
  expect(one).toEqual({ dataset: 1, classes: ["a", "b", "c"], counts: [[5, 0, 0], [2, 0, 0], [0, 0, 9]] });
  expect(one && largestClasses(one, 2)).toEqual({ dataset: 1, classes: ["a", "c"], counts: [[5, 0], [0, 9]] });
});

it("names the positive class by the counts", () => {
  const [curve] = curvesOf(CURVES);
  const confusion = (no: number, yes: number) => ({ dataset: 1, classes: ["no", "yes"], counts: [[no, 0], [0, yes]] });
  expect(curve && classNames(confusion(7, 3), curve)).toEqual(["no", "yes"]);
  expect(curve && classNames(confusion(3, 7), curve)).toEqual(["yes", "no"]);
  expect(curve && classNames(undefined, curve)).toBeNull();
});

it("reads the histogram of errors", () => {
  expect(errorsOf(table(["Dataset", "From", "To", "Count"], [1, -1, 0, 4], [1, 0, 1, 6]))).toEqual([
    { dataset: 1, bins: [{ from: -1, to: 0, count: 4 }, { from: 0, to: 1, count: 6 }] },
  ]);
});
