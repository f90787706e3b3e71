// An upload is sent in pieces and goes on where it was cut off.
import { describe, expect, it } from "vitest";

import type { Upload } from "../api/types";
import { canResume, CHUNK, fileKey, measured, nameFrom, nextChunk, secondsLeft, waitSeconds } from "./uploadPlan";

const upload = (changed: Partial<Upload> = {}): Upload => ({
  id: "1", file_name: "a.csv", size: 100, received: 40, state: "receiving", dataset: null, error: null, ...changed,
});

describe("pieces", () => {
  it("cover a file without gap or overlap", () => {
    const size = 2 * CHUNK + 5;
    const sent: [number, number][] = [];
    for (let piece = nextChunk(0, size); piece; piece = nextChunk(piece[1], size)) sent.push(piece);
    expect(sent).toEqual([[0, CHUNK], [CHUNK, 2 * CHUNK], [2 * CHUNK, size]]);
  });
  it("of an empty file are none", () => {
    expect(nextChunk(0, 0)).toBeNull();
  });
  it("go on where the server says that it was cut off", () => {
    expect(nextChunk(40, 100, 50)).toEqual([40, 90]);
    expect(nextChunk(90, 100, 50)).toEqual([90, 100]);
  });
});

describe("going on", () => {
  it("is only for the same file", () => {
    expect(canResume(upload(), { name: "a.csv", size: 100 })).toBe(true);
    expect(canResume(upload(), { name: "a.csv", size: 101 })).toBe(false);
    expect(canResume(upload(), { name: "b.csv", size: 100 })).toBe(false);
    expect(canResume(upload({ state: "failed", received: 100 }), { name: "a.csv", size: 100 })).toBe(true);
    expect(canResume(upload({ state: "done" }), { name: "a.csv", size: 100 })).toBe(false);
  });
  it("knows a file by size, time and name", () => {
    expect(fileKey({ name: "a.csv", size: 1, lastModified: 2 })).not.toBe(fileKey({ name: "a.csv", size: 1, lastModified: 3 }));
  });
  it("waits longer each time, ten seconds at most", () => {
    expect([1, 2, 3, 4, 5, 9].map(waitSeconds)).toEqual([1, 2, 4, 8, 10, 10]);
  });
});

it("tells rate and time left", () => {
  const first = measured(null, 0, 0);
  expect(secondsLeft(first, 100)).toBeNull();
  const second = measured(first, 1000, 20);
  expect(second.rate).toBe(20);
  expect(secondsLeft(second, 100)).toBe(4);
  expect(measured(second, 2000, 10).rate).toBe(0);
});

it("names a dataset after its file", () => {
  expect(nameFrom("sales 2026.csv.gz")).toBe("sales 2026");
  expect(nameFrom("bundle.zip")).toBe("bundle");
  expect(nameFrom(".csv")).toBe(".csv");
  expect(nameFrom("v1.2")).toBe("v1.2");
});
