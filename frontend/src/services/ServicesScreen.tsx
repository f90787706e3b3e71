// The list of published services [75]: what answers, from which experiment, how much it is used.
import { Webhook } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import { useServices } from "../api/queries";
import type { Service } from "../api/types";
import { routes } from "../routes";
import { matches } from "../ui/matching";
import { count, moment } from "../ui/quantities";
import "../ui/screen.css";
import { SearchBox } from "../ui/SearchBox";
import { Asked, EmptyState } from "../ui/Waiting";
import { answeringVersions, ServiceState } from "./ServiceState";
import "./services.css";

export default function ServicesScreen() {
  const services = useServices();
  const [typed, setTyped] = useState("");
  const [withRetired, setWithRetired] = useState(false);
  const retired = services.data?.filter((one) => one.retired !== null).length ?? 0;

  return (
    <div className="screen">
      <div className="screen-head">
        <h1>Services</h1>
        {retired > 0 && (
          <label className="checkbox">
            <input type="checkbox" checked={withRetired} onChange={(event) => setWithRetired(event.target.checked)} />
            Show retired ({retired})
          </label>
        )}
        <SearchBox label="Search services" value={typed} onChange={setTyped} />
      </div>
      <Asked query={services}>
        {(all) => {
          const shown = all.filter((one) => withRetired || one.retired === null);
          if (shown.length === 0) return <NoService />;
          return (
            <ServiceTable
              services={shown.filter((one) => matches(`${one.name} ${one.description} ${one.experiment}`, typed))}
            />
          );
        }}
      </Asked>
    </div>
  );
}

function NoService() {
  return (
    <EmptyState icon={<Webhook size={44} strokeWidth={1.25} />} title="No service yet">
      <p>
        A web service is an experiment that other programs can ask: they send rows over HTTP and get rows back. Open an
        experiment and choose “Set up web service”.
      </p>
      <Link to={routes.experiments()}>Go to the experiments</Link>
    </EmptyState>
  );
}

function ServiceTable({ services }: { services: Service[] }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th>Name</th>
          <th>State</th>
          <th>Version</th>
          <th>Experiment</th>
          <th className="is-number">Requests in 24 h</th>
          <th>Last published</th>
        </tr>
      </thead>
      <tbody>
        {services.map((one) => (
          <tr key={one.name}>
            <td>
              <Link className="table-link" to={routes.service(one.name)}>
                {one.name}
              </Link>
              {one.description && one.description !== one.name && <div className="soft">{one.description}</div>}
            </td>
            <td>
              <ServiceState state={one.state} />
            </td>
            <td className="number">{answeringVersions(one)}</td>
            <td>
              <Link to={routes.experiment(one.experiment)}>{one.experiment}</Link>
            </td>
            <td className="is-number">
              {count(one.activity.requests)}
              {one.activity.errors > 0 && <div className="services-errors">{count(one.activity.errors)} failed</div>}
            </td>
            <td className="number">{moment(one.published)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
