// What lies on the inputs of a node after the last run: content and columns of each connected port.
import { useQueries } from "@tanstack/react-query";

import { part, request } from "../api/client";
import type { Column, TableHead } from "../api/types";
import { useDocument } from "../document/store";
import { splitSource } from "../document/changes";

export interface NodeInput {
  port: string;
  /** The node and port it comes from, as people read it. */
  source: string;
  sourceNode: string;
  digest: string | null;
  isCurrent: boolean;
  head: TableHead | null;
}

/** The connected dataset inputs of a node, in order of their ports. */
export function useInputs(node: string): NodeInput[] {
  const inputs = useDocument((state) => state.document?.nodes[node]?.inputs);
  const statuses = useDocument((state) => state.statuses);
  const found = Object.entries(inputs ?? {})
    .filter(([port]) => !port.includes("bundle"))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([port, source]) => {
      const { node: sourceNode, port: output } = splitSource(source);
      const status = statuses[sourceNode];
      const outputs = Object.entries(status?.outputs ?? {});
      const result = (output === "" ? outputs[0] : outputs.find(([name]) => name === output))?.[1];
      const digest = result?.kind === "dataset" ? result.digest : null;
      return { port, source, sourceNode, digest, isCurrent: digest !== null && (status?.is_current ?? false) };
    });
  const heads = useQueries({
    queries: found.map(({ digest }) => ({
      queryKey: ["contents", digest, "head"],
      queryFn: () => request<TableHead>(`/contents/${part(digest ?? "")}/head`),
      enabled: digest !== null,
      staleTime: Infinity,
    })),
  });
  return found.map((input, index) => ({ ...input, head: (input.digest && heads[index]?.data) || null }));
}

/** Columns by port, for completion. */
export function columnsByPort(inputs: readonly NodeInput[]): Record<string, Column[]> {
  return Object.fromEntries(inputs.flatMap((input) => (input.head ? [[input.port, input.head.columns]] : [])));
}
