// Who was answered how, newest first; follows new requests [81].
import { Fragment, useState } from "react";

import type { Service, ServiceRequest } from "../api/types";
import { Button } from "../ui/Button";
import { count, duration, moment } from "../ui/quantities";
import { Asked } from "../ui/Waiting";
import { useRequests } from "./api";

export function RequestLog({ service }: { service: Service }) {
  const [onlyErrors, setOnlyErrors] = useState(false);
  const [isFollowed, setFollowed] = useState(true);
  const requests = useRequests(service.name, onlyErrors, isFollowed);
  return (
    <div className="services-parts">
      <div className="services-bar">
        <p className="soft">
          {service.keeps_data
            ? "The log keeps inputs and outputs."
            : "The log keeps no data: how long, how many rows, what went wrong."}
        </p>
        <div className="services-actions">
          <label className="checkbox">
            <input type="checkbox" checked={onlyErrors} onChange={(event) => setOnlyErrors(event.target.checked)} />
            Only errors
          </label>
          <label className="checkbox">
            <input type="checkbox" checked={isFollowed} onChange={(event) => setFollowed(event.target.checked)} />
            Follow new requests
          </label>
        </div>
      </div>
      <Asked query={requests}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="soft">{onlyErrors ? "No request has failed." : "Nobody has asked yet."}</p>
          ) : (
            <>
              <Summary rows={rows} />
              <LogTable rows={rows} />
            </>
          )
        }
      </Asked>
    </div>
  );
}

function Summary({ rows }: { rows: ServiceRequest[] }) {
  const times = rows.map((row) => row.milliseconds).sort((a, b) => a - b);
  const at = (share: number): string => duration((times[Math.ceil(times.length * share) - 1] ?? 0) / 1000);
  const failed = rows.filter((row) => row.status >= 400).length;
  return (
    <p className="services-summary">
      The newest {count(rows.length)}: half took at most <strong>{at(0.5)}</strong>
      {rows.length >= 20 && (
        <>
          , 95 of 100 at most <strong>{at(0.95)}</strong>
        </>
      )}
      ; <strong>{count(failed)}</strong> failed.
    </p>
  );
}

function look(status: number): string {
  return status >= 500 ? "services-bad" : status >= 400 ? "services-warn" : "services-good";
}

function LogTable({ rows }: { rows: ServiceRequest[] }) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <table className="table" aria-label="Requests">
      <thead>
        <tr>
          <th>Time</th>
          <th>Status</th>
          <th className="is-number">Took</th>
          <th className="is-number">Rows</th>
          <th className="is-number">Version</th>
          <th>Key</th>
          <th>Form</th>
          <th>Error</th>
          <th>Request</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Fragment key={row.request_id}>
            <tr>
              <td className="number">{moment(row.time)}</td>
              <td>
                <span className={look(row.status)}>{row.status}</span>
              </td>
              <td className="is-number">{duration(row.milliseconds / 1000)}</td>
              <td className="is-number">{row.rows === null ? "–" : count(row.rows)}</td>
              <td className="is-number">{row.version ?? "–"}</td>
              <td className="soft">{row.slot ?? "–"}</td>
              <td className="soft">{row.form}</td>
              <td>{row.error ?? ""}</td>
              <td>
                {row.request !== null || row.answer !== null ? (
                  <Button
                    look="quiet"
                    aria-expanded={open === row.request_id}
                    onClick={() => setOpen(open === row.request_id ? null : row.request_id)}
                  >
                    <code>{row.request_id.slice(0, 8)}</code>
                  </Button>
                ) : (
                  <code className="soft" title={row.request_id}>
                    {row.request_id.slice(0, 8)}
                  </code>
                )}
              </td>
            </tr>
            {open === row.request_id && (
              <tr>
                <td colSpan={9}>
                  <div className="services-kept">
                    <pre role="group" aria-label="Request">{row.request ?? ""}</pre>
                    <pre role="group" aria-label="Answer">{row.answer ?? ""}</pre>
                  </div>
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}
