// Two texts side by side with their differences, for comparing runs; nothing can be edited.
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";

import { languageOf } from "./languages";
import { look } from "./look";
import "./script-diff.css";

interface ScriptDiffProps {
  before: string;
  after: string;
  language?: string;
  labels?: [string, string];
}

export default function ScriptDiff({ before, after, language = "python", labels = ["Before", "After"] }: ScriptDiffProps) {
  const place = useRef<HTMLDivElement>(null);
  const [left, right] = labels;

  useEffect(() => {
    const shared = [lineNumbers(), languageOf(language), EditorState.readOnly.of(true), EditorView.lineWrapping, look()];
    const name = (text: string) => EditorView.contentAttributes.of({ "aria-label": text });
    const made = new MergeView({
      parent: place.current!,
      a: { doc: before, extensions: [...shared, name(left)] },
      b: { doc: after, extensions: [...shared, name(right)] },
      gutter: true,
      collapseUnchanged: { margin: 3, minSize: 6 },
    });
    return () => made.destroy();
  }, [before, after, language, left, right]);

  return <div className="script-diff" ref={place} />;
}
