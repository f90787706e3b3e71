// Fetches the tables that Evaluate Model puts out, whichever of its ports is looked at.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { request } from "../../api/client";
import type { PageWish, TableHead, TablePage } from "../../api/types";
import { usePortView } from "../tableQueries";
import { confusionsOf, curvesOf, errorsOf, type Evaluation, metricsOf, type WholeTable } from "./evaluating";

const ROWS_OF_PAGE = 500;
const MOST_ROWS = 20_000; // two matrices of 100 classes

async function wholeTable(digest: string, signal: AbortSignal): Promise<WholeTable> {
  const head = await request<TableHead>(`/contents/${digest}/head`, { signal });
  const rows: TablePage["rows"] = [];
  while (rows.length < Math.min(head.rows, MOST_ROWS)) {
    const wish: PageWish = { offset: rows.length, limit: ROWS_OF_PAGE, first_column: 0, column_count: 100, filters: [], sort: null };
    const page = await request<TablePage>(`/contents/${digest}/page`, { body: wish, signal });
    if (page.rows.length === 0) break;
    rows.push(...page.rows);
  }
  return { columns: head.columns.map(({ name }) => name), rows, total: head.rows };
}

const RESULTS = "evaluation_results";
const CURVES = "evaluation_curves";
const CONFUSION = "confusion_matrix";

/** The evaluation of a node run; pending until all its tables are there. */
export function useEvaluation(run: number, node: string): Pick<UseQueryResult<Evaluation>, "data" | "error" | "isPending"> {
  const views = [usePortView(run, node, RESULTS), usePortView(run, node, CURVES), usePortView(run, node, CONFUSION)];
  const digests = views.map((view) => view.data?.digest);
  const query = useQuery({
    queryKey: ["evaluation", ...digests],
    queryFn: async ({ signal }) => {
      const [results, curves, confusion] = await Promise.all(digests.map((digest) => wholeTable(digest ?? "", signal)));
      if (!results || !curves || !confusion) throw new Error("The evaluation is not whole.");
      return { metrics: metricsOf(results), curves: curvesOf(curves), errors: errorsOf(curves), confusions: confusionsOf(confusion) };
    },
    enabled: digests.every((digest) => digest !== undefined),
    staleTime: Infinity,
  });
  const failed = views.find(({ error }) => error !== null)?.error ?? query.error;
  return { data: query.data, error: failed, isPending: query.isPending && failed === null };
}
