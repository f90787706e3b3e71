// The experiment that is open; `edit` is the only way to change it. Others import from here alone.
import { localProblem } from "../api/client";
import { queries } from "../api/queries";
import type { Change, Modules, NodeDocument, Position } from "../api/types";
import { tellProblem } from "../ui/Toast";
import { appliedAll, inverted, isEqual, merged, misfit, setChange, type Step } from "./changes";
import { connecting, insertion } from "./connecting";
import * as graph from "./graph";
import { kept, send } from "./opening";
import { type Path, pathText, valueAt } from "./paths";
import { byName } from "./records";
import { settled, settling } from "./settled";
import { type ShownPort, useDocument } from "./state";

export type { Conflict, Step } from "./changes";
export { closeDocument, openDocument } from "./opening";
export type { Path } from "./paths";
export { type DocumentState, type OpenEditor, type ShownPort, useDocument } from "./state";
export type { Saving } from "./sync";

interface Done extends Step {
  at: number;
}

/** Steps at one place within this time are one step to undo: typing, dragging. */
const ONE_STEP_MS = 1200;
const UNDO_STEPS = 200;

let done: Done[] = [];
let undone: Done[] = [];

const get = useDocument.getState;
const set = useDocument.setState;

useDocument.subscribe((state, before) => {
  if (state.name === before.name) return;
  done = [];
  undone = [];
  settled.clear();
});

/** The modules by id and, so that old names are found, by each alias. */
export function moduleTable(): graph.ModuleTable {
  return byName((queries.getQueryData<Modules>(["modules"])?.modules ?? []).map((one) => [one.id, one] as const));
}

function carryOut(step: Step): boolean {
  const { document, isReadOnly } = get();
  if (document === null || step.changes.length === 0) return false;
  if (isReadOnly) {
    tellProblem(localProblem("read-only", "This experiment cannot be edited now.", "Correct the faults in its file first."));
    return false;
  }
  const after = appliedAll(document, step.changes);
  set((state) => ({ document: after, selection: kept(state.selection, after), refused: null }));
  return send(step);
}

function showUndo(): void {
  set({ canUndo: done.at(-1)?.label ?? null, canRedo: undone.at(-1)?.label ?? null });
}

function takeBack(from: Done[], to: Done[], word: "undone" | "redone"): void {
  const step = from.pop();
  const { document } = get();
  if (step === undefined || document === null) return;
  const changes = inverted(step.changes);
  const conflict = misfit(document, changes);
  if (conflict !== null) {
    tellProblem(
      localProblem(
        "changed-since",
        `“${step.label}” cannot be ${word}: ${pathText(conflict.path)} was changed elsewhere since.`,
        "What is before it can still be undone.",
      ),
    );
  } else if (carryOut({ label: step.label, changes })) to.push({ label: step.label, changes, at: 0 });
  else from.push(step);
  showUndo();
}

export interface AddOptions {
  at?: Position;
  given?: Partial<NodeDocument>;
  name?: string;
  /** Connects its first fitting input to this node's first fitting output. */
  after?: string | null;
  /** Puts it into this connection. */
  into?: graph.Connection | null;
}

