// Bars of a run over time; the critical path is stronger [43].
import { useEffect, useState } from "react";

import type { ExperimentDocument, NodeStatus } from "../api/types";
import { duration } from "../ui/quantities";
import { gantt } from "./gantt";
import "./gantt.css";

interface GanttChartProps {
  document: ExperimentDocument;
  statuses: Record<string, NodeStatus>;
  isRunning: boolean;
  onSelect?: (node: string) => void;
}

/** Seconds since the epoch, again and again while `isRunning`. */
export function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    if (!isRunning) return;
    const timer = window.setInterval(() => setNow(Date.now() / 1000), 250);
    return () => window.clearInterval(timer);
  }, [isRunning]);
  return now;
}

export function GanttChart({ document, statuses, isRunning, onSelect }: GanttChartProps) {
  const now = useNow(isRunning);
  const { bars, seconds } = gantt(document, statuses, now);
  if (bars.length === 0) {
    return <p className="gantt-none soft">No node worked in this run: everything was reused, or nothing has begun.</p>;
  }
  return (
    <div className="gantt" role="list" aria-label="Times of the nodes">
      {bars.map((bar) => (
        <button
          key={bar.node}
          type="button"
          role="listitem"
          className={`gantt-row ${bar.isCritical ? "gantt-critical" : ""}`}
          aria-label={`${bar.node}: ${duration(bar.end - bar.start)}, from ${duration(bar.start)}${bar.isCritical ? ", on the critical path" : ""}`}
          onClick={() => onSelect?.(bar.node)}
        >
          <span className="gantt-name">{bar.node}</span>
          <span className="gantt-track">
            <span
              className={`gantt-bar gantt-${bar.state}`}
              style={{
                left: `${(100 * bar.start) / (seconds || 1)}%`,
                width: `max(3px, ${(100 * (bar.end - bar.start)) / (seconds || 1)}%)`,
              }}
            />
          </span>
          <span className="gantt-time number">{duration(bar.end - bar.start)}</span>
        </button>
      ))}
      <p className="gantt-note soft">
        {duration(seconds)} in all. Strong bars are the critical path: shorten one of them to make the run shorter.
      </p>
    </div>
  );
}
