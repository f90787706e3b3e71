// The graph's rules and what copying carries (UX 24, 27, 29; ).
import { describe, expect, test } from "vitest";

import type { ExperimentDocument, Module, NodeDocument } from "../api/types";
import { appliedAll } from "./changes";
import { copiedText, pasting, readCopied } from "./clipboard";
import { downstream, firstFit, freeName, freeScriptFile, inputPorts, nameProblem, newNode, removal, whyNot } from "./graph";
import { EMPTY_NODE } from "./paths";

const port = (name: string, type: string, optional = false) => ({ name, type, optional, label: name, aliases: [], holds: "" });

function module(id: string, inputs: Module["inputs"], outputs: Module["outputs"], runner = "function"): Module {
  return {
    id,
    name: id,
    category: "",
    summary: "",
    description: "",
    version: 1,
    inputs,
    outputs,
    parameters: [],
    runner,
    template: "def azureml_main():\n    pass\n",
    aliases: [],
    origin: "",
  };
}

const MODULES = {
  load: module("load", [], [port("out", "dataset")]),
  script: module("script", [port("dataset1", "dataset"), port("bundle", "zip", true)], [port("out", "dataset"), port("device", "device")], "script"),
};

function node(moduleId: string, inputs: Record<string, string> = {}): NodeDocument {
  return { ...EMPTY_NODE, module: moduleId, inputs, script: moduleId === "script" ? { file: "scripts/a.py", text: "x = 1" } : null };
}

function chain(): ExperimentDocument {
  return {
    name: "e",
    title: "E",
    revision: "1",
    nodes: { a: node("load"), b: node("script", { dataset1: "a.out" }), c: node("script", { dataset1: "b.out" }) },
    web_service: { inputs: { data: "b.dataset1" }, outputs: {}, parameters: { p: { target: "b.k", default: null, has_default: false, required: false, description: "" } } },
    layout: { nodes: { b: { x: 0, y: 0 }, c: { x: 0, y: 100 } }, services: { "input:data": { x: 0, y: 0 } } },
    is_readable: true,
    problems: [],
  };
}

describe("a connection is refused", () => {
  const why = (from: [string, string], to: [string, string], document = chain()): string | null =>
    whyNot(document, MODULES, { node: from[0], port: from[1] }, { node: to[0], port: to[1] });

  test("into a circle", () => expect(why(["c", "out"], ["b", "bundle"])).toMatch(/circle/));
  test("to the node itself", () => expect(why(["b", "out"], ["b", "bundle"])).toMatch(/itself/));
  test("between types that do not fit", () => expect(why(["a", "out"], ["c", "bundle"])).toMatch(/dataset.*zip/));
  test("at an input that is taken", () => expect(why(["a", "out"], ["c", "dataset1"])).toMatch(/taken by b.out/));
  test("never where it fits", () => {
    const free = { ...chain(), nodes: { ...chain().nodes, d: node("script") } };
    expect(why(["a", "out"], ["d", "dataset1"], free)).toBeNull();
    expect(firstFit(free, MODULES, "c", "d")).toEqual({ from: { node: "c", port: "out" }, to: { node: "d", port: "dataset1" } });
  });
});

test("what a script takes by keyword is an input, so that its line has an end (R-1.9)", () => {
  const taking = node("script", { dataset1: "a.out", model: "b.out" });
  expect(inputPorts(MODULES.script, taking).map((one) => [one.name, one.type])).toEqual([
    ["dataset1", "dataset"],
    ["bundle", "zip"],
    ["model", "any"],
  ]);
  expect(inputPorts(MODULES.load, node("load", { x: "a.out" }))).toEqual([]);
});

