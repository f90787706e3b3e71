// How far the run is: "3 of 6 nodes, 2.1 s"; or how the last one ended.
import { LoaderCircle } from "lucide-react";
import { Link } from "wouter";

import { useDocument } from "../document/store";
import { routes } from "../routes";
import { duration } from "../ui/quantities";
import { StateMark } from "../ui/StateMark";
import { useNow } from "./GanttChart";

const OPEN = new Set(["waiting", "running"]);

export function RunProgress() {
  const run = useDocument((state) => state.run);
  const starting = useDocument((state) => state.starting);
  const isRunning = run?.state === "running";
  const now = useNow(isRunning);

  if (starting !== null) {
    return (
      <span className="command-bar-progress" role="status">
        <LoaderCircle size={15} aria-hidden className="command-bar-turning" /> {starting || "Preparing the run"} …
      </span>
    );
  }
  if (run === null) return null;
  const counts = Object.entries(run.counts);
  const all = counts.reduce((sum, [, number]) => sum + number, 0);
  const done = counts.reduce((sum, [state, number]) => sum + (OPEN.has(state) ? 0 : number), 0);
  const seconds = Math.max(0, (run.ended ?? now) - run.started);
  if (isRunning) {
    return (
      <span className="command-bar-progress" role="status" aria-label={`Running, ${done} of ${all} nodes`}>
        <progress max={Math.max(all, 1)} value={done} aria-label="Nodes done" />
        <span className="number" aria-hidden>
          {done} of {all} nodes, {duration(seconds)}
        </span>
      </span>
    );
  }
  return (
    <span className="command-bar-progress" role="status">
      <StateMark state={run.state} />
      <Link to={routes.run(run.experiment, run.number)}>Run {run.number}</Link>
      <span className="soft">
        {run.state}, {duration(seconds)}
      </span>
    </span>
  );
}
