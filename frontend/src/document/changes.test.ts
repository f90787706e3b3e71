// Changes: applied, undone and laid onto what others did, with nobody's edit lost (UX 30; issue 6, two editors).
import { describe, expect, test } from "vitest";

import type { Change, ExperimentDocument, NodeDocument } from "../api/types";
import { applied, appliedAll, coalesced, inverted, isEqual, merged, misfit, rebased, renamed, setChange, shared } from "./changes";
import { EMPTY_NODE, valueAt } from "./paths";

function node(given: Partial<NodeDocument> = {}): NodeDocument {
  return { ...EMPTY_NODE, module: "execute-python-script", ...given };
}

function document(): ExperimentDocument {
  return {
    name: "churn",
    title: "Churn",
    revision: "1",
    nodes: {
      load: node({ module: "import-data", parameters: { path: "data/a.csv" } }),
      clean: node({ inputs: { dataset1: "load.result_dataset" }, parameters: { count: 5 }, script: { file: "scripts/clean.py", text: "a" } }),
    },
    web_service: { inputs: { data: "clean.dataset1" }, outputs: { out: "clean.result_dataset" }, parameters: {} },
    layout: { nodes: { clean: { x: 1, y: 2 } }, services: {} },
    is_readable: true,
    problems: [],
  };
}

describe("a set change", () => {
  test("knows what it replaces and is undone exactly", () => {
    const before = document();
    const change = setChange(before, ["nodes", "clean", "parameters", "count"], 7);
    expect(change.before).toBe(5);
    const after = applied(before, change);
    expect(valueAt(after, change.path)).toBe(7);
    expect(appliedAll(after, inverted([change]))).toEqual(before);
  });

  test("with null takes a key away and puts a field back to what stands when nothing is said", () => {
    const before = document();
    const gone = applied(before, setChange(before, ["nodes", "clean", "parameters", "count"], null));
    expect(gone.nodes.clean?.parameters).toEqual({});
    expect(applied(before, setChange(before, ["nodes", "clean", "script"], null)).nodes.clean?.script).toBeNull();
    expect(applied(before, setChange(before, ["nodes", "load", "comment"], null)).nodes.load?.comment).toBe("");
  });

  test("of a whole node and of its connections is one step that comes back whole", () => {
    const before = document();
    const changes = [
      setChange(before, ["nodes", "clean", "inputs", "dataset1"], null),
      setChange(before, ["nodes", "load"], null),
    ];
    const after = appliedAll(before, changes);
    expect(Object.keys(after.nodes)).toEqual(["clean"]);
    expect(isEqual(appliedAll(after, inverted(changes)), before)).toBe(true);
  });

  test("leaves everything beside its path as it is, by identity", () => {
    const before = document();
    const after = applied(before, setChange(before, ["nodes", "clean", "comment"], "tidy"));
    expect(after.nodes.load).toBe(before.nodes.load);
    expect(after.layout).toBe(before.layout);
  });

  test("with a hostile name touches no prototype", () => {
    const after = applied(document(), setChange(document(), ["nodes", "__proto__"], node()));
    expect(Object.keys(after.nodes)).toContain("__proto__");
    expect(({} as Record<string, unknown>).module).toBeUndefined();
  });
});

test("renaming follows the node into connections, the web service and the layout, and back", () => {
  const after = renamed(document(), "clean", "tidy");
  expect(Object.keys(after.nodes)).toEqual(["load", "tidy"]);
  expect(after.web_service?.inputs.data).toBe("tidy.dataset1");
  expect(after.layout.nodes).toEqual({ tidy: { x: 1, y: 2 } });
  expect(renamed(renamed(document(), "load", "raw"), "raw", "load")).toEqual(document());
  expect(renamed(document(), "load", "raw").nodes.clean?.inputs.dataset1).toBe("raw.result_dataset");
});

