// One labelled field of a form: label, control, help, and what is wrong with its value.
import { CircleAlert } from "lucide-react";
import { useId, type ReactNode } from "react";

import "./field.css";

interface FieldProps {
  label: string;
  help?: ReactNode;
  problem?: string;
  isRequired?: boolean;
  extra?: ReactNode;
  children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode;
}

export function Field({ label, help, problem, isRequired, extra, children }: FieldProps) {
  const id = useId();
  const told = help || problem ? `${id}-told` : undefined;
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id} className="field-label">
          {label}
          {isRequired && (
            <span className="field-required" title="required">
              *
            </span>
          )}
        </label>
        {extra}
      </div>
      {children({ id, "aria-describedby": told, "aria-invalid": problem ? true : undefined })}
      {told && (
        <div id={told} className="field-told">
          {problem && (
            <p className="field-problem">
              <CircleAlert size={13} aria-hidden /> {problem}
            </p>
          )}
          {help && <p className="field-help">{help}</p>}
        </div>
      )}
    </div>
  );
}
