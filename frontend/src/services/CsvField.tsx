// The rows of one input as CSV, with a row of names: to paste from a table [82].
import { useState } from "react";

import { Field } from "../ui/Field";
import { parseCsv, writeCsv } from "./csv";
import type { InputDraft } from "./values";

interface CsvFieldProps {
  input: InputDraft;
  onChange: (input: InputDraft) => void;
}

export function CsvField({ input, onChange }: CsvFieldProps) {
  const [text, setText] = useState(() => writeCsv([input.columns, ...input.rows]));

  function change(next: string): void {
    setText(next);
    const [columns = [], ...rows] = parseCsv(next);
    onChange({ ...input, columns, rows: rows.map((row) => columns.map((_, index) => row[index] ?? "")) });
  }

  const rows = input.rows.length === 1 ? "1 row" : `${input.rows.length} rows`;
  return (
    <Field label={input.name} help={`The first line has the names of the columns. An empty cell is a missing value. ${rows}.`}>
      {(ids) => (
        <textarea
          {...ids}
          className="input mono services-csv"
          spellCheck={false}
          value={text}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Field>
  );
}
