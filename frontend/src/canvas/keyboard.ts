// Keys on what is focused on the canvas: choose a node, nudge it, connect ports without a pointer.
import { edit, useDocument } from "../document/store";
import { nameOf, serviceKeyOf } from "./boxes";
import { endLink, endsOf, linkableElements, linkUp, portWords, startLink, startOf } from "./linking";
import { setCanvas, useCanvas } from "./state";

const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export interface KeyHost {
  root: HTMLElement;
  nudge: (dx: number, dy: number) => void;
  say: (text: string) => void;
}

/** Handles a key on the canvas; true when it did something. */
export function onCanvasKey(event: React.KeyboardEvent, host: KeyHost): boolean {
  const target = event.target as HTMLElement;
  if (/^(INPUT|TEXTAREA)$/.test(target.tagName)) return false;
  if (useCanvas.getState().link !== null && onLinkKey(event, host)) return true;
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const port = startOf(target);
  if (port !== null && (event.key === "Enter" || event.key === " ")) return beginLink(port, target, host);
  const box = target.closest<HTMLElement>(".react-flow__node");
  if (box !== null && port === null && onBoxKey(event, box.dataset.id ?? "")) return true;
  const edge = target.closest<HTMLElement>(".react-flow__edge");
  if (edge !== null && (event.key === "Enter" || event.key === " ")) {
    setCanvas({ selectedEdges: [edge.dataset.id ?? ""], selectedServices: [] });
    edit.select([]);
    return true;
  }
  const step = STEPS[event.key];
  if (step && (useDocument.getState().selection.length > 0 || useCanvas.getState().selectedServices.length > 0)) {
    const size = event.shiftKey ? 50 : 10;
    host.nudge(step[0] * size, step[1] * size);
    return true;
  }
  return false;
}

function onBoxKey(event: React.KeyboardEvent, id: string): boolean {
  const name = nameOf(id);
  const key = serviceKeyOf(id);
  const { selection, document } = useDocument.getState();
  if (event.key !== "Enter" && event.key !== " ") return false;
  if (key !== null) {
    setCanvas({ selectedServices: [key], selectedEdges: [] });
    edit.select([]);
    return true;
  }
  if (name === null) return false;
  const isSelected = selection.includes(name);
  if (event.key === "Enter" && isSelected && document?.nodes[name]?.script) edit.openEditor(name);
  else if (event.shiftKey) edit.select(isSelected ? selection.filter((one) => one !== name) : [...selection, name]);
  else edit.select([name]);
  setCanvas({ selectedServices: [], selectedEdges: [] });
  return true;
}

function beginLink(start: ReturnType<typeof startOf>, target: HTMLElement, host: KeyHost): boolean {
  if (start === null || useDocument.getState().isReadOnly) return false;
  startLink(start);
  // The ports that fit are known once they are drawn.
  requestAnimationFrame(() => {
    const ports = linkableElements(host.root);
    if (ports.length === 0) {
      endLink();
      host.say("No port fits.");
      target.focus();
      return;
    }
    const below = target.getBoundingClientRect().y;
    const first = ports.find((one) => one.getBoundingClientRect().y > below) ?? ports[0];
    first?.focus();
    host.say(`Connecting ${portWords(start)}: ${ports.length} ports fit. Arrow keys choose, Enter connects, Escape ends.`);
  });
  return true;
}

function onLinkKey(event: React.KeyboardEvent, host: KeyHost): boolean {
  const { link } = useCanvas.getState();
  if (link === null) return false;
  const ports = linkableElements(host.root);
  const at = ports.indexOf(event.target as HTMLElement);
  const back = event.key === "ArrowUp" || event.key === "ArrowLeft" || (event.key === "Tab" && event.shiftKey);
  if (event.key === "Escape") {
    endLink();
    host.root.querySelector<HTMLElement>(`[data-box="${CSS.escape(link.box)}"][data-port="${CSS.escape(link.port)}"]`)?.focus();
    host.say("Not connected.");
  } else if (event.key in STEPS || event.key === "Tab") {
    ports[(at + (back ? -1 : 1) + ports.length) % ports.length]?.focus();
  } else if (event.key === "Enter" || event.key === " ") {
    const end = startOf(event.target as HTMLElement);
    if (end === null || at < 0) return false;
    endLink();
    if (linkUp(endsOf(link, end.box, end.port))) host.say(`Connected ${portWords(link)} and ${portWords(end)}.`);
  } else return false;
  return true;
}
