// The whole page: signed in or not, the frame, and the screen that the address names.
import { lazy, Suspense, useEffect } from "react";
import { Redirect, Route, Router, Switch } from "wouter";

import { begin, unfollow } from "./api/events";
import { useSession } from "./api/session";
import { ExperimentScreen } from "./canvas/ExperimentScreen";
import { ExperimentsScreen } from "./experiments/ExperimentsScreen";
import { Frame } from "./frame/Frame";
import { SignIn } from "./frame/SignIn";
import { routes, useHashAddress } from "./routes";
import { CommandPalette } from "./ui/CommandPalette";
import { FaultBoundary } from "./ui/FaultBoundary";
import { Toasts } from "./ui/Toast";
import { Waiting } from "./ui/Waiting";

const RunsScreen = lazy(() => import("./runs/RunsScreen"));
const RunScreen = lazy(() => import("./runs/RunScreen"));
const CompareScreen = lazy(() => import("./runs/CompareScreen"));
const DatasetsScreen = lazy(() => import("./datasets/DatasetsScreen"));
const DatasetScreen = lazy(() => import("./datasets/DatasetScreen"));
const ServicesScreen = lazy(() => import("./services/ServicesScreen"));
const ServiceScreen = lazy(() => import("./services/ServiceScreen"));
const SettingsScreen = lazy(() => import("./frame/SettingsScreen"));

export function App() {
  const session = useSession();
  const { look, state } = session;

  useEffect(() => void look(), [look]);
  useEffect(() => {
    if (state === "in") begin();
    if (state === "out") unfollow();
  }, [state]);

  if (state === "unknown") return <Waiting label="Opening the studio" />;
  if (state === "offline") return <Waiting label="The server does not answer. Trying again" />;
  if (state === "out") return <SignIn />;
  return (
    <Router hook={useHashAddress}>
      <Frame>
        <FaultBoundary>
          <Suspense fallback={<Waiting />}>
            <Switch>
              <Route path="/experiments">{() => <ExperimentsScreen />}</Route>
              <Route path="/experiments/:name">
                {({ name }) => <ExperimentScreen key={name} name={decodeURIComponent(name)} />}
              </Route>
              <Route path="/experiments/:name/runs/:number">
                {({ name, number }) => <RunScreen name={decodeURIComponent(name)} number={Number(number)} />}
              </Route>
              <Route path="/experiments/:name/compare/:a/:b">
                {({ name, a, b }) => <CompareScreen name={decodeURIComponent(name)} a={Number(a)} b={Number(b)} />}
              </Route>
              <Route path="/runs">{() => <RunsScreen />}</Route>
              <Route path="/datasets">{() => <DatasetsScreen />}</Route>
              <Route path="/datasets/:name">{({ name }) => <DatasetScreen name={decodeURIComponent(name)} />}</Route>
              <Route path="/services">{() => <ServicesScreen />}</Route>
              <Route path="/services/:name">{({ name }) => <ServiceScreen name={decodeURIComponent(name)} />}</Route>
              <Route path="/settings">{() => <SettingsScreen />}</Route>
              <Route>{() => <Redirect to={routes.experiments()} replace />}</Route>
            </Switch>
          </Suspense>
        </FaultBoundary>
      </Frame>
      <CommandPalette />
      <Toasts />
    </Router>
  );
}
