// What the graph says: ports of nodes, which connections are allowed, names, and the changes that edit it.
import type { Change, ExperimentDocument, Module, NodeDocument, Port, Position } from "../api/types";
import { joinSource, setChange, splitSource } from "./changes";
import { EMPTY_NODE, valueAt } from "./paths";

export type ModuleTable = Record<string, Module>;

export interface End {
  node: string;
  port: string;
}

export interface Connection {
  from: End;
  to: End;
}

/** Output ports in order: the module's, and those that the node adds. */
export function outputPorts(node: NodeDocument, module: Module | undefined): Port[] {
  const extra = Object.entries(node.outputs).map(([name, type]) => ownPort(name, type, false));
  return [...(module?.outputs ?? []), ...extra];
}

/** Input ports in order: the module's, and those beyond them that a script takes by keyword. */
export function inputPorts(module: Module | undefined, node: NodeDocument): Port[] {
  const known = module?.inputs ?? [];
  if (module?.runner !== "script") return known;
  const further = Object.keys(node.inputs).filter((name) => !known.some((port) => port.name === name));
  return further.length === 0 ? known : [...known, ...further.map((name) => ownPort(name, "any", true))];
}

export function ownPort(name: string, type: string, optional: boolean): Port {
  return { name, type, optional, label: name, aliases: [], holds: "" };
}

/** Whether what comes out of one port may go into another. */
export function portsFit(output: Port, input: Port): boolean {
  if (output.holds !== "" && input.holds !== "" && output.holds !== input.holds) return false;
  return typesFit(output.type, input.type);
}

/** What a port takes or gives: its type, for objects what they are. */
export const holdsOf = (port: Port): string => port.holds || port.type;

/** What a port takes or gives, with its article. */
export function kindOf(port: Port): string {
  const kind = holdsOf(port);
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

export function typesFit(output: string, input: string): boolean {
  return output === input || output === "any" || input === "any";
}

export function connections(document: ExperimentDocument): Connection[] {
  return Object.entries(document.nodes).flatMap(([name, node]) =>
    Object.entries(node.inputs).map(([port, source]) => ({ from: splitSource(source), to: { node: name, port } })),
  );
}

/** Names of the nodes that `name` gets data from, near and far, itself too. */
export function upstream(document: ExperimentDocument, name: string): Set<string> {
  const found = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    for (const source of Object.values(document.nodes[next]?.inputs ?? {})) waiting.push(splitSource(source).node);
  }
  return found;
}

/** Names of the nodes that get data from `name`, near and far, itself too. */
export function downstream(document: ExperimentDocument, name: string): Set<string> {
  const users = new Map<string, string[]>();
  for (const { from, to } of connections(document)) users.set(from.node, [...(users.get(from.node) ?? []), to.node]);
  const found = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(users.get(next) ?? []));
  }
  return found;
}

/** Why a connection is refused, or null. */
export function whyNot(document: ExperimentDocument, modules: ModuleTable, from: End, to: End): string | null {
  const source = document.nodes[from.node];
  const target = document.nodes[to.node];
  if (!source || !target) return "The node is not there any more.";
  if (from.node === to.node) return "A node cannot be connected to itself.";
  if (upstream(document, from.node).has(to.node)) {
    return `That would be a circle: ${from.node} already gets data from ${to.node}.`;
  }
  const output = outputPorts(source, modules[source.module]).find((port) => port.name === from.port);
  const input = inputPorts(modules[target.module], target).find((port) => port.name === to.port);
  if (output && input && !portsFit(output, input)) {
    return `The output ${portLabel(output)} is ${kindOf(output)}; the input ${portLabel(input)} takes ${kindOf(input)}.`;
  }
  const taken = target.inputs[to.port];
  if (taken === joinSource(from.node, from.port)) return "They are connected already.";
  if (taken !== undefined) {
    return `The input ${input ? portLabel(input) : to.port} of ${to.node} is taken by ${taken}. Remove that connection first.`;
  }
  return null;
}

export function portLabel(port: Port): string {
  return port.label || port.name;
}

const SHORT_NAMES: Record<string, string> = {
  "execute-python-script": "script",
  "apply-sql-transformation": "sql",
  "enter-data-manually": "table",
};

