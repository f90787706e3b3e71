// How a node's last run went: state, why, times, error with its line, outputs, receipts, metrics, log [39, 42, 46].
import { useQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useState } from "react";

import { part, request } from "../api/client";
import type { NodeRun, NodeStatus, Problem } from "../api/types";
import { own } from "../document/records";
import { edit } from "../document/store";
import { showLog } from "../runs/log";
import { Button } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { bytes, duration, moment } from "../ui/quantities";
import { StateMark } from "../ui/StateMark";
import { LogView } from "./LogView";
import { OutputRows } from "./OutputRows";
import { useSource } from "./source";

export function NodeResult({ experiment, name }: { experiment: string; name: string }) {
  const { statuses, isReadOnly, document } = useSource();
  const status = own(statuses, name);
  if (!status || status.state === "not-run") {
    return (
      <p className="panel-state soft">
        <StateMark state="not-run" withText />
      </p>
    );
  }
  const isScript = document.nodes[name]?.script != null;
  return (
    <div className="panel-result">
      <p className="panel-state">
        <StateMark state={status.state} withText />
        {status.started && status.ended && <span className="soft number">{duration(status.ended - status.started)}</span>}
        {!status.is_current && <span className="tag panel-stale">changed since</span>}
      </p>
      {status.reason && <p className="panel-reason">{status.reason}</p>}
      {status.error && <NodeError problem={status.error} name={name} canOpen={!isReadOnly && isScript} />}
      <OutputRows experiment={experiment} name={name} status={status} />
      {status.run != null && <Details run={status.run} name={name} status={status} />}
    </div>
  );
}

function NodeError({ problem, name, canOpen }: { problem: Problem; name: string; canOpen: boolean }) {
  const line = problem.where.line ?? null;
  return (
    <div className="panel-error">
      <ProblemBox problem={problem} />
      {canOpen && line !== null && (
        <Button onClick={() => edit.openEditor(name, line)}>Show line {line}</Button>
      )}
    </div>
  );
}

function Details({ run, name, status }: { run: number; name: string; status: NodeStatus }) {
  const [isOpen, setOpen] = useState(false);
  const [hasLog, setLog] = useState(false);
  const { isReadOnly } = useSource();
  const isOver = status.ended != null;
  const detail = useQuery({
    queryKey: ["node-run", run, name, status.state],
    queryFn: () => request<NodeRun>(`/runs/${run}/nodes/${part(name)}`),
    enabled: isOpen || status.warnings.length > 0,
    staleTime: isOver ? Infinity : 0,
  });
  const warnings = detail.data?.warnings ?? status.warnings;
  return (
    <>
      {warnings.length > 0 && (
        <ul className="panel-warnings" aria-label="Warnings">
          {warnings.map((warning, index) => (
            <li key={index}>{warning}</li>
          ))}
        </ul>
      )}
      <div className="panel-result-buttons">
        <Button look="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Less" : "Details"}
        </Button>
        <Button
          look="quiet"
          icon={<ScrollText size={14} aria-hidden />}
          aria-expanded={isReadOnly ? hasLog : undefined}
          onClick={() => (isReadOnly ? setLog(!hasLog) : showLog(run, name))}
        >
          View log
        </Button>
      </div>
      {isOpen && detail.data && <Facts detail={detail.data} />}
      {hasLog && <LogView run={run} node={name} isRunning={!isOver} />}
    </>
  );
}

const USAGE: Record<string, [label: string, text: (value: number) => string]> = {
  cpu_seconds: ["CPU time", duration],
  wall_seconds: ["Time in the job", duration],
  peak_memory_bytes: ["Memory, peak", bytes],
  read_ms: ["Reading inputs", (value) => duration(value / 1000)],
  call_ms: ["Computing", (value) => duration(value / 1000)],
  write_ms: ["Writing outputs", (value) => duration(value / 1000)],
};

function Facts({ detail }: { detail: NodeRun }) {
  const receipts = Object.entries(detail.receipts).filter(([, entries]) => entries.length > 0);
  const metrics = Object.entries(detail.metrics);
  const tags = Object.entries(detail.tags);
  return (
    <div className="panel-facts">
      <dl className="facts">
        <dt>Run</dt>
        <dd>{detail.reused_run == null ? detail.run : `${detail.run}, result of run ${detail.reused_run}`}</dd>
        {detail.started != null && (
          <>
            <dt>Start</dt>
            <dd className="number">{moment(detail.started)}</dd>
          </>
        )}
        {detail.ended != null && (
          <>
            <dt>End</dt>
            <dd className="number">{moment(detail.ended)}</dd>
          </>
        )}
        {detail.started != null && detail.ended != null && (
          <>
            <dt>Elapsed</dt>
            <dd className="number">{duration(detail.ended - detail.started)}</dd>
          </>
        )}
        {Object.entries(detail.usage).map(([key, value]) => {
          const [label, text] = USAGE[key] ?? [key.replaceAll("_", " "), String];
          return (
            <div key={key} className="panel-fact">
              <dt>{label}</dt>
              <dd className="number">{text(value)}</dd>
            </div>
          );
        })}
      </dl>
      {metrics.length > 0 && <Table title="Metrics" rows={metrics.map(([key, value]) => [key, JSON.stringify(value)])} />}
      {tags.length > 0 && <Table title="Tags" rows={tags} />}
      {receipts.map(([port, entries]) => (
        <div key={port}>
          <h4>Type receipt of {port.replace(/^(in|out):/, "")}</h4>
          <ul className="panel-receipt">
            {entries.map((entry, index) => (
              <li key={index} className={entry.lossy ? "panel-lossy" : ""}>
                {entry.text}
                {entry.lossy && " (lossy)"}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function Table({ title, rows }: { title: string; rows: [string, string][] }) {
  return (
    <div>
      <h4>{title}</h4>
      <dl className="facts">
        {rows.map(([key, value]) => (
          <div key={key} className="panel-fact">
            <dt>{key}</dt>
            <dd className="number">{value.length > 200 ? `${value.slice(0, 200)}…` : value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
