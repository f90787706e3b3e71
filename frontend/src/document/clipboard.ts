// Nodes as text: what copy writes and paste reads, also between experiments and from other programs.
import type { Change, ExperimentDocument, Module, NodeDocument, Position } from "../api/types";
import { appliedAll, joinSource, setChange, splitSource } from "./changes";
import { freeName, freeScriptFile, type ModuleTable, moves } from "./graph";
import { EMPTY_NODE, type Path } from "./paths";

const KEY = "studiolo nodes";

export interface Copied {
  nodes: Record<string, NodeDocument>;
  positions: Record<string, Position>;
}

/** Nodes as text, scripts included; JSON, which is YAML too. */
export function copiedText(document: ExperimentDocument, names: readonly string[], positions: Record<string, Position>): string {
  const chosen = new Set(names);
  const nodes = Object.entries(document.nodes).filter(([name]) => chosen.has(name));
  const inner = nodes.map(([name, node]): [string, NodeDocument] => [
    name,
    { ...node, inputs: Object.fromEntries(Object.entries(node.inputs).filter(([, from]) => chosen.has(splitSource(from).node))) },
  ]);
  const places = Object.fromEntries(nodes.map(([name]) => [name, positions[name] ?? { x: 0, y: 0 }]));
  return JSON.stringify({ [KEY]: { nodes: Object.fromEntries(inner.map(([name, node]) => [name, told(node)])), positions: places } }, null, 2);
}

/** A node without the fields of which nothing is said. */
function told(node: NodeDocument): Partial<NodeDocument> {
  return Object.fromEntries(
    Object.entries(node).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(EMPTY_NODE[field as keyof NodeDocument])),
  );
}

/** Reads what `copiedText` wrote, or a Python script, which becomes a node; null for anything else. */
export function readCopied(text: string): Copied | null {
  if (/^\s*(async\s+)?def\s+azureml_main\s*\(/m.test(text) && !text.trimStart().startsWith("{")) {
    const node = { ...EMPTY_NODE, module: "execute-python-script", script: { file: "", text: text.replaceAll("\r\n", "\n") } };
    return { nodes: { script: node }, positions: { script: { x: 0, y: 0 } } };
  }
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  const content = tree(tree(found)?.[KEY]);
  const nodes = tree(content?.nodes);
  if (!nodes) return null;
  const places = tree(content?.positions) ?? {};
  const read: Copied = { nodes: {}, positions: {} };
  for (const [name, value] of Object.entries(nodes)) {
    const node = readNode(value);
    if (node === null) return null;
    read.nodes[name] = node;
    const at = tree(places[name]);
    read.positions[name] = { x: number(at?.x), y: number(at?.y) };
  }
  return read;
}

function tree(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** A node of unknown origin: only known fields, each of the kind that it has to be. */
function readNode(value: unknown): NodeDocument | null {
  const found = tree(value);
  if (!found || typeof found.module !== "string") return null;
  const node: Record<string, unknown> = { ...EMPTY_NODE };
  for (const [field, empty] of Object.entries(EMPTY_NODE)) {
    const given = found[field];
    if (given === undefined || given === null) continue;
    const isText = typeof empty === "string" || field === "bundle" || field === "environment";
    const isGood = isText
      ? typeof given === "string"
      : Array.isArray(empty)
        ? Array.isArray(given)
        : typeof empty === "boolean"
          ? typeof given === "boolean"
          : tree(given) !== null;
    if (!isGood) return null;
    node[field] = given;
  }
  const script = tree(node.script);
  if (script && (typeof script.text !== "string" || typeof script.file !== "string")) return null;
  const inputs = Object.values(node.inputs as object);
  return inputs.every((one) => typeof one === "string") ? (node as unknown as NodeDocument) : null;
}

export interface Pasting {
  changes: Change[];
  names: string[];
}

/** The changes that add copied nodes, under free names and with scripts of their own, their middle at `at`. */
export function pasting(document: ExperimentDocument, modules: ModuleTable, copied: Copied, at: Position | null): Pasting {
  const names = new Map<string, string>();
  const changes: Change[] = [];
  let current = document;
  const add = (path: Path, value: unknown): void => {
    const change = setChange(current, path, value);
    changes.push(change);
    current = appliedAll(current, [change]);
  };
  for (const [old, node] of Object.entries(copied.nodes)) {
    const name = freeName(current, old);
    names.set(old, name);
    add(["nodes", name], { ...node, inputs: {}, script: script(current, modules[node.module], name, node) });
  }
  for (const [old, node] of Object.entries(copied.nodes)) {
    for (const [port, source] of Object.entries(node.inputs)) {
      const from = splitSource(source);
      const name = names.get(from.node);
      if (name !== undefined) add(["nodes", names.get(old) ?? old, "inputs", port], joinSource(name, from.port));
    }
  }
  const moved = shifted(copied, at, document);
  const places = Object.fromEntries([...names].map(([old, name]) => [name, moved[old] ?? { x: 0, y: 0 }]));
  changes.push(...moves(current, "nodes", places));
  return { changes, names: [...names.values()] };
}

function script(document: ExperimentDocument, module: Module | undefined, name: string, node: NodeDocument) {
  if (node.script === null) return module?.runner === "script" ? { file: freeScriptFile(document, name), text: module.template } : null;
  const ending = /\.(\w+)$/.exec(node.script.file)?.[1] ?? "py";
  return { file: freeScriptFile(document, name, ending), text: node.script.text };
}

function shifted({ positions }: Copied, at: Position | null, document: ExperimentDocument): Record<string, Position> {
  const all = Object.values(positions);
  const left = Math.min(...all.map((one) => one.x));
  const right = Math.max(...all.map((one) => one.x)) + 220;
  const top = Math.min(...all.map((one) => one.y));
  const bottom = Math.max(...all.map((one) => one.y)) + 46;
  let dx = at === null ? 32 : at.x - (left + right) / 2;
  let dy = at === null ? 32 : at.y - (top + bottom) / 2;
  const taken = Object.values(document.layout.nodes);
  const hits = (): boolean => all.some((one) => taken.some((two) => Math.abs(one.x + dx - two.x) < 8 && Math.abs(one.y + dy - two.y) < 8));
  while (hits()) {
    dx += 32;
    dy += 32;
  }
  return Object.fromEntries(Object.entries(positions).map(([name, one]) => [name, { x: one.x + dx, y: one.y + dy }]));
}
