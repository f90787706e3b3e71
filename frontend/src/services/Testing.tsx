// The test page [80, 82]: fields filled in from sample rows or JSON on the left, the answer on the right.
import { Play } from "lucide-react";
import { useMemo, useState } from "react";

import { problemOf, request } from "../api/client";
import type { Sample, ServicePage, ServiceVersion, TryAnswer } from "../api/types";
import { Button } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { Asked, Waiting } from "../ui/Waiting";
import { addressOf, useChange, useSample, useVersion } from "./api";
import { Answer } from "./Answer";
import { Choice } from "./Choice";
import { CsvField } from "./CsvField";
import { InputRows } from "./InputRows";
import { ParameterFields } from "./ParameterFields";
import { bodyOf, type InputDraft, kindOf, textOf, valueOf } from "./values";

export function Testing({ page }: { page: ServicePage }) {
  const { service, versions } = page;
  const [number, setNumber] = useState<number | null>(null);
  const chosen = number ?? service.live;
  const version = useVersion(service.name, chosen);
  const sample = useSample(service.name, chosen);
  return (
    <div className="services-parts">
      {versions.length > 1 && (
        <label className="services-inline">
          Version
          <select className="input services-select" value={chosen} onChange={(event) => setNumber(Number(event.target.value))}>
            {versions.map((one) => (
              <option key={one.number} value={one.number}>
                {one.number}
                {one.number === service.live ? ", live" : one.share === 0 ? ", on standby" : ""}
              </option>
            ))}
          </select>
        </label>
      )}
      <Asked query={version}>
        {(found) => (
          <Asked query={sample}>
            {(rows) => <TestForm key={chosen} name={service.name} version={found} sample={rows} />}
          </Asked>
        )}
      </Asked>
    </div>
  );
}

interface TestFormProps {
  name: string;
  version: ServiceVersion;
  sample: Sample;
}

type Mode = "fields" | "csv" | "json";

function draftsOf(sample: Sample): InputDraft[] {
  return sample.inputs.map(({ name, columns, rows }) => ({ name, columns, rows: rows.slice(0, 1).map((row) => row.map(textOf)) }));
}

function TestForm({ name, version, sample }: TestFormProps) {
  const [mode, setMode] = useState<Mode>("fields");
  const [inputs, setInputs] = useState(() => draftsOf(sample));
  const [parameters, setParameters] = useState<Record<string, string>>(() =>
    Object.fromEntries(version.parameters.map((one) => [one.name, textOf(sample.parameters[one.name])])),
  );
  const [json, setJson] = useState("");
  const ask = useChange((body: string) =>
    request<TryAnswer>(`${addressOf(name)}/test`, { body: { body, version: version.number } }),
  );

  const kinds = useMemo(() => {
    const known = new Map(
      version.inputs.flatMap((port) => (port.columns ?? []).map((column) => [`${port.name}\0${column.name}`, kindOf(column)])),
    );
    return (input: string, column: string): string => known.get(`${input}\0${column}`) ?? "any";
  }, [version]);

  function body(): string {
    const values = version.parameters
      .filter((one) => (parameters[one.name] ?? "") !== "")
      .map((one) => [one.name, valueOf(parameters[one.name] ?? "", kindOf(one))] as const);
    return bodyOf(inputs, kinds, Object.fromEntries(values));
  }

  function choose(next: Mode): void {
    if (next === "json") setJson(body());
    setMode(next);
  }

  function change(index: number, next: InputDraft): void {
    setInputs(inputs.map((one, at) => (at === index ? next : one)));
  }

  return (
    <div className="services-test">
      <form
        className="services-parts"
        aria-label="Request"
        onSubmit={(event) => {
          event.preventDefault();
          ask.mutate(mode === "json" ? json : body());
        }}
      >
        <div className="services-bar">
          <h2>Request</h2>
          <Choice
            label="Form of the request"
            value={mode}
            options={[
              { value: "fields", label: "Fields" },
              { value: "csv", label: "CSV" },
              { value: "json", label: "JSON" },
            ]}
            onChange={choose}
          />
        </div>
        {mode === "json" ? (
          <textarea
            className="input mono services-json"
            aria-label="Request as JSON"
            spellCheck={false}
            value={json}
            onChange={(event) => setJson(event.target.value)}
          />
        ) : (
          <>
            {inputs.map((input, index) =>
              mode === "csv" ? (
                <CsvField key={input.name} input={input} onChange={(next) => change(index, next)} />
              ) : (
                <InputRows
                  key={input.name}
                  input={input}
                  columns={version.inputs.find((port) => port.name === input.name)?.columns ?? null}
                  sample={sample.inputs.find((one) => one.name === input.name)}
                  onChange={(next) => change(index, next)}
                />
              ),
            )}
            {version.parameters.length > 0 && (
              <ParameterFields parameters={version.parameters} values={parameters} onChange={setParameters} />
            )}
            {inputs.length === 0 && version.parameters.length === 0 && <p className="soft">A request needs no values.</p>}
          </>
        )}
        <div className="services-actions">
          <Button look="primary" type="submit" disabled={ask.isPending} icon={<Play size={14} aria-hidden />}>
            Send
          </Button>
          <span className="soft">No key is needed here. The request log has it as “test”.</span>
        </div>
      </form>
      <section className="services-parts" aria-label="Answer" aria-live="polite">
        {ask.isPending ? (
          <Waiting label="Asking the service" />
        ) : ask.error ? (
          <>
            <h2>Answer</h2>
            <ProblemBox problem={problemOf(ask.error)} />
          </>
        ) : ask.data ? (
          <Answer answer={ask.data} />
        ) : (
          <>
            <h2>Answer</h2>
            <p className="soft">Send the request to see what the service answers.</p>
          </>
        )}
      </section>
    </div>
  );
}