/** A readable name for a new node that no node has yet: "script", "script 2". */
export function freeName(document: ExperimentDocument, wished: string): string {
  const base = wished.replaceAll(".", " ").replace(/ \d+$/, "").trim().slice(0, 190) || "node";
  if (!Object.hasOwn(document.nodes, base)) return base;
  let number = 2;
  while (Object.hasOwn(document.nodes, `${base} ${number}`)) number += 1;
  return `${base} ${number}`;
}

export function nameFor(module: string): string {
  return SHORT_NAMES[module] ?? module.replaceAll("-", " ");
}

/** What is wrong with a node's name, or null. */
export function nameProblem(document: ExperimentDocument, old: string, name: string): string | null {
  if (name === old) return null;
  if (name.trim() === "") return "A node needs a name.";
  if (name !== name.trim()) return "A name cannot begin or end with a space.";
  if (name.includes(".")) return "A name cannot have a dot: it stands between a node and its port.";
  if (name.length > 200) return "A name has at most 200 characters.";
  if (Object.hasOwn(document.nodes, name)) return `There is a node ${name} already.`;
  return null;
}

/** A file for a new script that no node of the document uses. */
export function freeScriptFile(document: ExperimentDocument, name: string, ending = "py"): string {
  const used = new Set(Object.values(document.nodes).map((node) => node.script?.file));
  const base = name.normalize("NFKD").replace(/[^\w-]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 80) || "script";
  let file = `scripts/${base}.${ending}`;
  for (let number = 2; used.has(file); number += 1) file = `scripts/${base}_${number}.${ending}`;
  return file;
}

/** A new node as its module wants it. */
export function newNode(document: ExperimentDocument, module: Module, name: string, given: Partial<NodeDocument>): NodeDocument {
  const node: NodeDocument = { ...EMPTY_NODE, module: module.id, ...given };
  const isR = module.template !== "" && module.parameters.some((one) => one.kind === "code" && one.language === "r");
  if ((module.runner === "script" || isR) && node.script === null) {
    node.script = { file: freeScriptFile(document, name, isR ? "R" : "py"), text: module.template };
  }
  return node;
}

/** The changes that take nodes away, with the connections and web service parts that used them. */
export function removal(document: ExperimentDocument, names: readonly string[]): Change[] {
  const gone = new Set(names);
  const paths: string[][] = [];
  for (const { from, to } of connections(document)) {
    if (gone.has(from.node) && !gone.has(to.node)) paths.push(["nodes", to.node, "inputs", to.port]);
  }
  const service = document.web_service;
  if (service) {
    for (const [key, source] of Object.entries(service.inputs)) {
      if (gone.has(splitSource(source).node)) paths.push(["web_service", "inputs", key], ["layout", "services", `input:${key}`]);
    }
    for (const [key, source] of Object.entries(service.outputs)) {
      if (gone.has(splitSource(source).node)) paths.push(["web_service", "outputs", key], ["layout", "services", `output:${key}`]);
    }
    for (const [key, one] of Object.entries(service.parameters)) {
      if (gone.has(splitSource(one.target).node)) paths.push(["web_service", "parameters", key]);
    }
  }
  for (const name of names) paths.push(["nodes", name], ["layout", "nodes", name]);
  return paths.filter((path) => valueAt(document, path) !== null).map((path) => setChange(document, path, null));
}

/** The changes that put boxes at positions. */
export function moves(
  document: ExperimentDocument,
  section: "nodes" | "services",
  positions: Record<string, Position>,
): Change[] {
  return Object.entries(positions).map(([name, { x, y }]) =>
    setChange(document, ["layout", section, name], { x: Math.round(x), y: Math.round(y) }),
  );
}

/** The first output of one node that fits the first free input of another: what "connect" without ports means. */
export function firstFit(
  document: ExperimentDocument,
  modules: ModuleTable,
  from: string,
  to: string,
): Connection | null {
  const source = document.nodes[from];
  const target = document.nodes[to];
  if (!source || !target) return null;
  for (const output of outputPorts(source, modules[source.module])) {
    for (const input of inputPorts(modules[target.module], target)) {
      const ends = { from: { node: from, port: output.name }, to: { node: to, port: input.name } };
      if (output.type !== "device" && whyNot(document, modules, ends.from, ends.to) === null) return ends;
    }
  }
  return null;
}
