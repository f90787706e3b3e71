// The columns that a node's inputs have, as far as they are known: from the last run, or from a saved dataset.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { request } from "../api/client";
import { useDatasets } from "../api/queries";
import type { Column, TableHead } from "../api/types";
import { splitSource } from "../document/changes";
import { useSource } from "./source";

/** Gives the columns of an input port; undefined while they are not known. */
export function useColumns(node: string, port: string): Column[] | undefined {
  const { document, statuses } = useSource();
  const datasets = useDatasets();
  const text = document.nodes[node]?.inputs[port];
  const source = text === undefined ? null : splitSource(text);
  const upstream = source ? document.nodes[source.node] : undefined;
  const outputs = source ? (statuses[source.node]?.outputs ?? {}) : {};
  const result = source && (outputs[source.port] ?? (source.port === "" ? Object.values(outputs)[0] : undefined));
  const registered =
    upstream?.module === "dataset" ? datasets.data?.find((one) => one.name === upstream.parameters.name) : undefined;
  const digest = result?.kind === "dataset" ? result.digest : registered?.kind === "dataset" ? registered.digest : null;
  const head = useQuery({
    queryKey: ["head", digest],
    queryFn: () => request<TableHead>(`/contents/${digest ?? ""}/head`),
    enabled: digest !== null,
    staleTime: Infinity,
  });
  return head.data?.columns;
}

/** The tables that a query of a node sees, t1 to t3, with the names of their columns; for completion. */
export function useSqlTables(node: string, isWanted: boolean): Record<string, string[]> | undefined {
  const { document, modules } = useSource();
  const ports = modules[document.nodes[node]?.module ?? ""]?.inputs ?? [];
  const port = (at: number): string => (isWanted ? (ports[at]?.name ?? "") : "");
  const one = useColumns(node, port(0));
  const two = useColumns(node, port(1));
  const three = useColumns(node, port(2));
  return useMemo(() => {
    if (!isWanted) return undefined;
    const known = { t1: one, t2: two, t3: three };
    return Object.fromEntries(
      Object.entries(known).map(([name, columns]) => [name, columns?.map((column) => column.name) ?? []]),
    );
  }, [isWanted, one, two, three]);
}
