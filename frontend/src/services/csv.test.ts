// Rows pasted as CSV are read as spreadsheets write them [82].
import { expect, test } from "vitest";

import { parseCsv, writeCsv } from "./csv";

test("quoted cells keep commas, line ends and quotation marks", () => {
  expect(parseCsv('a,b\r\n"x, ""y""","1\n2"\r\n')).toEqual([
    ["a", "b"],
    ['x, "y"', "1\n2"],
  ]);
});

test("empty lines are no rows, but empty cells are cells", () => {
  expect(parseCsv("a,b\n\n1,\n")).toEqual([
    ["a", "b"],
    ["1", ""],
  ]);
  expect(parseCsv("a\n\n1")).toEqual([["a"], [""], ["1"]]);
});

test("what is written is read again", () => {
  const rows = [
    ["the name", "n"],
    ['says "hi", twice', "2"],
    ["", ""],
  ];
  expect(parseCsv(writeCsv(rows))).toEqual(rows);
});
