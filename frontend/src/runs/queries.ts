// Runs and comparisons, asked for once they have ended, and again and again until then.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { request } from "../api/client";
import type { RunComparison, RunSnapshot } from "../api/types";

export function useSnapshot(number: number): UseQueryResult<RunSnapshot> {
  return useQuery({
    queryKey: ["runs", "snapshot", number],
    queryFn: () => request<RunSnapshot>(`/runs/${number}`),
    refetchInterval: (query) => (query.state.data?.run.state === "running" ? 1000 : false),
  });
}

export function useComparison(a: number, b: number): UseQueryResult<RunComparison> {
  return useQuery({
    queryKey: ["runs", "compare", a, b],
    queryFn: () => request<RunComparison>(`/runs/${a}/compare/${b}`),
    refetchInterval: (query) =>
      [query.state.data?.a.run.state, query.state.data?.b.run.state].includes("running") ? 1000 : false,
  });
}
