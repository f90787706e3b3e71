// Step 2: name, description, processes, sample; and what the version will contain [84, 85, 87].
import type { PublishWish, Service, ServiceProposal } from "../api/types";
import { Field } from "../ui/Field";
import { isServiceName } from "./offers";
import { PublishPlan } from "./PublishPlan";

export interface PublishDraft {
  name: string | null;
  description: string | null;
  state: PublishWish["state"];
  hasSample: boolean;
  isLive: boolean;
}

interface PublishSettingsProps {
  draft: PublishDraft;
  name: string;
  existing: Service | undefined;
  proposal: ServiceProposal;
  onChange: (draft: PublishDraft) => void;
}

const STATES = [
  { value: "fresh", label: "A fresh process for each request", help: "Nothing of one request can reach the next." },
  { value: "kept", label: "One process serves many requests", help: "Faster; global variables of the scripts live on." },
] as const;

export function PublishSettings({ draft, name, existing, proposal, onChange }: PublishSettingsProps) {
  const problem = isServiceName(name)
    ? undefined
    : "Take 1 to 64 letters of a to z, digits, - and _, beginning with a letter or digit.";
  return (
    <div className="services-parts publish-settings">
      <div className="publish-pair">
        <Field
          label="Name of the service"
          problem={problem}
          help={existing ? `It exists: this makes its next version, after ${existing.live}.` : "Part of its address."}
        >
          {(ids) => (
            <input
              {...ids}
              className="input"
              list={`${ids.id}-names`}
              spellCheck={false}
              value={name}
              onChange={(event) => onChange({ ...draft, name: event.target.value })}
            />
          )}
        </Field>
        <Field label="Description" help={existing ? "Empty: as before." : "One line for those who call it."}>
          {(ids) => (
            <input
              {...ids}
              className="input"
              placeholder={existing?.description ?? "as the experiment is called"}
              value={draft.description ?? ""}
              onChange={(event) => onChange({ ...draft, description: event.target.value === "" ? null : event.target.value })}
            />
          )}
        </Field>
      </div>
      <fieldset className="choices">
        <legend className="field-label">Processes</legend>
        {STATES.map((one) => (
          <label key={one.value} className="checkbox">
            <input
              type="radio"
              name="state"
              checked={(draft.state ?? (existing ? null : "fresh")) === one.value}
              onChange={() => onChange({ ...draft, state: one.value })}
            />
            <span>
              {one.label}
              <span className="soft"> {one.help}</span>
            </span>
          </label>
        ))}
        {existing && (
          <label className="checkbox">
            <input type="radio" name="state" checked={draft.state === null} onChange={() => onChange({ ...draft, state: null })} />
            As the version before
          </label>
        )}
      </fieldset>
      <fieldset className="choices">
        <legend className="field-label">Documents and traffic</legend>
        <label className="checkbox">
          <input
            type="checkbox"
            checked={draft.hasSample}
            onChange={(event) => onChange({ ...draft, hasSample: event.target.checked })}
          />
          <span>
            Sample rows for the test form and the documents
            <span className="soft"> Up to five rows of the data, which can be read without a key.</span>
          </span>
        </label>
        {existing && (
          <label className="checkbox">
            <input
              type="checkbox"
              checked={draft.isLive}
              onChange={(event) => onChange({ ...draft, isLive: event.target.checked })}
            />
            <span>
              The new version answers at once
              <span className="soft"> Else it is on standby, for testing.</span>
            </span>
          </label>
        )}
      </fieldset>
      {proposal.plan && <PublishPlan plan={proposal.plan} />}
    </div>
  );
}
