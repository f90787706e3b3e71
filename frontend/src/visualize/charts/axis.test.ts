// Ticks are round, within the range, and few.
import { describe, expect, it } from "vitest";

import { linear, logarithmic, logTicks, niceStep, numberTicks, shortNumber, spanTicks, timeTicks, valueText } from "./axis";

const labels = (ticks: { label: string }[]): string[] => ticks.map((one) => one.label);
const seconds = (text: string): number => Date.parse(text) / 1000;

describe("numbers", () => {
  it("stand at 1, 2 or 5 times a power of ten", () => {
    expect(niceStep(10, 5)).toBe(2);
    expect(niceStep(0.3, 3)).toBeCloseTo(0.1);
    expect(labels(numberTicks(0, 1, 5))).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    expect(labels(numberTicks(-3, 17, 4))).toEqual(["0", "5", "10", "15"]);
  });
  it("are short when they are large or small", () => {
    expect(labels(numberTicks(0, 40_000, 4))).toEqual(["0", "10k", "20k", "30k", "40k"]);
    expect(shortNumber(2_500_000, 500_000)).toBe("2.5M");
    expect(shortNumber(0.00001, 0.00001)).toBe("1e-5");
    expect(shortNumber(1999, 1)).toBe("1999");
  });
  it("survive ranges without width, without end, and the widest there is", () => {
    expect(numberTicks(5, 5, 4)).toEqual([{ at: 5, label: "5" }]);
    expect(numberTicks(0, Infinity, 4)).toEqual([]);
    expect(numberTicks(-1.7e308, 1.7e308, 4).length).toBeLessThan(10);
    expect(linear(-1.7e308, 1.7e308, 0, 100)(0)).toBe(50);
    expect(linear(3, 3, 0, 100)(3)).toBe(50);
  });
});

describe("powers of ten", () => {
  it("are ticks of a wide range, and finer ones of a narrow one", () => {
    expect(labels(logTicks(1, 1000, 5))).toEqual(["1", "10", "100", "1000"]);
    expect(labels(logTicks(3, 60, 5))).toEqual(["5", "10", "20", "50"]);
    expect(logTicks(0, 10, 5)).toEqual([]);
    expect(logarithmic(1, 100, 0, 10)(10)).toBe(5);
  });
});

describe("times", () => {
  it("stand at whole years, months, days or minutes", () => {
    expect(labels(timeTicks(seconds("2001-03-01"), seconds("2006-02-01"), 6))).toEqual(["2002", "2003", "2004", "2005", "2006"]);
    expect(labels(timeTicks(seconds("2020-01-15"), seconds("2020-05-02"), 5))).toEqual(["2020-02", "2020-03", "2020-04", "2020-05"]);
    expect(labels(timeTicks(seconds("2020-01-01"), seconds("2020-01-04"), 4))).toEqual(["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-04"]);
    expect(labels(timeTicks(seconds("2020-01-01T10:00Z"), seconds("2020-01-01T10:04Z"), 5))).toEqual(["10:00", "10:01", "10:02", "10:03", "10:04"]);
  });
  it("of spans have their unit", () => {
    expect(labels(spanTicks(0, 7200, 3))).toEqual(["0.0 h", "0.5 h", "1.0 h", "1.5 h", "2.0 h"]);
  });
  it("are told in full where the mouse points", () => {
    expect(valueText("time", seconds("2020-01-02T03:04:05Z"))).toBe("2020-01-02 03:04:05");
    expect(valueText("number", 0.1 + 0.2)).toBe("0.3");
  });
});
