// Which parameters count: those whose `when` holds, as the server decides it too [48].
import type { Module, Parameter } from "../api/types";

function textOf(value: unknown): string {
  return value === null || value === undefined ? "None" : String(value);
}

/** Says whether a parameter counts, given the values of the others. */
export function counts(module: Module, parameter: Parameter, given: Record<string, unknown>): boolean {
  const seen = new Set([parameter.name]);
  let one = parameter;
  while (one.when) {
    const [parentName, wanted] = one.when as [string, unknown[]];
    const parent = module.parameters.find((other) => other.name === parentName);
    if (parent === undefined || seen.has(parent.name)) return true;
    seen.add(parent.name);
    const value = given[parent.name] ?? parent.default;
    if (!wanted.some((each) => textOf(each) === textOf(value))) return false;
    one = parent;
  }
  return true;
}
