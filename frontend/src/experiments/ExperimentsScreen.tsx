// The list of experiments: search, open, new, copy, remove [3, 7].
import { useQueryClient } from "@tanstack/react-query";
import { Copy, Ellipsis, Plus, Trash2, Workflow } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { part, problemOf, request } from "../api/client";
import { useExperiments } from "../api/queries";
import type { ExperimentRow } from "../api/types";
import { routes } from "../routes";
import { ActionsHead } from "../ui/ActionsHead";
import { Button, IconButton } from "../ui/Button";
import { matches } from "../ui/matching";
import { Menu } from "../ui/Menu";
import { moment } from "../ui/quantities";
import "../ui/screen.css";
import { SearchBox } from "../ui/SearchBox";
import { StateMark } from "../ui/StateMark";
import { tell, tellProblem } from "../ui/Toast";
import { Asked, EmptyState } from "../ui/Waiting";
import { NewExperimentDialog } from "./NewExperimentDialog";

export function ExperimentsScreen() {
  const experiments = useExperiments();
  const [typed, setTyped] = useState("");
  const [isNew, setNew] = useState(false);
  const [copyOf, setCopyOf] = useState<string | null>(null);

  return (
    <div className="screen">
      <div className="screen-head">
        <h1>Experiments</h1>
        <SearchBox label="Search experiments" value={typed} onChange={setTyped} />
        <Button look="primary" icon={<Plus size={16} aria-hidden />} onClick={() => setNew(true)}>
          New experiment
        </Button>
      </div>
      <Asked query={experiments}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState icon={<Workflow size={44} strokeWidth={1.25} />} title="No experiment yet">
              <p>An experiment is a graph of modules: data in, scripts and SQL between, results on every port.</p>
              <Button look="primary" onClick={() => setNew(true)}>
                Make the first one
              </Button>
            </EmptyState>
          ) : (
            <ExperimentTable
              rows={rows.filter((row) => matches(`${row.name} ${row.title}`, typed))}
              onCopy={setCopyOf}
            />
          )
        }
      </Asked>
      {(isNew || copyOf !== null) && (
        <NewExperimentDialog
          copyOf={copyOf}
          onClose={() => {
            setNew(false);
            setCopyOf(null);
          }}
        />
      )}
    </div>
  );
}

function ExperimentTable({ rows, onCopy }: { rows: ExperimentRow[]; onCopy: (name: string) => void }) {
  const [, go] = useLocation();
  const client = useQueryClient();

  async function remove(name: string): Promise<void> {
    if (!window.confirm(`Remove the experiment ${name}? Its files move to .studiolo/removed; its runs stay.`)) return;
    try {
      await request(`/experiments/${part(name)}`, { method: "DELETE" });
      tell(`${name} is removed.`);
      await client.invalidateQueries({ queryKey: ["experiments"] });
    } catch (fault) {
      tellProblem(problemOf(fault));
    }
  }

  return (
    <table className="table">
      <thead>
        <tr>
          <th>Name</th>
          <th>Last run</th>
          <th className="is-number">Nodes</th>
          <th>Last edited</th>
          <ActionsHead />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <td>
              <Link className="table-link" to={routes.experiment(row.name)}>
                {row.title}
              </Link>
              {row.title !== row.name && <div className="soft mono">{row.name}</div>}
            </td>
            <td>
              {row.run !== null && row.run_state !== null ? (
                <Link to={routes.run(row.name, row.run)} className="table-link experiments-run">
                  <StateMark state={row.run_state} withText /> <span className="soft">run {row.run}</span>
                </Link>
              ) : (
                <StateMark state="not-run" withText />
              )}
            </td>
            <td className="is-number">{row.is_readable ? row.nodes : "–"}</td>
            <td className="number">{moment(row.edited)}</td>
            <td className="is-number">
              <Menu
                align="end"
                items={[
                  { label: "Open", icon: <Workflow size={15} />, onSelect: () => go(routes.experiment(row.name)) },
                  { label: "Copy …", icon: <Copy size={15} />, onSelect: () => onCopy(row.name) },
                  "-",
                  {
                    label: "Remove …",
                    icon: <Trash2 size={15} />,
                    isDanger: true,
                    onSelect: () => void remove(row.name),
                  },
                ]}
              >
                <IconButton label={`Actions on ${row.name}`}>
                  <Ellipsis size={16} aria-hidden />
                </IconButton>
              </Menu>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
