// The parameters that requests may set: name, the node's parameter, whether each request must give it.
import { Plus, Trash2 } from "lucide-react";
import { useId, useState } from "react";

import type { ServiceParameterDocument } from "../api/types";
import { Button, IconButton } from "../ui/Button";
import { NameField } from "./NameField";
import { freeName, renamed } from "./offers";

type Parameters = Record<string, ServiceParameterDocument>;

interface OfferedParametersProps {
  parameters: Parameters;
  targets: string[];
  onChange: (parameters: Parameters, label: string) => void;
}

export function OfferedParameters({ parameters, targets, onChange }: OfferedParametersProps) {
  const list = useId();
  const taken = Object.values(parameters).map((one) => one.target);
  const free = targets.filter((target) => !taken.includes(target));

  function add(target: string): void {
    const wanted = target.split(".").slice(1).join(".");
    const name = wanted !== "" && !(wanted in parameters) ? wanted : freeName("parameter", parameters);
    const made = { target, default: null, has_default: false, required: false, description: "" };
    onChange({ ...parameters, [name]: made }, "Add parameter");
  }

  return (
    <div className="publish-list">
      {Object.entries(parameters).map(([name, one]) => (
        <div key={name} className="publish-row publish-row-parameter" role="group" aria-label={`parameter ${name}`}>
          <NameField
            label={`Name of parameter ${name}`}
            name={name}
            taken={Object.keys(parameters)}
            onRename={(to) => onChange(renamed(parameters, name, to), `Rename parameter ${name}`)}
          />
          <code className="publish-target">{one.target}</code>
          <label className="checkbox">
            <input
              type="checkbox"
              checked={one.required}
              onChange={(event) =>
                onChange(
                  {
                    ...parameters,
                    [name]: event.target.checked
                      ? { ...one, required: true, has_default: false, default: null }
                      : { ...one, required: false },
                  },
                  `Change parameter ${name}`,
                )
              }
            />
            required
          </label>
          <IconButton
            label={`Remove ${name}`}
            onClick={() =>
              onChange(
                Object.fromEntries(Object.entries(parameters).filter(([other]) => other !== name)),
                `Remove parameter ${name}`,
              )
            }
          >
            <Trash2 size={15} aria-hidden />
          </IconButton>
        </div>
      ))}
      <datalist id={list}>
        {free.map((target) => (
          <option key={target} value={target} />
        ))}
      </datalist>
      <NewParameter list={list} onAdd={add} />
    </div>
  );
}

function NewParameter({ list, onAdd }: { list: string; onAdd: (target: string) => void }) {
  const [target, setTarget] = useState("");
  const isGood = /^[^.]+\.[^.].*$/.test(target.trim());
  return (
    <form
      className="publish-new"
      onSubmit={(event) => {
        event.preventDefault();
        if (isGood) onAdd(target.trim());
        setTarget("");
      }}
    >
      <input
        className="input mono"
        list={list}
        placeholder="node.parameter"
        aria-label="Parameter of a node, as node.parameter"
        value={target}
        onChange={(event) => setTarget(event.target.value)}
      />
      <Button look="quiet" type="submit" icon={<Plus size={14} aria-hidden />} disabled={!isGood}>
        Add a parameter
      </Button>
    </form>
  );
}
