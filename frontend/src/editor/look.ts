// How code looks: colours and sizes from the tokens, so that light and dark need nothing of their own.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { nonce } from "../nonce";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: [tags.comment, tags.meta], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName))], color: "var(--code-function)" },
  { tag: [tags.typeName, tags.className, tags.definition(tags.className)], color: "var(--code-type)" },
  { tag: [tags.variableName, tags.propertyName, tags.name], color: "var(--code-name)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

const sheet = EditorView.theme({
  "&": { height: "100%", color: "var(--code-name)", backgroundColor: "var(--bg)", fontSize: "var(--text-m)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--text)", padding: "var(--space-2) 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection": {
    backgroundColor: "var(--selection)",
  },
  ".cm-gutters": { backgroundColor: "var(--bg)", color: "var(--code-gutter)", border: "none", paddingRight: "4px" },
  ".cm-activeLine": { backgroundColor: "var(--code-line)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--code-line)", color: "var(--text)" },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--bg-active)", border: "none", color: "var(--text-soft)", padding: "0 6px",
    borderRadius: "var(--radius-s)",
  },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent-line)",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--warn-soft)" },
  ".cm-searchMatch": { backgroundColor: "var(--warn-soft)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--selection)" },
  ".cm-panels": { backgroundColor: "var(--bg-sunken)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panel.cm-search": { padding: "var(--space-2) var(--space-3)", font: "var(--text-s) var(--font)" },
  ".cm-panel.cm-search label": { fontSize: "var(--text-s)", marginRight: "var(--space-2)" },
  ".cm-panel .cm-textfield, .cm-panel input.cm-textfield": {
    backgroundColor: "var(--bg)", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-s)",
    padding: "3px 6px", fontSize: "var(--text-s)",
  },
  ".cm-panel .cm-button": {
    backgroundImage: "none", backgroundColor: "var(--bg-raised)", border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius-s)", color: "var(--text)", fontSize: "var(--text-s)", padding: "3px 8px",
  },
  ".cm-panel.cm-search [name=close]": { color: "var(--text-soft)", fontSize: "16px", right: "8px", top: "6px" },
  ".cm-tooltip": {
    backgroundColor: "var(--bg-raised)", color: "var(--text)", border: "1px solid var(--line)",
    borderRadius: "var(--radius-m)", boxShadow: "var(--shadow-m)", font: "var(--text-s) / 1.5 var(--font)", zIndex: "70",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "16em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px 2px 4px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--text)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700", color: "var(--accent-strong)" },
  ".cm-completionDetail": { color: "var(--text-faint)", fontStyle: "normal" },
  ".cm-tooltip.cm-completionInfo": { padding: "8px 12px", maxWidth: "480px", maxHeight: "320px", overflow: "auto" },
  ".cm-completionIcon": { color: "var(--text-faint)", width: "1.2em", paddingRight: "0.6em" },
  ".cm-tooltip-hover": { maxWidth: "min(640px, 90vw)", maxHeight: "360px", overflow: "auto" },
  ".cm-diagnostic": { padding: "6px 10px", borderLeftWidth: "3px", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-diagnostic-info, .cm-diagnostic-hint": { borderLeftColor: "var(--info)" },
  ".cm-diagnosticAction": {
    backgroundColor: "var(--accent)", color: "var(--text-on-accent)", borderRadius: "var(--radius-s)", padding: "2px 8px",
  },
  ".cm-lintRange": { backgroundImage: "none", paddingBottom: "0" },
  ".cm-lintRange-error": { textDecoration: "underline wavy var(--bad) 1px", textUnderlineOffset: "3px" },
  ".cm-lintRange-warning": { textDecoration: "underline wavy var(--warn) 1px", textUnderlineOffset: "3px" },
  ".cm-lintRange-info, .cm-lintRange-hint": { textDecoration: "underline dotted var(--info) 1px", textUnderlineOffset: "3px" },
  ".cm-placeholder": { color: "var(--text-faint)" },
  ".cm-errorLine": { backgroundColor: "var(--bad-soft)" },
  ".cm-lsp-documentation, .cm-lsp-hover-tooltip, .cm-lsp-signature-tooltip": { padding: "8px 12px" },
  ".cm-lsp-signature-multiple": { paddingLeft: "40px", position: "relative" },
  ".cm-lsp-signature-num": { position: "absolute", left: "10px", top: "9px", color: "var(--text-faint)", fontSize: "var(--text-xs)" },
  ".cm-lint-marker": { content: "none", width: "9px", height: "9px", margin: "6px 3px", borderRadius: "50%" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--bad)" },
  ".cm-lint-marker-warning": { content: "none", backgroundColor: "var(--warn)", borderRadius: "2px" },
  ".cm-lint-marker-info, .cm-lint-marker-hint": { content: "none", border: "1.5px solid var(--info)", backgroundColor: "transparent" },
  ".cm-lsp-documentation pre": { whiteSpace: "pre-wrap", margin: "4px 0" },
  ".cm-lsp-documentation p": { margin: "4px 0" },
  ".cm-lsp-active-parameter": { color: "var(--accent-strong)", fontWeight: "700" },
  ".cm-changedLine": { backgroundColor: "var(--info-soft)" },
  ".cm-deletedChunk": { backgroundColor: "var(--bad-soft)" },
  ".cm-insertedLine": { backgroundColor: "var(--good-soft)" },
});

/** Colours, sizes, and the nonce that the page's policy asks styles for. */
export function look(): Extension {
  return [sheet, syntaxHighlighting(colours), EditorView.cspNonce.of(nonce())];
}