test("what objects hold decides, and is said", () => {
  const modules = {
    learner: module("learner", [], [{ ...port("out", "object"), holds: "untrained model" }]),
    score: module("score", [{ ...port("model", "object"), holds: "trained model" }, port("thing", "object")], []),
  };
  const document = { ...chain(), nodes: { l: node("learner"), s: node("score") } };
  const why = (input: string): string | null => whyNot(document, modules, { node: "l", port: "out" }, { node: "s", port: input });
  expect(why("model")).toBe("The output out is an untrained model; the input model takes a trained model.");
  expect(why("thing")).toBeNull();
});

test("new names and files are free and readable", () => {
  expect(freeName(chain(), "b")).toBe("b 2");
  expect(freeName(chain(), "b 2")).toBe("b 2");
  expect(freeName(chain(), "x.y")).toBe("x y");
  expect(freeScriptFile(chain(), "a")).toBe("scripts/a_2.py");
  expect(freeScriptFile(chain(), "über/../x")).toMatch(/^scripts\/[\w-]+\.py$/);
  expect(newNode(chain(), MODULES.script, "s", {}).script).toEqual({ file: "scripts/s.py", text: MODULES.script.template });
});

test("a node of R gets a file of R", () => {
  const code = { name: "script", kind: "code", language: "r" } as Module["parameters"][number];
  const r = { ...module("execute-r-script", [], [port("out", "dataset")]), parameters: [code], template: "azureml_main <- 1" };
  expect(newNode(chain(), r, "plot", {}).script).toEqual({ file: "scripts/plot.R", text: "azureml_main <- 1" });
  expect(newNode(chain(), MODULES.load, "l", {}).script).toBeNull();
});

test("names that the file cannot hold are told", () => {
  expect(nameProblem(chain(), "a", "a.b")).toMatch(/dot/);
  expect(nameProblem(chain(), "a", "b")).toMatch(/already/);
  expect(nameProblem(chain(), "a", "  ")).not.toBeNull();
  expect(nameProblem(chain(), "a", "Ünïcode name")).toBeNull();
});

test("removing a node takes its connections, service entries and place with it", () => {
  const after = appliedAll(chain(), removal(chain(), ["b"]));
  expect(after.nodes.c?.inputs).toEqual({});
  expect(after.web_service).toEqual({ inputs: {}, outputs: {}, parameters: {} });
  expect(after.layout).toEqual({ nodes: { c: { x: 0, y: 100 } }, services: {} });
});

test("everything below a node is found", () => {
  expect([...downstream(chain(), "a")].sort()).toEqual(["a", "b", "c"]);
});

describe("copied nodes", () => {
  const places = { a: { x: 0, y: 0 }, b: { x: 0, y: 0 }, c: { x: 0, y: 100 } };

  test("come back as text with scripts and the connections among them", () => {
    const copied = readCopied(copiedText(chain(), ["b", "c"], places));
    expect(copied?.nodes.b?.inputs).toEqual({});
    expect(copied?.nodes.c?.inputs).toEqual({ dataset1: "b.out" });
    if (!copied) return;
    const { changes, names } = pasting(chain(), MODULES, copied, null);
    const after = appliedAll(chain(), changes);
    expect(names).toEqual(["b 2", "c 2"]);
    expect(after.nodes["c 2"]?.inputs).toEqual({ dataset1: "b 2.out" });
    expect(after.nodes["b 2"]?.script).toEqual({ file: "scripts/b_2.py", text: "x = 1" });
    expect(after.nodes.b).toEqual(chain().nodes.b);
  });

  test("may be a Python script from anywhere", () => {
    expect(readCopied("import pandas\n\ndef azureml_main(dataframe1=None):\n    return dataframe1\n")?.nodes.script?.module).toBe(
      "execute-python-script",
    );
  });

  test("are nothing when the text is something else or malformed", () => {
    for (const text of ["", "hello", "[]", '{"a": 1}', '{"studiolo nodes": {"nodes": {"x": {"module": 5}}}}', '{"studiolo nodes": {"nodes": {"x": {"module": "m", "inputs": {"a": {}}}}}}']) {
      expect(readCopied(text)).toBeNull();
    }
  });
});
