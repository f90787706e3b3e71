// Keeps an editor's text and the document's script the same: saves as one types, takes over what others write.
import { Annotation, type Extension, type Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

import { edit, useDocument } from "../document/store";

const SETTLE_MILLISECONDS = 400;

/** Marks changes that came from the document, which are not saved again. */
const fromOutside = Annotation.define<boolean>();

export function scriptOf(node: string): string | null {
  return useDocument.getState().document?.nodes[node]?.script?.text ?? null;
}

/** An extension with which the view saves its text to the node's script and follows the document. */
export class ScriptText {
  private timer = 0;
  private view: EditorView | null = null;
  private isPending = false;
  /** What stood in the document when this text last agreed with it: an edit of it by others must not be lost. */
  private base: string;
  private readonly unfollow: () => void;

  constructor(private readonly node: string) {
    this.base = scriptOf(node) ?? "";
    this.unfollow = useDocument.subscribe((state, before) => {
      if (state.document !== before.document) this.follow();
    });
  }

  extension(): Extension {
    return [
      EditorView.updateListener.of((update) => {
        if (!update.docChanged || update.transactions.every((one) => one.annotation(fromOutside))) return;
        this.isPending = true;
        window.clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.save(), SETTLE_MILLISECONDS);
      }),
      EditorView.domEventHandlers({ blur: () => this.save() }),
    ];
  }

  attach(view: EditorView): void {
    this.view = view;
  }

  /** Saves what has not been saved, at once. */
  save(): void {
    window.clearTimeout(this.timer);
    if (!this.isPending || this.view === null) return;
    this.isPending = false;
    const text = this.view.state.doc.toString();
    if (text !== scriptOf(this.node)) {
      const path = ["nodes", this.node, "script", "text"];
      edit.apply(`Edit the script of ${this.node}`, [{ op: "set", path, before: this.base, value: text }]);
    }
    this.base = text;
  }

  end(): void {
    this.save();
    this.unfollow();
    this.view = null;
  }

  /** Takes over the document's text where nothing of ours waits to be saved. */
  private follow(): void {
    const text = scriptOf(this.node);
    if (this.view === null || this.isPending || text === null) return;
    this.base = text;
    const changes = difference(this.view.state.doc, text);
    if (changes) this.view.dispatch({ changes, annotations: fromOutside.of(true) });
  }
}

/** The middle in which two texts differ: the cursor stays where it is outside of it. */
export function difference(doc: Text, text: string): { from: number; to: number; insert: string } | null {
  const now = doc.toString();
  if (now === text) return null;
  const least = Math.min(now.length, text.length);
  let from = 0;
  while (from < least && now.charCodeAt(from) === text.charCodeAt(from)) from++;
  let same = 0;
  while (same < least - from && now.charCodeAt(now.length - 1 - same) === text.charCodeAt(text.length - 1 - same)) same++;
  return { from, to: now.length - same, insert: text.slice(from, text.length - same) };
}
