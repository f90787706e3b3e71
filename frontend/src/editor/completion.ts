// What is offered while somebody types: columns of what comes in, then what the language server knows.
import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import { LSPPlugin } from "@codemirror/lsp-client";
import { syntaxTree } from "@codemirror/language";

import type { Column } from "../api/types";
import { cleanHtml } from "./cleanHtml";
import type { LanguageConnection } from "./languageConnection";
import { columnBefore, type Frame } from "./scriptColumns";

export interface KnownColumns {
  frames: (text: string) => Frame[];
  columns: () => Record<string, Column[]>;
}

interface Item {
  label: string;
  kind?: number;
  detail?: string;
  sortText?: string;
  insertText?: string;
  filterText?: string;
  documentation?: string | { kind: string; value: string };
}

const KINDS: Record<number, string> = {
  2: "method", 3: "function", 4: "class", 5: "property", 6: "variable", 7: "class", 8: "interface", 9: "namespace",
  10: "property", 12: "constant", 13: "constant", 14: "keyword", 20: "constant", 21: "constant", 22: "class", 25: "type",
};
const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** Columns of dataframe1 and dataframe2 behind `[`, quotes and dots. */
export function columnSource(known: KnownColumns): CompletionSource {
  return (context: CompletionContext): CompletionResult | null => {
    const line = context.state.doc.lineAt(context.pos);
    const place = columnBefore(line.text.slice(0, context.pos - line.from), line.from);
    if (place === null) return null;
    const frame = known.frames(context.state.doc.toString()).find((one) => one.name === place.frame);
    const columns = frame && known.columns()[frame.port];
    if (!columns) return null;
    const isQuoted = place.quote !== "";
    const fitting = isQuoted ? columns : columns.filter((column) => IDENTIFIER.test(column.name));
    return {
      from: place.from,
      options: fitting.map((column): Completion => ({
        label: column.name,
        type: "property",
        detail: column.studio_type,
        boost: 50,
        apply: isQuoted ? quoted(column.name, place.quote) : column.name,
        section: isQuoted ? undefined : { name: "Columns", rank: 0 },
      })),
      validFor: isQuoted ? /^[^"'\]]*$/ : /^\w*$/,
    };
  };
}

function quoted(name: string, quote: string): string {
  return name.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`).replaceAll("\n", "\\n");
}

/** What the language server offers, with documentation fetched when an item is looked at. */
export function serverSource(connection: LanguageConnection): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const plugin = context.view && LSPPlugin.get(context.view);
    const before = context.matchBefore(/[\w.]+$/);
    if (!plugin || !connection.isReady || (!context.explicit && before === null) || isProse(context)) return null;
    if (!context.explicit && /^\d/.test(before?.text ?? "")) return null;
    const { client } = connection;
    client.sync();
    try {
      const answer = await client.request<unknown, { items: Item[] } | Item[] | null>("textDocument/completion", {
        position: plugin.toPosition(context.pos),
        textDocument: { uri: plugin.uri },
        context: { triggerKind: 1 },
      });
      const items = Array.isArray(answer) ? answer : (answer?.items ?? []);
      if (items.length === 0 || context.aborted) return null;
      const from = context.matchBefore(/\w*$/)?.from ?? context.pos;
      return { from, options: items.map((item, index) => option(connection, item, index)), validFor: /^\w*$/ };
    } catch {
      return null;
    }
  };
}

function option(connection: LanguageConnection, item: Item, index: number): Completion {
  const text = item.insertText ?? item.label;
  return {
    label: item.filterText ?? item.label,
    displayLabel: item.label,
    type: KINDS[item.kind ?? 0],
    sortText: item.sortText ?? String(index).padStart(6, "0"),
    apply: text === item.label ? undefined : text,
    info: () => documentation(connection, item),
  };
}

async function documentation(connection: LanguageConnection, item: Item): Promise<HTMLElement | null> {
  try {
    const whole = await connection.client.request<Item, Item | null>("completionItem/resolve", item);
    if (whole === null) return null;
    const words = typeof whole.documentation === "string" ? whole.documentation : (whole.documentation?.value ?? "");
    if (!whole.detail && !words) return null;
    const shown = document.createElement("div");
    shown.className = "editor-documentation";
    if (whole.detail) shown.appendChild(document.createElement("code")).textContent = whole.detail;
    const text = shown.appendChild(document.createElement("div"));
    text.innerHTML = cleanHtml(paragraphs(words));
    return shown;
  } catch {
    return null;
  }
}

/** Documentation as it stands, with code in fences shown as such. */
function paragraphs(words: string): string {
  const escaped = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return escaped
    .split(/\n{2,}/)
    .map((one) => (one.startsWith("```") || /^ {4}/.test(one) ? `<pre>${one.replace(/^```\w*\n?|```$/g, "")}</pre>` : `<p>${one}</p>`))
    .join("");
}

function isProse(context: CompletionContext): boolean {
  return /Comment|String/.test(syntaxTree(context.state).resolveInner(context.pos, -1).name);
}
