// The languages that code parameters are written in.
import { python } from "@codemirror/lang-python";
import { sql, type SQLConfig, SQLite, PostgreSQL } from "@codemirror/lang-sql";
import { StreamLanguage } from "@codemirror/language";
import { r } from "@codemirror/legacy-modes/mode/r";
import type { Extension } from "@codemirror/state";

export type SqlTables = Record<string, string[]>;

/** The extension for a language by the name that modules give it; nothing for plain text. */
export function languageOf(name: string, tables?: SqlTables, isSqlite = true): Extension {
  const plain = name.toLowerCase();
  if (plain === "python") return python();
  if (plain === "r") return StreamLanguage.define(r);
  if (plain === "sql" || plain === "sqlite" || plain === "duckdb") {
    const config: SQLConfig = { dialect: isSqlite ? SQLite : PostgreSQL, upperCaseKeywords: true };
    if (tables) config.schema = Object.fromEntries(Object.entries(tables).map(([name, columns]) => [name, columns.map(quoted)]));
    return sql(config);
  }
  return [];
}

function quoted(column: string): { label: string; apply?: string; type: string } {
  const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(column);
  return isPlain
    ? { label: column, type: "property" }
    : { label: column, apply: `"${column.replaceAll('"', '""')}"`, type: "property" };
}
