// What is underlined in a script: findings of the check and of ruff, unknown columns, and where the last run failed.
import { type Action, type Diagnostic, linter } from "@codemirror/lint";
import { type EditorState, type Extension, RangeSetBuilder, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";

import { request } from "../api/client";
import type { LintFinding, Problem } from "../api/types";
import type { UnknownColumn } from "./scriptColumns";

const SETTLE_MILLISECONDS = 450;

export interface FindingSources {
  look: (text: string) => Promise<{ findings: LintFinding[]; note: string }>;
  unknown: (text: string) => UnknownColumn[];
  runError: () => Problem | null;
  onFindings: (found: Diagnostic[], note: string) => void;
}

/** Says that columns or the last run's error have changed, so that the script is looked at again. */
export const lookAgain = StateEffect.define<null>();

export function lintOn(experiment: string, node: string): FindingSources["look"] {
  return (text) => request("/lint", { body: { text, environment: null, experiment, node } });
}

export function findings(sources: FindingSources): Extension {
  return [
    linter(
      async (view) => {
        const { doc } = view.state;
        const text = doc.toString();
        const found = sources.unknown(text).map(ofColumn);
        const failed = runError(doc, sources.runError());
        let note = "";
        try {
          const answer = await sources.look(text);
          note = answer.note;
          found.push(...answer.findings.map((one) => ofLint(doc, one)));
        } catch {
          note = "The script could not be checked: the server does not answer.";
        }
        if (failed) found.push(failed);
        found.sort((a, b) => a.from - b.from);
        if (view.state.doc.eq(doc)) sources.onFindings(found, note); // a late answer is about an earlier text
        return found;
      },
      {
        delay: SETTLE_MILLISECONDS,
        needsRefresh: (update) => update.transactions.some((one) => one.effects.some((effect) => effect.is(lookAgain))),
      },
    ),
    errorLine(sources),
  ];
}

/** Place of a line and column that count code points from 1, as an offset. */
export function offsetOf(doc: Text, line: number, column: number): number {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  let offset = 0;
  let left = Math.max(column, 1) - 1;
  for (const letter of found.text) {
    if (left-- <= 0) break;
    offset += letter.length;
  }
  return found.from + Math.min(offset, found.length);
}

function ofLint(doc: Text, one: LintFinding): Diagnostic {
  const from = offsetOf(doc, one.line, one.column);
  const to = Math.max(offsetOf(doc, one.end_line, one.end_column), from);
  const message = one.hint ? `${one.message}\n${one.hint}` : one.message;
  const severity = one.severity === "error" || one.severity === "warning" ? one.severity : "info";
  const wanted = /^Did you mean "([^"\n]+)"\?/.exec(one.hint)?.[1];
  const actions = wanted && from < to ? [replacement(wanted)] : undefined;
  return { from, to: to === from ? Math.min(from + 1, doc.length) : to, severity, message, source: one.code, actions };
}

function ofColumn(one: UnknownColumn): Diagnostic {
  const hint = one.nearest === null ? "" : `\nThe closest is "${one.nearest}".`;
  return {
    from: one.from,
    to: Math.max(one.to, one.from),
    severity: "warning",
    message: `${one.frame} has no column "${one.name}".${hint}`,
    source: "missing-column",
    actions: one.nearest === null ? undefined : [replacement(one.nearest)],
  };
}

function replacement(text: string): Action {
  return {
    name: `Change to ${text}`,
    apply: (view, from, to) => view.dispatch({ changes: { from, to, insert: text }, userEvent: "input.complete" }),
  };
}

function runError(doc: Text, problem: Problem | null): Diagnostic | null {
  const line = problem?.where.line;
  if (!problem || !line || line > doc.lines) return null;
  const found = doc.line(line);
  const indent = found.text.length - found.text.trimStart().length;
  const message = problem.hint ? `${problem.summary}\n${problem.hint}` : problem.summary;
  return { from: found.from + indent, to: found.to, severity: "error", message, source: `last run: ${problem.code}` };
}

const marked = Decoration.line({ class: "cm-errorLine" });

function errorLine(sources: FindingSources): Extension {
  function draw(state: EditorState): DecorationSet {
    const line = sources.runError()?.where.line;
    const builder = new RangeSetBuilder<Decoration>();
    if (line && line <= state.doc.lines) {
      const { from } = state.doc.line(line);
      builder.add(from, from, marked);
    }
    return builder.finish();
  }
  return StateField.define<DecorationSet>({
    create: draw,
    update: (value, transaction) =>
      transaction.effects.some((effect) => effect.is(lookAgain)) ? draw(transaction.state) : value.map(transaction.changes),
    provide: (field) => EditorView.decorations.from(field),
  });
}
