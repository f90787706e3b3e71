// A column selection in the panel: what it is in words, and the button that opens the selector [50].
import { Columns3 } from "lucide-react";
import { useState } from "react";

import { Button } from "../ui/Button";
import { ColumnDialog } from "./ColumnDialog";
import { useColumns } from "./columns";
import { selectionText } from "./rules";
import { useSource } from "./source";
import type { ValueInputProps } from "./ValueInput";

export function ColumnsInput({ ids, node, parameter, value, isReadOnly, onChange }: ValueInputProps) {
  const { document, modules } = useSource();
  const [isOpen, setOpen] = useState(false);
  const module = modules[document.nodes[node]?.module ?? ""];
  const port =
    parameter.input || (module?.inputs.find((one) => one.type === "dataset" || one.type === "any")?.name ?? "");
  const columns = useColumns(node, port);
  const text = selectionText(value ?? parameter.default);

  return (
    <div className="panel-columns">
      <p className={`panel-columns-text ${text ? "" : "soft"}`}>{text || "no column selected"}</p>
      <Button
        id={ids.id}
        aria-label={`Select columns: ${parameter.label || parameter.name}`}
        aria-describedby={ids["aria-describedby"]}
        icon={<Columns3 size={14} aria-hidden />}
        disabled={isReadOnly}
        onClick={() => setOpen(true)}
      >
        Select columns …
      </Button>
      {isOpen && (
        <ColumnDialog
          label={parameter.label || parameter.name}
          value={value ?? parameter.default}
          columns={columns}
          port={port}
          onSave={(next) => onChange(Array.isArray(next) && next.length === 0 ? null : next)}
          onClose={() => setOpen(false)}
        />
      )}
    </div>
  );
}
