// Turns a document into the boxes and lines that are drawn; what has not changed keeps its identity.
import type { Edge, Node } from "@xyflow/react";

import type { ExperimentDocument, Module, NodeDocument, NodeStatus, Port, Position, Problem } from "../api/types";
import { isEqual, splitSource } from "../document/changes";
import { inputPorts, type ModuleTable, outputPorts, ownPort } from "../document/graph";
import { own } from "../document/records";
import { stateLabel } from "../ui/StateMark";

export type Mark = "only-a" | "only-b" | "differs";

export interface NodeData extends Record<string, unknown> {
  name: string;
  node: NodeDocument;
  module: Module | undefined;
  inputs: Port[];
  outputs: Port[];
  connected: string[];
  status: NodeStatus | undefined;
  problems: Problem[];
  mark: Mark | undefined;
  isReadOnly: boolean;
  isDimmed: boolean;
  isServed: boolean;
}

export interface ServiceData extends Record<string, unknown> {
  key: string;
  name: string;
  side: "input" | "output";
  target: string;
  isReadOnly: boolean;
}

export type NodeBox = Node<NodeData, "node">;
export type ServiceBox = Node<ServiceData, "service">;
export type Box = NodeBox | ServiceBox;

export const NODE_WIDTH = 220;
export const NODE_HEIGHT = 46;
export const SERVICE_HEIGHT = 34;

export const nodeId = (name: string): string => `node:${name}`;
export const nameOf = (id: string): string | null => (id.startsWith("node:") ? id.slice(5) : null);
export const serviceKeyOf = (id: string): string | null => (id.startsWith("service:") ? id.slice(8) : null);
export const serviceId = (key: string): string => `service:${key}`;
export const portKey = (box: string, side: "input" | "output", port: string): string => `${box}\n${side}\n${port}`;

export interface Drawn {
  document: ExperimentDocument;
  modules: ModuleTable;
  statuses: Record<string, NodeStatus>;
  marks?: Record<string, Mark>;
  positions: Record<string, Position>;
  isReadOnly: boolean;
  served?: Set<string> | null;
}

/** The data of every node's box; equal data of `known` is taken over. */
export function nodeData(drawn: Drawn, known: Map<string, NodeData>): Map<string, NodeData> {
  const { document, modules, statuses, marks, isReadOnly, served } = drawn;
  const connected = connectedPorts(document);
  const problems = problemsByNode(document.problems);
  const result = new Map<string, NodeData>();
  for (const [name, node] of Object.entries(document.nodes)) {
    const module = modules[node.module];
    const before = known.get(name);
    const isSameModule = before !== undefined && before.module === module;
    const sameInputs = isSameModule && isEqual(Object.keys(before.node.inputs), Object.keys(node.inputs));
    const samePorts = isSameModule && before.node.outputs === node.outputs;
    const fresh: NodeData = {
      name,
      node,
      module,
      inputs: sameInputs && module ? before.inputs : withUnknown(inputPorts(module, node), Object.keys(node.inputs), module),
      outputs: samePorts && module ? before.outputs : withUnknown(outputPorts(node, module), usedOutputs(connected, name), module),
      connected: connected.get(name) ?? NONE,
      status: own(statuses, name),
      problems: problems.get(name) ?? NO_PROBLEMS,
      mark: marks && own(marks, name),
      isReadOnly,
      isDimmed: served ? !served.has(name) : false,
      isServed: served?.has(name) ?? false,
    };
    result.set(name, before && isSame(before, fresh) ? before : fresh);
  }
  return result;
}

const NONE: string[] = [];
const NO_PROBLEMS: Problem[] = [];

function isSame(before: NodeData, fresh: NodeData): boolean {
  return (Object.keys(fresh) as (keyof NodeData)[]).every(
    (key) => before[key] === fresh[key] || ((key === "connected" || key === "problems") && isEqual(before[key], fresh[key])),
  );
}

function problemsByNode(problems: Problem[]): Map<string, Problem[]> {
  const found = new Map<string, Problem[]>();
  for (const one of everyProblem(problems)) {
    const node = one.where.node ?? "";
    found.set(node, [...(found.get(node) ?? []), one]);
  }
  return found;
}

function everyProblem(problems: Problem[]): Problem[] {
  return problems.flatMap((one) => (one.problems.length > 0 ? everyProblem(one.problems) : [one]));
}

/** Ports that connections name though the module is not known, so that lines have ends. */
function withUnknown(ports: Port[], used: string[], module: Module | undefined): Port[] {
  if (module !== undefined) return ports;
  return used.map((name) => ownPort(name, "any", true));
}

function usedOutputs(connected: Map<string, string[]>, name: string): string[] {
  return (connected.get(name) ?? []).filter((key) => key.startsWith("output\n")).map((key) => key.slice(7));
}

function connectedPorts(document: ExperimentDocument): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  const add = (node: string, key: string): void => {
    const keys = found.get(node) ?? new Set<string>();
    found.set(node, keys.add(key));
  };
  for (const [name, node] of Object.entries(document.nodes)) {
    for (const [port, source] of Object.entries(node.inputs)) {
      add(name, `input\n${port}`);
      const from = splitSource(source);
      add(from.node, `output\n${from.port}`);
    }
  }
  return new Map([...found].map(([name, keys]) => [name, [...keys].sort()]));
}

