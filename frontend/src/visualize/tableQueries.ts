// What the table asks of the server, cached by digest: content never changes.
import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { part, request } from "../api/client";
import { useModules } from "../api/queries";
import type { Column, ColumnComparison, ColumnStatistics, ContentCard, Filter, NodeRun, PageWish, PortView, RunSnapshot, Sort, TableHead, TablePage } from "../api/types";
import { own } from "../document/records";

const KEPT = { staleTime: Infinity, gcTime: 120_000 };
export const ROWS_OF_BLOCK = 100;
export const COLUMNS_OF_BLOCK = 40;

export const usePortView = (run: number, node: string, port: string): UseQueryResult<PortView> =>
  useQuery({
    queryKey: ["port-view", run, node, port],
    queryFn: () => request<PortView>(`/runs/${run}/nodes/${part(node)}/ports/${part(port)}`),
  });

export const useRun = (number: number): UseQueryResult<RunSnapshot> =>
  useQuery({ queryKey: ["run", number], queryFn: () => request<RunSnapshot>(`/runs/${number}`) });

export const useNodeRun = (number: number | null, node: string): UseQueryResult<NodeRun> =>
  useQuery({
    queryKey: ["node-run", number, node],
    queryFn: () => request<NodeRun>(`/runs/${number ?? 0}/nodes/${part(node)}`),
    enabled: number !== null,
  });

export const useHead = (digest: string | null): UseQueryResult<TableHead> =>
  useQuery({
    ...KEPT,
    queryKey: ["contents", digest, "head"],
    queryFn: ({ signal }) => request<TableHead>(`/contents/${digest}/head`, { signal }),
    enabled: digest !== null,
  });

/** What an object says of itself. */
export const useCard = (digest: string): UseQueryResult<ContentCard> =>
  useQuery({
    ...KEPT,
    queryKey: ["contents", digest, "card"],
    queryFn: ({ signal }) => request<ContentCard>(`/contents/${digest}/card`, { signal }),
  });

/** What a port of a run is declared to hold, such as "trained model"; "" for any object. */
export function useHolds(run: number, node: string, port: string): string {
  const modules = useModules();
  const snapshot = useRun(run);
  const id = own(snapshot.data?.document.nodes ?? {}, node)?.module;
  const module = modules.data?.modules.find((one) => one.id === id);
  return module?.outputs.find((one) => one.name === port)?.holds ?? "";
}

function statisticsQuery(digest: string, column: number, bins: number, log: boolean) {
  return {
    ...KEPT,
    queryKey: ["contents", digest, "column", column, bins, log],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      request<ColumnStatistics>(`/contents/${digest}/columns/${column}?bins=${bins}&log=${log}`, { signal }),
  };
}

/** Statistics of one column over all rows; while other bins are counted, the former ones stay. */
export function useStatistics(digest: string, column: number | null, bins = 10, log = false): UseQueryResult<ColumnStatistics> {
  return useQuery({
    ...statisticsQuery(digest, column ?? 0, bins, log),
    enabled: column !== null,
    placeholderData: (before, query) => (query?.queryKey[1] === digest && query.queryKey[3] === column ? before : undefined),
  });
}

/** Statistics of the columns in sight. */
export function useStatisticsInSight(digest: string, columns: number[]): Map<number, ColumnStatistics> {
  const asked = useSettled(columns);
  return useQueries({
    queries: asked.map((column) => statisticsQuery(digest, column, 10, false)),
    combine: (answers) => {
      const known = new Map<number, ColumnStatistics>();
      answers.forEach(({ data }, index) => data && known.set(asked[index] ?? 0, data));
      return known;
    },
  });
}

export const useComparison = (digest: string, x: number, y: number | null): UseQueryResult<ColumnComparison> =>
  useQuery({
    ...KEPT,
    queryKey: ["contents", digest, "comparison", x, y],
    queryFn: ({ signal }) => request<ColumnComparison>(`/contents/${digest}/columns/${x}/with/${y ?? 0}`, { signal }),
    enabled: y !== null,
  });

export interface Order {
  sort: Sort | null;
  filters: Filter[];
}

function pageQuery(digest: string, order: Order, rowBlock: number, columnBlock: number) {
  const wish: PageWish = {
    ...order,
    offset: rowBlock * ROWS_OF_BLOCK,
    limit: ROWS_OF_BLOCK,
    first_column: columnBlock * COLUMNS_OF_BLOCK,
    column_count: COLUMNS_OF_BLOCK,
  };
  return {
    ...KEPT,
    queryKey: ["contents", digest, "page", order, rowBlock, columnBlock],
    queryFn: ({ signal }: { signal: AbortSignal }) => request<TablePage>(`/contents/${digest}/page`, { body: wish, signal }),
  };
}

/** The first page in an order: says how many rows the filters keep, or what is wrong with them. */
export const useFirstPage = (digest: string, order: Order): UseQueryResult<TablePage> =>
  useQuery({ ...pageQuery(digest, order, 0, 0), placeholderData: keepPreviousData });

export interface Cells {
  page: (row: number, column: number) => TablePage | undefined;
  error: unknown;
}

/** The pages that cover what is in sight. */
export function useCells(digest: string, order: Order, rowBlocks: number[], columnBlocks: number[]): Cells {
  const wanted = rowBlocks.flatMap((row) => columnBlocks.map((column): [number, number] => [row, column]));
  const asked = useSettled(wanted);
  return useQueries({
    queries: asked.map(([row, column]) => pageQuery(digest, order, row, column)),
    combine: (answers) => {
      const pages = new Map<string, TablePage>();
      answers.forEach(({ data }, index) => data && pages.set(String(asked[index]), data));
      return {
        page: (row: number, column: number) =>
          pages.get(String([Math.floor(row / ROWS_OF_BLOCK), Math.floor(column / COLUMNS_OF_BLOCK)])),
        error: answers.find(({ error }) => error !== null)?.error ?? null,
      };
    },
  });
}

/** A list once it has stood still for a moment, so that scrolling past asks for nothing. */
function useSettled<Item>(list: Item[]): Item[] {
  const key = JSON.stringify(list);
  const [settled, setSettled] = useState({ key, list });
  useEffect(() => {
    if (settled.key === key) return undefined;
    const timer = window.setTimeout(() => setSettled({ key, list }), 70);
    return () => window.clearTimeout(timer);
  }, [key, list, settled.key]);
  return settled.list.length === 0 ? list : settled.list; // the first ones are not waited for
}

export const isNumeric = (column: Column): boolean => column.studio_type === "Integer" || column.studio_type === "Double";

/** The kind of axis that a column's values stand on. */
export function axisKind(column: Column): "number" | "time" | "span" {
  if (column.studio_type === "DateTime") return "time";
  return column.studio_type === "TimeSpan" ? "span" : "number";
}
