// Changes of a document as pure functions: make, apply, turn round, and lay onto a document that others changed.
import type { Change, ExperimentDocument, NodeDocument, SetChange } from "../api/types";
import { type Path, hasPlace, valueAt, withValueAt } from "./paths";

/** What one action does: applied, undone and refused as a whole. */
export interface Step {
  label: string;
  changes: Change[];
}

/** A change that somebody else's edit of the same place stands against. */
export interface Conflict {
  path: string[];
  before: unknown;
  mine: unknown;
  theirs: unknown;
}

/** Equal as JSON; null, undefined and a missing key are one. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === (b ?? null);
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => isEqual(one, b[index]))
    );
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => isEqual(left[key], right[key]));
}

/** Makes the change that puts `value` at `path`, knowing what stands there. */
export function setChange(document: ExperimentDocument, path: Path, value: unknown): SetChange {
  return { op: "set", path: [...path], before: valueAt(document, path), value: value ?? null };
}

/** Applies a change without looking at `before`. */
export function applied(document: ExperimentDocument, change: Change): ExperimentDocument {
  if (change.op === "rename") return renamed(document, change.node, change.to);
  return withValueAt(document, change.path, change.value);
}

export function appliedAll(document: ExperimentDocument, changes: readonly Change[]): ExperimentDocument {
  return changes.reduce(applied, document);
}

/** The changes that take these back. */
export function inverted(changes: readonly Change[]): Change[] {
  return changes
    .map((change): Change =>
      change.op === "rename"
        ? { op: "rename", node: change.to, to: change.node }
        : { op: "set", path: change.path, before: change.value, value: change.before },
    )
    .reverse();
}

/** The first change that no longer fits, with what stands there instead; null when all fit. */
export function misfit(document: ExperimentDocument, changes: readonly Change[]): Conflict | null {
  let current = document;
  for (const change of changes) {
    if (change.op === "rename") {
      const isThere = Object.hasOwn(current.nodes, change.node) && !Object.hasOwn(current.nodes, change.to);
      if (!isThere) return { path: ["nodes", change.node], before: change.node, mine: change.to, theirs: null };
    } else {
      const theirs = valueAt(current, change.path);
      const fits = isEqual(theirs, change.before) || isEqual(theirs, change.value);
      if (!fits || (!hasPlace(current, change.path) && !isEqual(change.value, null))) {
        return { path: change.path, before: change.before, mine: change.value, theirs };
      }
    }
    current = applied(current, change);
  }
  return null;
}

export interface Rebased {
  steps: Step[];
  conflicts: Conflict[];
  /** Changes of nodes that are not there any more. */
  lost: Conflict[];
}

/** Lays steps onto a document that has been changed elsewhere: what fits stays, what does not is taken out. */
export function rebased(document: ExperimentDocument, steps: readonly Step[]): Rebased {
  const result: Rebased = { steps: [], conflicts: [], lost: [] };
  let current = document;
  for (const step of steps) {
    const kept: Change[] = [];
    for (const change of step.changes) {
      if (change.op === "rename" && isRenamed(current, change.node, change.to)) continue;
      const conflict = misfit(current, [change]);
      if (conflict === null) {
        if (change.op === "set" && isEqual(valueAt(current, change.path), change.value)) continue;
        kept.push(change);
        current = applied(current, change);
      } else if (change.op === "rename" || !hasPlace(current, change.path)) result.lost.push(conflict);
      else if (change.path[0] === "layout") kept.push({ ...change, before: conflict.theirs });
      else result.conflicts.push(conflict);
    }
    if (kept.length > 0) result.steps.push({ label: step.label, changes: kept });
  }
  return result;
}

function isRenamed(document: ExperimentDocument, old: string, to: string): boolean {
  return !Object.hasOwn(document.nodes, old) && Object.hasOwn(document.nodes, to);
}

/** Two changes in one, when the second goes on where the first ended. */
export function merged(first: readonly Change[], second: readonly Change[]): Change[] | null {
  const [a] = first;
  const [b] = second;
  if (first.length !== 1 || second.length !== 1 || a?.op !== "set" || b?.op !== "set") return null;
  if (!isEqual(a.path, b.path)) return null;
  return [{ op: "set", path: a.path, before: a.before, value: b.value }];
}

/** One change where several follow each other at the same place. */
export function coalesced(changes: readonly Change[]): Change[] {
  const result: Change[] = [];
  for (const change of changes) {
    const last = result.at(-1);
    const both = last && merged([last], [change]);
    if (both) result.splice(-1, 1, ...both);
    else result.push(change);
  }
  return result;
}

/** Renames a node, also where connections, the web service and the layout name it. */
export function renamed(document: ExperimentDocument, old: string, to: string): ExperimentDocument {
  const moved = (source: string): string => {
    const { node, port } = splitSource(source);
    return node === old ? joinSource(to, port) : source;
  };
  const nodes: [string, NodeDocument][] = Object.entries(document.nodes).map(([name, node]) => [
    name === old ? to : name,
    Object.values(node.inputs).some((source) => splitSource(source).node === old)
      ? { ...node, inputs: mapValues(node.inputs, moved) }
      : node,
  ]);
  const service = document.web_service;
  return {
    ...document,
    nodes: Object.fromEntries(nodes),
    web_service: service && {
      inputs: mapValues(service.inputs, moved),
      outputs: mapValues(service.outputs, moved),
      parameters: mapValues(service.parameters, (one) => ({ ...one, target: moved(one.target) })),
    },
    layout: {
      ...document.layout,
      nodes: Object.fromEntries(Object.entries(document.layout.nodes).map(([name, at]) => [name === old ? to : name, at])),
    },
  };
}

function mapValues<Value>(values: Record<string, Value>, map: (value: Value) => Value): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

/** Reads `node.port` or `node`. */
export function splitSource(source: string): { node: string; port: string } {
  const at = source.indexOf(".");
  return at < 0 ? { node: source, port: "" } : { node: source.slice(0, at), port: source.slice(at + 1) };
}

export function joinSource(node: string, port: string): string {
  return port === "" ? node : `${node}.${port}`;
}

/** Takes over parts of `known` that are equal, so that what has not changed is not drawn again. */
export function shared<Value>(known: Value, fresh: Value): Value {
  if (known === fresh || typeof known !== "object" || typeof fresh !== "object") return fresh;
  if (known === null || fresh === null) return fresh;
  if (isEqual(known, fresh) && (Array.isArray(fresh) || isEqual(Object.keys(known), Object.keys(fresh)))) return known;
  if (Array.isArray(fresh) || Array.isArray(known)) return fresh;
  const left = known as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(fresh).map(([key, value]) => [key, Object.hasOwn(left, key) ? shared(left[key], value) : value]),
  ) as Value;
}