/** The name of a node for screen readers: "Execute Python Script clean, finished". */
export function nodeLabel(data: NodeData): string {
  const state = data.status?.is_current ? data.status.state : "not-run";
  const wrong = data.problems.length > 0 ? ", needs attention" : "";
  return `${data.module?.name ?? data.node.module} ${data.name}, ${stateLabel(state)}${wrong}`;
}

export function nodeBox(data: NodeData, position: Position, isSelected: boolean, before: Box | undefined): NodeBox {
  if (before?.type === "node" && before.data === data && before.selected === isSelected) {
    if (before.position.x === position.x && before.position.y === position.y) return before;
  }
  return {
    ...(before?.type === "node" ? before : null),
    id: nodeId(data.name),
    type: "node",
    position,
    data,
    selected: isSelected,
    ariaLabel: nodeLabel(data),
    ariaRole: "group",
    draggable: !data.isReadOnly,
  };
}

/** The blue boxes of the web service's inputs and outputs. */
export function serviceBoxes(drawn: Drawn, selected: string[], known: Map<string, Box>): ServiceBox[] {
  const service = drawn.document.web_service;
  if (!service) return [];
  const sides = [
    ["input", service.inputs],
    ["output", service.outputs],
  ] as const;
  const counts = new Map<string, number>();
  return sides.flatMap(([side, entries]) =>
    Object.entries(entries).map(([name, target]): ServiceBox => {
      const key = `${side}:${name}`;
      const node = splitSource(target).node;
      const nth = counts.get(side + node) ?? 0;
      counts.set(side + node, nth + 1);
      const beside = drawn.positions[node] ?? { x: 0, y: 0 };
      const position = drawn.document.layout.services[key] ?? {
        x: beside.x + nth * (NODE_WIDTH + 20) + (side === "input" ? -40 : 0),
        y: beside.y + (side === "input" ? -84 : NODE_HEIGHT + 60),
      };
      const before = known.get(serviceId(key));
      const data: ServiceData = { key, name, side, target, isReadOnly: drawn.isReadOnly };
      return {
        ...(before?.type === "service" ? before : null),
        id: serviceId(key),
        type: "service",
        position,
        data: before?.type === "service" && isEqual(before.data, data) ? before.data : data,
        selected: selected.includes(key),
        ariaLabel: `Web service ${side} ${name}`,
        ariaRole: "group",
        draggable: !drawn.isReadOnly,
      };
    }),
  );
}

/** The lines between ports. */
export function lines(drawn: Drawn, selected: string[], known: Map<string, Edge>): Edge[] {
  const { document, isReadOnly } = drawn;
  const made: Edge[] = [];
  const add = (id: string, source: string, sourceHandle: string, target: string, targetHandle: string, look: string): void => {
    const isSelected = selected.includes(id);
    const before = known.get(id);
    if (before && before.sourceHandle === sourceHandle && before.source === source && before.selected === isSelected) {
      if (before.className === look && before.target === target && before.targetHandle === targetHandle) {
        made.push(before);
        return;
      }
    }
    made.push({
      id,
      source,
      sourceHandle,
      target,
      targetHandle,
      selected: isSelected,
      className: look,
      selectable: true,
      deletable: !isReadOnly,
      interactionWidth: 18,
      ariaLabel: `Connection from ${label(source, sourceHandle)} to ${label(target, targetHandle)}`,
    });
  };
  for (const [name, node] of Object.entries(document.nodes)) {
    for (const [port, written] of Object.entries(node.inputs)) {
      const from = splitSource(written);
      const source = document.nodes[from.node];
      if (!source) continue;
      const known = outputPorts(source, drawn.modules[source.module]);
      const output = from.port || known[0]?.name || "";
      const type = known.find((one) => one.name === output)?.type ?? "any";
      const isServed = drawn.served?.has(name) && drawn.served.has(from.node);
      add(edgeId(name, port), nodeId(from.node), output, nodeId(name), port, `canvas-line canvas-line-${type} ${isServed ? "is-served" : ""}`);
    }
  }
  const service = document.web_service;
  for (const [name, target] of Object.entries(service?.inputs ?? {})) {
    const to = splitSource(target);
    const key = `input:${name}`;
    if (document.nodes[to.node]) add(`service:${key}`, serviceId(key), "data", nodeId(to.node), to.port, "canvas-line canvas-line-service");
  }
  for (const [name, source] of Object.entries(service?.outputs ?? {})) {
    const from = splitSource(source);
    const key = `output:${name}`;
    if (document.nodes[from.node]) add(`service:${key}`, nodeId(from.node), from.port, serviceId(key), "data", "canvas-line canvas-line-service");
  }
  return made;
}

function label(id: string, port: string): string {
  const name = nameOf(id);
  return name === null ? `web service ${serviceKeyOf(id)?.replace(":", " ")}` : `${name} ${port}`;
}

export function edgeId(node: string, port: string): string {
  return `edge:${node}\n${port}`;
}

/** The input that an edge ends at, when it is one between nodes. */
export function edgeEnd(id: string): { node: string; port: string } | null {
  if (!id.startsWith("edge:")) return null;
  const [node = "", port = ""] = id.slice(5).split("\n");
  return { node, port };
}
