// What can be done with the selection and the whole canvas; menus, keys and the command palette call these.
import { localProblem, part, problemOf, request } from "../api/client";
import type { PortResult, PortView, Position, RunWish } from "../api/types";
import { edit, useDocument } from "../document/store";
import { removal } from "../document/graph";
import { setChange } from "../document/changes";
import { tell, tellProblem } from "../ui/Toast";
import { type Alignment, aligned, arranged, positionsOf } from "./arranging";
import { edgeEnd } from "./boxes";
import { removeServices } from "./service";
import { canvasView, setCanvas, useCanvas } from "./state";

const get = useDocument.getState;

/** Deletes what is selected: nodes, connections, web service boxes, as one step. */
export function deleteSelection(): void {
  const { document, selection } = get();
  const { selectedEdges, selectedServices } = useCanvas.getState();
  if (document === null) return;
  const gone = new Set(selection);
  const ends = selectedEdges.map(edgeEnd).filter((end) => end !== null && !gone.has(end.node));
  const cut = ends.map((end) => setChange(document, ["nodes", end?.node ?? "", "inputs", end?.port ?? ""], null));
  const boxes = [...selectedServices, ...selectedEdges.filter((id) => id.startsWith("service:")).map((id) => id.slice(8))];
  const services = removeServices([...new Set(boxes)]);
  const changes = [...cut, ...removal(document, selection), ...services];
  const seen = new Set<string>();
  const once = changes.filter((one) => {
    const key = one.op === "set" ? one.path.join("\n") : "";
    return !seen.has(key) && seen.add(key);
  });
  if (once.length === 0) return;
  const what = selection.length === 1 ? selection[0] : selection.length > 1 ? `${selection.length} nodes` : cut.length > 0 ? "connection" : "web service box";
  edit.apply(`Delete ${what}`, once);
  edit.select([]);
  setCanvas({ selectedEdges: [], selectedServices: [] });
}

export function selectAll(): void {
  edit.select(Object.keys(get().document?.nodes ?? {}));
}

export function arrangeAll(): void {
  const { document } = get();
  if (document === null) return;
  edit.apply("Arrange", moveChanges(arranged(document, Object.keys(document.nodes))));
  window.setTimeout(() => canvasView()?.fit(), 60);
}

export function alignSelection(how: Alignment): void {
  const { document, selection } = get();
  if (document === null) return;
  const all = positionsOf(document);
  const chosen: Record<string, Position> = {};
  for (const name of selection) if (all[name]) chosen[name] = all[name];
  edit.apply("Align", moveChanges(aligned(chosen, how)));
}

function moveChanges(positions: Record<string, Position>) {
  const { document } = get();
  if (document === null) return [];
  return Object.entries(positions).map(([name, { x, y }]) =>
    setChange(document, ["layout", "nodes", name], { x: Math.round(x), y: Math.round(y) }),
  );
}

/** Begins a run; what becomes of it comes by events. */
export async function run(wish: Partial<RunWish>): Promise<void> {
  const { name } = get();
  if (name === null) return;
  const body: RunWish = { to: [], start: [], only: [], force: false, force_nodes: [], ...wish };
  try {
    await request<unknown>(`/experiments/${part(name)}/runs`, { body });
  } catch (fault) {
    tellProblem(problemOf(fault));
  }
}

/** Puts a text into the clipboard and says so. */
export async function copyText(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(said);
  } catch {
    tellProblem(localProblem("no-clipboard", "The browser does not let the page write to the clipboard.", "Sign in at the address that studiolo start printed."));
  }
}

export async function copyCode(runNumber: number, node: string, port: string): Promise<void> {
  try {
    const view = await request<PortView>(`/runs/${runNumber}/nodes/${part(node)}/ports/${part(port)}`);
    await copyText(view.code, "Python code copied.");
  } catch (fault) {
    tellProblem(problemOf(fault));
  }
}

/** Downloads what a port holds; the code for it comes with the viewer. */
export async function downloadPort(node: string, port: string, result: PortResult, format: string): Promise<void> {
  const { download } = await import("../visualize/DownloadButton");
  await download({ digest: result.digest, kind: result.kind, size: result.size, name: `${node} ${port}`, format });
}
