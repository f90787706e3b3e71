// The control of a value by its kind: text, code, numbers, checkbox, choice, columns, path, address [47].
import { lazy, Suspense, useState } from "react";

import type { Parameter } from "../api/types";
import { CodeField } from "../editor/CodeField";
import { useSqlTables } from "./columns";
import { ColumnsInput } from "./ColumnsInput";
import { DraftInput } from "./DraftInput";
import { useDraft } from "./drafts";
import { defaultText } from "./ParameterField";
import { PathInput } from "./PathInput";

const CodeDialog = lazy(() => import("../editor/CodeDialog"));

export interface ValueInputProps {
  ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean };
  node: string;
  parameter: Parameter;
  /** null: the node gives none. */
  value: unknown;
  isReadOnly: boolean;
  onChange: (value: unknown) => void;
}

/** A value of the wrong kind, as somebody wrote it into the file, is shown as it is. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function numberFrom(text: string): number | string | null {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  const read = Number(trimmed);
  return Number.isFinite(read) ? read : trimmed;
}

/** Reads JSON where the text is some, else takes the text. */
export function jsonFrom(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** While it is typed, a text like "1." or "-" is not yet worth writing. */
export function isUnfinishedNumber(text: string): boolean {
  return text.trim() !== "" && String(Number(text)) !== text.trim();
}

export function ValueInput(props: ValueInputProps) {
  const { ids, node, parameter, value, isReadOnly, onChange } = props;
  switch (parameter.kind) {
    case "boolean":
      return <BooleanInput {...props} />;
    case "choice":
      return <ChoiceInput {...props} />;
    case "columns":
      return <ColumnsInput {...props} />;
    case "path":
      return <PathInput {...props} />;
    case "code":
      return <CodeInput key={node} {...props} />;
    case "integer":
    case "number":
      return (
        <DraftInput
          key={node}
          ids={ids}
          stored={asText(value)}
          save={(text) => onChange(numberFrom(text))}
          isUnfinished={isUnfinishedNumber}
          placeholder={defaultText(parameter)}
          inputMode={parameter.kind === "integer" ? "numeric" : "decimal"}
          isDisabled={isReadOnly}
        />
      );
    case "json":
      return (
        <DraftInput
          key={node}
          ids={ids}
          isMono
          stored={value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value)}
          save={(text) => onChange(jsonFrom(text))}
          isUnfinished={() => true}
          placeholder={parameter.default === null ? "None" : JSON.stringify(parameter.default)}
          isDisabled={isReadOnly}
        />
      );
    default:
      return (
        <DraftInput
          key={node}
          ids={ids}
          stored={asText(value)}
          save={(text) => onChange(text === "" && !defaultText(parameter) ? null : text)}
          placeholder={defaultText(parameter) || (parameter.kind === "address" ? "https://…" : "")}
          inputMode={parameter.kind === "address" ? "url" : "text"}
          isDisabled={isReadOnly}
        />
      );
  }
}

function BooleanInput({ ids, parameter, value, isReadOnly, onChange }: ValueInputProps) {
  const shown = value ?? parameter.default;
  const isOdd = typeof shown !== "boolean" && shown !== null && shown !== undefined;
  return (
    <span className="checkbox">
      <input
        {...ids}
        type="checkbox"
        checked={shown === true}
        disabled={isReadOnly}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span aria-hidden>{isOdd ? asText(shown) : shown === true ? "yes" : "no"}</span>
    </span>
  );
}

function ChoiceInput({ ids, parameter, value, isReadOnly, onChange }: ValueInputProps) {
  const shown = asText(value ?? parameter.default);
  const isKnown = parameter.choices.includes(shown);
  return (
    <select {...ids} className="input" value={shown} disabled={isReadOnly} onChange={(event) => onChange(event.target.value)}>
      {!isKnown && <option value={shown}>{shown || "choose …"}</option>}
      {parameter.choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
          {choice === parameter.default ? " (default)" : ""}
        </option>
      ))}
    </select>
  );
}

function CodeInput({ node, parameter, value, isReadOnly, onChange }: ValueInputProps) {
  const draft = useDraft(asText(value ?? parameter.default), onChange);
  const tables = useSqlTables(node, parameter.language === "sql");
  const [isLarge, setLarge] = useState(false);
  const field = {
    language: parameter.language,
    value: draft.text,
    onChange: draft.type,
    label: parameter.label || parameter.name,
    isReadOnly,
    tables,
  };
  return (
    <div onBlur={draft.commit}>
      <CodeField {...field} onExpand={() => setLarge(true)} />
      <Suspense>
        {isLarge && (
          <CodeDialog
            {...field}
            onClose={() => {
              draft.commit();
              setLarge(false);
            }}
          />
        )}
      </Suspense>
    </div>
  );
}
