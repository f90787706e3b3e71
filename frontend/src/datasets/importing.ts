// The options that reading a file has: the parameters of Import Data, as its declaration gives them. Pure.
import type { Module, Parameter } from "../api/types";

const SOURCES = ["path", "address"];

export function optionsOf(modules: Module[]): Parameter[] {
  const parameters = modules.find((one) => one.id === "import-data")?.parameters ?? [];
  return parameters.filter((one) => !SOURCES.includes(one.name));
}

/** Those that matter for the options chosen so far. */
export function shownOptions(parameters: Parameter[], chosen: Record<string, unknown>): Parameter[] {
  return parameters.filter(({ when }) => {
    if (when === null) return true;
    const [name, values] = when as [string, string[]];
    const value = chosen[name] ?? parameters.find((one) => one.name === name)?.default;
    return values.includes(String(value));
  });
}

/** What to send: only what differs from the defaults and still matters. */
export function sentOptions(parameters: Parameter[], chosen: Record<string, unknown>): Record<string, unknown> {
  const shown = shownOptions(parameters, chosen);
  return Object.fromEntries(shown.filter(({ name, default: usual }) => chosen[name] !== undefined && chosen[name] !== usual).map(({ name }) => [name, chosen[name]]));
}
