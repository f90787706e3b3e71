// When each node of a run worked, and the chain of nodes that made the run as long as it was [43].
import type { ExperimentDocument, NodeStatus } from "../api/types";
import { splitSource } from "../document/changes";

export interface Bar {
  node: string;
  state: string;
  /** Seconds since the first node began. */
  start: number;
  end: number;
  isCritical: boolean;
}

export interface Gantt {
  bars: Bar[];
  seconds: number;
}

export function gantt(document: ExperimentDocument, statuses: Record<string, NodeStatus>, now: number): Gantt {
  const timed = Object.values(statuses).filter(
    (one) => one.started != null && one.state !== "reused" && Object.hasOwn(document.nodes, one.node),
  );
  if (timed.length === 0) return { bars: [], seconds: 0 };
  const zero = Math.min(...timed.map((one) => one.started ?? 0));
  const bars = timed.map((one) => ({
    node: one.node,
    state: one.state,
    start: (one.started ?? 0) - zero,
    end: Math.max((one.ended ?? now) - zero, (one.started ?? 0) - zero),
    isCritical: false,
  }));
  markCritical(document, bars);
  bars.sort((a, b) => a.start - b.start || a.end - b.end);
  return { bars, seconds: Math.max(...bars.map((bar) => bar.end)) };
}

/** From the node that ended last back over the input that was waited for longest. */
function markCritical(document: ExperimentDocument, bars: Bar[]): void {
  const byName = new Map(bars.map((bar) => [bar.node, bar]));
  const sources = (bar: Bar): Bar[] => {
    const inputs: string[] = Object.values(document.nodes[bar.node]?.inputs ?? {});
    return inputs.flatMap((one) => byName.get(splitSource(one).node) ?? []);
  };
  // A node whose result others use may end after them: it is stored while they work.
  const used = new Set(bars.flatMap(sources));
  const ends = bars.filter((bar) => !used.has(bar));
  let last: Bar | undefined = (ends.length > 0 ? ends : bars).reduce((a, b) => (b.end > a.end ? b : a));
  while (last !== undefined && !last.isCritical) {
    last.isCritical = true;
    last = sources(last).sort((a, b) => b.end - a.end)[0];
  }
}
