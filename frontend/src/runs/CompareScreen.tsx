// Two runs side by side: both graphs with marks, the nodes that differ, and how one of them differs [73].
import { ArrowLeftRight, Link2 } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import type { NodeDifference, RunComparison, RunSnapshot } from "../api/types";
import type { Mark } from "../canvas/boxes";
import { GraphView } from "../canvas/GraphView";
import { routes } from "../routes";
import { Button, IconButton } from "../ui/Button";
import { duration, moment, plural } from "../ui/quantities";
import { StateMark } from "../ui/StateMark";
import { tell } from "../ui/Toast";
import { Asked } from "../ui/Waiting";
import { NodeComparison } from "./NodeComparison";
import { useComparison } from "./queries";
import "./runs.css";

export default function CompareScreen({ name, a, b }: { name: string; a: number; b: number }) {
  const comparison = useComparison(a, b);
  return <Asked query={comparison}>{(found) => <Shown key={`${a}-${b}`} name={name} comparison={found} />}</Asked>;
}

export function isDifferent(one: NodeDifference): boolean {
  return one.presence !== "both" || one.fields.length > 0 || one.differing_outputs.length > 0;
}

function marksOf(nodes: NodeDifference[]): Record<string, Mark> {
  return Object.fromEntries(
    nodes.filter(isDifferent).map((one) => [one.node, (one.presence === "both" ? "differs" : one.presence) as Mark]),
  );
}

function Shown({ name, comparison }: { name: string; comparison: RunComparison }) {
  const { a, b, nodes } = comparison;
  const different = nodes.filter(isDifferent);
  const [selected, setSelected] = useState<string | null>(different[0]?.node ?? null);
  const [showsAll, setAll] = useState(false);
  const [, go] = useLocation();
  const marks = marksOf(nodes);
  const shown = nodes.find((one) => one.node === selected);

  function copyLink(): void {
    void navigator.clipboard?.writeText(window.location.href).then(() => tell("The link is copied."));
  }

  return (
    <div className="run-screen">
      <header className="run-head">
        <h1>
          <Link to={routes.experiment(name)}>{name}</Link> · Runs {a.run.number} and {b.run.number}
        </h1>
        <span className="soft">
          {different.length === 0 ? "The two are the same." : `${plural(different.length, "node")} ${different.length === 1 ? "differs" : "differ"}.`}
        </span>
        <span className="run-head-space" />
        <IconButton
          label="Swap the two"
          onClick={() => go(routes.compare(name, b.run.number, a.run.number))}
        >
          <ArrowLeftRight size={17} aria-hidden />
        </IconButton>
        <Button icon={<Link2 size={15} aria-hidden />} onClick={copyLink}>
          Copy link
        </Button>
      </header>
      <div className="compare-graphs">
        {[a, b].map((side, index) => (
          <Side
            key={index}
            letter={index === 0 ? "A" : "B"}
            snapshot={side}
            marks={marks}
            selected={selected}
            onSelect={setSelected}
          />
        ))}
      </div>
      <div className="compare-below">
        <nav className="compare-nodes" aria-label="Nodes">
          <label className="checkbox">
            <input type="checkbox" checked={showsAll} onChange={(event) => setAll(event.target.checked)} />
            the same ones too
          </label>
          <ul>
            {(showsAll ? nodes : different).map((one) => (
              <li key={one.node}>
                <button type="button" aria-current={one.node === selected || undefined} onClick={() => setSelected(one.node)}>
                  <span className={`compare-dot compare-${marks[one.node] ?? "same"}`} aria-hidden />
                  <span className="compare-node-name">{one.node}</span>
                  <span className="soft">{summary(one)}</span>
                </button>
              </li>
            ))}
          </ul>
        </nav>
        <div className="compare-details">
          {shown ? (
            <NodeComparison key={shown.node} difference={shown} a={a} b={b} />
          ) : (
            <p className="soft">Graph, parameters, scripts and results are the same.</p>
          )}
        </div>
      </div>
    </div>
  );
}

function summary(one: NodeDifference): string {
  if (one.presence === "only-a") return "only in A";
  if (one.presence === "only-b") return "only in B";
  const parts = [...one.fields];
  if (one.differing_outputs.length > 0) parts.push("result");
  return parts.length > 0 ? parts.join(", ") : "same";
}

interface SideProps {
  letter: string;
  snapshot: RunSnapshot;
  marks: Record<string, Mark>;
  selected: string | null;
  onSelect: (node: string | null) => void;
}

function Side({ letter, snapshot, marks, selected, onSelect }: SideProps) {
  const { run, document, nodes } = snapshot;
  return (
    <section className="compare-side" aria-label={`${letter}: run ${run.number}`}>
      <h2>
        <span className={`compare-letter compare-letter-${letter.toLowerCase()}`}>{letter}</span>
        <Link to={routes.run(run.experiment, run.number)}>Run {run.number}</Link>
        <StateMark state={run.state} withText />
        <span className="soft number">
          {moment(run.started)}
          {run.ended != null && `, ${duration(run.ended - run.started)}`}
        </span>
      </h2>
      <div className="compare-graph">
        <GraphView
          document={document}
          statuses={nodes}
          marks={marks}
          selected={selected !== null && document.nodes[selected] ? [selected] : []}
          onSelect={(names) => onSelect(names.at(-1) ?? null)}
          label={`Graph of run ${run.number}`}
        />
      </div>
    </section>
  );
}
