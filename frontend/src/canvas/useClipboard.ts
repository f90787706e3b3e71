// The browser's copy, cut and paste on the canvas; text fields and selected text keep theirs.
import { type RefObject, useEffect } from "react";

import { useDocument } from "../document/store";
import { plural } from "../ui/quantities";
import { tell } from "../ui/Toast";
import { paste, removeSelected, selectionText } from "./clipboardActions";
import { canvasView } from "./state";

function isOurs(event: ClipboardEvent, root: HTMLElement | null): boolean {
  const target = event.target;
  if (target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))) return false;
  if (document.querySelector('[role="dialog"]') !== null || root === null) return false;
  const chosen = window.getSelection();
  return event.type === "paste" || chosen === null || chosen.isCollapsed || root.contains(chosen.anchorNode);
}

export function useClipboard(root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    function onCopy(event: ClipboardEvent): void {
      if (!isOurs(event, root.current)) return;
      const text = selectionText();
      if (text === null) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", text);
      const count = useDocument.getState().selection.length;
      if (event.type === "cut") removeSelected();
      tell(`${plural(count, "node")} ${event.type === "cut" ? "cut" : "copied"}.`);
    }
    function onPaste(event: ClipboardEvent): void {
      if (!isOurs(event, root.current)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (paste(text, canvasView()?.pointer() ?? null)) event.preventDefault();
    }
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCopy);
    document.addEventListener("paste", onPaste);
    return () => {
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCopy);
      document.removeEventListener("paste", onPaste);
    };
  }, [root]);
}
