// What is dropped on the canvas: modules and datasets of the palette, files with a script, on free ground or on a line.
import type { Position } from "../api/types";
import { splitSource } from "../document/changes";
import { portsFit } from "../document/graph";
import { edit, moduleTable, useDocument } from "../document/store";
import { freePlace } from "./arranging";
import { type Box, edgeEnd, nameOf, NODE_HEIGHT, NODE_WIDTH } from "./boxes";
import { addService, type ServiceSide } from "./service";

export const MODULE_DRAG = "application/x-studiolo-item";

/** An item of the palette. */
export interface Item {
  kind: "module" | "dataset" | "service";
  id: string;
}

export function isOurs(data: DataTransfer): boolean {
  return data.types.includes(MODULE_DRAG);
}

/** The connection under a point of the screen. */
export function edgeUnder(x: number, y: number): string | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const edge = element.closest<HTMLElement>(".react-flow__edge");
    if (edge?.dataset.id?.startsWith("edge:")) return edge.dataset.id;
  }
  return null;
}

function connectionOf(edge: string | null) {
  const to = edge === null ? null : edgeEnd(edge);
  const source = to && useDocument.getState().document?.nodes[to.node]?.inputs[to.port];
  return to && source ? { from: splitSource(source), to } : null;
}

/** Adds an item of the palette; gives the new node's name. */
export function addItem(item: Item, at: Position, positions: Record<string, Position>, edge: string | null, after: string | null): string {
  if (item.kind === "service") {
    addService(item.id as ServiceSide, at, positions, after);
    return "";
  }
  if (item.kind === "dataset") {
    return edit.addNode("dataset", { at, name: item.id, given: { parameters: { name: item.id } } });
  }
  return edit.addNode(item.id, { at, into: connectionOf(edge), after });
}

export const dropOn = {
  canvas(data: DataTransfer, at: Position, positions: Record<string, Position>, edge: string | null): void {
    const item = JSON.parse(data.getData(MODULE_DRAG)) as Item;
    addItem(item, { x: at.x - NODE_WIDTH / 2, y: at.y - NODE_HEIGHT / 2 }, positions, edge, null);
  },

  /** A node without connections that is dropped on a line goes into it [28]. */
  line(box: Box, root: HTMLElement | null): void {
    const name = nameOf(box.id);
    const { document } = useDocument.getState();
    const node = name === null ? undefined : document?.nodes[name];
    if (name === null || !document || !node || Object.keys(node.inputs).length > 0) return;
    if (Object.values(document.nodes).some((one) => Object.values(one.inputs).some((from) => splitSource(from).node === name))) return;
    const element = root?.querySelector(`[data-id="${CSS.escape(box.id)}"]`);
    const place = element?.getBoundingClientRect();
    if (!place) return;
    const link = connectionOf(edgeUnder(place.x + place.width / 2, place.y + place.height / 2));
    if (link !== null) edit.insert(name, link);
  },
};

/** Where a new node goes that nobody pointed a place for: below `after`, else in the middle of the view. */
export function placeFor(after: string | null, positions: Record<string, Position>, center: Position): Position {
  const above = after === null ? undefined : positions[after];
  const wish = above ? { x: above.x, y: above.y + 110 } : { x: center.x - NODE_WIDTH / 2, y: center.y - NODE_HEIGHT / 2 };
  return freePlace(wish, Object.values(positions));
}

/** Whether a module could take data from a node: some output fits some input. */
export function canFollow(after: string, module: string): boolean {
  const { document } = useDocument.getState();
  const modules = moduleTable();
  const outputs = modules[document?.nodes[after]?.module ?? ""]?.outputs ?? [];
  return outputs.some((output) => (modules[module]?.inputs ?? []).some((input) => portsFit(output, input)));
}