export const edit = {
  /** Applies changes at once, as one step to undo, and sends them. False when nothing can be edited. */
  apply(label: string, changes: Change[]): boolean {
    const real = changes.filter((one) => one.op === "rename" || !isEqual(one.before, one.value));
    if (!carryOut({ label, changes: real })) return false;
    const last = done.at(-1);
    const both = last && last.label === label && Date.now() - last.at < ONE_STEP_MS && merged(last.changes, real);
    if (both) done[done.length - 1] = { label, changes: both, at: Date.now() };
    else done.push({ label, changes: real, at: Date.now() });
    done = done.slice(-UNDO_STEPS);
    undone = [];
    showUndo();
    return true;
  },

  /** Sets one value; null takes it away. */
  set(path: Path, value: unknown, label = `Change ${pathText(path)}`): boolean {
    const { document } = get();
    if (document === null || isEqual(valueAt(document, path), value)) return false;
    return edit.apply(label, [setChange(document, path, value)]);
  },

  /** Adds a node and selects it; gives its name, "" when nothing can be edited. */
  addNode(module: string, options: AddOptions = {}): string {
    const { document } = get();
    const modules = moduleTable();
    const declared = modules[module];
    if (document === null || declared === undefined) return "";
    const name = graph.freeName(document, options.name ?? graph.nameFor(module));
    const node = graph.newNode(document, declared, name, options.given ?? {});
    const changes: Change[] = [setChange(document, ["nodes", name], node)];
    if (options.at) changes.push(...graph.moves(document, "nodes", { [name]: options.at }), ...settling(document, [name]));
    const added = appliedAll(document, changes);
    changes.push(...(options.into ? insertion(added, modules, name, options.into) : []));
    const link = options.after ? graph.firstFit(added, modules, options.after, name) : null;
    if (link) changes.push(connecting(added, link));
    if (!edit.apply(`Add ${name}`, changes)) return "";
    edit.select([name]);
    return name;
  },

  /** Puts a node that is there into a connection. */
  insert(name: string, link: graph.Connection): void {
    const { document } = get();
    if (document !== null) edit.apply(`Insert ${name}`, insertion(document, moduleTable(), name, link));
  },

  removeNodes(names: string[]): void {
    const { document } = get();
    if (document === null) return;
    const there = names.filter((name) => Object.hasOwn(document.nodes, name));
    edit.apply(there.length === 1 ? `Delete ${there[0]}` : `Delete ${there.length} nodes`, graph.removal(document, there));
  },

  /** Connects an output to an input; says why when that is not allowed. */
  connect(from: string, port: string, to: string, toPort: string): boolean {
    const { document } = get();
    if (document === null) return false;
    const link = { from: { node: from, port }, to: { node: to, port: toPort } };
    const why = graph.whyNot(document, moduleTable(), link.from, link.to);
    if (why !== null) {
      tellProblem(localProblem("no-connection", why));
      return false;
    }
    return edit.apply(`Connect ${from} to ${to}`, [connecting(document, link)]);
  },

  disconnect(to: string, port: string): void {
    edit.set(["nodes", to, "inputs", port], null, `Disconnect ${port} of ${to}`);
  },

  /** Renames a node everywhere; gives what is wrong with the name, or null. */
  rename(old: string, name: string): string | null {
    const { document, selection } = get();
    if (document === null || name === old) return null;
    const problem = graph.nameProblem(document, old, name);
    if (problem !== null) return problem;
    const selected = selection.map((one) => (one === old ? name : one));
    if (edit.apply(`Rename ${old} to ${name}`, [{ op: "rename", node: old, to: name }])) edit.select(selected);
    return null;
  },

  moveNodes(positions: Record<string, Position>, services: Record<string, Position> = {}): void {
    const { document } = get();
    if (document === null) return;
    edit.apply("Move", [
      ...graph.moves(document, "nodes", positions),
      ...graph.moves(document, "services", services),
      ...settling(document, Object.keys(positions)),
    ]);
  },

  undo(): void {
    takeBack(done, undone, "undone");
  },

  redo(): void {
    takeBack(undone, done, "redone");
  },

  select(names: string[]): void {
    if (!isEqual(names, get().selection)) set({ selection: names });
  },

  openEditor(node: string, line: number | null = null): void {
    set({ editor: { node, line } });
  },

  closeEditor(): void {
    set({ editor: null });
  },

  openVisualize(port: ShownPort): void {
    set({ visualized: port });
  },

  closeVisualize(): void {
    set({ visualized: null });
  },

  /** Settles the first conflict: their value, mine, or a third one. */
  resolve(choice: "theirs" | "mine" | { value: unknown }): void {
    const { conflicts, document } = get();
    const [first, ...rest] = conflicts;
    if (first === undefined) return;
    set({ conflicts: rest, conflict: rest[0] ?? null, saving: rest.length > 0 ? "conflict" : "saved" });
    if (choice === "theirs" || document === null) return;
    const value = choice === "mine" ? first.mine : choice.value;
    edit.set(first.path, value, `Keep ${pathText(first.path)}`);
  },

  clearRefused(): void {
    set({ refused: null });
  },
};
