// Drawing a connection: which ports fit, what becomes of it; by pointer and by keyboard [24, 27].
import { localProblem } from "../api/client";
import { joinSource } from "../document/changes";
import { firstFit, inputPorts, outputPorts, typesFit, whyNot } from "../document/graph";
import { edit, moduleTable, useDocument } from "../document/store";
import { tellProblem } from "../ui/Toast";
import { nameOf, portKey, serviceId, serviceKeyOf } from "./boxes";
import { joinService, splitKey } from "./service";
import { type LinkStart, setCanvas, useCanvas } from "./state";

export interface LinkEnds {
  source: string;
  sourcePort: string;
  target: string;
  targetPort: string;
}

/** Why these ends cannot be connected, or null. */
export function refusal(ends: LinkEnds): string | null {
  const { document } = useDocument.getState();
  const from = nameOf(ends.source);
  const to = nameOf(ends.target);
  if (document === null) return "Nothing is open.";
  const modules = moduleTable();
  if (from !== null && to !== null) {
    return whyNot(document, modules, { node: from, port: ends.sourcePort }, { node: to, port: ends.targetPort });
  }
  if (from === null && to === null) return "A web service input cannot be a web service output.";
  const side = from === null ? "input" : "output";
  const name = to ?? from ?? "";
  const portName = from === null ? ends.targetPort : ends.sourcePort;
  const node = document.nodes[name];
  if (!node) return "The node is not there any more.";
  const module = modules[node.module];
  const port = (from === null ? inputPorts(module, node) : outputPorts(node, module)).find((one) => one.name === portName);
  if (port && !typesFit(port.type, "dataset")) return `A web service ${side} carries a dataset, not a ${port.type}.`;
  const others = document.web_service?.[side === "input" ? "inputs" : "outputs"] ?? {};
  const same = Object.entries(others).find(([, target]) => target === joinSource(name, portName));
  return same ? `Web service ${side} ${same[0]} is joined to this port already.` : null;
}

/** Makes the connection, or says why not. */
export function linkUp(ends: LinkEnds): boolean {
  const why = refusal(ends);
  if (why !== null) {
    tellProblem(localProblem("no-connection", why));
    return false;
  }
  const from = nameOf(ends.source);
  const to = nameOf(ends.target);
  if (from !== null && to !== null) return edit.connect(from, ends.sourcePort, to, ends.targetPort);
  const key = serviceKeyOf(from === null ? ends.source : ends.target);
  if (key === null) return false;
  if (from === null) joinService(key, to ?? "", ends.targetPort);
  else joinService(key, from, ends.sourcePort);
  return true;
}

export function endsOf(start: LinkStart, box: string, port: string): LinkEnds {
  return start.side === "output"
    ? { source: start.box, sourcePort: start.port, target: box, targetPort: port }
    : { source: box, sourcePort: port, target: start.box, targetPort: start.port };
}

/** Begins a connection at a port: the ports that fit light up. */
export function startLink(start: LinkStart): void {
  setCanvas({ link: start, linkable: linkableFrom(start) });
}

export function endLink(): void {
  if (useCanvas.getState().link !== null) setCanvas({ link: null, linkable: {} });
}

function linkableFrom(start: LinkStart): Record<string, true> {
  const { document } = useDocument.getState();
  if (document === null) return {};
  const modules = moduleTable();
  const found: Record<string, true> = {};
  const side = start.side === "output" ? "input" : "output";
  const offer = (box: string, port: string): void => {
    if (refusal(endsOf(start, box, port)) === null) found[portKey(box, side, port)] = true;
  };
  for (const [name, node] of Object.entries(document.nodes)) {
    const module = modules[node.module];
    const ports = side === "input" ? inputPorts(module, node) : outputPorts(node, module);
    for (const port of ports) offer(`node:${name}`, port.name);
  }
  const service = document.web_service;
  const boxes = Object.keys((side === "input" ? service?.outputs : service?.inputs) ?? {});
  for (const name of boxes) offer(serviceId(`${side === "input" ? "output" : "input"}:${name}`), "data");
  return found;
}

/** Drops a connection on a whole node: its first port that fits. */
export function dropOnBox(start: LinkStart, box: string): void {
  const { document } = useDocument.getState();
  const name = nameOf(box);
  const from = nameOf(start.box);
  if (document === null || box === start.box) return;
  const { linkable } = useCanvas.getState();
  const side = start.side === "output" ? "input" : "output";
  const fitting = Object.keys(linkable).find((key) => key.startsWith(portKey(box, side, "")));
  if (fitting !== undefined) linkUp(endsOf(start, box, fitting.split("\n")[2] ?? ""));
  else if (name !== null && from !== null) {
    const reverse = firstFit(document, moduleTable(), start.side === "output" ? from : name, start.side === "output" ? name : from);
    if (reverse === null) tellProblem(localProblem("no-connection", `${name} has no free port that fits.`));
  }
}

export function startOf(element: Element | null): LinkStart | null {
  const port = element?.closest<HTMLElement>("[data-port]");
  const { box, port: name, side } = port?.dataset ?? {};
  if (box === undefined || name === undefined) return null;
  return { box, port: name, side: side === "input" ? "input" : "output" };
}

/** Where a keyboard connection may go, in reading order. */
export function linkableElements(root: HTMLElement): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(".canvas-port.is-linkable")].sort((a, b) => {
    const left = a.getBoundingClientRect();
    const right = b.getBoundingClientRect();
    return left.y - right.y || left.x - right.x;
  });
}

export function portWords(start: LinkStart): string {
  const key = serviceKeyOf(start.box);
  if (key === null) return `${nameOf(start.box)} ${start.port}`;
  const { side, name } = splitKey(key);
  return `web service ${side} ${name}`;
}
