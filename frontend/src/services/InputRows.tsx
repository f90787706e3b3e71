// Rows of one web-service input: one field for each column [80], several rows as a table.
import { Plus, Trash2 } from "lucide-react";

import type { Sample, ServiceColumn } from "../api/types";
import { Button, IconButton } from "../ui/Button";
import { Field } from "../ui/Field";
import { textOf, type InputDraft } from "./values";
import { ValueField } from "./ValueField";

interface InputRowsProps {
  input: InputDraft;
  columns: ServiceColumn[] | null;
  sample: Sample["inputs"][number] | undefined;
  onChange: (input: InputDraft) => void;
}

export function InputRows({ input, columns, sample, onChange }: InputRowsProps) {
  function set(row: number, column: number, text: string): void {
    const rows = input.rows.map((cells, at) =>
      at === row ? cells.map((cell, place) => (place === column ? text : cell)) : cells,
    );
    onChange({ ...input, rows });
  }

  function add(): void {
    const next = sample?.rows[input.rows.length];
    const row = input.columns.map((name) => textOf(next?.[sample?.columns.indexOf(name) ?? -1]));
    onChange({ ...input, rows: [...input.rows, row] });
  }

  const facts = (column: number): ServiceColumn | undefined =>
    columns?.find((one) => one.name === input.columns[column]);
  const choices = (column: number): string[] => facts(column)?.choices.map(textOf) ?? [];

  return (
    <fieldset className="services-input">
      <legend>
        <strong>{input.name}</strong>
        <span className="soft"> · {input.rows.length === 1 ? "1 row" : `${input.rows.length} rows`}</span>
      </legend>
      {columns === null && (
        <p className="soft">The service takes any table here. Change the names of the columns in the JSON.</p>
      )}
      {input.rows.length === 1 ? (
        <div className="services-grid">
          {input.columns.map((name, column) => (
            <Field key={column} label={name} help={facts(column)?.words}>
              {(ids) => (
                <ValueField
                  id={ids.id}
                  kind={facts(column)?.kind ?? "any"}
                  choices={choices(column)}
                  value={input.rows[0]?.[column] ?? ""}
                  onChange={(text) => set(0, column, text)}
                />
              )}
            </Field>
          ))}
        </div>
      ) : (
        <div className="services-scroll">
          <table className="services-rows">
            <thead>
              <tr>
                {input.columns.map((name, column) => (
                  <th key={column} title={facts(column)?.words}>
                    {name}
                  </th>
                ))}
                <th>
                  <span className="visually-hidden">Remove</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {input.rows.map((cells, row) => (
                <tr key={row}>
                  {input.columns.map((name, column) => (
                    <td key={column}>
                      <ValueField
                        label={`${name}, row ${row + 1}`}
                        kind={facts(column)?.kind ?? "any"}
                        choices={choices(column)}
                        value={cells[column] ?? ""}
                        onChange={(text) => set(row, column, text)}
                      />
                    </td>
                  ))}
                  <td>
                    <IconButton
                      label={`Remove row ${row + 1}`}
                      onClick={() => onChange({ ...input, rows: input.rows.filter((_, at) => at !== row) })}
                    >
                      <Trash2 size={14} aria-hidden />
                    </IconButton>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div>
        <Button look="quiet" icon={<Plus size={14} aria-hidden />} onClick={add}>
          Add a row
        </Button>
      </div>
    </fieldset>
  );
}
