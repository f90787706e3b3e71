// Two people changed one script: theirs and mine side by side, differences marked; what stands on the right is kept.
import { python } from "@codemirror/lang-python";
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";

import { Button } from "../ui/Button";
import { look } from "./look";
import "./script-diff.css";

interface ConflictViewProps {
  theirs: string;
  mine: string;
  /** Gives the text that is to stand. */
  onResolve: (text: string) => void;
}

export function ConflictView({ theirs, mine, onResolve }: ConflictViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const merge = useRef<MergeView>(null);

  useEffect(() => {
    const shared = [lineNumbers(), python(), look()];
    const name = (text: string) => EditorView.contentAttributes.of({ "aria-label": text });
    const made = new MergeView({
      parent: place.current!,
      a: { doc: theirs, extensions: [...shared, EditorState.readOnly.of(true), name("Their text")] },
      b: { doc: mine, extensions: [...shared, name("Your text, which can be edited")] },
      revertControls: "a-to-b",
      gutter: true,
    });
    merge.current = made;
    return () => made.destroy();
  }, [theirs, mine]);

  return (
    <div className="script-diff-conflict" role="alertdialog" aria-label="The script was changed elsewhere">
      <header className="script-diff-head">
        <p>
          <strong>The script was changed elsewhere while you were typing.</strong> Left is the file, right is yours.
          Both are kept until you choose.
        </p>
        <div className="script-diff-choices">
          <Button onClick={() => onResolve(theirs)}>Take theirs</Button>
          <Button onClick={() => onResolve(mine)}>Keep mine</Button>
          <Button look="primary" onClick={() => onResolve(merge.current?.b.state.doc.toString() ?? mine)}>
            Keep the right side as it is now
          </Button>
        </div>
      </header>
      <div className="script-diff" ref={place} />
    </div>
  );
}
