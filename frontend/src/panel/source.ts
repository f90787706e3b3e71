// What a panel shows: the experiment that is open and can be edited, or the locked one of a run.
import { createContext, useContext } from "react";

import type { ExperimentDocument, Module, NodeStatus, Parameter, Problem, Run } from "../api/types";

export interface PanelSource {
  document: ExperimentDocument;
  modules: Record<string, Module>;
  statuses: Record<string, NodeStatus>;
  run: Run | null;
  isReadOnly: boolean;
}

export const Source = createContext<PanelSource | null>(null);

export function useSource(): PanelSource {
  const source = useContext(Source);
  if (source === null) throw new Error("A panel's part stands outside of a panel.");
  return source;
}

/** The key under which the node gives a parameter: its name, or an old one; null when it gives none. */
export function givenKey(parameter: Parameter, given: Record<string, unknown>): string | null {
  if (Object.hasOwn(given, parameter.name)) return parameter.name;
  const names = new Set(parameter.aliases.map((alias) => alias.toLowerCase()));
  return Object.keys(given).find((key) => names.has(key.toLowerCase())) ?? null;
}

/** Problems of the document at a node, or at one place of it. */
export function problemsAt(document: ExperimentDocument, node: string, parameter?: string): Problem[] {
  return document.problems.filter(
    (one) => one.where.node === node && (parameter === undefined || one.where.parameter === parameter),
  );
}
