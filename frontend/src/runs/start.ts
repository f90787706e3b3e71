// Begins and ends runs of the experiment that is open; what becomes of them comes by events.
import { part, problemOf, request } from "../api/client";
import type { Run, RunWish } from "../api/types";
import { useDocument } from "../document/store";
import { whenSaved } from "../editor/runNode";
import { flushDrafts } from "../panel/drafts";
import { tellProblem } from "../ui/Toast";

/** Saves what is typed, then asks for a run. Nothing wished means all nodes. */
export async function startRun(wish: Partial<RunWish> = {}): Promise<void> {
  const { name, run } = useDocument.getState();
  if (name === null || run?.state === "running") return;
  flushDrafts();
  if (!(await whenSaved())) {
    const hint = "Look at the saving state beside the button.";
    tellProblem(problemOf(new Error(`The experiment is not saved yet. ${hint}`)));
    return;
  }
  useDocument.setState({ refused: null });
  const body: RunWish = { to: [], start: [], only: [], force: false, force_nodes: [], ...wish };
  try {
    await request(`/experiments/${part(name)}/runs`, { body });
  } catch (fault) {
    useDocument.setState({ refused: problemOf(fault), starting: null });
  }
}

export async function cancelRun(number: number): Promise<void> {
  try {
    await request<Run>(`/runs/${number}/cancel`, { method: "POST" });
  } catch (fault) {
    tellProblem(problemOf(fault));
  }
}
