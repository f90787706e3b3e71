// Cut, copy, paste and duplicate of nodes; the browser's own keys and the menus both come here.
import { localProblem } from "../api/client";
import type { Position } from "../api/types";
import { copiedText, type Copied, pasting, readCopied } from "../document/clipboard";
import { edit, moduleTable, useDocument } from "../document/store";
import { plural } from "../ui/quantities";
import { tell, tellProblem } from "../ui/Toast";
import { positionsOf } from "./arranging";
import { canvasView, setCanvas } from "./state";

/** What was copied last in this page, for browsers that do not let it read their clipboard. */
let last = "";

export function selectionText(): string | null {
  const { document, selection } = useDocument.getState();
  if (document === null || selection.length === 0) return null;
  last = copiedText(document, selection, positionsOf(document));
  return last;
}

export function removeSelected(): void {
  edit.removeNodes(useDocument.getState().selection);
}

export function paste(text: string, at: Position | null): boolean {
  const copied = readCopied(text);
  if (copied === null) return false;
  pasteCopied(copied, at, "Paste");
  return true;
}

function pasteCopied(copied: Copied, at: Position | null, word: string): void {
  const { document } = useDocument.getState();
  if (document === null) return;
  const { changes, names } = pasting(document, moduleTable(), copied, at);
  const what = names.length === 1 ? (names[0] ?? "") : `${names.length} nodes`;
  if (!edit.apply(`${word} ${what}`, changes)) return;
  edit.select(names);
  setCanvas({ selectedEdges: [], selectedServices: [] });
}

export async function copySelection(): Promise<boolean> {
  const text = selectionText();
  if (text === null) return false;
  await navigator.clipboard?.writeText(text).catch(() => undefined);
  tell(`${plural(useDocument.getState().selection.length, "node")} copied.`);
  return true;
}

export async function cutSelection(): Promise<void> {
  if (await copySelection()) removeSelected();
}

export function duplicateSelection(): void {
  const text = selectionText();
  const copied = text === null ? null : readCopied(text);
  if (copied) pasteCopied(copied, null, "Duplicate");
}

export async function pasteFromClipboard(at: Position | undefined): Promise<void> {
  const text = (await navigator.clipboard?.readText().catch(() => "")) || last;
  if (!paste(text, at ?? canvasView()?.center() ?? null)) {
    tellProblem(localProblem("nothing-to-paste", "The clipboard has no nodes.", "Copy nodes here or in another experiment, or a script that defines azureml_main."));
  }
}
