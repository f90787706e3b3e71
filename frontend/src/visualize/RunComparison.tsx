// The same port in another run: rows, columns and types that differ; statistics then stand side by side [69].
import { useEffect } from "react";

import { useRuns } from "../api/queries";
import type { TableHead } from "../api/types";
import { Asked } from "../ui/Waiting";
import { count, moment } from "../ui/quantities";
import { schemaDifference } from "./schemaDifference";
import { useNodeRun } from "./tableQueries";

/** The port's content in the run that is compared with; no digest until it is known. */
export interface Chosen {
  run: number;
  digest: string | null;
}

interface RunComparisonProps {
  experiment: string;
  run: number;
  node: string;
  port: string;
  head: TableHead;
  chosen: Chosen | null;
  other: TableHead | null;
  onChoose: (chosen: Chosen | null) => void;
}

export function RunComparison({ experiment, run, node, port, head, chosen, other, onChoose }: RunComparisonProps) {
  const runs = useRuns(experiment);
  const nodeRun = useNodeRun(chosen?.run ?? null, node);
  const output = nodeRun.data?.outputs[port];
  const digest = output?.kind === "dataset" ? output.digest : null;

  useEffect(() => {
    if (chosen !== null && digest !== null && digest !== chosen.digest) onChoose({ ...chosen, digest });
  }, [chosen, digest, onChoose]);

  return (
    <Asked query={runs}>
      {(known) => (
        <>
          <label className="visualizations-compare">
            <span className="visually-hidden">Compare with run</span>
            <select
              className="input"
              value={chosen?.run ?? ""}
              onChange={(event) => onChoose(event.target.value === "" ? null : { run: Number(event.target.value), digest: null })}
            >
              <option value="">choose a run</option>
              {known
                .filter((one) => one.number !== run)
                .map((one) => (
                  <option key={one.number} value={one.number}>
                    run {one.number}, {one.state}, {moment(one.started)}
                  </option>
                ))}
            </select>
          </label>
          {chosen !== null && (nodeRun.error || (nodeRun.data && digest === null)) && (
            <p className="soft">Run {chosen.run} has no table at this port.</p>
          )}
          {chosen !== null && digest === head.digest && <p>Byte for byte the same table.</p>}
          {chosen !== null && other !== null && digest !== head.digest && digest !== null && <Differences run={chosen.run} head={head} other={other} />}
        </>
      )}
    </Asked>
  );
}

function Differences({ run, head, other }: { run: number; head: TableHead; other: TableHead }) {
  const difference = schemaDifference(head.columns, other.columns);
  const lines: [string, string[]][] = [
    ["Only here", difference.onlyHere],
    [`Only in run ${run}`, difference.onlyThere],
    ["Another type", difference.retyped],
  ];
  return (
    <>
      <table className="statistics" aria-label={`Compared with run ${run}`}>
        <thead>
          <tr>
            <th>
              <span className="visually-hidden">Count</span>
            </th>
            <th scope="col">here</th>
            <th scope="col">run {run}</th>
          </tr>
        </thead>
        <tbody>
          <tr className={head.rows === other.rows ? undefined : "is-different"}>
            <th scope="row">Rows</th>
            <td>{count(head.rows)}</td>
            <td>{count(other.rows)}</td>
          </tr>
          <tr className={head.columns.length === other.columns.length ? undefined : "is-different"}>
            <th scope="row">Columns</th>
            <td>{count(head.columns.length)}</td>
            <td>{count(other.columns.length)}</td>
          </tr>
        </tbody>
      </table>
      {lines.map(([title, names]) => names.length > 0 && <NameList key={title} title={title} names={names} />)}
      {difference.isReordered && <p className="soft">The columns stand in another order.</p>}
      {difference.isSame && <p className="soft">The same columns with the same types; choose one to compare its statistics.</p>}
    </>
  );
}

function NameList({ title, names }: { title: string; names: string[] }) {
  return (
    <div>
      <h3>{title}</h3>
      <ul className="run-comparison-names">
        {names.slice(0, 100).map((name) => (
          <li key={name}>{name}</li>
        ))}
        {names.length > 100 && <li className="soft">and {count(names.length - 100)} more</li>}
      </ul>
    </div>
  );
}
