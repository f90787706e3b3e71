// One run, locked: the graph and every parameter as they were, results, times; a copy branches from it [18, 71].
import { ChevronLeft, ChevronRight, Copy, GitCompare, Lock } from "lucide-react";
import { useMemo, useState } from "react";
import { Link, useLocation } from "wouter";

import { useModules, useRuns } from "../api/queries";
import type { RunSnapshot } from "../api/types";
import { GraphView } from "../canvas/GraphView";
import { NewExperimentDialog } from "../experiments/NewExperimentDialog";
import { ExperimentFacts } from "../panel/ExperimentFacts";
import { NodePanel } from "../panel/NodePanel";
import "../panel/panel.css";
import "../panel/panel-fields.css";
import { Source, type PanelSource } from "../panel/source";
import { routes } from "../routes";
import { Button, IconButton } from "../ui/Button";
import { duration, moment } from "../ui/quantities";
import { StateMark } from "../ui/StateMark";
import { Asked } from "../ui/Waiting";
import { GanttChart } from "./GanttChart";
import { useSnapshot } from "./queries";
import { cancelRun } from "./start";
import "./runs.css";

export default function RunScreen({ name, number }: { name: string; number: number }) {
  const snapshot = useSnapshot(number);
  return <Asked query={snapshot}>{(found) => <Shown key={number} name={name} snapshot={found} />}</Asked>;
}

function Shown({ name, snapshot }: { name: string; snapshot: RunSnapshot }) {
  const { run, document, nodes } = snapshot;
  const modules = useModules().data?.modules;
  const [selected, setSelected] = useState<string[]>([]);
  const [hasTimes, setTimes] = useState(false);
  const [isCopying, setCopying] = useState(false);
  const source = useMemo<PanelSource>(
    () => ({
      document,
      statuses: nodes,
      run,
      isReadOnly: true,
      modules: Object.fromEntries((modules ?? []).map((one) => [one.id, one])),
    }),
    [document, nodes, run, modules],
  );
  const only = selected.length === 1 ? selected[0] : undefined;

  return (
    <div className="run-screen">
      <header className="run-head">
        <Lock size={16} aria-hidden />
        <h1>
          <Link to={routes.experiment(name)}>{document.title || name}</Link> · Run {run.number}
        </h1>
        <StateMark state={run.state} withText />
        <span className="soft number">
          {moment(run.started)}
          {run.ended != null && `, ${duration(run.ended - run.started)}`}
        </span>
        <span className="tag">locked</span>
        <span className="run-head-space" />
        <Neighbours name={name} number={run.number} />
        <Button aria-pressed={hasTimes} onClick={() => setTimes(!hasTimes)}>
          Times
        </Button>
        {run.state === "running" && (
          <Button look="danger" onClick={() => void cancelRun(run.number)}>
            Cancel
          </Button>
        )}
        <Button icon={<Copy size={15} aria-hidden />} onClick={() => setCopying(true)}>
          Save as experiment …
        </Button>
      </header>
      <Source value={source}>
        <div className="run-middle">
          <div className="run-graph">
            <GraphView
              document={document}
              statuses={nodes}
              selected={selected}
              onSelect={setSelected}
              label={`Graph of run ${run.number}`}
            />
          </div>
          <aside className="run-panel panel" aria-label="Properties">
            {only !== undefined && modules ? (
              <NodePanel key={only} experiment={name} name={only} />
            ) : (
              <ExperimentFacts name={name} />
            )}
          </aside>
        </div>
      </Source>
      {hasTimes && (
        <section className="run-times" aria-label="Times">
          <GanttChart
            document={document}
            statuses={nodes}
            isRunning={run.state === "running"}
            onSelect={(node) => setSelected([node])}
          />
        </section>
      )}
      {isCopying && (
        <NewExperimentDialog copyOf={name} copyOfRun={run.number} onClose={() => setCopying(false)} />
      )}
    </div>
  );
}

/** Prior and next run of the same experiment, and the comparison with the prior one. */
function Neighbours({ name, number }: { name: string; number: number }) {
  const runs = useRuns(name).data ?? [];
  const [, go] = useLocation();
  const numbers = runs.map((one) => one.number);
  const prior = Math.max(...numbers.filter((one) => one < number));
  const next = Math.min(...numbers.filter((one) => one > number));
  const hasPrior = Number.isFinite(prior);
  const hasNext = Number.isFinite(next);
  return (
    <>
      <IconButton
        label={hasPrior ? `Prior run ${prior}` : "No prior run"}
        disabled={!hasPrior}
        onClick={() => go(routes.run(name, prior))}
      >
        <ChevronLeft size={18} aria-hidden />
      </IconButton>
      <IconButton
        label={hasNext ? `Next run ${next}` : "No later run"}
        disabled={!hasNext}
        onClick={() => go(routes.run(name, next))}
      >
        <ChevronRight size={18} aria-hidden />
      </IconButton>
      <Button
        icon={<GitCompare size={15} aria-hidden />}
        disabled={!hasPrior}
        onClick={() => go(routes.compare(name, prior, number))}
      >
        Compare with prior
      </Button>
    </>
  );
}
