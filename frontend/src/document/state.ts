// The state of the experiment that is open, as everything on its screen sees it.
import { create } from "zustand";

import type { ExperimentDocument, NodeStatus, Problem, Run } from "../api/types";
import type { Conflict } from "./changes";
import type { Saving } from "./sync";

export interface ShownPort {
  run: number;
  node: string;
  port: string;
}

export interface OpenEditor {
  node: string;
  line: number | null;
}

export interface DocumentState {
  name: string | null;
  document: ExperimentDocument | null;
  revision: string;
  /** The file has faults, or the experiment is gone: nothing can be edited now. */
  isReadOnly: boolean;
  /** Why there is no document at all. */
  missing: Problem | null;
  saving: Saving;
  savedAt: number | null;
  selection: string[];
  /** The first of the edits that somebody else's edit stands against. */
  conflict: Conflict | null;
  conflicts: Conflict[];
  statuses: Record<string, NodeStatus>;
  run: Run | null;
  starting: string | null;
  refused: Problem | null;
  canUndo: string | null;
  canRedo: string | null;
  editor: OpenEditor | null;
  visualized: ShownPort | null;
}

export const NOTHING: DocumentState = {
  name: null,
  document: null,
  revision: "",
  isReadOnly: true,
  missing: null,
  saving: "saved",
  savedAt: null,
  selection: [],
  conflict: null,
  conflicts: [],
  statuses: {},
  run: null,
  starting: null,
  refused: null,
  canUndo: null,
  canRedo: null,
  editor: null,
  visualized: null,
};

export const useDocument = create<DocumentState>(() => NOTHING);
