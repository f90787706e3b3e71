// The critical path of a run: back from the node that ended last.
import { expect, test } from "vitest";

import type { ExperimentDocument, NodeStatus } from "../api/types";
import { gantt } from "./gantt";

const document = {
  nodes: { a: { inputs: {} }, b: { inputs: {} }, c: { inputs: { x: "a.out", y: "b" } }, d: { inputs: { x: "a" } } },
} as unknown as ExperimentDocument;
const status = (node: string, started: number, ended: number | null): NodeStatus =>
  ({ node, state: ended === null ? "running" : "finished", started, ended }) as NodeStatus;

test("the chain that was waited for is critical, and time begins with the first node", () => {
  const statuses = {
    a: status("a", 100, 101),
    b: status("b", 100, 105),
    c: status("c", 105, 107),
    d: status("d", 101, null),
  };
  const { bars, seconds } = gantt(document, statuses, 106);
  expect(seconds).toBe(7);
  expect(bars.filter((bar) => bar.isCritical).map((bar) => bar.node)).toEqual(["b", "c"]);
  expect(bars.find((bar) => bar.node === "d")?.end).toBe(6);
});

test("a result that is still being stored while others use it does not end the path", () => {
  const statuses = { a: status("a", 100, 104), d: status("d", 101, 103) };
  const { bars } = gantt(document, statuses, 106);
  expect(bars.filter((bar) => bar.isCritical).map((bar) => bar.node)).toEqual(["a", "d"]);
});

test("nothing ran: no bars", () => {
  expect(gantt(document, {}, 1)).toEqual({ bars: [], seconds: 0 });
});
