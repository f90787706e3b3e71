// Pure functions on what an experiment offers as a web service.
import type { ExperimentDocument, Module, ServiceProposal, WebServiceDocument } from "../api/types";

export type Side = "inputs" | "outputs";

export const EMPTY: WebServiceDocument = { inputs: {}, outputs: {}, parameters: {} };

/** Parameters that no request sets: they choose what a version keeps, or hold programs. */
const NOT_OFFERED = ["path", "address", "code"];

export function isEmpty(offer: WebServiceDocument | null | undefined): boolean {
  if (!offer) return true;
  return [offer.inputs, offer.outputs, offer.parameters].every((one) => Object.keys(one).length === 0);
}

/** Gives a name such as `input2` that nobody has. */
export function freeName(stem: string, taken: Record<string, unknown>): string {
  for (let number = 1; ; number += 1) if (!(`${stem}${number}` in taken)) return `${stem}${number}`;
}

/** Gives the section with another name for one port, at the same place. */
export function renamed<Value>(entries: Record<string, Value>, from: string, to: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name === from ? to : name, value]));
}

/** Gives the `node.parameter` that requests could set. */
export function possibleTargets(document: ExperimentDocument, modules: Module[]): string[] {
  return Object.entries(document.nodes).flatMap(([node, { module }]) => {
    const found = modules.find((one) => one.id === module || one.aliases.includes(module));
    const parameters = found && found.runner !== "host" ? found.parameters : [];
    return parameters.filter((one) => !NOT_OFFERED.includes(one.kind)).map((one) => `${node}.${one.name}`);
  });
}

/** Gives the ports of a side that are not taken yet. */
export function freePorts(side: Side, proposal: ServiceProposal, offer: WebServiceDocument): string[] {
  const taken = Object.values(offer[side]);
  return proposal[side].filter((port) => !taken.includes(port));
}

/** Gives a name that a service may have, from the name of an experiment. */
export function serviceName(experiment: string): string {
  const name = experiment
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[-_]+|-+$/g, "")
    .toLowerCase();
  return name.slice(0, 64) || "service";
}

export function isServiceName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name);
}
