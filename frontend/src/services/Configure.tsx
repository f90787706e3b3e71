// Settings of a service: description, limits, processes, what the log keeps [84]; and its end.
import { type FormEvent, useState } from "react";

import { problemOf, request } from "../api/client";
import type { Service, ServiceSettings } from "../api/types";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { ProblemBox } from "../ui/ProblemBox";
import { tell } from "../ui/Toast";
import { addressOf, useChange } from "./api";
import { ConfirmDialog } from "./ConfirmDialog";

type NumberName = "requests_per_minute" | "max_rows" | "max_body_mb" | "timeout_seconds" | "children";

const NUMBERS: { name: NumberName; label: string; help: string; most: number }[] = [
  { name: "timeout_seconds", label: "Time of a request, in seconds", help: "A request that takes longer is ended.", most: 86_400 },
  { name: "max_rows", label: "Rows of a request", help: "Of all its inputs together.", most: 100_000_000 },
  { name: "max_body_mb", label: "Size of a request, in MiB", help: "Larger ones are refused before they are read.", most: 2048 },
  {
    name: "requests_per_minute",
    label: "Requests a minute, for each key",
    help: "Empty: any number.",
    most: 1_000_000,
  },
  {
    name: "children",
    label: "Processes that answer at once",
    help: "Further requests wait. Each process holds the service's data in memory.",
    most: 256,
  },
];

type Draft = Record<NumberName, string> & { description: string; keeps_data: boolean };

function draftOf(service: Service): Draft {
  const text = (value: number | null): string => (value === null ? "" : String(value));
  return {
    description: service.description,
    keeps_data: service.keeps_data,
    requests_per_minute: text(service.requests_per_minute),
    max_rows: text(service.max_rows),
    max_body_mb: text(service.max_body_mb),
    timeout_seconds: text(service.timeout_seconds),
    children: text(service.children),
  };
}

/** What differs from the service, as the server takes it. */
function changesOf(draft: Draft, service: Service): Partial<ServiceSettings> {
  const changes: Partial<ServiceSettings> = {};
  if (draft.description !== service.description) changes.description = draft.description;
  if (draft.keeps_data !== service.keeps_data) changes.keeps_data = draft.keeps_data;
  for (const { name } of NUMBERS) {
    const value = draft[name].trim() === "" ? null : Number(draft[name]);
    if (value === service[name]) continue;
    if (name === "requests_per_minute") changes[name] = value;
    else changes[name] = value ?? 0;
  }
  return changes;
}

function problemOfNumber(text: string, name: NumberName, most: number): string | undefined {
  if (text.trim() === "") return name === "requests_per_minute" ? undefined : "Give a number.";
  const value = Number(text);
  const isGood = Number.isInteger(value) && value >= 1 && value <= most;
  return isGood ? undefined : `Give a whole number from 1 to ${most.toLocaleString("en-US")}.`;
}

export function Configure({ service }: { service: Service }) {
  const [draft, setDraft] = useState(() => draftOf(service));
  const [isRetiring, setRetiring] = useState(false);
  const save = useChange((changes: Partial<ServiceSettings>) =>
    request<Service>(addressOf(service.name), { method: "PATCH", body: changes }),
  );
  const changes = changesOf(draft, service);
  const problems = NUMBERS.map(({ name, most }) => problemOfNumber(draft[name], name, most));
  const canSave = Object.keys(changes).length > 0 && problems.every((problem) => problem === undefined);

  function submit(event: FormEvent): void {
    event.preventDefault();
    save.mutate(changes, {
      onSuccess: (now) => {
        setDraft(draftOf(now));
        tell(`${service.name} is configured; it counts from now on.`);
      },
    });
  }

  return (
    <div className="services-parts services-narrow">
      <form className="form" onSubmit={submit} aria-label="Settings">
        <Field label="Description" help="One line for those who call it; it stands on the help pages.">
          {(ids) => (
            <input
              {...ids}
              className="input"
              value={draft.description}
              onChange={(event) => setDraft({ ...draft, description: event.target.value })}
            />
          )}
        </Field>
        <div className="services-grid">
          {NUMBERS.map(({ name, label, help }, index) => (
            <Field key={name} label={label} help={help} problem={problems[index]}>
              {(ids) => (
                <input
                  {...ids}
                  className="input"
                  inputMode="numeric"
                  value={draft[name]}
                  onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
        <label className="checkbox">
          <input
            type="checkbox"
            checked={draft.keeps_data}
            onChange={(event) => setDraft({ ...draft, keeps_data: event.target.checked })}
          />
          Keep inputs and outputs of requests in the request log
        </label>
        {save.error && <ProblemBox problem={problemOf(save.error)} />}
        <div className="services-actions">
          <Button look="primary" type="submit" disabled={!canSave || save.isPending}>
            Save
          </Button>
          <Button disabled={Object.keys(changes).length === 0} onClick={() => setDraft(draftOf(service))}>
            Discard changes
          </Button>
        </div>
      </form>
      <section className="services-end">
        <h2>Retire the service</h2>
        <p className="soft">
          It answers nobody any more and its keys are forgotten. Its versions stay; publishing under its name brings it
          back, with new keys.
        </p>
        <Button look="danger" onClick={() => setRetiring(true)}>
          Retire {service.name}
        </Button>
      </section>
      {isRetiring && <Retire service={service} onClose={() => setRetiring(false)} />}
    </div>
  );
}

function Retire({ service, onClose }: { service: Service; onClose: () => void }) {
  const retire = useChange(() => request<Service>(addressOf(service.name), { method: "DELETE" }));
  return (
    <ConfirmDialog
      title={`Retire ${service.name}?`}
      action="Retire"
      isDanger
      isBusy={retire.isPending}
      problem={retire.error ? problemOf(retire.error) : null}
      onConfirm={() => retire.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>Programs that call it get no answer from now on, and its keys are lost.</p>
    </ConfirmDialog>
  );
}
