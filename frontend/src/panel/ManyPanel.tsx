// Several nodes selected: how many, and what can be done with all of them.
import {
  AlignHorizontalJustifyCenter,
  AlignVerticalJustifyCenter,
  Play,
  Trash2,
} from "lucide-react";

import type { Position } from "../api/types";
import { edit } from "../document/store";
import { startRun } from "../runs/start";
import { Button } from "../ui/Button";
import { StateMark } from "../ui/StateMark";
import { useSource } from "./source";

export function ManyPanel({ names }: { names: string[] }) {
  const { document, statuses, isReadOnly, modules } = useSource();
  const positions = document.layout.nodes;
  const known = names.filter((name) => positions[name]);

  function align(axis: keyof Position): void {
    const middle = known.reduce((sum, name) => sum + (positions[name]?.[axis] ?? 0), 0) / known.length;
    edit.moveNodes(
      Object.fromEntries(known.map((name) => [name, { ...(positions[name] as Position), [axis]: middle }])),
    );
  }

  return (
    <div className="panel-node">
      <header className="panel-head">
        <h2>{names.length} nodes selected</h2>
      </header>
      <div className="panel-many-buttons">
        <Button icon={<Play size={15} aria-hidden />} onClick={() => void startRun({ only: names })}>
          Run selected
        </Button>
        <Button
          icon={<AlignVerticalJustifyCenter size={15} aria-hidden />}
          disabled={isReadOnly || known.length < 2}
          onClick={() => align("y")}
        >
          Align in a row
        </Button>
        <Button
          icon={<AlignHorizontalJustifyCenter size={15} aria-hidden />}
          disabled={isReadOnly || known.length < 2}
          onClick={() => align("x")}
        >
          Align in a column
        </Button>
        <Button
          look="danger"
          icon={<Trash2 size={15} aria-hidden />}
          disabled={isReadOnly}
          onClick={() => edit.removeNodes(names)}
        >
          Delete
        </Button>
      </div>
      <ul className="panel-many">
        {names.map((name) => (
          <li key={name}>
            <button type="button" onClick={() => edit.select([name])}>
              <StateMark state={statuses[name]?.state ?? "not-run"} />
              <span>{name}</span>
              <span className="soft">{modules[document.nodes[name]?.module ?? ""]?.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
