// The large editor's text: CodeMirror with completion, findings, search and folding, bound to a node's script.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import {
  crosshairCursor, drawSelection, dropCursor, EditorView, highlightActiveLine, highlightActiveLineGutter,
  highlightSpecialChars, keymap, lineNumbers, rectangularSelection,
} from "@codemirror/view";
import { type RefObject, useEffect, useImperativeHandle, useRef } from "react";

import type { Column, Problem } from "../api/types";
import { columnSource, serverSource } from "./completion";
import { findings, lintOn, lookAgain } from "./findings";
import { escapeThenTab } from "./keys";
import type { LanguageConnection } from "./languageConnection";
import { languageOf } from "./languages";
import { look } from "./look";
import { type Frame, framesOf, unknownColumns } from "./scriptColumns";
import { scriptOf, ScriptText } from "./scriptText";

export interface ScriptHandle {
  goTo: (line: number, column?: number) => void;
  goToOffset: (from: number, to: number) => void;
  text: () => string;
  replace: (text: string) => void;
  save: () => void;
  focus: () => void;
  view: () => EditorView | null;
}

interface ScriptViewProps {
  experiment: string;
  node: string;
  /** Of the script; other languages than Python are neither completed nor checked while one types. */
  language: string;
  connection: LanguageConnection;
  dialect: string;
  connected: string[];
  columns: Record<string, Column[]>;
  runError: Problem | null;
  isReadOnly: boolean;
  handle: RefObject<ScriptHandle | null>;
  onRun: () => void;
  onFindings: (found: Diagnostic[], note: string) => void;
}

export function ScriptView(props: ScriptViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef<EditorView>(null);
  const now = useRef(props);
  now.current = props;
  const access = useRef(new Compartment());
  const text = useRef<ScriptText>(null);
  const { experiment, node, language, connection, runError, columns, isReadOnly, dialect } = props;

  useEffect(() => {
    const bound = new ScriptText(node);
    const isPython = language === "python";
    const server = new Compartment();
    text.current = bound;
    const frames = (script: string): Frame[] => framesOf(script, now.current.dialect, now.current.connected);
    const names = () =>
      Object.fromEntries(Object.entries(now.current.columns).map(([port, known]) => [port, known.map((one) => one.name)]));
    const view = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: scriptOf(node) ?? "",
        extensions: [
          lineNumbers(),
          highlightActiveLineGutter(),
          highlightSpecialChars(),
          history(),
          foldGutter({ openText: "⌄", closedText: "›" }),
          drawSelection(),
          dropCursor(),
          EditorState.allowMultipleSelections.of(true),
          EditorState.tabSize.of(4),
          indentUnit.of("    "),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          rectangularSelection(),
          crosshairCursor(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          search({ top: true }),
          languageOf(language),
          autocompletion({
            override: isPython ? [columnSource({ frames, columns: () => now.current.columns }), serverSource(connection)] : [],
            icons: false,
            maxRenderedOptions: 80,
          }),
          server.of([]),
          lintGutter(),
          findings({
            look: isPython ? lintOn(experiment, node) : () => Promise.resolve({ findings: [], note: "" }),
            unknown: (script) => (isPython ? unknownColumns(script, frames(script), names()) : []),
            runError: () => now.current.runError,
            onFindings: (found, note) => now.current.onFindings(found, note),
          }),
          Prec.highest(
            keymap.of([
              { key: "Shift-Enter", run: () => (now.current.onRun(), true) },
              { key: "Tab", run: acceptCompletion },
            ]),
          ),
          keymap.of([
            ...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...escapeThenTab, ...historyKeymap, ...foldKeymap,
            ...lintKeymap, indentWithTab, ...defaultKeymap,
          ]),
          EditorView.contentAttributes.of({ "aria-label": `Script of ${node}` }),
          EditorView.domEventHandlers({ focus: () => isPython && connection.wake() }),
          bound.extension(),
          access.current.of(EditorState.readOnly.of(now.current.isReadOnly)),
          look(),
        ],
      }),
    });
    bound.attach(view);
    shown.current = view;
    let isThere = false;
    const follow = (): void => {
      if (isThere === connection.isReady) return;
      isThere = connection.isReady;
      view.dispatch({ effects: server.reconfigure(isThere ? connection.extension() : []) });
    };
    const unfollow = connection.use.subscribe(follow);
    follow();
    view.focus();
    return () => {
      unfollow();
      bound.end();
      view.destroy();
      shown.current = null;
    };
  }, [experiment, node, language, connection]);

  useEffect(() => {
    shown.current?.dispatch({ effects: access.current.reconfigure(EditorState.readOnly.of(isReadOnly)) });
  }, [isReadOnly]);

  const errorKey = `${runError?.where.line ?? ""} ${runError?.summary ?? ""}`;
  const columnsKey = JSON.stringify(Object.entries(columns).map(([port, known]) => [port, known.map((one) => one.name)]));
  useEffect(() => {
    shown.current?.dispatch({ effects: lookAgain.of(null) });
  }, [errorKey, columnsKey, dialect]);

  useImperativeHandle(props.handle, () => ({
    goTo: (line, column = 1) => {
      const view = shown.current;
      if (!view) return;
      const found = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
      const at = Math.min(found.from + column - 1, found.to);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    },
    goToOffset: (from, to) => {
      const view = shown.current;
      if (!view || to > view.state.doc.length) return;
      view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      view.focus();
    },
    text: () => shown.current?.state.doc.toString() ?? "",
    replace: (fresh) => {
      const view = shown.current;
      if (!view || fresh === view.state.doc.toString()) return;
      const line = view.state.doc.lineAt(view.state.selection.main.head).number;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: fresh }, userEvent: "input.format" });
      const at = view.state.doc.line(Math.min(line, view.state.doc.lines)).from;
      view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
    },
    save: () => text.current?.save(),
    focus: () => shown.current?.focus(),
    view: () => shown.current,
  }));

  return <div ref={place} className="editor-view" />;
}
