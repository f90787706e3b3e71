// Only what is in sight is drawn, and each of ten million rows can be reached (UX 69, R-2.6).
import { describe, expect, it } from "vitest";

import { blocksOf, boxHeight, broughtIntoSight, clampTop, columnsInSight, edgesOf, MOST_PIXELS, pixelsPerScroll, rowsInSight } from "./viewport";

describe("rows", () => {
  it("of a short table scroll one to one", () => {
    expect(boxHeight(768, 26)).toBe(768 * 26);
    expect(pixelsPerScroll(768, 26, 500)).toBe(1);
    expect(rowsInSight(0, 768, 26, 260)).toEqual([0, 10]);
    expect(rowsInSight(13, 768, 26, 260)).toEqual([0, 11]);
  });
  it("of ten million are all reached by a capped scroll bar", () => {
    const rows = 10_000_000;
    expect(boxHeight(rows, 26)).toBe(MOST_PIXELS);
    const end = (MOST_PIXELS - 520) * pixelsPerScroll(rows, 26, 520);
    expect(rowsInSight(clampTop(end, rows, 26, 520), rows, 26, 520)).toEqual([rows - 20, rows]);
  });
  it("of an empty or short table stay at the top", () => {
    expect(clampTop(50, 3, 26, 500)).toBe(0);
    expect(rowsInSight(0, 0, 26, 500)).toEqual([0, 0]);
    expect(pixelsPerScroll(0, 26, 500)).toBe(1);
  });
});

describe("columns", () => {
  const edges = edgesOf([100, 50, 200, 100]);
  it("in sight are found by their edges", () => {
    expect(columnsInSight(edges, 0, 120)).toEqual([0, 2]);
    expect(columnsInSight(edges, 100, 51)).toEqual([1, 3]);
    expect(columnsInSight(edges, 449, 500)).toEqual([3, 4]);
    expect(columnsInSight(edgesOf([]), 0, 100)).toEqual([0, 0]);
  });
  it("come in blocks", () => {
    expect(blocksOf(95, 205, 100)).toEqual([0, 1, 2]);
    expect(blocksOf(100, 200, 100)).toEqual([1]);
    expect(blocksOf(0, 0, 100)).toEqual([]);
  });
  it("come into sight with the least movement", () => {
    expect(broughtIntoSight(100, 50, 90, 110)).toBe(90);
    expect(broughtIntoSight(100, 50, 140, 170)).toBe(120);
    expect(broughtIntoSight(100, 50, 110, 120)).toBe(100);
  });
});
