// The CodeMirror inside a CodeField; a chunk of its own.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers, placeholder as hint } from "@codemirror/view";
import { useEffect, useRef } from "react";

import type { CodeFieldProps } from "./CodeField";
import { escapeThenTab } from "./keys";
import { languageOf } from "./languages";
import { look } from "./look";

const SETTLE_MILLISECONDS = 400;

export default function CodeFieldView({ language, value, onChange, label, isReadOnly, placeholder, tables }: CodeFieldProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const timer = useRef(0);
  const told = useRef(onChange);
  told.current = onChange;
  const known = useRef(value);
  const parts = useRef({ language: new Compartment(), access: new Compartment() });

  useEffect(() => {
    const { language: languagePart, access } = parts.current;
    function tell(): void {
      window.clearTimeout(timer.current);
      const text = made.state.doc.toString();
      if (text !== known.current) {
        known.current = text;
        told.current(text);
      }
    }
    const made = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: known.current,
        extensions: [
          lineNumbers(),
          highlightSpecialChars(),
          history(),
          drawSelection(),
          indentOnInput(),
          indentUnit.of("    "),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false }),
          EditorView.lineWrapping,
          hint(placeholder ?? ""),
          keymap.of([...escapeThenTab, ...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, indentWithTab, ...defaultKeymap]),
          EditorView.contentAttributes.of({ "aria-label": label }),
          languagePart.of(languageOf(language, tables)),
          access.of(EditorState.readOnly.of(isReadOnly ?? false)),
          look(),
          EditorView.domEventHandlers({ blur: () => tell() }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            window.clearTimeout(timer.current);
            timer.current = window.setTimeout(tell, SETTLE_MILLISECONDS);
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      tell();
      made.destroy();
      view.current = null;
    };
    // The editor is made once; what changes later comes through the compartments below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [label, placeholder]);

  useEffect(() => {
    view.current?.dispatch({ effects: parts.current.language.reconfigure(languageOf(language, tables)) });
  }, [language, tables]);

  useEffect(() => {
    view.current?.dispatch({ effects: parts.current.access.reconfigure(EditorState.readOnly.of(isReadOnly ?? false)) });
  }, [isReadOnly]);

  useEffect(() => {
    const shown = view.current;
    if (shown === null || value === known.current) return;
    known.current = value;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={place} className="code-field-view" />;
}
