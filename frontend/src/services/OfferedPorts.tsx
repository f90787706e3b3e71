// The inputs or the outputs that an experiment offers: names with ports, changed in place.
import { Plus, Trash2 } from "lucide-react";

import { Button, IconButton } from "../ui/Button";
import { NameField } from "./NameField";
import { freeName, renamed } from "./offers";

interface OfferedPortsProps {
  word: string;
  ports: Record<string, string>;
  free: string[];
  onChange: (ports: Record<string, string>, label: string) => void;
}

export function OfferedPorts({ word, ports, free, onChange }: OfferedPortsProps) {
  const without = (name: string): Record<string, string> =>
    Object.fromEntries(Object.entries(ports).filter(([other]) => other !== name));

  return (
    <div className="publish-list">
      {Object.entries(ports).map(([name, port]) => (
        <div key={name} className="publish-row" role="group" aria-label={`${word} ${name}`}>
          <NameField
            label={`Name of ${word} ${name}`}
            name={name}
            taken={Object.keys(ports)}
            onRename={(to) => onChange(renamed(ports, name, to), `Rename ${word} ${name}`)}
          />
          <select
            className="input mono"
            aria-label={`Port of ${name}`}
            value={port}
            onChange={(event) => onChange({ ...ports, [name]: event.target.value }, `Move ${word} ${name}`)}
          >
            {[port, ...free].map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
          <IconButton label={`Remove ${name}`} onClick={() => onChange(without(name), `Remove ${word} ${name}`)}>
            <Trash2 size={15} aria-hidden />
          </IconButton>
        </div>
      ))}
      <div>
        <Button
          look="quiet"
          icon={<Plus size={14} aria-hidden />}
          disabled={free.length === 0}
          onClick={() => onChange({ ...ports, [freeName(word, ports)]: free[0] ?? "" }, `Add ${word}`)}
        >
          Add an {word}
        </Button>
      </div>
    </div>
  );
}
