// A field for one value: a list where the values are known, else text.
interface ValueFieldProps {
  id?: string;
  label?: string;
  value: string;
  choices: string[];
  kind: string;
  onChange: (value: string) => void;
  canBeMissing?: boolean;
}

export function ValueField({ id, label, value, choices, kind, onChange, canBeMissing = true }: ValueFieldProps) {
  if (choices.length > 0) {
    const all = value === "" || choices.includes(value) ? choices : [value, ...choices];
    return (
      <select id={id} className="input" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
        {(canBeMissing || value === "") && <option value="">(missing)</option>}
        {all.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    );
  }
  const isLong = value.includes("\n");
  const shared = { id, className: "input", "aria-label": label, value, spellCheck: false };
  return isLong ? (
    <textarea {...shared} onChange={(event) => onChange(event.target.value)} />
  ) : (
    <input
      {...shared}
      placeholder="missing"
      inputMode={kind === "Integer" || kind === "integer" ? "numeric" : kind === "Double" || kind === "number" ? "decimal" : undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
