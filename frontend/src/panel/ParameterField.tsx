// One parameter of a node as a field, by its kind; with its problem, its default, and its menu [38, 46-49].
import { Ellipsis, Globe, RotateCcw } from "lucide-react";
import { memo } from "react";

import type { Parameter } from "../api/types";
import { valueAt } from "../document/paths";
import { edit, useDocument } from "../document/store";
import { IconButton } from "../ui/Button";
import { Field } from "../ui/Field";
import { Menu } from "../ui/Menu";
import { ServiceParameter, serviceName, setServiceParameter } from "./ServiceParameter";
import { givenKey, problemsAt, useSource } from "./source";
import { ValueInput } from "./ValueInput";

interface ParameterFieldProps {
  node: string;
  parameter: Parameter;
}

/** A default as it stands in an empty field. */
export function defaultText(parameter: Parameter): string {
  const value = parameter.default;
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function rangeText({ minimum, maximum }: Parameter): string {
  const low = minimum ?? null;
  const high = maximum ?? null;
  if (low !== null && high !== null) return `${low} to ${high}`;
  if (low !== null) return `${low} or more`;
  return high === null ? "" : `${high} or less`;
}

export const ParameterField = memo(function ParameterField({ node, parameter }: ParameterFieldProps) {
  const { document, isReadOnly, statuses } = useSource();
  const given = document.nodes[node]?.parameters ?? {};
  const key = givenKey(parameter, given);
  const value = key === null ? null : given[key];
  const problems = problemsAt(document, node, parameter.name);
  const refused = useDocument((state) => (isReadOnly ? null : state.refused));
  const failed = statuses[node]?.is_current ? statuses[node]?.error : null;
  const told =
    problems[0] ??
    [refused, ...(refused?.problems ?? []), failed].find(
      (one) => one?.where.parameter === parameter.name && (one.where.node ?? node) === node,
    );
  const label = parameter.label || parameter.name;
  const inService = serviceName(document, node, parameter.name);
  const range = rangeText(parameter);
  const path = ["nodes", node, "parameters", key ?? parameter.name];

  return (
    <div className="panel-parameter" data-parameter={parameter.name}>
      <Field
        label={label}
        isRequired={parameter.required}
        problem={told ? `${told.summary}${told.hint ? ` ${told.hint}` : ""}` : undefined}
        help={range && (parameter.kind === "integer" || parameter.kind === "number") ? range : undefined}
        extra={
          <span className="panel-field-extra">
            {inService !== null && (
              <span className="panel-service-mark" title={`Web service parameter ${inService}`}>
                <Globe size={14} role="img" aria-label={`Web service parameter ${inService}`} />
              </span>
            )}
            {!isReadOnly && (
              <Menu
                align="end"
                items={[
                  {
                    label: defaultText(parameter) ? `Reset to ${short(defaultText(parameter))}` : "Reset to default",
                    icon: <RotateCcw size={15} />,
                    isDisabled: key === null,
                    why: "It is at its default.",
                    onSelect: () => edit.set(path, null, `Reset ${label} of ${node}`),
                  },
                  "-",
                  {
                    label: inService === null ? "Set as web service parameter" : "Remove web service parameter",
                    icon: <Globe size={15} />,
                    onSelect: () => setServiceParameter(node, parameter.name, inService === null),
                  },
                ]}
              >
                <IconButton label={`Actions on ${label}`} className="panel-field-menu">
                  <Ellipsis size={15} aria-hidden />
                </IconButton>
              </Menu>
            )}
          </span>
        }
      >
        {(ids) => (
          <ValueInput
            ids={ids}
            node={node}
            parameter={parameter}
            value={value}
            isReadOnly={isReadOnly}
            onChange={(next) => {
              const now = useDocument.getState().document;
              const isDefault = next === parameter.default && key === null;
              if (now && !isDefault && valueAt(now, path) !== next) edit.set(path, next, `Change ${label} of ${node}`);
            }}
          />
        )}
      </Field>
      {inService !== null && !isReadOnly && <ServiceParameter name={inService} />}
    </div>
  );
});

function short(text: string): string {
  return text.length > 24 ? `${text.slice(0, 24)}…` : text;
}
