// Runs the node that is being edited: what is typed is saved first, and what has no result before it runs too.
import { part, request } from "../api/client";
import type { RunWish } from "../api/types";
import { splitSource } from "../document/changes";
import { useDocument } from "../document/store";

const SAVE_MILLISECONDS = 8000;

/** Waits until the server has every change; false when it does not take them. */
export function whenSaved(): Promise<boolean> {
  if (useDocument.getState().saving === "saved") return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = window.setTimeout(() => finish(false), SAVE_MILLISECONDS);
    const end = useDocument.subscribe((state) => {
      if (state.saving === "saved") finish(true);
      if (state.saving === "conflict") finish(false);
    });
    function finish(isSaved: boolean): void {
      window.clearTimeout(timer);
      end();
      resolve(isSaved);
    }
  });
}

/** The node alone when everything it takes is there, else with all before it. */
export function wishFor(node: string): RunWish {
  const { document, statuses } = useDocument.getState();
  const sources = Object.values(document?.nodes[node]?.inputs ?? {}).map((source) => splitSource(source).node);
  const isReady = sources.every((source) => statuses[source]?.is_current && Object.keys(statuses[source]?.outputs ?? {}).length > 0);
  const nothing = { to: [], start: [], only: [], force: false, force_nodes: [] };
  return isReady ? { ...nothing, only: [node] } : { ...nothing, to: [node] };
}

export async function run(wish: RunWish): Promise<void> {
  const { name } = useDocument.getState();
  if (name === null || !(await whenSaved())) return;
  await request(`/experiments/${part(name)}/runs`, { body: wish });
}
