// Step 3: what is not known yet runs; each node with its state, and the failure with its place [77].
import { useMemo } from "react";

import type { Problem } from "../api/types";
import { edit, useDocument } from "../document/store";
import { ProblemBox } from "../ui/ProblemBox";
import { StateMark } from "../ui/StateMark";
import { Waiting } from "../ui/Waiting";

interface PublishProgressProps {
  isRunning: boolean;
  problem: Problem | null;
  onClose: () => void;
}

export function PublishProgress({ isRunning, problem, onClose }: PublishProgressProps) {
  const run = useDocument((state) => state.run);
  const statuses = useDocument((state) => state.statuses);
  const starting = useDocument((state) => state.starting);
  const nodes = useMemo(
    () => Object.values(statuses).filter((one) => run !== null && one.run === run.number),
    [statuses, run],
  );

  function show(found: Problem): void {
    if (!found.where.node) return;
    edit.select([found.where.node]);
    onClose();
  }

  return (
    <div className="services-parts publish-progress" aria-live="polite">
      {isRunning && (
        <>
          <Waiting label={starting ?? (run?.state === "running" ? `Run ${run.number} computes what is missing` : "Publishing")} />
          <p className="soft publish-note">The keys of a new service are shown here, once, when it is ready.</p>
        </>
      )}
      {problem && <ProblemBox problem={problem} onPlace={show} />}
      {nodes.length > 0 && (
        <ul className="publish-nodes" aria-label="Nodes of the run">
          {nodes.map((one) => (
            <li key={one.node}>
              <StateMark state={one.state} />
              <strong>{one.node}</strong>
              <span className="soft">{one.error ? one.error.summary : one.reason}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
