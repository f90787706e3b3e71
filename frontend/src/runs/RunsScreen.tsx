// All runs: filtered by experiment and state, live; two ticked ones can be compared [70, 73, 74].
import { History } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { useRuns } from "../api/queries";
import type { Run } from "../api/types";
import { routes } from "../routes";
import { Button } from "../ui/Button";
import { matches } from "../ui/matching";
import { duration, moment } from "../ui/quantities";
import "../ui/screen.css";
import { SearchBox } from "../ui/SearchBox";
import { StateMark } from "../ui/StateMark";
import { Asked, EmptyState } from "../ui/Waiting";
import { useNow } from "./GanttChart";
import "./runs.css";

const STATES = ["running", "finished", "failed", "cancelled", "interrupted"];

export default function RunsScreen() {
  const runs = useRuns(null);
  const [typed, setTyped] = useState("");
  const [state, setState] = useState("");
  const [picked, setPicked] = useState<Run[]>([]);
  const [, go] = useLocation();
  const [a, b] = [...picked].sort((one, other) => one.number - other.number);

  return (
    <div className="screen">
      <div className="screen-head">
        <h1>Runs</h1>
        <SearchBox label="Search by experiment" value={typed} onChange={setTyped} />
        <select
          className="input runs-state"
          aria-label="State"
          value={state}
          onChange={(event) => setState(event.target.value)}
        >
          <option value="">every state</option>
          {STATES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <Button
          look="primary"
          disabled={picked.length !== 2}
          onClick={() => a && b && go(routes.compare(b.experiment, a.number, b.number))}
        >
          {picked.length === 2 ? `Compare ${a?.number} and ${b?.number}` : "Compare two"}
        </Button>
      </div>
      <Asked query={runs}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState icon={<History size={44} strokeWidth={1.25} />} title="No run yet">
              <p>
                Open an <Link to={routes.experiments()}>experiment</Link> and press Run: every run is kept here with its exact
                scripts and results.
              </p>
            </EmptyState>
          ) : (
            <RunTable
              rows={rows.filter((row) => matches(row.experiment, typed) && (state === "" || row.state === state))}
              picked={picked}
              onPick={setPicked}
            />
          )
        }
      </Asked>
    </div>
  );
}

interface RunTableProps {
  rows: Run[];
  picked: Run[];
  onPick: (runs: Run[]) => void;
}

export function RunTable({ rows, picked, onPick }: RunTableProps) {
  const now = useNow(rows.some((row) => row.state === "running"));
  return (
    <table className="table">
      <thead>
        <tr>
          <th>
            <span className="visually-hidden">Compare</span>
          </th>
          <th>Run</th>
          <th>Experiment</th>
          <th>State</th>
          <th>Start</th>
          <th>End</th>
          <th className="is-number">Time</th>
          <th>Nodes</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.number}>
            <td>
              <input
                type="checkbox"
                aria-label={`Compare run ${row.number}`}
                checked={picked.some((one) => one.number === row.number)}
                onChange={(event) =>
                  onPick(
                    event.target.checked
                      ? [...picked.slice(-1), row]
                      : picked.filter((one) => one.number !== row.number),
                  )
                }
              />
            </td>
            <td>
              <Link className="table-link" to={routes.run(row.experiment, row.number)}>
                Run {row.number}
              </Link>
            </td>
            <td>
              <Link to={routes.experiment(row.experiment)}>{row.experiment}</Link>
            </td>
            <td>
              <StateMark state={row.state} withText />
            </td>
            <td className="number">{moment(row.started)}</td>
            <td className="number">{row.ended == null ? "–" : moment(row.ended)}</td>
            <td className="is-number">{duration(Math.max(0, (row.ended ?? now) - row.started))}</td>
            <td className="soft">{countsText(row)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function countsText(run: Run): string {
  return Object.entries(run.counts)
    .filter(([, number]) => number > 0)
    .map(([state, number]) => `${number} ${state}`)
    .join(", ");
}
