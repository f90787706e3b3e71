// Positions that the page found for nodes without one; they are saved with the next change of the layout.
import type { Change, ExperimentDocument, Position } from "../api/types";
import { moves } from "./graph";

export const settled = new Map<string, Position>();

/** The changes that save them, but for nodes that get a position otherwise. */
export function settling(document: ExperimentDocument, besides: readonly string[]): Change[] {
  const open = [...settled].filter(
    ([name]) =>
      Object.hasOwn(document.nodes, name) && !Object.hasOwn(document.layout.nodes, name) && !besides.includes(name),
  );
  return moves(document, "nodes", Object.fromEntries(open));
}
