// A field that requests to the web service may set: its name there, its default, whether it has to be given [49].
import type { Change, ExperimentDocument, ServiceParameterDocument } from "../api/types";
import { setChange } from "../document/changes";
import { edit, useDocument } from "../document/store";
import { DraftInput } from "./DraftInput";
import { useSource } from "./source";
import { asText, jsonFrom } from "./ValueInput";

/** The name under which the web service offers a parameter of a node, or null. */
export function serviceName(document: ExperimentDocument, node: string, parameter: string): string | null {
  const offered = Object.entries(document.web_service?.parameters ?? {});
  return offered.find(([, one]) => one.target === `${node}.${parameter}`)?.[0] ?? null;
}

/** Offers a parameter of a node to requests, or takes it back. */
export function setServiceParameter(node: string, parameter: string, isOffered: boolean): void {
  const { document } = useDocument.getState();
  if (document === null) return;
  const known = document.web_service?.parameters ?? {};
  if (!isOffered) {
    const name = serviceName(document, node, parameter);
    if (name !== null) edit.set(["web_service", "parameters", name], null, `Withdraw ${name} from the web service`);
    return;
  }
  let name = parameter;
  for (let number = 2; Object.hasOwn(known, name); number += 1) name = `${parameter} ${number}`;
  const offer: ServiceParameterDocument = {
    target: `${node}.${parameter}`,
    default: null,
    has_default: false,
    required: false,
    description: "",
  };
  edit.set(["web_service", "parameters", name], offer, `Offer ${name} to the web service`);
}

export function ServiceParameter({ name }: { name: string }) {
  const { document } = useSource();
  const offer = document.web_service?.parameters[name];
  if (offer === undefined) return null;
  const path = ["web_service", "parameters", name];

  function rename(to: string): void {
    const next = to.trim();
    if (offer === undefined || next === "" || next === name || document.web_service?.parameters[next]) return;
    const first = setChange(document, path, null);
    const second: Change = { op: "set", path: ["web_service", "parameters", next], before: null, value: offer };
    edit.apply(`Rename web service parameter ${name}`, [first, second]);
  }

  return (
    <fieldset className="panel-service">
      <legend>Web service parameter</legend>
      <label>
        Name
        <DraftInput key={name} stored={name} save={rename} isUnfinished={() => true} />
      </label>
      <label>
        Default
        <DraftInput
          key={`${name} default`}
          stored={offer.has_default ? asText(offer.default) : ""}
          placeholder="the node’s value"
          isDisabled={offer.required}
          save={(text) =>
            edit.set(path, { ...offer, default: jsonFrom(text), has_default: text !== "" })
          }
        />
      </label>
      <label className="checkbox">
        <input
          type="checkbox"
          checked={offer.required}
          onChange={(event) =>
            edit.set(path, { ...offer, required: event.target.checked, default: null, has_default: false })
          }
        />
        every request must give it
      </label>
    </fieldset>
  );
}
