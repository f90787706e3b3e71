// The versions of a service: which one answers, rolling back, sharing the requests, what each contains [85, 87].
import { useState } from "react";
import { Link } from "wouter";

import { problemOf, request } from "../api/client";
import type { Service, ServicePage, ServiceVersionRow } from "../api/types";
import { routes } from "../routes";
import { ActionsHead } from "../ui/ActionsHead";
import { Button } from "../ui/Button";
import { moment } from "../ui/quantities";
import { tell } from "../ui/Toast";
import { Asked } from "../ui/Waiting";
import { addressOf, useChange, useVersion } from "./api";
import { ConfirmDialog } from "./ConfirmDialog";
import { Ports } from "./Ports";
import { TrafficDialog } from "./TrafficDialog";
import { VersionContents } from "./VersionContents";

export function Versions({ page }: { page: ServicePage }) {
  const { service, versions } = page;
  const [open, setOpen] = useState<number | null>(null);
  const [chosen, setChosen] = useState<ServiceVersionRow | null>(null);
  const [isSplitting, setSplitting] = useState(false);
  const isRetired = service.retired !== null;

  return (
    <div className="services-parts">
      <div className="services-bar">
        <p className="soft">
          A version holds all it needs and never changes. Publishing makes the next one; earlier ones stay, so that you can
          go back at once.
        </p>
        {versions.length > 1 && !isRetired && (
          <Button onClick={() => setSplitting(true)}>
            {Object.keys(service.traffic).length > 0 ? "Change the split …" : "Split the requests …"}
          </Button>
        )}
      </div>
      <table className="table">
        <thead>
          <tr>
            <th>Version</th>
            <th>Answers</th>
            <th>Published</th>
            <th>From</th>
            <th>Description</th>
            <ActionsHead />
          </tr>
        </thead>
        <tbody>
          {versions.map((version) => (
            <tr key={version.number}>
              <td className="number">
                <strong>{version.number}</strong>
              </td>
              <td>{version.share > 0 ? <Share share={version.share} /> : <span className="soft">on standby</span>}</td>
              <td className="number">{moment(version.created)}</td>
              <td>
                <Link to={routes.run(version.experiment, version.run)}>run {version.run}</Link>
              </td>
              <td className="soft">{version.description}</td>
              <td>
                <div className="services-actions services-right">
                  <Button
                    look="quiet"
                    aria-expanded={open === version.number}
                    onClick={() => setOpen(open === version.number ? null : version.number)}
                  >
                    {open === version.number ? "Hide contents" : "Contents"}
                    <span className="visually-hidden"> of version {version.number}</span>
                  </Button>
                  {!isRetired && version.share < 100 && (
                    <Button onClick={() => setChosen(version)}>
                      {version.number < service.live ? "Roll back" : "Let it answer"}
                      <span className="visually-hidden"> version {version.number}</span>
                    </Button>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {open !== null && <Contents name={service.name} number={open} />}
      {chosen !== null && <Switch service={service} version={chosen} onClose={() => setChosen(null)} />}
      {isSplitting && <TrafficDialog service={service} versions={versions} onClose={() => setSplitting(false)} />}
    </div>
  );
}

function Share({ share }: { share: number }) {
  return (
    <span className="services-share">
      <span className="tag">{share === 100 ? "all requests" : `${share} %`}</span>
    </span>
  );
}

function Contents({ name, number }: { name: string; number: number }) {
  const version = useVersion(name, number);
  return (
    <section className="services-contents" aria-label={`Contents of version ${number}`}>
      <h2>What version {number} contains</h2>
      <Asked query={version}>
        {(found) => (
          <>
            <VersionContents version={found} />
            <Ports version={found} />
          </>
        )}
      </Asked>
    </section>
  );
}

interface SwitchProps {
  service: Service;
  version: ServiceVersionRow;
  onClose: () => void;
}

function Switch({ service, version, onClose }: SwitchProps) {
  const rollback = useChange((number: number) =>
    request<Service>(`${addressOf(service.name)}/rollback?number=${number}`, { method: "POST" }),
  );
  const isBack = version.number < service.live;
  return (
    <ConfirmDialog
      title={isBack ? `Roll back to version ${version.number}?` : `Let version ${version.number} answer?`}
      action={isBack ? "Roll back" : "Let it answer"}
      isBusy={rollback.isPending}
      problem={rollback.error ? problemOf(rollback.error) : null}
      onConfirm={() =>
        rollback.mutate(version.number, {
          onSuccess: () => {
            tell(`Version ${version.number} of ${service.name} answers now.`);
            onClose();
          },
        })
      }
      onClose={onClose}
    >
      <p>
        Version {version.number} answers all requests from now on. Addresses and keys stay, no request is lost, and
        version {service.live} stays for going back.
      </p>
    </ConfirmDialog>
  );
}
