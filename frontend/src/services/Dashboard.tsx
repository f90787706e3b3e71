// What a service is, where it answers, its keys, and what it takes and gives [78, 79].
import { ExternalLink, FlaskConical } from "lucide-react";
import { Link } from "wouter";

import type { ServicePage, ServiceVersion } from "../api/types";
import { routes } from "../routes";
import { Button } from "../ui/Button";
import { count, moment } from "../ui/quantities";
import { CopyButton } from "./CopyButton";
import { Keys } from "./Keys";
import { Ports } from "./Ports";

interface DashboardProps {
  page: ServicePage;
  onTab: (tab: string) => void;
}

export function Dashboard({ page, onTab }: DashboardProps) {
  const { service, version } = page;
  const isRetired = service.retired !== null;
  const { requests, errors, newest } = service.activity;
  return (
    <div className="services-parts">
      {version.warnings.map((warning) => (
        <p key={warning} className="services-warning" role="note">
          {warning}
        </p>
      ))}
      <section aria-label="About" className="services-about">
        <dl className="facts">
          <dt>Description</dt>
          <dd>{service.description || <span className="soft">none</span>}</dd>
          <dt>Live version</dt>
          <dd>
            {version.number}, published {moment(version.created)}
          </dd>
          <dt>Experiment</dt>
          <dd>
            <Link to={routes.run(version.experiment, version.run)}>View snapshot</Link>
            <span className="soft"> as it was in run {version.run}</span> ·{" "}
            <Link to={routes.experiment(version.experiment)}>View latest</Link>
          </dd>
          <dt>Processes</dt>
          <dd>{version.state === "kept" ? "one process serves many requests" : "a fresh process for each request"}</dd>
        </dl>
        <dl className="facts">
          <dt>Last 24 hours</dt>
          <dd>
            <button type="button" className="services-link" onClick={() => onTab("requests")}>
              {count(requests)} {requests === 1 ? "request" : "requests"}
            </button>
            {errors > 0 && <span className="services-errors">, {count(errors)} failed</span>}
          </dd>
          <dt>Newest request</dt>
          <dd>{newest === null ? <span className="soft">none</span> : moment(newest)}</dd>
          <dt>First published</dt>
          <dd>{moment(service.created)}</dd>
        </dl>
      </section>
      {!isRetired && <Addresses page={page} onTab={onTab} />}
      {!isRetired && <Keys service={service} keys={page.keys} />}
      <Interface version={version} />
    </div>
  );
}

function Addresses({ page, onTab }: DashboardProps) {
  const { own, execute, jobs, help, help_execute, help_jobs, swagger, openapi } = page.service.addresses;
  const rows = [
    { label: "Request/response", note: "typed JSON and Arrow", address: own, page: help, canTest: true },
    { label: "Request/response, classic", note: "clients of the Machine Learning Studio", address: execute, page: help_execute },
    { label: "Batch execution", note: "large tables in files", address: jobs, page: help_jobs },
  ];
  return (
    <section>
      <h2>Addresses</h2>
      <table className="table services-addresses">
        <thead>
          <tr>
            <th>Endpoint</th>
            <th>Address</th>
            <th>Help and test</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.label}>
              <td>
                <strong>{row.label}</strong>
                <div className="soft">{row.note}</div>
              </td>
              <td>
                <div className="services-address">
                  <code>{row.address}</code>
                  <CopyButton text={row.address} what={`the address of ${row.label}`} />
                </div>
              </td>
              <td>
                <div className="services-actions services-tight">
                  <a href={row.page} target="_blank" rel="noreferrer">
                    API help <ExternalLink size={12} aria-hidden />
                    <span className="visually-hidden">of {row.label}, in a new tab</span>
                  </a>
                  {row.canTest && (
                    <Button icon={<FlaskConical size={14} aria-hidden />} onClick={() => onTab("test")}>
                      Test
                    </Button>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft services-documents">
        Descriptions for programs: <a href={openapi}>OpenAPI</a>, <a href={swagger}>Swagger</a>
      </p>
    </section>
  );
}

function Interface({ version }: { version: ServiceVersion }) {
  return (
    <section>
      <h2>What it takes and gives</h2>
      <Ports version={version} />
    </section>
  );
}
