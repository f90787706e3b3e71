// The batch jobs of a service: how far they are, their log and outputs, cancelling one.
import { useState } from "react";

import { part, problemOf, request } from "../api/client";
import type { BatchJob, Service } from "../api/types";
import { ActionsHead } from "../ui/ActionsHead";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { duration, moment } from "../ui/quantities";
import { tellProblem } from "../ui/Toast";
import { Asked, Waiting } from "../ui/Waiting";
import { addressOf, useBatchJobs, useChange } from "./api";

const ENDED = ["Finished", "Failed", "Cancelled"];
const LOOKS: Record<string, string> = { Finished: "services-good", Failed: "services-bad", Cancelled: "services-warn" };

export function BatchJobs({ service }: { service: Service }) {
  const jobs = useBatchJobs(service.name);
  return (
    <div className="services-parts">
      <Asked query={jobs}>
        {(found) =>
          found.length === 0 ? (
            <p className="soft">
              No batch job yet. A program makes one with a POST to <code>{service.addresses.jobs}</code>; the tab Consume has
              programs that do.
            </p>
          ) : (
            <JobTable service={service} jobs={found} />
          )
        }
      </Asked>
    </div>
  );
}

function JobTable({ service, jobs }: { service: Service; jobs: BatchJob[] }) {
  const [log, setLog] = useState<{ id: string; text: string | null } | null>(null);
  const end = useChange((id: string) =>
    request(`${addressOf(service.name)}/batch-jobs/${part(id)}`, { method: "DELETE" }),
  );

  async function show(id: string): Promise<void> {
    setLog({ id, text: null });
    try {
      const found = await request<{ text: string }>(`${addressOf(service.name)}/batch-jobs/${part(id)}/log`);
      setLog({ id, text: found.text });
    } catch (fault) {
      setLog(null);
      tellProblem(problemOf(fault));
    }
  }

  return (
    <>
      <table className="table" aria-label="Batch jobs">
        <thead>
          <tr>
            <th>Job</th>
            <th>State</th>
            <th>Made</th>
            <th className="is-number">Took</th>
            <th className="is-number">Version</th>
            <th>Outputs</th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              <td>
                <code title={job.id}>{job.id.slice(0, 8)}</code>
              </td>
              <td>
                <span className={LOOKS[job.state] ?? ""}>{job.state}</span>
                {job.state === "Running" && (
                  <div className="soft">
                    {job.step} ({job.done} of {job.total})
                  </div>
                )}
                {job.error && <div className="services-job-error">{job.error.split("\n")[0]}</div>}
              </td>
              <td className="number">{moment(job.created)}</td>
              <td className="is-number">
                {job.started !== null && job.ended !== null ? duration(job.ended - job.started) : "–"}
              </td>
              <td className="is-number">{job.version}</td>
              <td>
                {Object.entries(job.outputs).map(([name, address]) => (
                  <a key={name} href={address} className="services-download">
                    {name}
                  </a>
                ))}
              </td>
              <td>
                <div className="services-actions services-right">
                  <Button look="quiet" onClick={() => void show(job.id)}>
                    Log<span className="visually-hidden"> of {job.id.slice(0, 8)}</span>
                  </Button>
                  {!ENDED.includes(job.state) && (
                    <Button
                      disabled={end.isPending || job.state === "Cancelling"}
                      onClick={() => end.mutate(job.id, { onError: (fault) => tellProblem(problemOf(fault)) })}
                    >
                      Cancel<span className="visually-hidden"> {job.id.slice(0, 8)}</span>
                    </Button>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {log && (
        <Dialog title={`Log of the job ${log.id.slice(0, 8)}`} isOpen onClose={() => setLog(null)} size="large">
          {log.text === null ? <Waiting /> : <pre className="services-log">{log.text || "Nothing was printed."}</pre>}
        </Dialog>
      )}
    </>
  );
}
