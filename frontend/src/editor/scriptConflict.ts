// When a script was changed here and elsewhere: several edits of one text are one conflict, of which the last counts.
import type { Conflict } from "../document/changes";
import { edit, useDocument } from "../document/store";

function isOf(node: string, conflict: Conflict | undefined): boolean {
  return conflict?.path.join("\0") === ["nodes", node, "script", "text"].join("\0");
}

/** Both texts, when the script's conflict is the first to be settled. */
export function conflictOf(node: string, conflicts: readonly Conflict[]): { theirs: string; mine: string } | null {
  if (!isOf(node, conflicts[0])) return null;
  const last = conflicts.findLast((one) => isOf(node, one));
  return { theirs: String(last?.theirs ?? ""), mine: String(last?.mine ?? "") };
}

/** Settles all conflicts of the script: `text` is to stand. */
export function resolve(node: string, text: string): void {
  for (;;) {
    const { conflicts } = useDocument.getState();
    if (!isOf(node, conflicts[0])) return;
    const isLast = !isOf(node, conflicts[1]);
    edit.resolve(isLast ? { value: text } : "theirs");
  }
}
