// Opens and closes an experiment: document, statuses and events of it go into the state.
import { localProblem, part, request } from "../api/client";
import { follow, listen } from "../api/events";
import type { ExperimentDocument, NodeStatus, Status } from "../api/types";
import { tellProblem } from "../ui/Toast";
import { isEqual, type Step } from "./changes";
import { pathText } from "./paths";
import { NOTHING, useDocument } from "./state";
import { Sync } from "./sync";

const get = useDocument.getState;
const set = useDocument.setState;

let sync: Sync | null = null;
let ends: (() => void)[] = [];
let statusTimer = 0;

/** Sends a step that is in the shown document already; false when no experiment is open. */
export function send(step: Step): boolean {
  sync?.add(step);
  return sync !== null;
}

/** Opens an experiment; the former one is closed, what is unsent of it is sent. */
export function openDocument(name: string): void {
  closeDocument();
  set({ ...NOTHING, name });
  sync = new Sync(name, {
    onDocument: (document, revision) =>
      set((state) => ({
        document,
        revision,
        missing: null,
        isReadOnly: !document.is_readable,
        savedAt: state.savedAt,
        selection: kept(state.selection, document),
      })),
    onSaving: (saving, savedAt) => {
      set((state) => ({
        saving: saving === "saved" && state.conflicts.length > 0 ? "conflict" : saving,
        savedAt: savedAt ?? state.savedAt,
      }));
      if (savedAt !== null) wantStatus(120);
    },
    onConflicts: (conflicts) =>
      set((state) => {
        const all = [...state.conflicts, ...conflicts];
        return { conflicts: all, conflict: all[0] ?? null, saving: "conflict" };
      }),
    onLost: (lost) => {
      for (const one of lost) {
        tellProblem(
          localProblem(
            "lost-change",
            `${capital(pathText(one.path))} was removed or renamed elsewhere; your change of it was left out.`,
            typeof one.mine === "string" && one.mine.length < 200 ? `It was: ${one.mine}` : "",
          ),
        );
      }
    },
    onRefused: (problem) => tellProblem(problem),
    onMissing: (problem) => set({ missing: problem, isReadOnly: true }),
  });
  sync.look();
  wantStatus(0);
  ends = [
    listen("document", (event) => {
      if (event.name !== name) return;
      sync?.look(event.revision);
      wantStatus(80);
    }),
    listen("open", () => {
      sync?.look();
      wantStatus(0);
    }),
    listen("modules", () => {
      sync?.look(); // what is wrong with a node depends on its module
      wantStatus(80);
    }),
    listen("hello", () => {
      sync?.look();
      wantStatus(0);
    }),
    listen("status", (event) => {
      if (event.experiment !== name) return;
      set((state) => ({
        run: event.run ?? state.run,
        statuses: { ...state.statuses, ...whole(event.nodes) },
        starting: event.run?.state === "running" ? null : state.starting,
      }));
    }),
    listen("run", (run) => {
      if (run.experiment !== name) return;
      set((state) => (state.run && state.run.number > run.number ? {} : { run, starting: null, refused: null }));
      if (run.state !== "running") wantStatus(50);
    }),
    listen("starting", (event) => event.experiment === name && set({ starting: event.text, refused: null })),
    listen("refused", (event) => event.experiment === name && set({ starting: null, refused: event.error })),
  ];
  window.addEventListener("pagehide", flush);
  follow(name);
}

/** Closes the experiment; what is unsent is sent. */
export function closeDocument(): void {
  if (sync === null) return;
  sync.end();
  sync = null;
  for (const end of ends) end();
  ends = [];
  window.clearTimeout(statusTimer);
  window.removeEventListener("pagehide", flush);
  follow(null);
  set(NOTHING);
}

function flush(): void {
  sync?.flush();
}

function wantStatus(milliseconds: number): void {
  window.clearTimeout(statusTimer);
  statusTimer = window.setTimeout(() => void fetchStatus(), milliseconds);
}

async function fetchStatus(): Promise<void> {
  const { name } = get();
  if (name === null) return;
  try {
    const status = await request<Status>(`/experiments/${part(name)}/status`);
    if (get().name !== name) return;
    set((state) => ({
      run: status.run,
      starting: status.starting,
      statuses: Object.fromEntries(
        Object.entries(whole(status.nodes)).map(([node, one]) => [
          node,
          isEqual(state.statuses[node], one) ? (state.statuses[node] ?? one) : one,
        ]),
      ),
    }));
  } catch {
    // The stream's next "open" asks again.
  }
}


const NOT_RUN: Omit<NodeStatus, "node"> = {
  state: "not-run",
  is_current: true,
  run: null,
  reused_run: null,
  reason: "",
  started: null,
  ended: null,
  outputs: {},
  error: null,
  warnings: [],
};

/** Statuses with every field: events leave out those of which nothing is known. */
function whole(nodes: Record<string, Partial<NodeStatus>>): Record<string, NodeStatus> {
  return Object.fromEntries(Object.entries(nodes).map(([name, one]) => [name, { ...NOT_RUN, node: name, ...one }]));
}

export function kept(selection: string[], document: ExperimentDocument): string[] {
  const left = selection.filter((one) => Object.hasOwn(document.nodes, one));
  return left.length === selection.length ? selection : left;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

