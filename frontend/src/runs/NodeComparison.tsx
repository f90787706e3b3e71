// One node in two runs: how it ran, fields side by side, the script's difference, outputs with both results [73].
import { Eye } from "lucide-react";
import { lazy, Suspense, useState } from "react";

import type { NodeDifference, NodeStatus, RunSnapshot } from "../api/types";
import { resultText } from "../panel/OutputRows";
import { Button } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { duration } from "../ui/quantities";
import { StateMark } from "../ui/StateMark";
import { Waiting } from "../ui/Waiting";
import { rows } from "./differences";

const ScriptDiff = lazy(() => import("../editor/ScriptDiff"));
const VisualizeDialog = lazy(() => import("../visualize/VisualizeDialog"));

interface NodeComparisonProps {
  difference: NodeDifference;
  a: RunSnapshot;
  b: RunSnapshot;
}

export function NodeComparison({ difference, a, b }: NodeComparisonProps) {
  const { node } = difference;
  const left = a.document.nodes[node];
  const right = b.document.nodes[node];
  const before = left?.script?.text ?? "";
  const after = right?.script?.text ?? "";
  return (
    <div className="compare-node">
      <h2>{node}</h2>
      <table className="table compare-table">
        <thead>
          <tr>
            <th>
              <span className="visually-hidden">Field</span>
            </th>
            <th>A: run {a.run.number}</th>
            <th>B: run {b.run.number}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td className="soft">state</td>
            <td>
              <HowItRan status={difference.a ?? undefined} />
            </td>
            <td>
              <HowItRan status={difference.b ?? undefined} />
            </td>
          </tr>
          {rows(left, right).map((row) => (
            <tr key={row.field} className={row.isSame ? "" : "compare-row-differs"}>
              <td className="soft">{row.field}</td>
              <td>{row.a}</td>
              <td>{row.b}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Outputs difference={difference} />
      {before !== after && (
        <section aria-label="Script">
          <h3>Script</h3>
          <Suspense fallback={<Waiting />}>
            <ScriptDiff
              before={before}
              after={after}
              labels={[`A: run ${a.run.number}`, `B: run ${b.run.number}`]}
            />
          </Suspense>
        </section>
      )}
    </div>
  );
}

function HowItRan({ status }: { status: NodeStatus | undefined }) {
  if (!status) return <span className="soft">not there</span>;
  return (
    <>
      <StateMark state={status.state} withText />
      {status.started != null && status.ended != null && (
        <span className="soft number"> {duration(status.ended - status.started)}</span>
      )}
      <div className="soft">{status.reason}</div>
      {status.error && <ProblemBox problem={status.error} />}
    </>
  );
}

function Outputs({ difference }: { difference: NodeDifference }) {
  const [shown, setShown] = useState<{ run: number; node: string; port: string } | null>(null);
  const { a, b, node } = difference;
  const ports = [...new Set([...Object.keys(a?.outputs ?? {}), ...Object.keys(b?.outputs ?? {})])];
  if (ports.length === 0) return null;

  const cell = (status: NodeStatus | null | undefined, port: string) => {
    const result = status?.outputs[port];
    if (!status || !result || status.run == null) return <span className="soft">none</span>;
    const place = { run: status.run, node, port };
    return (
      <span className="compare-result">
        <span className="number">{resultText(result)}</span>
        <Button look="quiet" icon={<Eye size={14} aria-hidden />} onClick={() => setShown(place)}>
          Visualize
        </Button>
      </span>
    );
  };

  return (
    <section aria-label="Outputs">
      <h3>Outputs</h3>
      <table className="table compare-table">
        <tbody>
          {ports.map((port) => {
            const differs = difference.differing_outputs.includes(port);
            return (
              <tr key={port} className={differs ? "compare-row-differs" : ""}>
                <td>
                  <code>{port}</code>
                  <div className="soft">{differs ? "different content" : "the same content"}</div>
                </td>
                <td>{cell(a, port)}</td>
                <td>{cell(b, port)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <Suspense>{shown && <VisualizeDialog {...shown} onClose={() => setShown(null)} />}</Suspense>
    </section>
  );
}
