// The fields of how to read a file, made from the declaration of Import Data.
import type { Parameter } from "../api/types";
import { Field } from "../ui/Field";

interface OptionFieldsProps {
  parameters: Parameter[];
  chosen: Record<string, unknown>;
  onChange: (name: string, value: unknown) => void;
}

export function OptionFields({ parameters, chosen, onChange }: OptionFieldsProps) {
  return parameters.map((parameter) => {
    const { name, kind, label, help, choices } = parameter;
    const value = chosen[name] ?? parameter.default;
    if (kind === "boolean") {
      return (
        <div key={name} className="field">
          <label className="checkbox">
            <input type="checkbox" checked={value === true} onChange={(event) => onChange(name, event.target.checked)} />
            {label || name}
          </label>
          {help && <p className="field-help">{help}</p>}
        </div>
      );
    }
    return (
      <Field key={name} label={label || name} help={help || undefined}>
        {(ids) =>
          choices.length > 0 ? (
            <select {...ids} className="input" value={String(value)} onChange={(event) => onChange(name, event.target.value)}>
              {choices.map((choice) => (
                <option key={choice} value={choice}>
                  {choice}
                </option>
              ))}
            </select>
          ) : (
            <input {...ids} className="input" value={String(value ?? "")} onChange={(event) => onChange(name, event.target.value)} />
          )
        }
      </Field>
    );
  });
}
