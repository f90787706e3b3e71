// Nothing selected: the experiment itself, its last run, the run before, and what it offers as a web service [45].
import { Link } from "wouter";

import { useRuns } from "../api/queries";
import type { Run } from "../api/types";
import { edit } from "../document/store";
import { routes } from "../routes";
import { Field } from "../ui/Field";
import { ProblemBox } from "../ui/ProblemBox";
import { duration, moment, plural } from "../ui/quantities";
import { StateMark } from "../ui/StateMark";
import { DraftInput } from "./DraftInput";
import { Section } from "./Section";
import { useSource } from "./source";

export function ExperimentFacts({ name }: { name: string }) {
  const { document, run, isReadOnly } = useSource();
  const runs = useRuns(isReadOnly ? null : name);
  const before = runs.data?.find((one) => one.experiment === name && run !== null && one.number < run.number);
  const general = document.problems.filter((one) => !one.where.node);
  const elsewhere = document.problems.length - general.length;
  return (
    <div className="panel-node">
      <header className="panel-head">
        <div className="panel-head-text">
          <h2>{document.title || name}</h2>
          <p className="soft">Experiment, {plural(Object.keys(document.nodes).length, "node")}</p>
        </div>
      </header>
      <Field label="Title">
        {(ids) => (
          <DraftInput
            key={name}
            ids={ids}
            stored={document.title}
            isDisabled={isReadOnly}
            save={(text) => edit.set(["title"], text || null, "Change the title")}
          />
        )}
      </Field>
      {general.map((problem, index) => (
        <ProblemBox key={index} problem={problem} />
      ))}
      {elsewhere > 0 && (
        <Section id="problems" title="Problems" extra={elsewhere}>
          <ul className="panel-problems">
            {document.problems.filter((one) => one.where.node).map((one, index) => (
              <li key={index}>
                <button type="button" onClick={() => one.where.node && edit.select([one.where.node])}>
                  {one.summary}
                </button>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section id="run" title="Last run" extra={run ? `run ${run.number}` : "none"}>
        {run ? <RunFacts run={run} /> : <p className="soft">It has not run yet.</p>}
        {run && !isReadOnly && <Link to={routes.run(name, run.number)}>Open run {run.number}, locked</Link>}
        {before && <Link to={routes.run(name, before.number)}>Prior run {before.number}</Link>}
        {run && before && <Link to={routes.compare(name, before.number, run.number)}>Compare the two</Link>}
      </Section>
      <ServiceFacts />
      <p className="panel-place">
        experiments/<b>{name}</b>/experiment.yaml
      </p>
    </div>
  );
}

export function RunFacts({ run }: { run: Run }) {
  return (
    <dl className="facts">
      <dt>State</dt>
      <dd>
        <StateMark state={run.state} withText />
      </dd>
      <dt>Start</dt>
      <dd className="number">{moment(run.started)}</dd>
      {run.ended != null && (
        <>
          <dt>End</dt>
          <dd className="number">{moment(run.ended)}</dd>
          <dt>Elapsed</dt>
          <dd className="number">{duration(run.ended - run.started)}</dd>
        </>
      )}
      <dt>Nodes</dt>
      <dd>
        {Object.entries(run.counts)
          .filter(([, number]) => number > 0)
          .map(([state, number]) => `${number} ${state}`)
          .join(", ")}
      </dd>
    </dl>
  );
}

function ServiceFacts() {
  const { document } = useSource();
  const service = document.web_service;
  const parameters = Object.entries(service?.parameters ?? {});
  if (!service) {
    return (
      <Section id="service" title="Web service" extra="not set up" isOpen={false}>
        <p className="soft">
          “Set up web service” below offers inputs and outputs; “Set as web service parameter” in a field’s menu lets requests
          set it.
        </p>
      </Section>
    );
  }
  const ports = (entries: [string, string][]) =>
    entries.map(([name, target]) => (
      <li key={name}>
        <b>{name}</b> <span className="soft">{target}</span>
      </li>
    ));
  return (
    <Section id="service" title="Web service">
      <h4>Inputs</h4>
      <ul className="panel-ports">{ports(Object.entries(service.inputs))}</ul>
      <h4>Outputs</h4>
      <ul className="panel-ports">{ports(Object.entries(service.outputs))}</ul>
      <h4>Parameters</h4>
      {parameters.length === 0 ? (
        <p className="soft">none</p>
      ) : (
        <ul className="panel-ports">
          {parameters.map(([name, one]) => (
            <li key={name}>
              <b>{name}</b> <span className="soft">{one.target}</span>{" "}
              {one.required ? "required" : one.has_default ? `= ${JSON.stringify(one.default)}` : ""}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
