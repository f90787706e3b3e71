// Further outputs that a script declares, name and type, in the order in which it returns them.
import { Plus, X } from "lucide-react";
import { useState } from "react";

import type { NodeDocument } from "../api/types";
import { edit } from "../document/store";
import { Button, IconButton } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { Section } from "./Section";
import { problemsAt, useSource } from "./source";

const TYPES = ["dataset", "object", "file", "zip"];

export function OutputsSection({ name, node }: { name: string; node: NodeDocument }) {
  const { isReadOnly, document } = useSource();
  const [typed, setTyped] = useState("");
  const [type, setType] = useState("dataset");
  const outputs = Object.entries(node.outputs);
  const problems = problemsAt(document, name).filter((one) => one.code === "wrong-output");

  function add(): void {
    const port = typed.trim();
    if (!port || Object.hasOwn(node.outputs, port)) return;
    if (edit.set(["nodes", name, "outputs", port], type, `Add the output ${port} to ${name}`)) setTyped("");
  }

  return (
    <Section id="outputs" title="Further outputs" extra={outputs.length || "none"} isOpen={outputs.length > 0}>
      {outputs.map(([port, kind]) => (
        <div key={port} className="panel-output">
          <code>{port}</code>
          <select
            className="input"
            aria-label={`Type of ${port}`}
            value={kind}
            disabled={isReadOnly}
            onChange={(event) => edit.set(["nodes", name, "outputs", port], event.target.value)}
          >
            {[...new Set([...TYPES, kind])].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
          {!isReadOnly && (
            <IconButton
              label={`Remove output ${port}`}
              onClick={() => edit.set(["nodes", name, "outputs", port], null, `Remove the output ${port} of ${name}`)}
            >
              <X size={14} aria-hidden />
            </IconButton>
          )}
        </div>
      ))}
      {!isReadOnly && (
        <div className="panel-output">
          <input
            className="input mono"
            aria-label="Name of a further output"
            placeholder="name"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => event.key === "Enter" && add()}
          />
          <select className="input" aria-label="Type of the further output" value={type} onChange={(event) => setType(event.target.value)}>
            {TYPES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
          <Button icon={<Plus size={14} aria-hidden />} disabled={!typed.trim()} onClick={add}>
            Add
          </Button>
        </div>
      )}
      <p className="field-help">The script returns them after its own two, in this order. A model is an object.</p>
      {problems.map((problem, index) => (
        <ProblemBox key={index} problem={problem} />
      ))}
    </Section>
  );
}