describe("rebasing", () => {
  const mine = (path: string[], value: unknown): Change => setChange(document(), path, value);

  test("lets changes of other places stand beside each other", () => {
    const theirs = applied(document(), setChange(document(), ["title"], "Theirs"));
    const step = { label: "count", changes: [mine(["nodes", "clean", "parameters", "count"], 7)] };
    const { steps, conflicts } = rebased(theirs, [step]);
    expect(conflicts).toEqual([]);
    expect(steps).toEqual([step]);
  });

  test("asks where both changed the same place, and keeps both values", () => {
    const path = ["nodes", "clean", "parameters", "count"];
    const theirs = applied(document(), setChange(document(), path, 9));
    const { steps, conflicts } = rebased(theirs, [{ label: "count", changes: [mine(path, 7)] }]);
    expect(steps).toEqual([]);
    expect(conflicts).toEqual([{ path, before: 5, mine: 7, theirs: 9 }]);
  });

  test("drops what the others did too", () => {
    const path = ["nodes", "clean", "parameters", "count"];
    const theirs = applied(document(), setChange(document(), path, 7));
    expect(rebased(theirs, [{ label: "count", changes: [mine(path, 7)] }])).toEqual({ steps: [], conflicts: [], lost: [] });
  });

  test("tells what belonged to a node that the others removed", () => {
    const theirs = applied(document(), setChange(document(), ["nodes", "clean"], null));
    const { steps, lost } = rebased(theirs, [{ label: "c", changes: [mine(["nodes", "clean", "comment"], "x")] }]);
    expect(steps).toEqual([]);
    expect(lost[0]?.mine).toBe("x");
  });

  test("knows a renaming that was done already", () => {
    const step = { label: "r", changes: [{ op: "rename" as const, node: "clean", to: "tidy" }] };
    expect(rebased(renamed(document(), "clean", "tidy"), [step])).toEqual({ steps: [], conflicts: [], lost: [] });
    expect(rebased(document(), [step]).steps).toEqual([step]);
  });

  test("moves boxes without asking: the last move counts", () => {
    const path = ["layout", "nodes", "clean"];
    const theirs = applied(document(), setChange(document(), path, { x: 50, y: 50 }));
    const { steps, conflicts } = rebased(theirs, [{ label: "Move", changes: [mine(path, { x: 9, y: 9 })] }]);
    expect(conflicts).toEqual([]);
    expect(steps[0]?.changes[0]).toMatchObject({ before: { x: 50, y: 50 }, value: { x: 9, y: 9 } });
  });

  test("carries a chain of changes at one place along", () => {
    const path = ["nodes", "clean", "comment"];
    const first = setChange(document(), path, "a");
    const second = { ...first, before: "a", value: "ab" };
    const { steps } = rebased(document(), [
      { label: "c", changes: [first] },
      { label: "c", changes: [second] },
    ]);
    expect(steps.length).toBe(2);
    expect(coalesced(steps.flatMap((step) => step.changes))).toEqual([{ op: "set", path, before: "", value: "ab" }]);
  });
});

test("an undo that no longer fits is found before it does harm", () => {
  const before = document();
  const change = setChange(before, ["title"], "Mine");
  const after = applied(applied(before, change), setChange(before, ["title"], "Theirs"));
  expect(misfit(after, inverted([change]))).toMatchObject({ path: ["title"], theirs: "Theirs" });
});

test("steps at one place become one, steps at two places do not", () => {
  const a = setChange(document(), ["title"], "A");
  const b = { ...a, before: "A", value: "B" };
  expect(merged([a], [b])).toEqual([{ ...a, value: "B" }]);
  expect(merged([a], [setChange(document(), ["nodes", "clean", "comment"], "x")])).toBeNull();
});

test("what a fetched document has the same keeps its identity", () => {
  const known = document();
  const fresh = applied(document(), setChange(document(), ["nodes", "clean", "comment"], "x"));
  const result = shared(known, fresh);
  expect(result.nodes.load).toBe(known.nodes.load);
  expect(result.nodes.clean).not.toBe(known.nodes.clean);
  expect(result).toEqual(fresh);
});
