// What Escape does in the large editor: closes what is open in it, then lets Tab out; pressed again it closes the editor.
import { closeCompletion, completionStatus } from "@codemirror/autocomplete";
import { temporarilySetTabFocusMode } from "@codemirror/commands";
import { closeSearchPanel, searchPanelOpen } from "@codemirror/search";
import type { EditorView } from "@codemirror/view";

const AGAIN_MILLISECONDS = 2000;

export class Escaping {
  private last = -Infinity;

  /** True when Escape was used up; false when it should close the editor. */
  press(view: EditorView | null, target: EventTarget | null): boolean {
    if (view === null || !(target instanceof Node) || !view.dom.contains(target)) return false;
    if (completionStatus(view.state) !== null) return closeCompletion(view);
    if (searchPanelOpen(view.state) && view.dom.querySelector(".cm-search")?.contains(target)) {
      closeSearchPanel(view);
      view.focus();
      return true;
    }
    const now = performance.now();
    if (now - this.last < AGAIN_MILLISECONDS) return false;
    this.last = now;
    temporarilySetTabFocusMode(view);
    return true;
  }
}
