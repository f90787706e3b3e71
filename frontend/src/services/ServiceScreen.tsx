// One service: tabs as in the portal of the Studio [78, 81].
import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";

import type { ServicePage } from "../api/types";
import { routes } from "../routes";
import { ProblemBox } from "../ui/ProblemBox";
import "../ui/screen.css";
import { Tabs } from "../ui/Tabs";
import { Asked } from "../ui/Waiting";
import { useService } from "./api";
import { BatchJobs } from "./BatchJobs";
import { Configure } from "./Configure";
import { Consume } from "./Consume";
import { Dashboard } from "./Dashboard";
import { RequestLog } from "./RequestLog";
import { answeringVersions, ServiceState } from "./ServiceState";
import { Testing } from "./Testing";
import { Versions } from "./Versions";
import "./services.css";

export default function ServiceScreen({ name }: { name: string }) {
  const query = useService(name);
  return (
    <div className="screen services-screen">
      <Asked query={query}>{(page) => <Service key={name} page={page} />}</Asked>
    </div>
  );
}

function Service({ page }: { page: ServicePage }) {
  const { service, version } = page;
  const [tab, setTab] = useState("dashboard");
  const isRetired = service.retired !== null;
  const tabs: { id: string; label: string; content: ReactNode }[] = [
    { id: "dashboard", label: "Dashboard", content: <Dashboard page={page} onTab={setTab} /> },
    { id: "test", label: "Test", content: <Testing page={page} /> },
    { id: "consume", label: "Consume", content: <Consume service={service} /> },
    { id: "versions", label: "Versions", content: <Versions page={page} /> },
    { id: "configure", label: "Configure", content: <Configure key={service.live} service={service} /> },
    { id: "requests", label: "Request log", content: <RequestLog service={service} /> },
    { id: "batch", label: "Batch jobs", content: <BatchJobs service={service} /> },
  ];
  const shown = isRetired ? tabs.filter((one) => !["test", "consume", "configure"].includes(one.id)) : tabs;

  return (
    <>
      <div className="services-head">
        <nav className="services-path" aria-label="Breadcrumb">
          <Link to={routes.services()}>Services</Link>
          <ChevronRight size={14} aria-hidden />
        </nav>
        <h1>{service.name}</h1>
        <ServiceState state={service.state} />
        {!isRetired && <span className="soft">version {answeringVersions(service)}</span>}
        <span className="services-gap" />
        <span className="soft">
          of the experiment <Link to={routes.experiment(version.experiment)}>{version.experiment}</Link>
        </span>
      </div>
      {service.error && <ProblemBox problem={service.error} />}
      {isRetired && (
        <p className="services-note" role="note">
          The service is retired: it answers nobody and its keys are forgotten. Publish{" "}
          <Link to={routes.experiment(version.experiment)}>{version.experiment}</Link> under the name {service.name} to
          bring it back with its versions and new keys.
        </p>
      )}
      <Tabs label="Parts of the service" value={tab} onChange={setTab} tabs={shown} />
    </>
  );
}
