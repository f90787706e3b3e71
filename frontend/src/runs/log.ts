// The drawer above the command bar: open or not, which tab, which node's log.
import { create } from "zustand";

export interface DrawerState {
  isOpen: boolean;
  tab: "log" | "times";
  /** null: all nodes. */
  node: string | null;
  run: number | null;
}

export const useDrawer = create<DrawerState>(() => ({ isOpen: false, tab: "log", node: null, run: null }));

export function showLog(run: number, node: string | null): void {
  useDrawer.setState({ isOpen: true, tab: "log", node, run });
}
