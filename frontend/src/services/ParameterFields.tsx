// Web-service parameters of the test form; an empty field is left out, so that the default counts.
import type { ServiceParameter } from "../api/types";
import { Field } from "../ui/Field";
import { textOf } from "./values";
import { ValueField } from "./ValueField";

interface ParameterFieldsProps {
  parameters: ServiceParameter[];
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}

export function ParameterFields({ parameters, values, onChange }: ParameterFieldsProps) {
  return (
    <fieldset className="services-input">
      <legend>
        <strong>Parameters</strong>
      </legend>
      <div className="services-grid">
        {parameters.map((one) => {
          const choices = one.type === "boolean" ? ["true", "false"] : one.choices.map(textOf);
          const said = one.is_required ? one.description : [one.description, "Empty for the default."].filter(Boolean).join(" ");
          return (
            <Field key={one.name} label={one.name} help={said} isRequired={one.is_required}>
              {(ids) => (
                <ValueField
                  id={ids.id}
                  kind={one.type}
                  choices={choices}
                  value={values[one.name] ?? ""}
                  onChange={(text) => onChange({ ...values, [one.name]: text })}
                />
              )}
            </Field>
          );
        })}
      </div>
    </fieldset>
  );
}
