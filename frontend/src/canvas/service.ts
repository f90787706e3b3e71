// Changes of the web service's inputs and outputs as the canvas makes them, and what belongs to the service.
import { localProblem } from "../api/client";
import type { Change, ExperimentDocument, Position } from "../api/types";
import { appliedAll, joinSource, setChange, splitSource } from "../document/changes";
import { downstream, inputPorts, type ModuleTable, moves, outputPorts, typesFit, upstream } from "../document/graph";
import { valueAt } from "../document/paths";
import { edit, moduleTable, useDocument } from "../document/store";
import { tellProblem } from "../ui/Toast";
import { NODE_WIDTH } from "./boxes";
import { setCanvas } from "./state";

export type ServiceSide = "input" | "output";

const section = (side: string): "inputs" | "outputs" => (side === "input" ? "inputs" : "outputs");

export function splitKey(key: string): { side: ServiceSide; name: string } {
  const at = key.indexOf(":");
  return { side: key.slice(0, at) === "input" ? "input" : "output", name: key.slice(at + 1) };
}

/** Adds an input or output, joined to the fitting port of the wanted node, else to that nearest to where it was dropped. */
export function addService(side: ServiceSide, at: Position, positions: Record<string, Position>, wanted: string | null = null): void {
  const { document } = useDocument.getState();
  if (document === null) return;
  const port = nearestPort(document, moduleTable(), side, at, positions, wanted);
  if (port === null) {
    const why = side === "input" ? "No node here has a free dataset input for it." : "No node here has a dataset output for it.";
    tellProblem(localProblem("no-port", why, "Add a node first, then drop it near that node."));
    return;
  }
  const taken = document.web_service?.[section(side)] ?? {};
  let number = 1;
  while (Object.hasOwn(taken, `${side}${number}`)) number += 1;
  const name = `${side}${number}`;
  const key = `${side}:${name}`;
  edit.apply(`Add web service ${side} ${name}`, [
    ...withService(document, ["web_service", section(side), name], port),
    ...moves(document, "services", { [key]: at }),
  ]);
  setCanvas({ selectedServices: [key] });
  edit.select([]);
}

function withService(document: ExperimentDocument, path: string[], value: unknown): Change[] {
  if (document.web_service) return [setChange(document, path, value)];
  const empty = setChange(document, ["web_service"], { inputs: {}, outputs: {}, parameters: {} });
  const whole = appliedAll(document, [empty, setChange(document, path, value)]);
  return [{ ...empty, value: whole.web_service }];
}

function nearestPort(
  document: ExperimentDocument,
  modules: ModuleTable,
  side: ServiceSide,
  at: Position,
  positions: Record<string, Position>,
  wanted: string | null,
): string | null {
  const used = new Set(Object.values(document.web_service?.[section(side)] ?? {}));
  const nodes = Object.entries(document.nodes).sort(([a], [b]) => distance(a) - distance(b));
  function distance(name: string): number {
    if (name === wanted) return -1;
    const place = positions[name] ?? { x: 0, y: 0 };
    return Math.hypot(place.x + NODE_WIDTH / 2 - at.x, place.y - at.y);
  }
  for (const [name, node] of nodes) {
    const module = modules[node.module];
    const ports = side === "input" ? inputPorts(module, node) : outputPorts(node, module).filter((port) => port.type !== "device");
    const free = ports.filter((port) => typesFit(port.type, "dataset") && !used.has(joinSource(name, port.name)));
    const [chosen] = free;
    if (chosen) return joinSource(name, chosen.name);
  }
  return null;
}

/** Joins an input or output of the service to another port. */
export function joinService(key: string, node: string, port: string): void {
  const { side, name } = splitKey(key);
  edit.set(["web_service", section(side), name], joinSource(node, port), `Join web service ${side} ${name} to ${node}`);
}

export function removeServices(keys: readonly string[]): Change[] {
  const { document } = useDocument.getState();
  if (document === null) return [];
  return keys
    .flatMap((key) => {
      const { side, name } = splitKey(key);
      return [
        ["web_service", section(side), name],
        ["layout", "services", key],
      ];
    })
    .filter((path) => valueAt(document, path) !== null)
    .map((path) => setChange(document, path, null));
}

/** Renames an input or output; gives what is wrong with the name, or null. */
export function renameService(key: string, to: string): string | null {
  const { document } = useDocument.getState();
  const { side, name } = splitKey(key);
  if (!document || to === name) return null;
  if (to === "") return "It needs a name.";
  if (valueAt(document, ["web_service", section(side), to]) !== null) return `There is a web service ${side} ${to} already.`;
  const target = valueAt(document, ["web_service", section(side), name]);
  const at = valueAt(document, ["layout", "services", key]);
  edit.apply(`Rename web service ${side} ${name} to ${to}`, [
    ...removeServices([key]),
    setChange(document, ["web_service", section(side), to], target),
    ...(at === null ? [] : [setChange(document, ["layout", "services", `${side}:${to}`], at)]),
  ]);
  setCanvas({ selectedServices: [`${side}:${to}`] });
  return null;
}

/** The nodes that a request runs: between the service's inputs and outputs, with what else those need [36]. */
export function servedNodes(document: ExperimentDocument): Set<string> | null {
  const service = document.web_service;
  if (!service || Object.keys(service.outputs).length === 0) return null;
  const needed = new Set(Object.values(service.outputs).flatMap((one) => [...upstream(document, splitSource(one).node)]));
  const inputs = Object.values(service.inputs);
  if (inputs.length === 0) return needed;
  const reached = new Set(inputs.flatMap((one) => [...downstream(document, splitSource(one).node)]));
  return new Set([...needed].filter((name) => reached.has(name)));
}
