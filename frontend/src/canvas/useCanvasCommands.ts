// The canvas's actions by key and in the command palette [59].
import { useMemo } from "react";

import type { Position } from "../api/types";
import { edit, useDocument } from "../document/store";
import { type Command, useOfferedCommands } from "../ui/commands";
import { alignSelection, arrangeAll, deleteSelection, run, selectAll } from "./actions";
import { copySelection, cutSelection, duplicateSelection, pasteFromClipboard } from "./clipboardActions";
import { endLink } from "./linking";
import { canvasView, setCanvas, toggleMinimap, useCanvas } from "./state";

export function useCanvasCommands(positions: Record<string, Position> | undefined): void {
  const selection = useDocument((state) => state.selection);
  const canUndo = useDocument((state) => state.canUndo);
  const canRedo = useDocument((state) => state.canRedo);
  const isReadOnly = useDocument((state) => state.isReadOnly);
  const hasOther = useCanvas((state) => state.selectedEdges.length > 0 || state.selectedServices.length > 0);
  const hasNodes = positions !== undefined && Object.keys(positions).length > 0;

  useOfferedCommands(
    useMemo<Command[]>(() => {
      const some = selection.length > 0;
      const edits = some && !isReadOnly;
      const command = (id: string, label: string, doIt: () => void, keys?: string, isEnabled = true): Command => ({
        id: `canvas-${id}`,
        group: "Canvas",
        label,
        keys,
        isEnabled,
        run: doIt,
      });
      return [
        command("undo", canUndo ? `Undo: ${canUndo}` : "Undo", edit.undo, "Ctrl+Z", canUndo !== null),
        command("redo", canRedo ? `Redo: ${canRedo}` : "Redo", edit.redo, "Ctrl+Y", canRedo !== null),
        command("redo-2", "Redo", edit.redo, "Ctrl+Shift+Z", canRedo !== null),
        command("delete", "Delete the selection", deleteSelection, "Delete", (some || hasOther) && !isReadOnly),
        command("delete-2", "Delete the selection", deleteSelection, "Backspace", (some || hasOther) && !isReadOnly),
        command("all", "Select all nodes", selectAll, "Ctrl+A", hasNodes),
        command("cut", "Cut", () => void cutSelection(), undefined, edits),
        command("copy", "Copy", () => void copySelection(), undefined, some),
        command("paste", "Paste", () => void pasteFromClipboard(undefined), undefined, !isReadOnly),
        command("duplicate", "Duplicate", duplicateSelection, "Ctrl+D", edits),
        command("rename", "Rename", rename, "F2", !isReadOnly),
        command("comment", "Comment on the node", () => setCanvas({ commenting: selection[0] ?? null }), undefined, edits && selection.length === 1),
        command("find", "Find on the canvas", () => setCanvas({ isFinding: true }), "Ctrl+F", hasNodes),
        command("fit", "Fit to the window", () => canvasView()?.fit(), "0"),
        command("natural", "Natural size", () => canvasView()?.zoomTo(1), "1"),
        command("in", "Zoom in", () => canvasView()?.zoomBy(1.25), "+"),
        command("in-2", "Zoom in", () => canvasView()?.zoomBy(1.25), "="),
        command("out", "Zoom out", () => canvasView()?.zoomBy(1 / 1.25), "-"),
        command("map", "Map of the canvas", toggleMinimap, "M"),
        command("arrange", "Arrange all nodes", arrangeAll, undefined, hasNodes && !isReadOnly),
        command("left", "Align left edges", () => alignSelection("left"), undefined, edits && selection.length > 1),
        command("top", "Align upper edges", () => alignSelection("top"), undefined, edits && selection.length > 1),
        command("across", "Spread across", () => alignSelection("spread-across"), undefined, edits && selection.length > 2),
        command("down", "Spread down", () => alignSelection("spread-down"), undefined, edits && selection.length > 2),
        command("run-to", "Run to here", () => void run({ to: selection }), undefined, some),
        command("save", "Save (it is saved as you go)", () => undefined, "Ctrl+S"),
        command("escape", "Select nothing", leave, "Escape"),
      ];
    }, [selection, canUndo, canRedo, isReadOnly, hasOther, hasNodes]),
  );
}

function rename(): void {
  const { selection } = useDocument.getState();
  const { selectedServices } = useCanvas.getState();
  const [service] = selectedServices;
  if (selection.length === 1) setCanvas({ renaming: selection[0] ?? null });
  else if (service !== undefined) setCanvas({ renaming: `service:${service}` });
}

function leave(): void {
  const { link, isFinding } = useCanvas.getState();
  if (link !== null) endLink();
  else if (isFinding) setCanvas({ isFinding: false });
  else {
    edit.select([]);
    setCanvas({ selectedEdges: [], selectedServices: [] });
  }
}
