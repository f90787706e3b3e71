// Upper bounds of a node's job; an empty field is at the default.
import type { NodeDocument } from "../api/types";
import { edit } from "../document/store";
import { Field } from "../ui/Field";
import { DraftInput } from "./DraftInput";
import { Section } from "./Section";
import { problemsAt, useSource } from "./source";
import { asText, isUnfinishedNumber, numberFrom } from "./ValueInput";

/** As domain/limits.py has them. */
const LIMITS: [name: string, label: string, standard: number][] = [
  ["memory_mb", "Memory, MiB", 4096],
  ["cpu_seconds", "CPU time, s", 3600],
  ["wall_seconds", "Time, s", 3600],
  ["processes", "Processes", 64],
  ["disk_mb", "Disk, MiB", 512],
  ["files", "Files", 8192],
  ["output_mb", "Each output, MiB", 8192],
  ["log_kb", "Log, KiB", 1024],
];

export function LimitsSection({ name, node }: { name: string; node: NodeDocument }) {
  const { isReadOnly, document } = useSource();
  const problems = problemsAt(document, name);
  const given = Object.keys(node.limits).length;
  return (
    <Section id="limits" title="Limits" extra={given ? `${given} changed` : "default"} isOpen={false}>
      <div className="panel-limits">
        {LIMITS.map(([limit, label, standard]) => (
          <Field
            key={limit}
            label={label}
            problem={problems.find((one) => one.summary.includes(`limit ${limit}`))?.hint}
          >
            {(ids) => (
              <DraftInput
                key={name}
                ids={ids}
                stored={asText(node.limits[limit])}
                placeholder={String(standard)}
                inputMode="numeric"
                isDisabled={isReadOnly}
                isUnfinished={isUnfinishedNumber}
                save={(text) => edit.set(["nodes", name, "limits", limit], numberFrom(text))}
              />
            )}
          </Field>
        ))}
      </div>
    </Section>
  );
}
