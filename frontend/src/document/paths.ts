// Paths into an experiment's document, as changes name them: ["nodes", "clean", "parameters", "count"].
import type { ExperimentDocument, NodeDocument, WebServiceDocument } from "../api/types";

export type Path = readonly string[];

export const EMPTY_NODE: NodeDocument = {
  module: "",
  parameters: {},
  inputs: {},
  script: null,
  bundle: null,
  environment: null,
  dialect: "designer",
  limits: {},
  grants: { network: [], read: [] },
  strict: false,
  outputs: {},
  comment: "",
  requirements: [],
};

export const EMPTY_SERVICE: WebServiceDocument = { inputs: {}, outputs: {}, parameters: {} };

type Tree = Record<string, unknown>;

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path; null when nothing is there. */
export function valueAt(document: ExperimentDocument, path: Path): unknown {
  let value: unknown = document;
  for (const step of path) {
    if (!isTree(value) || !Object.hasOwn(value, step)) return null;
    value = value[step];
  }
  return value ?? null;
}

/** The document with another value at a path; null takes away, or puts back what is there when nothing is said. */
export function withValueAt(document: ExperimentDocument, path: Path, value: unknown): ExperimentDocument {
  return put(document as unknown as Tree, path, 0, value) as unknown as ExperimentDocument;
}

function put(tree: Tree, path: Path, depth: number, value: unknown): Tree {
  const step = path[depth];
  if (step === undefined) return tree;
  if (depth === path.length - 1) {
    if (value !== null && value !== undefined) return { ...tree, [step]: value };
    const absent = absentValue(path);
    if (absent !== undefined) return { ...tree, [step]: absent };
    const { [step]: _, ...rest } = tree;
    return rest;
  }
  const below = Object.hasOwn(tree, step) ? tree[step] : null;
  if (isTree(below)) return { ...tree, [step]: put(below, path, depth + 1, value) };
  if (value === null || value === undefined) return tree;
  const fresh: Tree = depth === 0 && step === "web_service" ? { ...EMPTY_SERVICE } : {};
  return { ...tree, [step]: put(fresh, path, depth + 1, value) };
}

/** What a field holds that every node, or every document, has, when nothing is said of it. */
function absentValue(path: Path): unknown {
  if (path.length === 1) return path[0] === "title" ? "" : null;
  if (path[0] === "nodes" && path.length === 3) return EMPTY_NODE[path[2] as keyof NodeDocument];
  return undefined;
}

/** Whether the place that a path is in still exists. */
export function hasPlace(document: ExperimentDocument, path: Path): boolean {
  if (path[0] !== "nodes" || path.length < 3) return true;
  if (!Object.hasOwn(document.nodes, path[1] ?? "")) return false;
  return path[2] !== "script" || path.length === 3 || document.nodes[path[1] ?? ""]?.script !== null;
}

/** A path in words, for people. */
export function pathText(path: Path): string {
  const [section, name, field, key] = path;
  if (section === "title") return "the experiment's title";
  if (section === "web_service") return name === undefined ? "the web service" : `the web service's ${path.slice(1).join(" ")}`;
  if (section === "layout") return `the position of ${path[2] ?? "a box"}`;
  if (field === undefined) return `the node ${name}`;
  if (field === "script") return `the script of ${name}`;
  if (field === "parameters" && key !== undefined) return `${key} of ${name}`;
  if (field === "inputs" && key !== undefined) return `the input ${key} of ${name}`;
  return `the ${field} of ${name}`;
}
