// The list of datasets as a table, with what can be done with each.
import { useQueryClient } from "@tanstack/react-query";
import { ClipboardCopy, Download, Ellipsis, Table2, Trash2 } from "lucide-react";
import { Link, useLocation } from "wouter";

import { part, problemOf, request } from "../api/client";
import type { DatasetRow } from "../api/types";
import { routes } from "../routes";
import { ActionsHead } from "../ui/ActionsHead";
import { IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { bytes, count, moment } from "../ui/quantities";
import { tell, tellProblem } from "../ui/Toast";
import { copyText } from "../visualize/charts/exporting";
import { download } from "../visualize/DownloadButton";
import { loadingCode } from "./loadingCode";

export function DatasetTable({ rows }: { rows: DatasetRow[] }) {
  const [, go] = useLocation();
  const client = useQueryClient();

  async function remove(row: DatasetRow): Promise<void> {
    const what = row.versions === 1 ? "" : ` with its ${row.versions} versions`;
    if (!window.confirm(`Remove the dataset ${row.name}${what}? Nodes that use it will say that it is missing.`)) return;
    try {
      await request(`/datasets/${part(row.name)}`, { method: "DELETE" });
      tell(`${row.name} is removed.`);
      await client.invalidateQueries({ queryKey: ["datasets"] });
    } catch (fault) {
      tellProblem(problemOf(fault));
    }
  }

  return (
    <table className="table">
      <thead>
        <tr>
          <th>Name</th>
          <th>Kind</th>
          <th className="is-number">Rows × columns</th>
          <th className="is-number">Size</th>
          <th className="is-number">Versions</th>
          <th>Created</th>
          <th>Origin</th>
          <ActionsHead />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <td>
              <Link className="table-link datasets-name" to={routes.dataset(row.name)}>
                {row.name}
              </Link>
            </td>
            <td>{kindName(row.kind)}</td>
            <td className="is-number">{row.rows === null ? "–" : `${count(row.rows)} × ${count(row.columns ?? 0)}`}</td>
            <td className="is-number">{bytes(row.size)}</td>
            <td className="is-number">{row.versions}</td>
            <td className="number">{moment(row.created)}</td>
            <td className="datasets-origin" title={row.origin}>
              {row.origin}
            </td>
            <td className="is-number">
              <Menu
                align="end"
                items={[
                  { label: "Open", icon: <Table2 size={15} />, onSelect: () => go(routes.dataset(row.name)) },
                  { label: row.kind === "dataset" ? "Download as CSV" : "Download", icon: <Download size={15} />, onSelect: () => void download(row) },
                  {
                    label: "Copy Python code to load it",
                    icon: <ClipboardCopy size={15} />,
                    onSelect: () => void copyText(loadingCode(row.name, row.kind), "Python code that loads this is copied."),
                  },
                  "-",
                  { label: "Remove …", icon: <Trash2 size={15} />, isDanger: true, onSelect: () => void remove(row) },
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

export function kindName(kind: string): string {
  return kind === "dataset" ? "table" : kind;
}
