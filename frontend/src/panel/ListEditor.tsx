// A list of short texts: one row each, with buttons to add and remove.
import { Plus, X } from "lucide-react";
import { useState } from "react";

import { IconButton } from "../ui/Button";
import { DraftInput } from "./DraftInput";

interface ListEditorProps {
  label: string;
  values: string[];
  placeholder?: string;
  isReadOnly: boolean;
  onChange: (values: string[]) => void;
}

export function ListEditor({ label, values, placeholder, isReadOnly, onChange }: ListEditorProps) {
  const [typed, setTyped] = useState("");

  function add(): void {
    const text = typed.trim();
    setTyped("");
    if (text && !values.includes(text)) onChange([...values, text]);
  }

  return (
    <div className="panel-list" role="group" aria-label={label}>
      {values.map((value, index) => (
        <div key={`${index} ${value}`} className="panel-with-button">
          <DraftInput
            label={`${label} ${index + 1}`}
            stored={value}
            isDisabled={isReadOnly}
            isMono
            isUnfinished={() => true}
            save={(text) =>
              onChange(values.map((one, at) => (at === index ? text.trim() : one)).filter((one) => one !== ""))
            }
          />
          {!isReadOnly && (
            <IconButton label={`Remove ${value}`} onClick={() => onChange(values.filter((_, at) => at !== index))}>
              <X size={14} aria-hidden />
            </IconButton>
          )}
        </div>
      ))}
      {!isReadOnly && (
        <div className="panel-with-button">
          <input
            className="input mono"
            aria-label={`Add to ${label}`}
            placeholder={placeholder}
            value={typed}
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
            onBlur={add}
            onKeyDown={(event) => event.key === "Enter" && add()}
          />
          <IconButton label={`Add to ${label}`} disabled={typed.trim() === ""} onClick={add}>
            <Plus size={14} aria-hidden />
          </IconButton>
        </div>
      )}
      {isReadOnly && values.length === 0 && <p className="soft">none</p>}
    </div>
  );
}
