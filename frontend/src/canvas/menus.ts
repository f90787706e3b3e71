// The menus of the right mouse button: of a port, a node, a web service box, a connection, free ground [56, 57].
import type { Position } from "../api/types";
import { own } from "../document/records";
import { edit, useDocument } from "../document/store";
import type { MenuItems } from "../ui/Menu";
import { alignSelection, arrangeAll, copyCode, deleteSelection, downloadPort, run, selectAll } from "./actions";
import { nameOf, serviceKeyOf } from "./boxes";
import { startOf } from "./linking";
import { canvasView, setCanvas } from "./state";
import { copySelection, cutSelection, duplicateSelection, pasteFromClipboard } from "./clipboardActions";

/** The menu for what is under the pointer; it is selected first, as everywhere. */
export function menuFor(target: Element, point: Position): MenuItems {
  const port = startOf(target);
  if (port !== null && nameOf(port.box) !== null) return portMenu(nameOf(port.box) ?? "", port.port, port.side);
  const box = target.closest<HTMLElement>(".react-flow__node")?.dataset.id ?? "";
  const name = nameOf(box);
  if (name !== null) return nodeMenu(name);
  const service = serviceKeyOf(box);
  if (service !== null) return serviceMenu(service);
  const edge = target.closest<HTMLElement>(".react-flow__edge")?.dataset.id;
  if (edge !== undefined) return edgeMenu(edge);
  return groundMenu(point);
}

function portMenu(node: string, port: string, side: "input" | "output"): MenuItems {
  const { document, statuses, isReadOnly } = useDocument.getState();
  if (side === "input") {
    const source = document?.nodes[node]?.inputs[port];
    return [
      { label: "Remove the connection", isDisabled: source === undefined || isReadOnly, onSelect: () => edit.disconnect(node, port) },
    ];
  }
  const status = own(statuses, node);
  const result = status?.outputs[port];
  const number = status?.reused_run ?? status?.run ?? 0;
  const missing = { isDisabled: result === undefined || number === 0, why: "Run the node first" };
  const isTable = result?.kind === "dataset";
  return [
    { label: "Visualize", ...missing, onSelect: () => edit.openVisualize({ run: number, node, port }) },
    "-",
    ...(isTable || !result
      ? [
          { label: "Download as CSV", ...missing, onSelect: () => result && void downloadPort(node, port, result, "csv") },
          { label: "Download as Parquet", ...missing, onSelect: () => result && void downloadPort(node, port, result, "parquet") },
        ]
      : [{ label: "Download", ...missing, onSelect: () => void downloadPort(node, port, result, "csv") }]),
    { label: "Save as dataset …", ...missing, onSelect: () => setCanvas({ savedPort: { run: number, node, port } }) },
    { label: "Copy Python code to load this", ...missing, onSelect: () => void copyCode(number, node, port) },
  ];
}

function nodeMenu(name: string): MenuItems {
  const { document, selection, isReadOnly } = useDocument.getState();
  if (!selection.includes(name)) {
    edit.select([name]);
    setCanvas({ selectedEdges: [], selectedServices: [] });
  }
  const chosen = selection.includes(name) ? selection : [name];
  const isScript = document?.nodes[name]?.script != null;
  const isOne = chosen.length === 1;
  const locked = { isDisabled: isReadOnly };
  return [
    isOne && isScript && { label: "Edit script", keys: "Enter", onSelect: () => edit.openEditor(name) },
    isOne && { label: "Rename", keys: "F2", ...locked, onSelect: () => later(() => setCanvas({ renaming: name })) },
    isOne && { label: "Edit comment", ...locked, onSelect: () => later(() => setCanvas({ commenting: name })) },
    isOne && "-",
    { label: "Run selected", onSelect: () => void run({ only: chosen }) },
    { label: "Run to here", onSelect: () => void run({ to: chosen }) },
    { label: "Run from here", onSelect: () => void run({ start: chosen }) },
    "-",
    { label: "Cut", keys: "Ctrl+X", ...locked, onSelect: () => void cutSelection() },
    { label: "Copy", keys: "Ctrl+C", onSelect: () => void copySelection() },
    { label: "Duplicate", keys: "Ctrl+D", ...locked, onSelect: duplicateSelection },
    chosen.length > 1 && "-",
    chosen.length > 1 && { label: "Align left edges", ...locked, onSelect: () => alignSelection("left") },
    chosen.length > 1 && { label: "Align upper edges", ...locked, onSelect: () => alignSelection("top") },
    chosen.length > 2 && { label: "Spread across", ...locked, onSelect: () => alignSelection("spread-across") },
    chosen.length > 2 && { label: "Spread down", ...locked, onSelect: () => alignSelection("spread-down") },
    "-",
    { label: "Delete", keys: "Delete", isDanger: true, ...locked, onSelect: deleteSelection },
  ];
}

function serviceMenu(key: string): MenuItems {
  const { isReadOnly } = useDocument.getState();
  setCanvas({ selectedServices: [key], selectedEdges: [] });
  edit.select([]);
  return [
    { label: "Rename", keys: "F2", isDisabled: isReadOnly, onSelect: () => later(() => setCanvas({ renaming: `service:${key}` })) },
    { label: "Delete", keys: "Delete", isDanger: true, isDisabled: isReadOnly, onSelect: deleteSelection },
  ];
}

function edgeMenu(edge: string): MenuItems {
  setCanvas({ selectedEdges: [edge], selectedServices: [] });
  edit.select([]);
  return [
    {
      label: "Delete connection",
      keys: "Delete",
      isDanger: true,
      isDisabled: useDocument.getState().isReadOnly,
      onSelect: deleteSelection,
    },
  ];
}

function groundMenu(point: Position): MenuItems {
  const { isReadOnly } = useDocument.getState();
  const at = canvasView()?.toCanvas(point);
  return [
    { label: "Paste", keys: "Ctrl+V", isDisabled: isReadOnly, onSelect: () => void pasteFromClipboard(at) },
    { label: "Select all", keys: "Ctrl+A", onSelect: selectAll },
    "-",
    { label: "Arrange all nodes", isDisabled: isReadOnly, onSelect: arrangeAll },
    { label: "Fit to the window", keys: "0", onSelect: () => canvasView()?.fit() },
    { label: "Find …", keys: "Ctrl+F", onSelect: () => later(() => setCanvas({ isFinding: true })) },
  ];
}

/** After the menu has given the focus back. */
function later(action: () => void): void {
  window.setTimeout(action, 30);
}
